// What the composer and the comment form have in common: keep, hint, complete, send, and never lose a word.
import { completeIn } from "./complete.js"
import { Draft } from "./draft.js"
import { hintsFor, offerToGoOn, showFindings } from "./hints.js"
import { sendForm } from "./http.js"
import { make } from "./html.js"
import { continueList, wrap } from "./markdown.js"
import { word } from "./words.js"

export class WritingElement extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form")
    this.box = this.form.elements.body
    this.area = this.querySelector(".composer__hints")
    this.state = this.querySelector(".composer__state")
    this.hints = hintsFor(this.area, () => this.fields())
    this.draft = new Draft(this.dataset.place, (kind) => this.say(word(kind === "saved" ? "saved" : "saved_here")))
    this.stopCompleting = completeIn(this.box, () => this.fields().space_id)
    this.ends = new AbortController()
    const until = { signal: this.ends.signal }
    this.form.addEventListener("submit", (event) => this.submit(event), until)
    this.form.addEventListener("input", (event) => { if (event.target.name !== "justification") this.typed() }, until)
    this.box.addEventListener("keydown", (event) => this.key(event), until)
    addEventListener("online", () => this.retry(), until)
    addEventListener("pagehide", () => this.leave(), until)
    this.restore()
  }

  disconnectedCallback() {
    this.ends.abort()
    this.stopCompleting()
    this.hints.stop()
  }

  fields() {
    const value = (name) => this.form.elements[name]?.value ?? ""
    return { title: value("title"), body: this.box.value, space_id: value("space_id"), type: value("type"), parent_id: value("parent_id"), post_id: this.dataset.post ?? "" }
  }

  typed() {
    this.touched = true
    if (this.failed) this.#anew()
    this.form.querySelector(".hint__go-on")?.remove()
    this.draft.keep(this.fields())
    this.hints.changed()
  }

  key(event) {
    if (!(event.ctrlKey || event.metaKey)) {
      if (event.key === "Enter" && !event.shiftKey && !event.defaultPrevented) continueList(this.box, event)
      return
    }
    const act = { Enter: () => this.form.requestSubmit(), b: () => wrap(this.box, "**"), i: () => wrap(this.box, "_") }[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }

  async submit(event) {
    if (event.submitter?.hasAttribute("formaction")) return // another page's business
    event.preventDefault()
    if (this.sending || !this.box.value.trim() || this.busy()) return
    const data = this.data(event.submitter)
    this.sending = true
    this.toggleAttribute("data-sending", true)
    this.hints.stop()
    this.say(word("sending"))
    try {
      const { fragment, location: moved } = await sendForm(this.form, { data })
      this.clear()
      if (fragment) this.arrived(fragment)
      else if (moved) location.assign(moved)
    } catch (problem) {
      this.refused(problem)
    } finally {
      this.sending = false
      this.toggleAttribute("data-sending", false)
    }
  }

  /** Overridden by whoever has files on their way. */
  busy() { return false }

  data(submitter) { return new FormData(this.form, submitter) }

  refused(problem) {
    const { findings, nudge_token: token, fields, charter } = problem.body ?? {}
    if (findings?.length) showFindings(this.area, findings, this.fields())
    if (token) offerToGoOn(this.area, token, { reason: word("reason"), go: word("go_on") })
    if (findings?.length) { this.say(""); this.area.scrollIntoView({ block: "nearest" }); return }
    if (charter) return this.say(problem.message, "bad", make("a", { href: charter }, word("charter")))
    if (fields) return this.say(Object.values(fields).join(" ") || problem.message, "bad")
    if (problem.isSignedOut) return this.say(word("ended"), "bad", make("a", { href: "/sign-in" }, word("sign_in")))
    this.failed = true
    this.draft.keep(this.fields(), { pending: Boolean(problem.isNetwork) })
    const again = make("button", { class: "button button--plain button--sm", type: "button" }, word("retry"))
    again.addEventListener("click", () => this.form.requestSubmit())
    this.say(problem.isNetwork && !navigator.onLine ? word("queued") : `${word("not_sent")}. ${problem.message || ""}`, "bad", again)
  }

  say(sentence, tone = "", ...more) {
    this.state.dataset.tone = tone
    this.state.replaceChildren(sentence, " ", ...more)
  }

  clear() {
    this.draft.drop()
    this.touched = false
    this.form.reset()
    this.box.value = ""
    if (this.form.elements.title) this.form.elements.title.value = ""
    this.area.replaceChildren()
    this.#anew()
    this.say("")
  }

  /** Other words are another request; the same words sent again are not. */
  #anew() {
    this.failed = false
    this.form.querySelectorAll("[name='idempotency']").forEach((field) => { field.value = newKey() })
  }

  restore() {
    const kept = this.draft.kept
    if (!kept?.body || kept.body === this.box.value) return
    if (this.box.value.trim() && kept.at < (Date.parse(this.dataset.savedAt) || Infinity)) return
    this.box.value = kept.body
    if (this.form.elements.title && kept.title) this.form.elements.title.value = kept.title
    this.restored?.(kept)
    this.say(word("restored"))
    if (kept.pending) this.retry()
  }

  retry() {
    if (this.draft.kept?.pending && navigator.onLine) this.form.requestSubmit()
  }

  leave() {
    if (this.touched && this.box.value.trim() && !this.sending) this.draft.save(this.fields(), { keepalive: true })
  }
}

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
