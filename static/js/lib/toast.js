// A short sentence at the bottom of the window; it leaves by itself.
import { make } from "./html.js"

const area = () => document.getElementById("flash") ?? document.body

/** Says a sentence; with an action, offers it for a while. */
export function toast(text, { tone = "good", label, act, stay = false } = {}) {
  const note = make("toast-note", { class: `toast toast--${tone}`, "data-stay": stay }, make("span", {}, text))
  if (label) {
    const button = make("button", { class: "toast__undo", type: "button" }, label)
    button.addEventListener("click", () => { note.remove(); act() })
    note.append(button)
  }
  area().append(note)
  return note
}
