// "5 min ago" in the reader's language, kept fresh by one clock; the exact time is in the title.
import { word } from "../lib/words.js"

const tongue = document.documentElement.lang || "fr"
const ago = new Intl.RelativeTimeFormat(tongue, { numeric: "auto", style: "short" })
const exact = new Intl.DateTimeFormat(tongue, { dateStyle: "full", timeStyle: "short" })
const forms = {
  hour: new Intl.DateTimeFormat(tongue, { timeStyle: "short" }),
  week: new Intl.DateTimeFormat(tongue, { weekday: "long", hour: "numeric", minute: "2-digit" }),
  day: new Intl.DateTimeFormat(tongue, { day: "numeric", month: "long" }),
  year: new Intl.DateTimeFormat(tongue, { dateStyle: "long" }),
  datetime: new Intl.DateTimeFormat(tongue, { dateStyle: "medium", timeStyle: "short" }),
}
const shown = new Set()

export class RelativeTime extends HTMLElement {
  connectedCallback() {
    this.time = this.querySelector("time")
    this.at = new Date(this.time.dateTime)
    this.time.title = exact.format(this.at)
    shown.add(this)
    this.refresh()
  }

  disconnectedCallback() { shown.delete(this) }

  refresh() {
    const text = phrase(this.at, this.dataset.style)
    if (this.time.textContent !== text) this.time.textContent = text
  }
}

function phrase(at, style) {
  if (style === "date") return forms.year.format(at)
  if (style === "datetime") return forms.datetime.format(at)
  const minutes = Math.round((Date.now() - at) / 60_000)
  if (minutes < -1) return forms.datetime.format(at)
  if (minutes < 1) return word("now")
  if (minutes < 60) return ago.format(-minutes, "minute")
  if (minutes < 12 * 60) return ago.format(-Math.round(minutes / 60), "hour")
  if (minutes < 6 * 24 * 60) return forms.week.format(at)
  return (at.getFullYear() === new Date().getFullYear() ? forms.day : forms.year).format(at)
}

setInterval(() => shown.forEach((element) => element.refresh()), 30_000)
customElements.define("relative-time", RelativeTime)
