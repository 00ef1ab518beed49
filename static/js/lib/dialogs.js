// Modal dialogs: focus goes in and comes back, Escape and a click beside close.
import { fetchFragment, Problem, sendForm } from "./http.js"
import { make, icon } from "./html.js"
import { toast } from "./toast.js"
import { word } from "./words.js"

/** Opens a dialog of the page by its id. */
export function openDialog(id) { show(document.getElementById(id)) }

/** Opens a page's fragment in a dialog; falls back to going there. */
export async function openFragment(address, title) {
  try {
    const dialog = frame(title, await fetchFragment(address))
    document.body.append(dialog)
    dialog.addEventListener("close", () => dialog.remove())
    dialog.addEventListener("submit", (event) => submit(event, dialog))
    show(dialog)
  } catch {
    location.assign(address)
  }
}

function frame(title, content) {
  const close = make("button", { class: "icon-button", type: "button", "aria-label": word("close"), "data-close": true }, icon("close"))
  const header = make("header", { class: "dialog__header" }, make("h2", { id: "dialog-title" }, title), close)
  return make("dialog", { class: "dialog", "aria-labelledby": "dialog-title" }, header, make("div", { class: "dialog__body" }, content))
}

function show(dialog) {
  if (!dialog) return
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) { event.preventDefault(); dialog.close() }
  })
  dialog.showModal()
}

async function submit(event, dialog) {
  const form = event.target
  if (form.method === "dialog") return
  event.preventDefault()
  form.inert = true
  try {
    const { fragment, location: moved } = await sendForm(form, { data: new FormData(form, event.submitter) })
    document.getElementById("flash")?.append(...(fragment?.querySelectorAll("toast-note") ?? []))
    if (fragment?.firstElementChild) return answered(dialog, fragment)
    dialog.close()
    if (moved && new URL(moved).pathname !== location.pathname) location.assign(moved)
    else if (moved && new URL(moved).searchParams.has("done")) location.assign(moved)
  } catch (error) {
    form.inert = false
    toast(error instanceof Problem && error.message ? error.message : word("failed"), { tone: "bad" })
  }
}

function answered(dialog, fragment) {
  const body = dialog.querySelector(".dialog__body")
  body.replaceChildren(fragment)
  body.querySelector("a, button")?.focus()
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]")
  if (opener) openDialog(opener.dataset.dialog)
})
