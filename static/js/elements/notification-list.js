import { listen } from "../lib/live.js"
import { fetchFragment } from "../lib/http.js"

/** The first page of notifications, kept fresh. */
export class NotificationList extends HTMLElement {
  connectedCallback() {
    this.hangUp = listen({ "notification.created": () => this.#refresh(), online: () => this.#refresh() })
  }

  disconnectedCallback() { this.hangUp() }

  async #refresh() {
    if (scrollY > 100 || this.contains(document.activeElement)) return // nothing moves under somebody who reads
    const list = await fetchFragment(this.dataset.list).catch(() => null)
    if (list) this.replaceChildren(list)
  }
}

customElements.define("notification-list", NotificationList)
