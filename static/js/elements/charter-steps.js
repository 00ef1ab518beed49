/** The charter one clause at a time. Without it the same page scrolls; "Show everything" goes back to that. */
export class CharterSteps extends HTMLElement {
  connectedCallback() {
    this.parts = [...this.querySelectorAll("[data-part]")]
    this.at = 0
    this.querySelector("[data-progress]").hidden = false
    this.querySelector("[data-steps]").hidden = false
    this.addEventListener("click", this)
    this.#show(this.querySelector("[aria-invalid]") ? this.parts.length - 1 : 0, false)
  }

  disconnectedCallback() { this.removeEventListener("click", this) }

  handleEvent({ target }) {
    if (target.closest("[data-next]")) this.#show(this.at + 1)
    else if (target.closest("[data-back]")) this.#show(this.at - 1)
    else if (target.closest("[data-all]")) this.#showAll()
  }

  #show(at, focus = true) {
    this.at = Math.min(Math.max(at, 0), this.parts.length - 1)
    this.parts.forEach((part, i) => { part.hidden = i !== this.at })
    this.querySelector("[data-where]").textContent = this.#where()
    const bar = this.querySelector("[data-bar]")
    bar.max = this.parts.length - 1
    bar.value = this.at
    this.querySelector("[data-back]").hidden = this.at === 0
    this.querySelector("[data-next]").hidden = this.at === this.parts.length - 1
    if (focus) this.parts[this.at].querySelector("[tabindex]").focus()
  }

  #where() {
    const clauses = this.parts.filter((part) => part.hasAttribute("data-clause"))
    const n = clauses.indexOf(this.parts[this.at]) + 1
    if (n) return this.dataset.step.replace("{n}", n).replace("{all}", clauses.length)
    return this.at ? this.dataset.outro : this.dataset.intro
  }

  #showAll() {
    this.parts.forEach((part) => { part.hidden = false })
    this.querySelector("[data-progress]").hidden = true
    this.querySelector("[data-steps]").hidden = true
    this.parts[this.at].querySelector("[tabindex]").focus()
  }
}

customElements.define("charter-steps", CharterSteps)
