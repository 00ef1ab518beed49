"""The unit of a draft: everything that its readers would see, in one document."""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import unquote

from .document import Builder, Document, Link, Piece, Role, masked
from .draft import Attachment, Draft, Mention, Neighbour
from .fold import BREAK
from .markdown import add_plain, read_markdown

_URL: Final = re.compile(r"(?:(?:https?|ftp)://|www\.)[^\s<>\"\ufffc]+", re.IGNORECASE)
_HOST: Final = re.compile(
    r"(?<![\w@.\-/])(?:\w(?:[\w\-]{0,61}\w)?\.){1,8}[^\W\d_]{2,24}\.?(?![\w@\-])(?:[:/?#][^\s<>\"]*)?"
)
_HOST_LIKELY: Final = re.compile(r"\w\.[^\W\d_]{2}")
_TRAILING: Final = ".,;:!?'\"»)]}*_"


def own_document(draft: Draft) -> Document:
    """What the draft itself says, in every place where it can say something."""
    builder = Builder()
    _plain(builder, draft.title, "title", "title")
    read_markdown(builder, draft.body, "body")
    _add_attachments(builder, draft.attachments)
    for number, option in enumerate(draft.poll):
        _plain(builder, option, f"poll:{number}", "poll")
    for number, tag in enumerate(draft.hashtags):
        _plain(builder, tag if tag.startswith("#") else f"#{tag}", f"hashtag:{number}", "hashtag")
    return _finished(builder, draft.mentions)


def neighbour_document(neighbour: Neighbour) -> Document:
    """What another entry of the thread says."""
    builder = Builder()
    _plain(builder, neighbour.title, "title", "title")
    read_markdown(builder, neighbour.text, "body")
    _add_attachments(builder, neighbour.attachments)
    return _finished(builder, neighbour.mentions)


def _plain(builder: Builder, text: str, part: str, role: Role) -> None:
    add_plain(builder, text, part, role, 0, len(text))
    builder.block()


def _add_attachments(builder: Builder, attachments: Sequence[Attachment]) -> None:
    for number, attachment in enumerate(attachments):
        part = f"attachment:{number}"
        _plain(builder, attachment.name, f"{part}:name", "name")
        _plain(builder, attachment.alt, f"{part}:alt", "alt")
        _plain(builder, attachment.text, f"{part}:text", "file")
        for member in attachment.members:
            _plain(builder, member.name, f"{part}:member", "name")


def _finished(builder: Builder, mentions: Iterable[Mention]) -> Document:
    document = builder.build()
    document.text = masked(document.text, _mention_spans(document.text, mentions))
    _find_addresses(document)
    return document


def _mention_spans(text: str, mentions: Iterable[Mention]) -> list[tuple[int, int]]:
    """Where resolved accounts are named; an account counts as itself, never by its letters."""
    handles = sorted({mention.handle.lstrip("@") for mention in mentions} - {""}, key=len, reverse=True)
    if not handles or "@" not in text:
        return []
    wanted = re.compile(rf"(?<![\w@])@(?:{'|'.join(map(re.escape, handles))})(?![\w\-]|\.\w)", re.IGNORECASE)
    return [found.span() for found in wanted.finditer(text)]


def _find_addresses(document: Document) -> None:
    """Addresses written out in the text are links too, with or without their scheme."""
    text, spans = document.text, []
    explicit = {(link.start, link.end) for link in document.links}
    for found in _URL.finditer(text):
        start, end = found.start(), found.start() + len(_trimmed(found.group()))
        spans.append((start, end))
        if (start, end) not in explicit:
            document.links.append(Link(text[start:end], start, end))
    document.link_spans = spans
    for found in _HOST.finditer(text) if _HOST_LIKELY.search(text) else ():
        start, end = found.start(), found.start() + len(_trimmed(found.group()))
        if not document.is_link(start, start + 1) and (start, end) not in explicit:
            document.links.append(Link(text[start:end], start, end, explicit=False))
    _add_decoded(document)


def _add_decoded(document: Document) -> None:
    """What a written address says once its percent signs are read, in the same place of the source."""
    for start, end in document.link_spans:
        piece = document.piece_at(start)
        place = document.place(start, end)
        if piece is None or place is None or piece.role == "link" or "%" not in document.text[start:end]:
            continue
        text, at = unquote(document.text[start:end]), len(document.text)
        document.pieces.append(Piece(at, at + len(text), place.part, "link", place.start, place.end))
        document.starts.append(at)
        document.text += text + BREAK


def _trimmed(url: str) -> str:
    """Without the punctuation of the sentence around it; a closing bracket stays if it was opened inside."""
    end, unopened = len(url), url.count(")") - url.count("(")
    while end and url[end - 1] in _TRAILING and not (url[end - 1] == ")" and unopened <= 0):
        end -= 1
        unopened -= url[end] == ")"
    return url[:end]
