/** One text after the other, each answer with its key. */
export class LabelKeys extends HTMLElement {
  connectedCallback() {
    this.ends = new AbortController()
    document.addEventListener("keydown", (event) => this.#pressed(event), { signal: this.ends.signal })
  }

  disconnectedCallback() { this.ends.abort() }

  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return
    if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return
    if (event.key === " " && event.target.closest("button, a, summary")) return // it presses what has the focus
    const button = [...this.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key.toLowerCase())
    if (!button || this.sent) return
    event.preventDefault()
    this.sent = true
    button.form.requestSubmit(button)
  }
}

customElements.define("label-keys", LabelKeys)
