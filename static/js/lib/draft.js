// What is being written, kept here at once and on the server soon after.
import { call } from "./http.js"

const DELAY = 1500

/** The draft of one place; `said(kind)` hears "saved", "here" (only on this device). */
export class Draft {
  #timer
  #sent = ""

  constructor(place, said = () => {}) {
    this.place = place
    this.key = `parvis:draft:${document.body.dataset.person}:${place}`
    this.said = said
  }

  /** What this device kept and the server may not have. */
  get kept() {
    try { return JSON.parse(localStorage.getItem(this.key)) } catch { return null }
  }

  /** Keeps the fields now, and tells the server when the typing pauses. */
  keep(fields, { pending = false } = {}) {
    if (!fields.body.trim() && !fields.title) return this.drop()
    this.#store({ ...fields, pending, at: Date.now() })
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.save(fields), DELAY)
  }

  async save(fields, options = {}) {
    clearTimeout(this.#timer)
    const text = JSON.stringify(fields)
    if (text === this.#sent) return
    try {
      await call("PUT", this.#address, fields, options)
      this.#sent = text
      this.said("saved")
    } catch {
      this.said("here")
    }
  }

  /** Sent or given up: nothing of it stays here. */
  drop({ everywhere = false } = {}) {
    clearTimeout(this.#timer)
    try { localStorage.removeItem(this.key) } catch { /* private browsing without storage */ }
    if (this.#sent || everywhere) call("DELETE", this.#address).catch(() => {})
    this.#sent = ""
  }

  get #address() { return `/drafts/${encodeURIComponent(this.place)}` }

  #store(value) {
    try { localStorage.setItem(this.key, JSON.stringify(value)) } catch { /* full or forbidden: the server still has it */ }
  }
}
