// The "…" of a post or comment: what this reader may do with it, as the server says.
import { openFragment } from "./dialogs.js"
import { fetchFragment, sendForm } from "./http.js"
import { make } from "./html.js"
import { learn } from "./marks.js"
import { toast } from "./toast.js"
import { word } from "./words.js"
import { moveFocus } from "../elements/drop-menu.js"

let shown = null

document.addEventListener("click", async (event) => {
  const opener = event.target.closest("[data-menu]")
  if (opener && !(event.ctrlKey || event.metaKey)) {
    event.preventDefault()
    if (shown?.opener === opener) return shut(true)
    shut()
    return open(opener)
  }
  if (!shown) return
  if (!shown.panel.contains(event.target)) return shut()
  pick(event)
})

document.addEventListener("keydown", (event) => {
  if (!shown) return
  if (event.key === "Escape") shut(true)
  if (!["ArrowDown", "ArrowUp"].includes(event.key)) return
  event.preventDefault()
  moveFocus(shown.panel, event.key === "ArrowDown" ? 1 : -1)
})

document.addEventListener("focusin", (event) => {
  if (shown && !shown.panel.contains(event.target) && event.target !== shown.opener) shut()
})

async function open(opener) {
  const panel = make("div", { class: "menu__panel" }, make("p", { class: "menu__wait" }, "…"))
  shown = { opener, panel }
  opener.after(panel)
  opener.setAttribute("aria-expanded", "true")
  try {
    panel.replaceChildren(await fetchFragment(opener.href))
    panel.querySelector("a, button")?.focus({ preventScroll: true })
    panel.addEventListener("submit", submit)
    if (panel.getBoundingClientRect().bottom > innerHeight) panel.scrollIntoView({ block: "nearest" })
  } catch {
    location.assign(opener.href)
  }
}

function shut(back = false) {
  if (!shown) return
  shown.panel.remove()
  shown.opener.setAttribute("aria-expanded", "false")
  if (back) shown.opener.focus()
  shown = null
}

function pick(event) {
  const link = event.target.closest("a")
  if (!link || event.ctrlKey || event.metaKey) return
  if ("copy" in link.dataset) {
    event.preventDefault()
    copy(link.href)
  } else if ("inDialog" in link.dataset) {
    event.preventDefault()
    openFragment(link.href, link.textContent.trim())
  } else return
  shut(true)
}

async function copy(address) {
  try {
    await navigator.clipboard.writeText(address)
    toast(word("copied"))
  } catch {
    prompt(word("copied"), address)
  }
}

async function submit(event) {
  const form = event.target
  const { act } = form.dataset
  if (!act) return
  event.preventDefault()
  const on = form.elements._method?.value !== "delete"
  const id = shown.opener.closest("[data-entry]").dataset.entry
  shut(true)
  try {
    await sendForm(form)
    learn({ [id]: { [act === "bookmark" ? "bookmarked" : "followed"]: on } })
  } catch (problem) {
    toast(problem.message || word("failed"), { tone: "bad" })
  }
}
