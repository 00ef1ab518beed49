// The box in which a post is written: unfolds, formats, previews, takes files, says who will see it.
import { fetchFragment } from "../lib/http.js"
import { elementOf } from "../lib/html.js"
import { insert, link, prefix, wrap } from "../lib/markdown.js"
import { toast } from "../lib/toast.js"
import { upload } from "../lib/upload.js"
import { word } from "../lib/words.js"
import { WritingElement } from "../lib/writing.js"

export class PostComposer extends WritingElement {
  connectedCallback() {
    this.fold = this.querySelector("details")
    this.files = this.querySelector(".composer__files")
    this.preview = this.querySelector(".composer__preview")
    this.left = this.querySelector(".composer__left")
    super.connectedCallback()
    this.dataset.live = ""
    const until = { signal: this.ends.signal }
    this.querySelector(".tools").hidden = false
    if (this.fold.open && this.contains(document.activeElement)) this.box.focus()
    this.querySelector(".tools").addEventListener("click", (event) => this.#tool(event.target.closest("button")), until)
    this.querySelector("[name='files']").addEventListener("change", (event) => this.#take(event.target), until)
    this.form.elements.space_id.addEventListener("change", () => this.#audience(), until)
    this.querySelector("summary").addEventListener("click", (event) => { if (!this.fold.open) { event.preventDefault(); this.open() } }, until)
    this.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.defaultPrevented) this.#close() }, until)
    this.files.querySelectorAll("[data-drop-file]").forEach((button) => { button.hidden = false })
    this.files.addEventListener("click", (event) => this.#remove(event.target.closest("[data-drop-file]")), until)
    this.box.addEventListener("paste", (event) => this.#drop(event, event.clipboardData), until)
    this.addEventListener("dragover", (event) => { event.preventDefault(); this.dataset.drop = "" }, until)
    this.addEventListener("dragleave", () => delete this.dataset.drop, until)
    this.addEventListener("drop", (event) => { delete this.dataset.drop; this.#drop(event, event.dataTransfer) }, until)
  }

  /** Unfolds and takes the focus. */
  open() { this.fold.open = true; this.box.focus() }

  fields() {
    const data = new FormData(this.form)
    return { ...super.fields(), type: data.get("type") ?? "post", attachments: data.getAll("attachments") }
  }

  typed() {
    super.typed()
    const rest = Number(this.dataset.limit) - this.box.value.length
    this.left.hidden = rest > 500
    this.left.textContent = word("characters_left", Math.max(rest, 0))
  }

  busy() { return [...this.files.children].some((item) => item.pending) }

  data(submitter) {
    const data = super.data(submitter)
    data.delete("files")
    return data
  }

  clear() {
    super.clear()
    this.files.replaceChildren()
    this.left.hidden = true
    this.#write()
    this.#audience()
    this.fold.open = false
  }

  arrived(fragment) {
    const card = fragment.querySelector("post-card")
    const notes = fragment.querySelectorAll("toast-note")
    document.getElementById("flash")?.append(...notes)
    if (card) this.dispatchEvent(new CustomEvent("post:sent", { bubbles: true, detail: card }))
    else if (fragment.firstElementChild) { this.after(fragment); this.nextElementSibling.focus?.() }
  }

  restored(kept) {
    if (kept.space_id && [...this.form.elements.space_id.options].some((option) => option.value === kept.space_id)) this.form.elements.space_id.value = kept.space_id
    this.#audience()
    this.fold.open = true
  }

  #audience() {
    const chosen = this.form.elements.space_id.selectedOptions[0]
    this.querySelector(".composer__audience span").textContent = chosen?.dataset.audience ?? ""
    this.hints.changed()
  }

  #close() {
    this.fold.open = false
    this.querySelector("summary").focus()
  }

  #tool(button) {
    if (!button) return
    const { wrap: around, line, insert: text } = button.dataset
    if ("preview" in button.dataset) return this.#toggle(button)
    if (around) wrap(this.box, around)
    else if (line) prefix(this.box, line)
    else if (text) insert(this.box, text)
    else if ("link" in button.dataset) link(this.box)
  }

  async #toggle(button) {
    if (!this.preview.hidden) return this.#write()
    const body = new URLSearchParams({ body: this.box.value, space_id: this.form.elements.space_id.value })
    const token = this.form.elements.csrf?.value
    if (token) body.set("csrf", token)
    try {
      this.preview.replaceChildren(await fetchFragment("/preview", { method: "POST", body }))
      this.preview.hidden = false
      this.box.hidden = true
      button.setAttribute("aria-pressed", "true")
    } catch {
      toast(word("failed"), { tone: "bad" })
    }
  }

  #write() {
    this.preview.hidden = true
    this.box.hidden = false
    this.querySelector("[data-preview]").setAttribute("aria-pressed", "false")
  }

  #take(input) {
    this.#add(input.files)
    input.value = ""
  }

  #drop(event, from) {
    const files = [...(from?.files ?? [])]
    if (!files.length) return
    event.preventDefault()
    this.fold.open = true
    this.#add(files)
  }

  #remove(button) {
    button?.closest("li").remove()
    if (button) this.typed()
  }

  #add(files) {
    for (const file of files) {
      const item = upload(file, { limit: Number(this.dataset.maxBytes), changed: () => this.typed() })
      item.addEventListener("gone", () => this.typed())
      this.files.append(item)
    }
  }
}

customElements.define("post-composer", PostComposer)
