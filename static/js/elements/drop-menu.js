// A disclosure that closes on Escape and on a click beside, with arrow keys inside.

export class DropMenu extends HTMLElement {
  connectedCallback() {
    this.details = this.querySelector("details")
    this.ends = new AbortController()
    const until = { signal: this.ends.signal }
    document.addEventListener("click", (event) => { if (!this.contains(event.target)) this.details.open = false }, until)
    this.addEventListener("keydown", (event) => this.#key(event), until)
    this.addEventListener("focusout", (event) => { if (event.relatedTarget && !this.contains(event.relatedTarget)) this.details.open = false }, until)
  }

  disconnectedCallback() { this.ends.abort() }

  #key(event) {
    if (!this.details.open) return
    if (event.key === "Escape") {
      this.details.open = false
      this.querySelector("summary").focus()
    } else if (["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault()
      moveFocus(this.details, event.key === "ArrowDown" ? 1 : -1)
    }
  }
}

/** Moves the focus among the items of a menu. */
export function moveFocus(root, step) {
  const items = [...root.querySelectorAll("a[href], button:not([hidden])")]
  const now = items.indexOf(document.activeElement)
  items[(now + step + items.length) % items.length]?.focus()
}

customElements.define("drop-menu", DropMenu)
