const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]]

/** Time left until a deadline, or how late it is, kept true while the page stays open. */
export class CountDown extends HTMLElement {
  connectedCallback() {
    this.until = new Date(this.querySelector("time").dateTime)
    this.#show()
    this.tick = setInterval(() => this.#show(), 20000)
  }

  disconnectedCallback() { clearInterval(this.tick) }

  #show() {
    const left = (this.until - Date.now()) / 1000
    const [unit, size] = UNITS.find(([, seconds]) => Math.abs(left) >= seconds * 1.5) ?? UNITS.at(-1)
    const span = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "short" })
      .format(Math.floor(Math.abs(left) / size))
    this.querySelector("time").textContent = (left < 0 ? this.dataset.late : this.dataset.left).replace("{time}", span)
    this.classList.toggle("deadline--late", left < 0)
    this.classList.toggle("deadline--soon", left >= 0 && left < 3600)
  }
}

customElements.define("count-down", CountDown)
