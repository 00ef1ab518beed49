// Ctrl/⌘ K: go anywhere by its name, find a colleague, start a post.
import { call } from "../lib/http.js"
import { icon, make } from "../lib/html.js"
import { word } from "../lib/words.js"

const GLYPHS = { person: "person", space: "spaces", post: "comment", file: "file-text", tag: "hash", clause: "book" }
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()

export class CommandPalette extends HTMLElement {
  connectedCallback() {
    this.dialog = make("dialog", { class: "dialog palette", "aria-label": word("jump") })
    this.input = make("input", { class: "palette__input", type: "text", role: "combobox", placeholder: word("jump"), "aria-label": word("jump"), "aria-expanded": "true", "aria-controls": "palette-list", autocomplete: "off", spellcheck: "false" })
    this.list = make("ul", { class: "palette__list", id: "palette-list", role: "listbox", "aria-label": word("jump") })
    this.dialog.append(make("div", { class: "palette__top" }, icon("search"), this.input, make("kbd", {}, "Esc")), this.list)
    this.append(this.dialog)
    this.input.addEventListener("input", () => this.#look())
    this.dialog.addEventListener("keydown", (event) => this.#key(event))
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.dialog.close() })
    this.list.addEventListener("click", (event) => this.#go(event.target.closest("[role=option]")))
  }

  /** Opens it, empty. */
  open() {
    if (this.dialog.open) return this.dialog.close()
    this.places = places()
    this.input.value = ""
    this.#look()
    this.dialog.showModal()
    this.input.focus()
  }

  #look() {
    const typed = this.input.value.trim()
    const near = this.places.filter(({ title }) => fold(title).includes(fold(typed)))
    this.#show(near, typed)
    clearTimeout(this.timer)
    if (typed.length > 1) this.timer = setTimeout(() => this.#ask(typed, near), 180)
  }

  async #ask(typed, near) {
    const answer = await call("GET", `/search/suggest?${new URLSearchParams({ q: typed })}`).catch(() => null)
    if (!answer || typed !== this.input.value.trim()) return
    const known = new Set(near.map(({ href }) => href))
    const found = answer.items.filter(({ href }) => !known.has(href)).map((item) => ({ ...item, glyph: GLYPHS[item.kind] ?? "search" }))
    this.#show([...near, ...found], typed)
  }

  #show(items, typed) {
    const all = typed ? [...items, { title: `${word("search_for")} · ${typed}`, href: `/search?${new URLSearchParams({ q: typed })}`, glyph: "search" }] : items
    this.list.replaceChildren(...all.slice(0, 12).map((item, at) => option(item, at)))
    this.#mark(0)
  }

  #key(event) {
    const options = [...this.list.children]
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) { event.preventDefault(); this.#mark((this.now + step + options.length) % options.length) }
    if (event.key === "Enter") { event.preventDefault(); this.#go(options[this.now]) }
  }

  #mark(index) {
    this.now = index;
    [...this.list.children].forEach((item, at) => { item.ariaSelected = String(at === index) })
    const chosen = this.list.children[index]
    chosen?.scrollIntoView({ block: "nearest" })
    this.input.setAttribute("aria-activedescendant", chosen?.id ?? "")
  }

  #go(item) {
    if (!item) return
    this.dialog.close()
    if (item.dataset.act) actions[item.dataset.act]()
    else location.assign(item.dataset.href)
  }
}

const actions = {
  post() {
    const composer = document.querySelector("post-composer")
    if (composer) composer.open()
    else location.assign("/?write=1")
  },
}

function places() {
  const links = [...document.querySelectorAll(".rail .nav__link, .rail__me")]
  const found = links.map((link) => ({ title: (link.querySelector(".nav__label, .truncate") ?? link).textContent.trim(), href: link.getAttribute("href"), glyph: link.querySelector("use").getAttribute("href").split("#")[1] }))
  return [{ title: word("new_post"), act: "post", glyph: "pencil" }, ...found]
}

function option({ title, about, href, glyph, act }, at) {
  return make("li", { role: "option", id: `palette-${at}`, class: "palette__item", "data-href": href, "data-act": act }, icon(glyph), make("span", { class: "palette__title" }, title), about ? make("span", { class: "palette__about" }, about) : null)
}

customElements.define("command-palette", CommandPalette)
