import { fetchFragment } from "../lib/http.js"

const EVERY = 2_000

/** A report that is still being made: looks again until it is done. */
export class ReportWatch extends HTMLElement {
  connectedCallback() { this.timer = setInterval(() => this.#look(), EVERY) }

  disconnectedCallback() { clearInterval(this.timer) }

  async #look() {
    if (!this.querySelector("[data-state='queued'], [data-state='running']")) return clearInterval(this.timer)
    const report = await fetchFragment(this.dataset.url).catch(() => null)
    if (report) this.replaceChildren(report)
  }
}

customElements.define("report-watch", ReportWatch)
