// Pictures of a post; a press opens them large, with arrows and their description.
import { icon, make } from "../lib/html.js"
import { word } from "../lib/words.js"

export class PictureGrid extends HTMLElement {
  connectedCallback() {
    this.press = (event) => {
      const link = event.target.closest("a")
      if (!link || event.ctrlKey || event.metaKey) return
      event.preventDefault()
      this.#open([...this.querySelectorAll("a")], link)
    }
    this.addEventListener("click", this.press)
  }

  disconnectedCallback() { this.removeEventListener("click", this.press) }

  #open(links, first) {
    let now = links.indexOf(first)
    const picture = make("img", {})
    const words = make("p", { class: "lightbox__words", "aria-live": "polite" })
    const button = (name, label, act) => {
      const made = make("button", { class: "icon-button", type: "button", "aria-label": label, title: label }, icon(name))
      made.addEventListener("click", act)
      return made
    }
    const turn = (step) => {
      now = (now + step + links.length) % links.length
      picture.src = links[now].href
      picture.alt = links[now].querySelector("img").alt
      words.textContent = links.length > 1 ? `${picture.alt} (${now + 1}/${links.length})` : picture.alt
    }
    const several = links.length > 1
    const stage = make("div", { class: "lightbox__stage" }, several ? button("chevron-left", word("previous"), () => turn(-1)) : make("span"), picture,
      several ? button("chevron-right", word("next"), () => turn(1)) : make("span"))
    const dialog = make("dialog", { class: "dialog lightbox", "aria-label": first.querySelector("img").alt },
      make("div", { class: "lightbox__bar" }, button("close", word("close"), () => dialog.close())), stage, words)
    dialog.addEventListener("keydown", (event) => { const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]; if (step && several) turn(step) })
    dialog.addEventListener("click", (event) => { if (event.target === stage) dialog.close() })
    dialog.addEventListener("close", () => { dialog.remove(); first.focus() })
    document.body.append(dialog)
    turn(0)
    dialog.showModal()
  }
}

customElements.define("picture-grid", PictureGrid)
