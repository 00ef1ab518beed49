// What differs per reader about the entries on the page: {id: {mine, bookmarked, followed, can_comment, …}}.

const known = new Map()
export const marks = new EventTarget()

/** What is known about an entry; an empty object when nothing is. */
export const marksOf = (id) => known.get(String(id)) ?? {}

/** Learns marks and tells the elements that show them. */
export function learn(more) {
  for (const [id, about] of Object.entries(more)) known.set(id, { ...known.get(id), ...about })
  marks.dispatchEvent(new CustomEvent("change", { detail: Object.keys(more) }))
}

/** Takes the marks out of a fragment that brought them along. */
export function learnFrom(root) {
  for (const block of root.querySelectorAll("script[data-marks]")) {
    learn(JSON.parse(block.textContent || "{}"))
    block.remove()
  }
}

learn(JSON.parse(document.getElementById("marks")?.textContent || "{}"))
