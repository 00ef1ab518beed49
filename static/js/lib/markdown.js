// Markdown shortcuts for a text box: around a selection, in front of lines, links.

/** Puts `mark` around the selection, or takes it away again. */
export function wrap(box, mark) {
  const [start, end] = [box.selectionStart, box.selectionEnd]
  const chosen = box.value.slice(start, end)
  const around = box.value.slice(start - mark.length, start) === mark && box.value.slice(end, end + mark.length) === mark
  if (around) write(box, chosen, start - mark.length, end + mark.length, 0, chosen.length)
  else write(box, mark + chosen + mark, start, end, mark.length, chosen.length)
}

/** Puts `mark` in front of every chosen line. */
export function prefix(box, mark) {
  const start = box.value.lastIndexOf("\n", box.selectionStart - 1) + 1
  const lines = box.value.slice(start, box.selectionEnd).split("\n")
  const numbered = mark === "1. "
  const done = lines.map((line, at) => (numbered ? `${at + 1}. ` : mark) + line).join("\n")
  write(box, done, start, box.selectionEnd, done.length, 0)
}

/** Makes a link of the selection; the address is what remains to be typed. */
export function link(box) {
  const chosen = box.value.slice(box.selectionStart, box.selectionEnd)
  const isAddress = /^https?:\/\/\S+$/.test(chosen)
  const text = isAddress ? `[](${chosen})` : `[${chosen}](https://)`
  write(box, text, box.selectionStart, box.selectionEnd, isAddress ? 1 : text.length - 1, 0)
}

/** Continues a list on Enter, ends it on an empty item. */
export function continueList(box, event) {
  const start = box.value.lastIndexOf("\n", box.selectionStart - 1) + 1
  const match = /^(\s*)([-*]|(\d+)\.|>)\s(.*)$/.exec(box.value.slice(start, box.selectionStart))
  if (!match || box.selectionStart !== box.selectionEnd) return
  event.preventDefault()
  if (!match[4]) return write(box, "", start, box.selectionStart, 0, 0)
  const next = match[3] ? `${Number(match[3]) + 1}.` : match[2]
  const text = `\n${match[1]}${next} `
  write(box, text, box.selectionStart, box.selectionStart, text.length, 0)
}

/** Plain insertion at the caret. */
export function insert(box, text) { write(box, text, box.selectionStart, box.selectionEnd, text.length, 0) }

function write(box, text, start, end, offset, length) {
  const at = Math.max(start, 0)
  box.focus()
  box.setRangeText(text, at, end, "end")
  box.setSelectionRange(at + offset, at + offset + length)
  box.dispatchEvent(new Event("input", { bubbles: true }))
}
