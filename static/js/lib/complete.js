// Completion of @people and #subjects in a text box, limited by the server to what its writer may see.
import { call } from "./http.js"
import { make } from "./html.js"
import { word } from "./words.js"

const SOURCES = { "@": "/people/complete", "#": "/tags/complete" }
const TOKEN = /(^|[\s(])([@#])([\p{L}\p{N}._-]{0,40})$/u
let serial = 0

/** Completes in `box` (a textarea); `space()` tells where it will be read. Returns a function that stops it. */
export function completeIn(box, space) {
  const list = make("ul", { class: "complete", role: "listbox", id: `complete-${++serial}`, hidden: true })
  box.after(list)
  let found = null
  let turn = 0
  box.setAttribute("aria-controls", list.id)
  box.setAttribute("aria-autocomplete", "list")

  const close = () => { list.hidden = true; found = null; box.removeAttribute("aria-activedescendant"); box.setAttribute("aria-expanded", "false") }
  const look = async () => {
    const match = TOKEN.exec(box.value.slice(0, box.selectionStart))
    if (!match || !SOURCES[match[2]]) return close()
    found = match
    const mine = ++turn
    const query = new URLSearchParams({ q: match[3], space: space() ?? "" })
    const answer = await call("GET", `${SOURCES[match[2]]}?${query}`).catch(() => { return null })
    if (mine !== turn || !answer) return answer || close()
    show(list, answer.items ?? answer, match)
    box.setAttribute("aria-expanded", String(!list.hidden))
    mark(box, list, 0)
  }
  const take = (option) => {
    const [, , sign, typed] = found
    const start = box.selectionStart - typed.length - 1
    box.setRangeText(`${sign}${option.dataset.insert} `, start, box.selectionStart, "end")
    close()
    box.focus()
    box.dispatchEvent(new Event("input", { bubbles: true }))
  }
  const key = (event) => {
    if (list.hidden) return
    const options = [...list.querySelectorAll("[data-insert]")]
    const now = options.findIndex((option) => option.ariaSelected === "true")
    if (event.key === "Escape") close()
    else if (event.key === "ArrowDown") mark(box, list, (now + 1) % options.length)
    else if (event.key === "ArrowUp") mark(box, list, (now - 1 + options.length) % options.length)
    else if ((event.key === "Enter" || event.key === "Tab") && options[now]) take(options[now])
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const press = (event) => { const option = event.target.closest("[data-insert]"); if (option) { event.preventDefault(); take(option) } }
  const events = [[box, "input", look], [box, "keydown", key], [box, "blur", () => setTimeout(close, 150)], [list, "mousedown", press]]
  events.forEach(([target, name, handler]) => target.addEventListener(name, handler))
  return () => { events.forEach(([target, name, handler]) => target.removeEventListener(name, handler)); list.remove() }
}

function show(list, items, match) {
  const options = items.slice(0, 8).map((item, index) => make("li", { role: "option", id: `${list.id}-${index}`, "data-insert": item.insert ?? item.login ?? item.name },
    make("strong", {}, item.name), make("span", { class: "complete__about" }, item.title ?? "")))
  if (!options.length && match[2] === "@" && match[3].length > 1) options.push(make("li", { class: "menu__wait" }, word("nobody")))
  list.replaceChildren(...options)
  list.hidden = !options.length
}

function mark(box, list, index) {
  list.querySelectorAll("[data-insert]").forEach((option, at) => {
    option.ariaSelected = String(at === index)
    if (at !== index) return
    box.setAttribute("aria-activedescendant", option.id)
    option.scrollIntoView({ block: "nearest" })
  })
}
