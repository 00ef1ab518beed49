import { sendForm } from "../lib/http.js"

const PAUSE = 500

/** The test box beside a rule: shows what it finds, and every form it looks for, as they are written. */
export class RuleEditor extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form")
    this.ends = new AbortController()
    this.addEventListener("input", ({ target }) => this.#changed(target), { signal: this.ends.signal })
    this.addEventListener("submit", (event) => this.#submitted(event), { signal: this.ends.signal })
  }

  disconnectedCallback() {
    this.ends.abort()
    clearTimeout(this.later)
  }

  get #button() { return this.querySelector("button[value='try']") }

  #changed(field) {
    if (!field.matches("[name='try_text'], [name='text'], [name^='p_']")) return
    clearTimeout(this.later)
    this.later = setTimeout(() => this.#try(), PAUSE)
  }

  #submitted(event) {
    if (event.submitter !== this.#button) return
    event.preventDefault()
    this.#try()
  }

  async #try() {
    const turn = (this.turn = (this.turn ?? 0) + 1)
    const data = new FormData(this.form, this.#button)
    data.delete("idempotency") // nothing is kept: each look is another request
    const answer = await sendForm(this.form, { data }).catch(() => null)
    if (!answer?.fragment || turn !== this.turn) return
    const slots = ["data-tried", "data-forms"].map((name) => [this.querySelector(`[${name}]`), answer.fragment.querySelector(`[${name}]`)])
    if (slots[0][1]) slots.filter(([here, there]) => here && there).forEach(([here, there]) => here.replaceChildren(...there.childNodes))
    else slots[0][0].replaceChildren(answer.fragment)
  }
}

customElements.define("rule-editor", RuleEditor)
