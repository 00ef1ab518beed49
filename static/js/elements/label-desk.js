import { fetchFragment, sendForm } from "../lib/http.js"
import { toast } from "../lib/toast.js"
import { word } from "../lib/words.js"

/** The sample to label: every answer has its key, and the next hit comes in place. */
export class LabelDesk extends HTMLElement {
  connectedCallback() {
    this.ends = new AbortController()
    const until = { signal: this.ends.signal }
    document.addEventListener("keydown", (event) => this.#pressed(event), until)
    this.addEventListener("submit", (event) => this.#submitted(event), until)
    this.addEventListener("click", (event) => this.#clicked(event), until)
    addEventListener("popstate", () => location.reload(), until)
  }

  disconnectedCallback() { this.ends.abort() }

  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return
    const control = this.querySelector(`[data-key="${CSS.escape(event.key)}"]`)
    if (!control) return
    event.preventDefault()
    control.click()
  }

  #clicked(event) {
    const link = event.target.closest("a[data-key]")
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    fetchFragment(link.href).then((fragment) => this.#show(fragment, link.href), () => location.assign(link.href))
  }

  async #submitted(event) {
    event.preventDefault()
    const form = event.target
    if (form.inert) return
    form.inert = true
    try {
      const { fragment, location: moved } = await sendForm(form, { data: new FormData(form, event.submitter) })
      if (fragment) this.#show(fragment)
      else location.assign(moved)
    } catch (problem) {
      form.inert = false
      toast(problem.message || word("failed"), { tone: "bad" })
    }
  }

  #show(fragment, address) {
    this.replaceChildren(fragment)
    if (address) history.pushState(null, "", address)
    this.querySelector(".label").focus({ preventScroll: true })
  }
}

customElements.define("label-desk", LabelDesk)
