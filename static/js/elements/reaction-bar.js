// Reactions of an entry: one press each, shown at once, taken back if the server refuses.
import { call } from "../lib/http.js"
import { listen } from "../lib/live.js"
import { marks, marksOf, learn } from "../lib/marks.js"
import { toast } from "../lib/toast.js"
import { word } from "../lib/words.js"

export class ReactionBar extends HTMLElement {
  connectedCallback() {
    this.entry = this.dataset.entry
    this.ends = new AbortController()
    const until = { signal: this.ends.signal }
    this.addEventListener("click", (event) => this.#click(event), until)
    this.addEventListener("keydown", (event) => { if (event.key === "Escape" && this.picker) { event.stopPropagation(); this.#shut(true) } }, until)
    document.addEventListener("click", (event) => { if (!this.contains(event.target)) this.#shut() }, until)
    marks.addEventListener("change", (event) => { if (event.detail.includes(this.entry)) this.#mark() }, until)
    this.hangUp = listen({ "reactions.changed": ({ entry_id, counts }) => { if (String(entry_id) === this.entry) this.#count(counts) } })
    this.#mark()
  }

  disconnectedCallback() {
    this.ends.abort()
    this.hangUp()
  }

  #click(event) {
    const button = event.target.closest("button, [data-react]")
    if (!button || event.ctrlKey || event.metaKey) return
    if (!("react" in button.dataset)) {
      event.preventDefault()
      this.#shut(true)
      return this.#press(button.value)
    }
    if (!document.getElementById("picker-template")) return
    event.preventDefault()
    if (this.picker) this.#shut()
    else this.#open(button)
  }

  #open(opener) {
    this.picker = document.getElementById("picker-template").content.firstElementChild.cloneNode(true)
    const mine = marksOf(this.entry).mine ?? []
    this.picker.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(mine.includes(button.value))))
    this.append(this.picker)
    opener.setAttribute("aria-expanded", "true")
    this.picker.querySelector("button").focus()
  }

  #shut(back = false) {
    if (!this.picker) return
    this.picker.remove()
    this.picker = null
    const opener = this.querySelector("[data-react]")
    opener.setAttribute("aria-expanded", "false")
    if (back) opener.focus()
  }

  async #press(name) {
    const mine = new Set(marksOf(this.entry).mine ?? [])
    const on = !mine.has(name)
    this.#turn(mine, name, on)
    try {
      await call(on ? "PUT" : "DELETE", `/api/v1${this.dataset.base}/reactions/${name}`)
    } catch (problem) {
      this.#turn(mine, name, !on)
      toast(problem.message || word("failed"), { tone: "bad" })
    }
  }

  #turn(mine, name, on) {
    if (on) mine.add(name)
    else mine.delete(name)
    this.#set(name, this.#now(name) + (on ? 1 : -1))
    learn({ [this.entry]: { mine: [...mine] } })
  }

  #button(name) { return this.querySelector(`.reactions__form [value="${name}"]`) }
  #now(name) { return Number(this.#button(name).querySelector(".reaction__n").textContent) }

  #set(name, count) {
    const button = this.#button(name)
    button.querySelector(".reaction__n").textContent = Math.max(0, count)
    button.hidden = count <= 0
  }

  #count(counts) {
    for (const button of this.querySelectorAll(".reactions__form button")) this.#set(button.value, counts[button.value] ?? 0)
  }

  #mark() {
    const mine = marksOf(this.entry).mine ?? []
    for (const button of this.querySelectorAll(".reactions__form button")) button.setAttribute("aria-pressed", String(mine.includes(button.value)))
  }
}

customElements.define("reaction-bar", ReactionBar)
