import { listen } from "../lib/live.js"
import { fetchFragment } from "../lib/http.js"

/** The moderator's desk: the queue follows what colleagues do, and every act has its key. All of it works without. */
export class ReviewDesk extends HTMLElement {
  connectedCallback() {
    this.querySelector("[data-help]").hidden = false
    this.hangUp = listen({ "queue.changed": (change) => this.#changed(change), online: () => this.#refresh() })
    document.addEventListener("keydown", this)
    this.addEventListener("change", this)
    this.addEventListener("click", this)
    this.querySelector(".queue__item[aria-current]")?.scrollIntoView({ block: "nearest" })
  }

  disconnectedCallback() {
    this.hangUp()
    clearTimeout(this.later)
    document.removeEventListener("keydown", this)
    this.removeEventListener("change", this)
    this.removeEventListener("click", this)
  }

  handleEvent(event) {
    if (event.type === "keydown") this.#pressed(event)
    else if (event.type === "change") this.#chosen(event.target)
    else if (event.target.closest("[data-reload]")) { event.preventDefault(); location.reload() }
  }

  #changed({ item_id: id, version }) {
    const shown = this.querySelector(".case")
    if (shown && Number(shown.dataset.item) === id && Number(shown.dataset.version) !== version)
      this.querySelector("[data-stale]").hidden = false
    clearTimeout(this.later)
    this.later = setTimeout(() => this.#refresh(), 150)
  }

  async #refresh() {
    const list = await fetchFragment(this.dataset.list).catch(() => null)
    if (!list) return
    const slot = this.querySelector("[data-slot]")
    const focused = slot.contains(document.activeElement) && document.activeElement.dataset.item
    slot.replaceChildren(list)
    if (focused) this.querySelector(`.queue__item[data-item="${focused}"]`)?.focus({ preventScroll: true })
  }

  #chosen(field) {
    if (!field.matches("[data-saved]") || !field.value) return
    const reason = this.querySelector("#reason")
    reason.value = field.value
    reason.focus()
  }

  #pressed(event) {
    const typing = event.target.matches("textarea, select, input:not([type=radio])")
    if (typing && event.key === "Enter" && (event.ctrlKey || event.metaKey)) return event.target.form?.requestSubmit()
    if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return
    if (this.#act(event.key)) event.preventDefault()
  }

  #act(key) {
    if (key === "j" || key === "k") return this.#move(key === "j" ? 1 : -1)
    if (key === "?") return this.#press("[data-dialog=desk-keys]")
    if (key === "c") return this.#press("button[data-key=c]")
    return ["a", "r", "x"].includes(key) && this.#press(`input[data-key=${key}]`, "#reason")
  }

  #move(step) {
    const rows = [...this.querySelectorAll(".queue__item")]
    const at = rows.findIndex((row) => row.hasAttribute("aria-current"))
    const row = rows[at < 0 ? 0 : at + step]
    row?.click()
    return Boolean(row)
  }

  #press(selector, then) {
    const control = this.querySelector(selector)
    control?.click()
    if (control && then) this.querySelector(then).focus()
    return Boolean(control)
  }
}

customElements.define("review-desk", ReviewDesk)
