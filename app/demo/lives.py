"""Three months of life, entered act by act in the order of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, insert, select, update

from app.demo import lawbook
from app.demo.chance import chance
from app.demo.company import Comment, Company, File, Post, Reaction, Report
from app.demo.houses import House
from app.demo.quiet import make_findable, quietly
from app.files import actions as files
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Nudge
from app.moderation import actions as moderation
from app.notifications.models import Notification
from app.people.actor import Actor
from app.posts import actions as posts
from app.posts import policy
from app.posts.inputs import Written
from app.posts.models import HELD, PUBLISHED, Entry
from app.posts.models import Reaction as Sign
from app.posts.queries import entry_by_id
from app.spaces.models import Space

Act = tuple[datetime, Callable[[], object]]
PINNED_AFTER = timedelta(minutes=4)
READ_BEFORE = timedelta(hours=30)
BOOKMARKS = 5
FORGETS = 25
LATELY = timedelta(days=4)
TOLD = timedelta(days=12)
MEANT = "Vu, je publie tout de même."


def live(firm: Company, house: House) -> list[str]:
    """Enter everything that was said and done; what came out otherwise than expected."""
    life = _Life(firm, house)
    acts = sorted(life.acts(), key=lambda pair: pair[0])
    old = [pair for pair in acts if pair[0] < firm.now - TOLD]
    with quietly():
        life.enter(old)
    life.enter(acts[len(old) :])
    life.enter_old_reactions()
    _read_old_news(firm)
    make_findable()
    return life.surprises


def _read_old_news(firm: Company) -> None:
    """People read what they were told, but for the last day."""
    old = update(Notification).where(Notification.created_at < firm.now - READ_BEFORE)
    db.session.execute(old.values(read_at=Notification.created_at))


def _count_signs(entry_ids: Collection[int]) -> None:
    """Entries know how many signs of each name stand under them."""
    counts = defaultdict[int, dict[str, int]](dict)
    grouped = select(Sign.entry_id, Sign.name, func.count()).group_by(Sign.entry_id, Sign.name)
    for entry_id, name, count in db.session.execute(grouped):
        if entry_id in entry_ids:
            counts[entry_id][name] = count
    db.session.execute(update(Entry), [{"id": id_, "reaction_counts": told} for id_, told in counts.items()])


@dataclass
class _Life:
    firm: Company
    house: House
    surprises: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    near: dict[str, Entry] = field(default_factory=dict)
    old: list[tuple[str, Reaction]] = field(default_factory=list)

    def enter(self, acts: Sequence[Act]) -> None:
        """Do each at its moment."""
        for turn, (at, act) in enumerate(acts):
            if turn % FORGETS == 0:
                self.forget()
            with clock.at(at):
                act()

    def forget(self) -> None:
        """Let go of what was loaded: the session compares each change with everything that it holds."""
        db.session.flush()
        db.session.expunge_all()
        self.near.clear()

    def acts(self) -> Iterator[Act]:
        """Every act with its moment; of the same moment, in this order."""
        yield from lawbook.versions(self.firm, self.house.actors)
        yield from lawbook.acceptances(self.firm, self.house.actors, self._spoken())
        for post in self.firm.posts:
            yield post.at, partial(self._publish, post)
            yield from self._around(post, post)
            for comment in post.comments:
                yield comment.at, partial(self._comment, post, comment)
                yield from self._around(post, comment)
            for edit in post.edits:
                yield edit.at, partial(self._edit, post, edit.body)
            if post.pinned:
                yield post.at + PINNED_AFTER, partial(self._pin, post)
        yield from self._bookmarks()

    def enter_old_reactions(self) -> None:
        """Signs given long ago, as rows: nobody is to hear of them any more."""
        rows: list[dict[str, Any]] = [
            {
                "entry_id": self.numbers[key],
                "person_id": self.house.actors[reaction.login].id,
                "name": reaction.name,
                "created_at": reaction.at,
            }
            for key, reaction in self.old
        ]
        self.forget()
        if rows:
            db.session.execute(insert(Sign), rows)
            _count_signs({row["entry_id"] for row in rows})

    def _spoken(self) -> dict[str, list[datetime]]:
        """When each person wrote."""
        spoken = defaultdict[str, list[datetime]](list)
        for post in self.firm.posts:
            entries: tuple[Post | Comment, ...] = (post, *post.comments)
            for entry in entries:
                spoken[entry.author].append(entry.at)
            spoken[post.author].extend(edit.at for edit in post.edits)
        return spoken

    def _around(self, post: Post, said: Post | Comment) -> Iterator[Act]:
        for reaction in said.reactions:
            if reaction.at < self.firm.now - LATELY:
                self.old.append((said.key, reaction))
                continue
            yield reaction.at, partial(self._react, said.key, reaction.login, reaction.name)
        for report in said.reports:
            yield report.at, partial(self._report, said.key, report)

    def _publish(self, post: Post) -> None:
        author = self._actor(post.author)
        space = db.session.get_one(Space, self.house.spaces[post.space])
        attached = [self._attach(author, file) for file in post.files]
        announces = post.kind == "announcement" and policy.can_announce(author, space)
        new = Written(
            body=post.body,
            title=post.title or "",
            type=post.kind if announces or post.kind in ("question", "article") else "post",
            attachments=tuple(attached),
            alts=tuple(file.alt for file in post.files),
        )
        self._said(post, partial(posts.publish, author, space), new)

    def _comment(self, post: Post, comment: Comment) -> None:
        root = self._entry(post.key)
        if root.state != PUBLISHED:
            self.surprises.append(f"{comment.key} has nothing to answer")
            return
        new = Written(body=comment.body, parent_id=self.numbers.get(comment.parent or ""))
        self._said(comment, partial(posts.comment, self._actor(comment.author), root), new)

    def _said(self, what: Post | Comment, say: Callable[[Written], Entry], new: Written) -> None:
        try:
            entry = say(new)
        except Nudge as hint:
            entry = say(replace(new, nudge_token=str(hint.data["nudge_token"]), justification=MEANT))
        self.numbers[what.key], self.near[what.key] = entry.id, entry
        if (entry.state == HELD) != (what.outcome == "held"):
            self.surprises.append(f"{what.key} is {entry.state}: {what.body[:60]}")

    def _attach(self, author: Actor, file: File) -> str:
        return files.bring(author, file.content(), file.name).id

    def _edit(self, post: Post, body: str) -> None:
        entry = self._entry(post.key)
        posts.edit(
            self._actor(post.author), entry, Written(body=body, title=post.title or "", type=entry.type)
        )

    def _react(self, key: str, login: str, name: str) -> None:
        posts.react(self._actor(login), self._entry(key), name, on=True)

    def _report(self, key: str, report: Report) -> None:
        moderation.report(
            self._actor(report.login), self._entry(key), clause=report.clause, comment=report.comment
        )

    def _pin(self, post: Post) -> None:
        space = next(space for space in self.firm.spaces if space.key == post.space)
        posts.pin(self._actor(space.owner), self._entry(post.key), on=True)

    def _bookmarks(self) -> Iterator[Act]:
        """Everybody keeps a few open posts of the last weeks."""
        open_spaces = {space.key for space in self.firm.spaces if space.visibility == "open"}
        kept = [p for p in self.firm.posts if p.space in open_spaces and p.outcome != "held"]
        for person in self.firm.people:
            if person.segment == "employee":
                draws = chance(self.firm.seed, "bookmarks", person.login)
                for post in draws.sample(kept, draws.randrange(BOOKMARKS)):
                    at = post.at + (self.firm.now - post.at) * draws.random()
                    yield at, partial(self._bookmark, post.key, person.login)

    def _bookmark(self, key: str, login: str) -> None:
        posts.bookmark(self._actor(login), self._entry(key), on=True)

    def _actor(self, login: str) -> Actor:
        return self.house.actors[login]

    def _entry(self, key: str) -> Entry:
        entry = self.near.get(key) or entry_by_id(self.numbers[key])
        if entry is None:
            raise LookupError(key)
        self.near[key] = entry
        return entry
