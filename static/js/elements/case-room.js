import { fetchFragment } from "../lib/http.js"
import { listen } from "../lib/live.js"

/** A case of a playbook: what colleagues do appears by itself, unless something is being written here. */
export class CaseRoom extends HTMLElement {
  connectedCallback() {
    const address = `/moderation/cases/${this.dataset.case}`
    const again = () => this.#refresh(address)
    this.hangUp = listen({
      "case.changed": ({ case_id }) => { if (String(case_id) === this.dataset.case) again() },
      reconnected: again,
    })
  }

  disconnectedCallback() { this.hangUp() }

  #isBusy() {
    const typed = [...this.querySelectorAll("textarea, input:not([type=hidden])")]
    return typed.some((field) => field === document.activeElement || field.value !== field.defaultValue)
  }

  async #refresh(address) {
    if (this.#isBusy()) {
      this.querySelector("[data-news]").hidden = false
      return
    }
    try {
      const fragment = await fetchFragment(address)
      this.querySelector("[data-body]").replaceChildren(fragment)
    } catch {
      this.querySelector("[data-news]").hidden = false
    }
  }
}

customElements.define("case-room", CaseRoom)
