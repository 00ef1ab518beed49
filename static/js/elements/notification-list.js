import { listen } from "../lib/live.js"
import { fetchFragment } from "../lib/fragment.js"

/** The first page of notifications, kept fresh. */
export class NotificationList extends HTMLElement {
  connectedCallback() {
    this.hangUp = listen({ "notification.created": () => this.#refresh(), reconnected: () => this.#refresh() })
  }

  disconnectedCallback() { this.hangUp() }

  async #refresh() {
    if (scrollY > 100 || this.contains(document.activeElement)) return // nothing moves under somebody who reads
    this.replaceChildren(await fetchFragment(this.dataset.list))
  }
}

customElements.define("notification-list", NotificationList)
