import { fetchFragment, Problem } from "../lib/http.js"

const PAUSE = 250

/** Results as one types; the address follows, so that going back and sharing work. */
export class LiveSearch extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form")
    this.slotted = this.querySelector("[data-slot]")
    this.addEventListener("input", this)
    this.addEventListener("submit", this)
  }

  disconnectedCallback() {
    clearTimeout(this.later)
    this.removeEventListener("input", this)
    this.removeEventListener("submit", this)
  }

  handleEvent(event) {
    if (event.type === "submit") event.preventDefault()
    clearTimeout(this.later)
    this.later = setTimeout(() => this.#search(), event.type === "submit" ? 0 : PAUSE)
  }

  async #search() {
    const asked = [...new FormData(this.form)].filter(([, value]) => value)
    const address = `/search?${new URLSearchParams(asked)}`
    const turn = (this.turn = (this.turn ?? 0) + 1)
    this.slotted.setAttribute("aria-busy", "true")
    try {
      const found = await fetchFragment(address)
      if (turn !== this.turn) return
      this.slotted.replaceChildren(...(found.querySelector("[data-slot]") ?? found).childNodes)
      history.replaceState(history.state, "", address)
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
    } finally {
      if (turn === this.turn) this.slotted.setAttribute("aria-busy", "false")
    }
  }
}

customElements.define("live-search", LiveSearch)
