"""Markdown to the HTML that every reader gets: made once, when written, and never touched again.

Raw tags and comments add nothing to what is shown, exactly as the charter engine reads it. bleach has the
last word: a short list of tags, links to http, https and mailto only, nothing that runs or styles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from bleach.sanitizer import Cleaner
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token
from markupsafe import Markup

TAGS = frozenset(
    "p br strong em s code pre blockquote ul ol li a h3 h4 h5 h6 hr table thead tbody tr th td".split()  # noqa: SIM905
)
LONGEST = 20_000
MENTION = re.compile(r"(?<![\w@./-])@([A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?)")
HASHTAG = re.compile(r"(?<![\w&/#])#([^\W\d_][\w-]{1,49})")
_MARK = re.compile(f"{MENTION.pattern}|{HASHTAG.pattern}")
_RAW_TAG = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)
_SCHEMES = frozenset({"http", "https", "mailto"})
_REL = "noopener noreferrer nofollow"


def to_html(body: str, mentioned: Mapping[str, int] | None = None) -> Markup:
    """Sanitised HTML of a Markdown text of at most 20,000 characters.

    `mentioned` maps the logins that resolved to the ids of their persons; other @words stay words.
    """
    tokens = _markdown.parse(body[:LONGEST])
    for token in tokens:
        if token.type == "inline" and token.children:
            token.children = _marked(token.children, mentioned or {})
    rendered = _markdown.renderer.render(tokens, _markdown.options, {})
    return Markup(_cleaner.clean(rendered))  # noqa: S704 - the one place where text becomes markup


def mentions(body: str) -> list[str]:
    """Logins written with an @, lower case, in order, each once."""
    return list(dict.fromkeys(found.group(1).lower() for found in MENTION.finditer(body)))


def hashtags(body: str) -> list[str]:
    """Words written with a #, in order, each once."""
    return list(dict.fromkeys(found.group(1) for found in HASHTAG.finditer(body)))


def excerpt(html: str, longest: int = 160) -> str:
    """The first words of rendered HTML, as plain text."""
    plain = " ".join(Markup(html).striptags().split())  # noqa: S704 - only to strip it
    return plain if len(plain) <= longest else plain[: longest - 1].rsplit(" ", 1)[0] + "…"


def _marked(children: Sequence[Token], mentioned: Mapping[str, int]) -> list[Token]:
    inside_link = 0
    result: list[Token] = []
    for child in children:
        inside_link += {"link_open": 1, "link_close": -1}.get(child.type, 0)
        if child.type == "text" and not inside_link:
            result.extend(_split(child.content, mentioned))
        else:
            result.append(child)
    return result


def _split(content: str, mentioned: Mapping[str, int]) -> list[Token]:
    result, end = [], 0
    for found in _MARK.finditer(content):
        target = _target(found, mentioned)
        if target:
            result += [_text(content[end : found.start()]), *_link(target, found.group(0))]
            end = found.end()
    return [*result, _text(content[end:])]


def _target(found: re.Match[str], mentioned: Mapping[str, int]) -> str:
    if found.group(2):
        return f"/search?q=%23{quote(found.group(2))}"
    person = mentioned.get(found.group(1).lower())
    return f"/people/{person}" if person else ""


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _link(target: str, label: str) -> list[Token]:
    opening = Token("link_open", "a", 1, attrs={"href": target})
    return [opening, _text(label), Token("link_close", "a", -1)]


def _raw_html(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    token = tokens[index]
    if token.type == "html_inline":
        return ""
    return f"<p>{escapeHtml(_RAW_TAG.sub('', token.content).strip())}</p>\n"


def _link_open(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    if not str(token.attrs.get("href", "")).startswith("/"):
        token.attrSet("rel", _REL)
    return str(renderer.renderToken(tokens, index, options, env))


def _heading(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
    return str(renderer.renderToken(tokens, index, options, env))


def _image(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    return escapeHtml(tokens[index].content)


def _is_safe(tag: str, name: str, value: str) -> bool:
    if tag == "a" and name == "href":
        if value.startswith("/") and not value.startswith(("//", "/\\")):
            return True
        try:
            return urlsplit(value.strip()).scheme.lower() in _SCHEMES
        except ValueError:
            return False
    if tag == "ol" and name == "start":
        return value.isdigit()
    return tag == "a" and name == "rel" and value == _REL


def _make_markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": True, "linkify": True, "breaks": True, "maxNesting": 12})
    markdown.enable(["linkify", "strikethrough", "table"])
    for name, rule in {
        "html_inline": _raw_html,
        "html_block": _raw_html,
        "link_open": _link_open,
        "heading_open": _heading,
        "heading_close": _heading,
        "image": _image,
    }.items():
        markdown.add_render_rule(name, rule)
    assert markdown.linkify is not None  # noqa: S101 - the library is installed with this one
    markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    return markdown


_markdown = _make_markdown()
_cleaner = Cleaner(
    tags=TAGS,
    attributes=_is_safe,
    protocols=_SCHEMES,
    strip=True,
    strip_comments=True,
)
