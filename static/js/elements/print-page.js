/** A button that prints; there only where scripts run. */
export class PrintPage extends HTMLElement {
  connectedCallback() {
    this.hidden = false
    this.addEventListener("click", this)
  }

  disconnectedCallback() { this.removeEventListener("click", this) }

  handleEvent() { globalThis.print() }
}

customElements.define("print-page", PrintPage)
