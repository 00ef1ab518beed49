// What the charter says about a text: while it is written, and when it is refused.
import { call } from "./http.js"
import { icon, make } from "./html.js"

const PAUSE = 700
const SHORTEST = 12

/** Asks the charter about `fields()` when the typing pauses; shows its findings in `area`. */
export function hintsFor(area, fields) {
  let timer
  let turn = 0
  const look = async () => {
    const { body, title, space_id, post_id } = fields()
    if (body.trim().length < SHORTEST) return area.replaceChildren()
    const mine = ++turn
    const answer = await call("POST", "/api/v1/charter/evaluate", { body, title: title || undefined, space_id: space_id || undefined, post_id: post_id || undefined }).catch(() => null)
    if (answer && mine === turn && !area.querySelector("[name='nudge_token']")) showFindings(area, answer.findings ?? [])
  }
  return {
    changed() { clearTimeout(timer); timer = setTimeout(look, PAUSE) },
    stop() { clearTimeout(timer); turn++ },
  }
}

/** Shows findings, strictest first, each with its clause. */
export function showFindings(area, findings) {
  area.replaceChildren(...findings.filter((finding) => finding.message).map(hint))
}

/** The way on after a nudge: a word of explanation and the same button. */
export function offerToGoOn(area, token, words) {
  const reason = make("label", {}, words.reason, make("input", { class: "input", name: "justification", maxlength: 300 }))
  area.append(make("div", { class: "hint__go-on" }, make("input", { type: "hidden", name: "nudge_token", value: token }),
    reason, make("button", { class: "button button--plain button--sm" }, words.go)))
}

function hint(finding) {
  const lines = [make("p", {}, finding.message)]
  if (finding.quote) lines.push(make("p", { class: "hint__quote" }, finding.quote))
  if (finding.suggestion) lines.push(make("p", {}, finding.suggestion))
  const { clause } = finding
  if (clause) lines.push(make("p", {}, make("a", { href: `/charter#clause-${clause}`, target: "_blank", rel: "noopener" }, `${clause} ${finding.clause_title ?? ""}`)))
  return make("div", { class: `hint hint--${finding.action}` }, icon(finding.action === "block" ? "warning" : "book", "sm"), make("div", {}, ...lines))
}
