import { call, fetchFragment, Problem, sendForm } from "../lib/http.js"
import { listen } from "../lib/live.js"
import { toast } from "../lib/toast.js"
import { word } from "../lib/words.js"

const BEAT = 60_000
const LEASE = 600_000
const wide = matchMedia("(min-width: 64.01rem)") // below, list and detail are two pages

/** The moderator's desk: items open in place, the queue follows what colleagues do, every act has its key. */
export class ReviewDesk extends HTMLElement {
  connectedCallback() {
    this.ends = new AbortController()
    const until = { signal: this.ends.signal }
    this.addEventListener("click", (event) => this.#clicked(event), until)
    this.addEventListener("change", (event) => this.#chosen(event.target), until)
    this.addEventListener("submit", (event) => this.#submitted(event), until)
    document.addEventListener("keydown", (event) => this.#pressed(event), until)
    addEventListener("popstate", () => location.reload(), until)
    this.hangUp = listen({ "queue.changed": (change) => this.#changed(change), online: () => this.#refresh() })
    this.beat = setInterval(() => this.#prolong(), BEAT)
    this.querySelector("[data-help]").hidden = false
    this.#current?.scrollIntoView({ block: "nearest" })
  }

  disconnectedCallback() {
    this.ends.abort()
    this.hangUp()
    clearTimeout(this.later)
    clearInterval(this.beat)
  }

  get #rows() { return [...this.querySelectorAll(".queue__item")] }
  get #current() { return this.querySelector(".queue__item[aria-current]") }
  get #case() { return this.querySelector(".case") }

  #clicked(event) {
    const row = event.target.closest(".queue__item")
    if (event.target.closest("[data-reload]")) { event.preventDefault(); this.#open(location.href) }
    if (!row || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    this.#open(row.href)
  }

  async #open(address) {
    const turn = (this.turn = (this.turn ?? 0) + 1)
    this.#mark(new URL(address, location.href).pathname.split("/").at(-1))
    let detail
    try {
      detail = (await fetchFragment(address)).querySelector(".case")
      if (!detail) throw new Problem(404)
    } catch {
      return location.assign(address)
    }
    if (turn !== this.turn) return // somebody pressed on
    this.querySelector("[data-detail]").replaceChildren(detail)
    if (address !== location.href) history.pushState(null, "", address)
    this.querySelector("[data-stale]").hidden = true
    scrollTo(0, 0)
    this.querySelector("#case-title").focus({ preventScroll: true })
  }

  #mark(id) {
    this.#current?.removeAttribute("aria-current")
    const row = this.querySelector(`.queue__item[data-item="${id}"]`)
    row?.setAttribute("aria-current", "true")
    row?.scrollIntoView({ block: "nearest" })
    const list = new URL(this.dataset.list, location.href)
    list.searchParams.set("current", id)
    this.dataset.list = list.pathname + list.search
  }

  async #submitted(event) {
    const form = event.target.closest("form[data-in-place]")
    if (!form || !wide.matches) return
    event.preventDefault()
    if (form.inert) return
    form.inert = true
    const at = this.#rows.indexOf(this.#current)
    const following = form.matches(".verdict") ? (this.#rows[at + 1] ?? this.#rows[at - 1])?.href : null
    try {
      const { location: moved } = await sendForm(form, { data: new FormData(form, event.submitter) })
      if (form.dataset.done) toast(form.dataset.done, { tone: "good" })
      const next = /\/items\/\d+/.test(moved) ? moved : following
      if (!next) return location.assign(moved ?? "/moderation")
      await Promise.all([this.#open(next), this.#refresh()])
    } catch (problem) {
      form.inert = false
      // The page itself shows what to correct, or who was faster, beside what was written.
      if ((problem.status === 422 && !problem.message) || (problem.status === 409 && form.matches(".verdict"))) return form.submit()
      toast(problem instanceof Problem && problem.message ? problem.message : word("failed"), { tone: "bad" })
      if (problem.status === 409) this.querySelector("[data-stale]").hidden = false
    }
  }

  #changed({ item_id: id, version, lease }) {
    const shown = this.#case?.dataset
    const busy = this.querySelector("form[data-in-place][inert]")
    if (shown && Number(shown.item) === id && !busy && (Number(shown.version) !== version || shown.lease !== holder(lease)))
      this.querySelector("[data-stale]").hidden = false
    clearTimeout(this.later)
    this.later = setTimeout(() => this.#refresh(), 150)
  }

  async #prolong() {
    const shown = this.#case
    if (shown?.dataset.lease !== "mine" || document.visibilityState !== "visible") return
    try {
      await call("POST", `/api/v1/moderation/items/${shown.dataset.item}/claim`, {})
      const until = new Date(Date.now() + LEASE)
      shown.querySelector("[data-until]").textContent = until.toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" })
    } catch (problem) {
      if (problem.status === 409) this.querySelector("[data-stale]").hidden = false
    }
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
    if (key === "/") return this.#search()
    if (key === "n") return this.#press("[data-next] button")
    if (key === "i") return this.#press(".case__pictures > summary")
    if (key === "c" || key === "z") return this.#press(`button[data-key=${key}]`)
    if (!["a", "r", "x", "m", "h", "e", "p"].includes(key)) return false
    return this.#press(`input[data-key=${key}]`, "#reason") || this.#press(`button[data-key=${key}]`)
  }

  #move(step) {
    const at = this.#rows.indexOf(this.#current)
    const row = this.#rows[at < 0 ? 0 : at + step]
    row?.click()
    return Boolean(row)
  }

  #search() {
    this.querySelector(".desk__filters").open = true
    this.querySelector("[data-search]").focus()
    return true
  }

  #press(selector, then) {
    const control = this.querySelector(selector)
    control?.click()
    if (control && then) this.querySelector(then).focus()
    return Boolean(control)
  }
}

function holder(lease) {
  if (!lease) return "free"
  return String(lease.by_id) === document.body.dataset.person ? "mine" : "other"
}

customElements.define("review-desk", ReviewDesk)
