// Talking to the server: fragments, forms and JSON, one kind of error.
import { nodesOf } from "./html.js"

/** A refusal of the server (application/problem+json) or of the network (status 0). */
export class Problem extends Error {
  constructor(status, body = {}) {
    super(body.detail || body.title || "")
    this.status = status
    this.code = body.code || (status === 0 ? "network" : "http")
    this.body = body
  }

  get isNetwork() { return this.status === 0 || this.status === 502 || this.status === 504 }
  get isSignedOut() { return this.status === 401 || this.code === "signed_out" }
}

/** HTML of our own server, as nodes. */
export async function fetchFragment(address, options = {}) {
  return nodesOf(await (await ask(address, fragmentOptions(options))).text())
}

/** Sends a form as it stands; answers {status, fragment, location}. */
export async function sendForm(form, { data = new FormData(form), signal } = {}) {
  const address = form.getAttribute("action") || location.href
  const answer = await ask(address, fragmentOptions({ method: "POST", body: data, signal })).catch((problem) => {
    if (problem.code !== "proof_needed") throw problem
    return sendAsPage(address, data)
  })
  const type = answer.headers.get("Content-Type") ?? ""
  const moved = answer.redirected ? answer.url : null
  const text = answer.status === 204 ? "" : await answer.text()
  return { status: answer.status, location: moved, fragment: type.includes("html") && !moved ? nodesOf(text) : null }
}

/** Sends the same fields as a page of its own: something heavy asks first who it is, and goes on by itself. */
function sendAsPage(address, data) {
  const form = document.createElement("form")
  Object.assign(form, { method: "post", action: address, hidden: true })
  for (const [name, value] of data) {
    if (typeof value !== "string") continue
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value })
    form.append(field)
  }
  document.body.append(form)
  HTMLFormElement.prototype.submit.call(form)
  return new Promise(() => {})
}

/** JSON both ways. */
export async function call(method, address, body, options = {}) {
  const headers = { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": "application/json" }) }
  const answer = await ask(address, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), ...options })
  return answer.status === 204 ? null : answer.json()
}

async function ask(address, options) {
  let answer
  try {
    answer = await fetch(address, { credentials: "same-origin", ...options })
  } catch (error) {
    if (error.name === "AbortError") throw error
    throw new Problem(0)
  }
  if (answer.redirected && new URL(answer.url).pathname.startsWith("/sign-in")) throw new Problem(401, { code: "signed_out" })
  if (!answer.ok) throw new Problem(answer.status, await bodyOf(answer))
  return answer
}

async function bodyOf(answer) {
  if (!(answer.headers.get("Content-Type") ?? "").includes("json")) return {}
  return answer.json().catch(() => ({}))
}

function fragmentOptions(options) {
  return { ...options, headers: { Accept: "text/html, application/problem+json", "X-Fragment": "1", ...options.headers } }
}
