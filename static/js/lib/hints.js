// What the charter says about a text: while it is written, and when it is refused.
import { call } from "./http.js"
import { icon, make } from "./html.js"
import { word } from "./words.js"

const PAUSE = 700
const SHORTEST = 12
const MOST = 4
const AROUND = 80

/** Asks the charter about `fields()` when the typing pauses; shows its findings in `area`. */
export function hintsFor(area, fields) {
  let timer
  let turn = 0
  const look = async () => {
    const { body, title, space_id: space, post_id: post } = fields()
    if (body.trim().length < SHORTEST || !space) return area.replaceChildren()
    const mine = ++turn
    const answer = await call("POST", "/api/v1/charter/evaluate", { body, title: title || undefined, space_id: Number(space), post_id: post ? Number(post) : undefined }).catch(() => null)
    if (answer && mine === turn && !area.querySelector("[name='nudge_token']")) showFindings(area, answer.findings ?? [], { body, title, space_id: space, post_id: post })
  }
  return {
    changed() { clearTimeout(timer); timer = setTimeout(look, PAUSE) },
    stop() { clearTimeout(timer); turn++ },
  }
}

/** Shows findings, strictest first, each with the words it is about and its clause; `texts` holds the parts by name. */
export function showFindings(area, findings, texts) {
  const told = new Map(findings.filter((finding) => finding.message).map((finding) => [finding.rule + finding.start, finding]))
  area.replaceChildren(...[...told.values()].slice(0, MOST).map((finding) => hint(finding, texts)))
}

/** The way on after a nudge: a word of explanation and the same button. */
export function offerToGoOn(area, token, words) {
  const reason = make("label", {}, words.reason, make("input", { class: "input", name: "justification", maxlength: 300 }))
  area.append(make("div", { class: "hint__go-on" }, make("input", { type: "hidden", name: "nudge_token", value: token }),
    reason, make("button", { class: "button button--plain button--sm" }, words.go)))
}

function hint(finding, texts) {
  const quote = quoted(finding, texts)
  const clause = make("a", { href: finding.href, target: "_blank", rel: "noopener" }, `${finding.clause} ${finding.clause_title ?? ""}`)
  const way = finding.suggestion ? make("p", {}, finding.suggestion, finding.can_split && texts.space_id && !texts.post_id ? split() : "") : null
  const lines = [make("p", {}, finding.message), quote ? make("p", { class: "hint__quote" }, quote) : null, way, make("p", {}, clause)]
  const words = make("div", {}, ...lines.filter(Boolean))
  return make("div", { class: `hint hint--${finding.action}` }, icon(finding.action === "block" ? "warning" : "book", "sm"), words)
}

function split() {
  return make("button", { class: "button button--plain button--sm", formaction: "/posts/split" }, word("split"))
}

function quoted({ part, start, end }, texts = {}) {
  const text = texts[part] ?? ""
  if (start == null || end == null || end <= start) return ""
  return end - start > AROUND ? `${text.slice(start, start + AROUND)}…` : text.slice(start, end)
}
