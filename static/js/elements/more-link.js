// The next page of a list, fetched in place when it comes near, or on request.
import { fetchFragment } from "../lib/http.js"
import { learnFrom } from "../lib/marks.js"

const ALONE = 5

export class MoreLink extends HTMLElement {
  static #pages = 0

  connectedCallback() {
    this.link = this.querySelector("a")
    this.press = (event) => { event.preventDefault(); this.#load(true) }
    this.link.addEventListener("click", this.press)
    this.watch = new IntersectionObserver(([entry]) => { if (entry.isIntersecting && MoreLink.#pages < ALONE) this.#load(false) }, { rootMargin: "600px" })
    if (this.closest(".feed__list")) this.watch.observe(this)
  }

  disconnectedCallback() {
    this.watch.disconnect()
    this.link.removeEventListener("click", this.press)
  }

  async #load(asked) {
    if (this.loading) return
    this.loading = true
    this.link.setAttribute("aria-disabled", "true")
    try {
      const page = await fetchFragment(this.link.href)
      if (page.querySelector("main")) return location.assign(this.link.href) // a whole page: go there
      MoreLink.#pages++
      learnFrom(page)
      const first = page.querySelector("a")
      for (const known of page.querySelectorAll("[id]")) if (/^(post|comment)-\d+$/.test(known.id) && document.getElementById(known.id)) known.remove()
      this.replaceWith(page)
      if (asked) first?.focus({ preventScroll: true })
    } catch {
      this.loading = false
      this.link.removeAttribute("aria-disabled")
      this.watch.disconnect()
    }
  }
}

customElements.define("more-link", MoreLink)
