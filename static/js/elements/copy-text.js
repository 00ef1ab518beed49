/** A text to take along: the button appears only where the browser can copy. */
export class CopyText extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("[data-copy]")
    this.button.hidden = !navigator.clipboard
    this.button.addEventListener("click", this)
  }

  disconnectedCallback() { this.button.removeEventListener("click", this) }

  async handleEvent() {
    await navigator.clipboard.writeText(this.querySelector("code").textContent.trim())
    this.button.querySelector("span").textContent = this.dataset.done
  }
}

customElements.define("copy-text", CopyText)
