// The only place where text from our own server becomes nodes.

const rules = {
  createHTML: (text) => text,
  createScriptURL: (address) => {
    if (address !== "/sw.js") throw new TypeError("Only the service worker may be loaded by address.")
    return address
  },
}
const policy = globalThis.trustedTypes?.createPolicy("parvis", rules) ?? rules

/** The nodes of an answer; scripts in it never run. */
export function nodesOf(text) {
  const parsed = new DOMParser().parseFromString(policy.createHTML(text), "text/html")
  const fragment = document.createDocumentFragment()
  fragment.append(...parsed.head.childNodes, ...parsed.body.childNodes)
  return fragment
}

/** The first element of an answer. */
export const elementOf = (text) => nodesOf(text).firstElementChild

/** The address of the service worker, as the browser wants it. */
export const workerAddress = () => policy.createScriptURL("/sw.js")

/** A small element with attributes and children, for what only exists on this side. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "")
    else if (value !== false && value != null) element.setAttribute(name, value)
  }
  element.append(...children.filter((child) => child != null))
  return element
}

/** One drawing of the sprite. */
export function icon(name, size = "") {
  const space = "http://www.w3.org/2000/svg"
  const svg = document.createElementNS(space, "svg")
  svg.setAttribute("class", size ? `icon icon--${size}` : "icon")
  svg.setAttribute("aria-hidden", "true")
  const use = document.createElementNS(space, "use")
  use.setAttribute("href", `/static/icons.svg#${name}`)
  svg.append(use)
  return svg
}
