// One file on its way: progress, cancel, and a place to describe a picture.
import { icon, make } from "./html.js"
import { word } from "./words.js"

/** A list item that uploads `file`; `changed()` is called when it ends, either way. */
export function upload(file, { limit, changed }) {
  const item = frame(file)
  if (limit && file.size > limit) return fail(item, word("too_big"))
  const request = new XMLHttpRequest()
  const bar = make("progress", { class: "progress", max: 1, value: 0, "aria-label": file.name })
  item.querySelector(".upload__words").append(bar)
  item.pending = true
  item.cancel = () => request.abort()
  request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total })
  request.addEventListener("loadend", () => {
    item.pending = false
    bar.remove()
    if (request.status === 201 || request.status === 200) arrive(item, JSON.parse(request.responseText), file)
    else if (item.isConnected) fail(item, problemOf(request))
    changed()
  })
  request.open("POST", "/api/v1/files")
  request.setRequestHeader("Accept", "application/json")
  const data = new FormData()
  data.append("file", file, file.name)
  request.send(data)
  return item
}

function frame(file) {
  const thumb = make("span", { class: "upload__thumb" }, icon(file.type.startsWith("image/") ? "image" : "file-text"))
  const words = make("span", { class: "upload__words" }, make("span", { class: "upload__name" }, file.name))
  const cancel = make("button", { class: "icon-button", type: "button", "aria-label": `${word("remove")} ${file.name}`, title: word("remove") }, icon("close"))
  const item = make("li", { class: "upload" }, thumb, words, cancel)
  cancel.addEventListener("click", () => { item.cancel?.(); item.remove(); item.dispatchEvent(new Event("gone")) })
  return item
}

function arrive(item, stored, file) {
  const words = item.querySelector(".upload__words")
  words.append(make("input", { type: "hidden", name: "attachments", value: stored.id }))
  if (stored.kind !== "image") return
  const label = word("describe")
  words.append(make("input", { class: "upload__alt", name: `alt-${stored.id}`, placeholder: label, "aria-label": `${label} (${file.name})`, maxlength: 300 }))
  if (stored.thumb_url) item.querySelector(".upload__thumb").replaceChildren(make("img", { src: stored.thumb_url, alt: "" }))
}

function fail(item, sentence) {
  item.querySelector(".upload__words").append(make("span", { class: "upload__error", role: "alert" }, sentence))
  return item
}

function problemOf(request) {
  try { return problemText(JSON.parse(request.responseText)) } catch { return word("upload_failed") }
}

function problemText({ title, fields }) { return Object.values(fields ?? {}).join(" ") || title || word("upload_failed") }
