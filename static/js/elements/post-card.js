// A post: saving, reading on, and replacing itself when it changes, without losing what is written under it.
import { call } from "../lib/http.js"
import { nodesOf } from "../lib/html.js"
import { listen } from "../lib/live.js"
import { marks, marksOf, learn } from "../lib/marks.js"
import { toast } from "../lib/toast.js"
import { word } from "../lib/words.js"
import { commentFormFor } from "./comment-form.js"

export class PostCard extends HTMLElement {
  connectedCallback() {
    this.entry = this.dataset.entry
    this.ends = new AbortController()
    const until = { signal: this.ends.signal }
    this.addEventListener("click", (event) => this.#click(event), until)
    this.addEventListener("focusin", (event) => { if (event.target.closest(".card__body--clamp")) this.#readOn() }, until)
    this.addEventListener("comment:sent", (event) => this.#comment(event.detail), until)
    marks.addEventListener("change", (event) => { if (event.detail.includes(this.entry)) this.#mark() }, until)
    this.hangUp = listen({
      "post.changed": ({ post_id, html }) => { if (String(post_id) === this.entry) this.#replace(html) },
      "post.removed": ({ post_id }) => { if (String(post_id) === this.entry) this.#leave() },
      "comment.created": ({ post_id, html, comment_count }) => { if (String(post_id) === this.entry) this.#comment(nodesOf(html).querySelector("article"), comment_count) },
      "comment.changed": ({ comment_id, html }) => this.#comment(this.querySelector(`#comment-${comment_id}`) && nodesOf(html).querySelector("article")),
      "comment.removed": ({ comment_id }) => { if (this.querySelector(`#comment-${comment_id}`)) { this.querySelector(`#comment-${comment_id}`).remove(); this.#count(this.#shown - 1) } },
    })
    this.#mark()
  }

  disconnectedCallback() {
    this.ends.abort()
    this.hangUp()
  }

  #click(event) {
    const target = event.target.closest("a, button")
    if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return
    if ("readOn" in target.dataset) this.#readOn()
    else if ("say" in target.dataset) this.#say(target)
    else if ("reply" in target.dataset && !this.closest("live-thread")) this.#say(this.querySelector("[data-say]"), target.dataset)
    else if ("save" in target.dataset) return this.#save(target)
    else return
    if (!event.defaultPrevented) event.preventDefault()
  }

  #readOn() {
    this.querySelector(".card__body--clamp")?.classList.remove("card__body--clamp")
    this.querySelector(".card__read-on")?.remove()
  }

  #say(link, { reply = "", name = "" } = {}) {
    let form = this.querySelector("comment-form")
    if (!form) {
      form = commentFormFor(this.entry)
      if (!form) return location.assign(`/posts/${this.entry}#comment-form`)
      link.hidden = true
      this.querySelector(".card__thread").append(form)
    }
    form.replyTo(reply, name)
  }

  async #save(button) {
    const on = button.getAttribute("aria-pressed") !== "true"
    learn({ [this.entry]: { bookmarked: on } })
    try {
      await call(on ? "PUT" : "DELETE", `/api/v1/posts/${this.entry}/bookmark`)
    } catch {
      learn({ [this.entry]: { bookmarked: !on } })
      toast(word("failed"), { tone: "bad" })
    }
  }

  #mark() {
    const mine = marksOf(this.entry)
    const save = this.querySelector("[data-save]")
    save.hidden = false
    save.setAttribute("aria-pressed", String(Boolean(mine.bookmarked)))
    const say = this.querySelector("[data-say]")
    if (say && mine.can_comment === false) say.hidden = true
  }

  #replace(html) {
    const fresh = nodesOf(html ?? "").querySelector("post-card")
    if (!fresh || Number(fresh.dataset.version) < Number(this.dataset.version)) return
    const whole = !this.querySelector(".card__thread")
    if (whole) fresh.querySelector(".card__thread")?.remove()
    if (!this.querySelector(".card__read-on")) {
      fresh.querySelector(".card__body--clamp")?.classList.remove("card__body--clamp")
      fresh.querySelector(".card__read-on")?.remove()
    }
    this.dataset.version = fresh.dataset.version
    this.querySelector(":scope > article").replaceWith(fresh.querySelector(":scope > article"))
    this.#mark()
  }

  #comment(comment, count = this.#shown + 1) {
    if (!comment) return
    if (this.closest("live-thread")) return this.#count(count)
    const shown = this.querySelector(`#${comment.id}`)
    if (shown) return shown.replaceWith(comment)
    comment.classList.add("comment--fresh")
    this.querySelector(".card__last")?.append(comment)
    this.#count(count)
  }

  get #shown() { return Number(this.querySelector(".card__count").dataset.count) }

  #count(count) {
    const counter = this.querySelector(".card__count")
    counter.dataset.count = count
    counter.textContent = count ? word("comments", count) : word("comment")
  }

  #leave() {
    if (this.closest("live-thread")) { toast(word("removed"), { tone: "warn", stay: true }); this.classList.add("card--gone"); this.inert = true } else this.remove()
  }
}

customElements.define("post-card", PostCard)
