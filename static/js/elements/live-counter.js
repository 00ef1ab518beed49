// A number of the navigation; unread notifications also show in the title and the tab's icon.
import { listen } from "../lib/live.js"

const bare = document.title.replace(/^\(\d+\+?\) /, "")

export class LiveCounter extends HTMLElement {
  connectedCallback() {
    this.hangUp = listen({ counters: (counts) => { if (this.dataset.name in counts) this.#show(counts[this.dataset.name]) } })
  }

  disconnectedCallback() { this.hangUp() }

  #show(count) {
    this.textContent = count
    this.hidden = !count
  }
}

function badge({ unread }) {
  if (unread === undefined) return
  document.title = unread ? `(${unread > 99 ? "99+" : unread}) ${bare}` : bare
  const favicon = document.getElementById("favicon")
  if (favicon) favicon.href = unread ? "/static/img/favicon-unread.svg" : "/static/img/favicon.svg"
  navigator.setAppBadge?.(unread).catch(() => {})
}

listen({ counters: badge, "notification.created": badge })
badge({ unread: Number(document.body.dataset.unread || 0) })
customElements.define("live-counter", LiveCounter)
