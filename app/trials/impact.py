"""What a name would have hit: looked up in what was said lately, before it surprises anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

from app import organisations
from app.charter.compiled import company
from app.charter.engine import (
    Alias,
    Draft,
    OrganisationSpec,
    PolicySpec,
    alias_warnings,
    compile_policy,
    fold_text,
    sides_of,
)
from app.kernel import clock
from app.kernel.db import db
from app.kernel.ids import id_at
from app.posts.models import PUBLISHED, Entry, Revision

DAYS = 30
MOST = 20_000


@dataclass(frozen=True)
class Impact:
    """What one name would have hit, and why it may hit too much (codes)."""

    text: str
    messages: int
    spaces: int
    warnings: Sequence[str]


def impacts(aliases: Sequence[tuple[str, str]]) -> Sequence[Impact]:
    """Each name on its own, over what was published in thirty days (the newest 20,000 at most)."""
    said = _said() if aliases else []
    return [_impact(Alias(text, cast(Any, mode)), said) for text, mode in aliases]


def _impact(alias: Alias, said: Sequence[tuple[str, str, int]]) -> Impact:
    one = OrganisationSpec(id="x", roles=frozenset({"client"}), name=alias.text, name_mode=alias.mode)
    policy = compile_policy(PolicySpec((), (one,), company=company()))
    longest = max(fold_text(alias.text).split() or [""], key=len)
    now = clock.now()
    hits = [
        space_id
        for folded, text, space_id in said
        if longest in folded and sides_of(policy, Draft(body=text), now)
    ]
    return Impact(alias.text, len(hits), len(set(hits)), alias_warnings(alias, common_words()))


def _said() -> list[tuple[str, str, int]]:
    since = clock.now() - timedelta(days=DAYS)
    rows = (
        select(Revision.title, Revision.body, Entry.space_id)
        .join(Entry, Entry.revision_id == Revision.id)
        .where(Entry.id >= id_at(clock.micros(since)), Entry.created_at >= since, Entry.state == PUBLISHED)
        .order_by(Entry.id.desc())
        .limit(MOST)
    )
    found = ((f"{title}\n\n{body}", space_id) for title, body, space_id in db.session.execute(rows))
    return [(fold_text(text), text, space_id) for text, space_id in found]


@cache
def common_words() -> frozenset[str]:
    """Everyday words, months and first names of both languages, folded."""
    path = Path(organisations.__file__).with_name("common.txt")
    return frozenset(fold_text(word) for word in path.read_text(encoding="utf-8").split())
