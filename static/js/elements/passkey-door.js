/** A form that a passkey answers: asks the browser, puts what it says into the form and sends it. */
const ASK = { get: "parseRequestOptionsFromJSON", create: "parseCreationOptionsFromJSON" }

export class PasskeyDoor extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form")
    this.failed = this.querySelector("[role=alert]")
    this.hidden = !globalThis.PublicKeyCredential?.[ASK[this.dataset.mode]]
    this.form.addEventListener("submit", this)
  }

  disconnectedCallback() { this.form.removeEventListener("submit", this) }

  async handleEvent(event) {
    event.preventDefault()
    this.failed.hidden = true
    const { mode } = this.dataset
    try {
      const publicKey = PublicKeyCredential[ASK[mode]](JSON.parse(this.dataset.options))
      const credential = await navigator.credentials[mode]({ publicKey })
      this.form.elements[this.dataset.field ?? "answer"].value = JSON.stringify(credential)
      this.form.submit()
    } catch {
      this.failed.textContent = this.dataset.failed
      this.failed.hidden = false
    }
  }
}

customElements.define("passkey-door", PasskeyDoor)
