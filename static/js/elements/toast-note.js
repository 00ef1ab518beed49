// A toast leaves after a while; not while it is pointed at, focused or has to stay.

export class ToastNote extends HTMLElement {
  connectedCallback() {
    if ("stay" in this.dataset) return
    const long = 4000 + this.textContent.trim().length * 60
    this.timer = setInterval(() => { if (!this.matches(":hover, :focus-within")) this.#leave() }, long)
  }

  disconnectedCallback() { clearInterval(this.timer) }

  #leave() {
    this.dataset.leaving = ""
    setTimeout(() => this.remove(), 300)
  }
}

customElements.define("toast-note", ToastNote)
