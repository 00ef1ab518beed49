"""Hashtags as one writes them: those already used where the writer reads, the most usual first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from app.kernel.db import db
from app.kernel.text import hashtags
from app.people.actor import Actor
from app.posts.models import PUBLISHED, Entry
from app.posts.policy import visible_to
from app.search import index, words
from app.search.models import ENTRY, SearchDocument
from app.spaces.models import Space
from app.spaces.queries import readable_ids

COMPLETIONS, LOOKED_AT = 8, 200


def complete_tags(actor: Actor, typed: str, space: Space | None) -> Sequence[str]:
    """Tags that begin with what was typed, of what was said lately in a space that the actor reads; of
    several, by how often. Without a space, of every one they read.
    """
    beginning = words.fold(typed)
    spaces = [space.id] if space is not None else readable_ids(actor)
    if not spaces:
        return []
    used: Counter[str] = Counter()
    spelt: dict[str, str] = {}
    for text in _said(actor, beginning, spaces):
        for tag in hashtags(text):
            key = words.fold(tag)
            if key.startswith(beginning):
                used[key] += 1
                spelt.setdefault(key, tag)
    return [spelt[key] for key, _count in sorted(used.items(), key=lambda one: (-one[1], one[0]))][
        :COMPLETIONS
    ]


def _said(actor: Actor, beginning: str, spaces: Sequence[int]) -> Sequence[str]:
    """Texts with such a tag that the actor may see, the newest first."""
    terms = [(f"{words.HASHTAGS}{beginning}*",)]
    few = len(spaces) <= words.MOST_SPACE_TOKENS
    here = [tuple(words.space_token(one) for one in spaces)] if few else []
    rows = index.documents([*terms, *here], SearchDocument.title, SearchDocument.text)
    rows = rows.join(Entry, Entry.id == SearchDocument.subject_id)
    rows = rows.where(SearchDocument.kind == ENTRY, Entry.state == PUBLISHED, visible_to(actor))
    found = db.session.execute(rows.order_by(index.number().desc()).limit(LOOKED_AT))
    return [f"{row.title}\n{row.text}" for row in found]
