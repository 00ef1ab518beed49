// The box in which a comment is written, on the post's page or under a card.
import { send } from "../lib/live.js"
import { WritingElement } from "../lib/writing.js"

const EVERY = 3000

export class CommentForm extends WritingElement {
  connectedCallback() {
    super.connectedCallback()
    const until = { signal: this.ends.signal }
    this.querySelector("[data-unreply]").addEventListener("click", () => this.replyTo("", ""), until)
  }

  typed() {
    super.typed()
    if (Date.now() - (this.told ?? 0) < EVERY || !this.box.value.trim()) return
    this.told = Date.now()
    send("typing", { post_id: Number(this.dataset.post) })
  }

  /** Answers a comment, or the post itself when the id is empty. */
  replyTo(id, name) {
    this.form.elements.parent_id.value = id
    this.querySelector("[data-to]").textContent = name
    this.querySelector(".comment-form__to").hidden = !id
    this.box.focus()
  }

  fields() {
    const card = this.closest("post-card") ?? this.closest("live-thread")?.querySelector("post-card")
    return { ...super.fields(), space_id: card?.dataset.space ?? "" }
  }

  clear() {
    super.clear()
    this.replyTo("", "")
  }

  arrived(fragment) {
    const comment = fragment.querySelector("article.comment")
    if (comment) this.dispatchEvent(new CustomEvent("comment:sent", { bubbles: true, detail: comment }))
    else if (fragment.firstElementChild) this.before(fragment)
  }
}

/** A fresh form for a post, from the page's template. */
export function commentFormFor(postId) {
  const form = document.getElementById("comment-form-template")?.content.firstElementChild?.cloneNode(true)
  if (!form) return null
  form.removeAttribute("id")
  form.dataset.place = `comment-${postId}`
  form.dataset.post = postId
  form.querySelector("form").action = `/posts/${postId}/comments`
  return form
}

customElements.define("comment-form", CommentForm)
