// The sentences of the page's language, written into it by the server.

const words = JSON.parse(document.getElementById("words")?.textContent || "{}")
const plural = new Intl.PluralRules(document.documentElement.lang || "fr")

/** A sentence by name; with a number, its right plural form. */
export function word(name, n) {
  const found = words[name] ?? name
  if (!Array.isArray(found)) return found
  return found[plural.select(n) === "one" ? 0 : 1].replace("{n}", n.toLocaleString(document.documentElement.lang))
}
