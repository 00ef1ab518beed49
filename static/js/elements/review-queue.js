// The moderation queue: list and detail on one screen, keyboard first, in step with colleagues.
//
// <review-queue>
//   list:    <a data-item="ID" href="/moderation/items/ID"> …  the chosen one has aria-current="true"
//   detail:  <div data-detail>: GET of that address with X-Fragment answers its content
//   in it:   form[data-decide] with buttons that may carry data-key ("a", "r", …); <kbd> shows them
// Keys: j/k or arrows move, Enter opens, the keys of the buttons decide; they work only while the focus is in the element
// and not in a text box.
import { fetchFragment, Problem, sendForm } from "../lib/http.js"
import { listen } from "../lib/live.js"
import { toast } from "../lib/toast.js"
import { word } from "../lib/words.js"

export class ReviewQueue extends HTMLElement {
  connectedCallback() {
    this.detail = this.querySelector("[data-detail]")
    this.ends = new AbortController()
    const until = { signal: this.ends.signal }
    this.addEventListener("click", (event) => this.#click(event), until)
    this.addEventListener("keydown", (event) => this.#key(event), until)
    this.addEventListener("submit", (event) => this.#submit(event), until)
    addEventListener("popstate", () => this.#open(this.#item(location.pathname), false), until)
    this.hangUp = listen({ "queue.changed": (message) => this.#changed(message) })
  }

  disconnectedCallback() {
    this.ends.abort()
    this.hangUp()
  }

  get #items() { return [...this.querySelectorAll("[data-item]")] }
  get #current() { return this.querySelector("[data-item][aria-current]") }
  #item(path) { return this.#items.find((item) => new URL(item.href).pathname === path) }

  #click(event) {
    const item = event.target.closest("[data-item]")
    if (!item || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    this.#open(item)
  }

  #key(event) {
    if (event.target.closest("input, textarea, select, [contenteditable]") || event.ctrlKey || event.metaKey || event.altKey) return
    const step = { j: 1, k: -1 }[event.key]
    if (step) { event.preventDefault(); return this.#move(step) }
    const button = this.detail?.querySelector(`[data-key="${CSS.escape(event.key)}"]`)
    if (button) { event.preventDefault(); button.click() }
  }

  #move(step) {
    const items = this.#items
    const now = items.indexOf(this.#current)
    this.#open(items[Math.min(Math.max(now + step, 0), items.length - 1)])
  }

  async #open(item, push = true) {
    if (!item || !this.detail) return item && location.assign(item.href)
    this.#current?.removeAttribute("aria-current")
    item.setAttribute("aria-current", "true")
    item.focus({ preventScroll: true })
    item.scrollIntoView({ block: "nearest" })
    this.detail.setAttribute("aria-busy", "true")
    try {
      this.detail.replaceChildren(await fetchFragment(item.href))
      if (push) history.pushState(null, "", item.href)
      this.toggleAttribute("data-open", true)
    } catch {
      location.assign(item.href)
    } finally {
      this.detail.removeAttribute("aria-busy")
    }
  }

  async #submit(event) {
    const form = event.target.closest("form[data-decide]")
    if (!form) return
    event.preventDefault()
    if (form.inert) return
    const item = this.#current
    const next = this.#items[this.#items.indexOf(item) + 1] ?? this.#items[this.#items.indexOf(item) - 1]
    const data = new FormData(form, event.submitter)
    form.inert = true
    try {
      const { fragment } = await sendForm(form, { data })
      document.getElementById("flash")?.append(...(fragment?.querySelectorAll("toast-note") ?? []))
      item?.remove()
      if (next) this.#open(next)
      else location.assign("/moderation")
    } catch (error) {
      form.inert = false
      toast(error instanceof Problem && error.message ? error.message : word("failed"), { tone: "bad" })
      if (error.status === 409 && item) this.#open(item, false)
    }
  }

  #changed({ item_id: id, state, html }) {
    const item = this.querySelector(`[data-item="${id}"]`)
    if (item && state !== "pending" && state !== "claimed" && item !== this.#current) (item.closest("li") ?? item).remove()
    else if (item) item.dataset.state = state
    else if (!html) this.querySelector("[data-refresh]")?.removeAttribute("hidden")
  }
}

customElements.define("review-queue", ReviewQueue)
