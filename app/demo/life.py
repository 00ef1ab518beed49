"""Three months of life: what was written gets a time, readers, replies and reactions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from random import Random

from app.demo.calendar import after, before, moments
from app.demo.chance import chance
from app.demo.files import file
from app.demo.shapes import Comment, Edit, Person, Post, PostKind, Reaction, Report, Space
from app.demo.writing import Reply, Said, Thread, series, threads

ANSWERS = ((0, 1, 2, 3, 4), (6, 14, 28, 32, 20))
LIKINGS: dict[PostKind, tuple[int, int, int, int, int]] = {
    "post": (10, 3, 2, 2, 1),
    "question": (5, 1, 0, 4, 3),
    "announcement": (10, 6, 2, 0, 3),
    "kudos": (5, 5, 14, 0, 3),
    "article": (9, 7, 5, 6, 1),
}
LIKING_NAMES = ("like", "thanks", "bravo", "idea", "support")


def posts(seed: int, now: datetime, staff: tuple[Person, ...], spaces: tuple[Space, ...]) -> tuple[Post, ...]:
    """All posts in time order, with everything that hangs on them."""
    dated = sorted(_dated(seed, now), key=lambda pair: pair[0])
    life = _Life(
        seed, now, {person.login: person for person in staff}, {space.key: space for space in spaces}
    )
    return tuple(life.post(number, at, thread) for number, (at, thread) in enumerate(dated, start=1))


def _dated(seed: int, now: datetime) -> list[tuple[datetime, Thread]]:
    """Each list of threads keeps its order, spread over the whole time; some have a date of their own."""
    sources, draws = [*threads(), *series(seed)], chance(seed, "time")
    fixed = [thread for thread in chain(*sources) if thread.age is not None]
    loose = [[thread for thread in source if thread.age is None] for source in sources]
    placed = [((n + draws.random()) / len(source), t) for source in loose for n, t in enumerate(source)]
    ordered = [thread for _, thread in sorted(placed, key=lambda pair: pair[0])]
    spread = zip(moments(len(ordered), now, draws), ordered, strict=True)
    return [*spread, *((before(now, thread.age or 0, draws), thread) for thread in fixed)]


@dataclass
class _Life:
    seed: int
    now: datetime
    staff: dict[str, Person]
    spaces: dict[str, Space]
    used: Counter[str] = field(default_factory=Counter)

    def post(self, number: int, at: datetime, thread: Thread) -> Post:
        draws, key = chance(self.seed, "life", number), f"p{number:03d}"
        audience = self._audience(thread)
        said = thread.said or self._chat(thread, draws)
        return Post(
            key=key,
            space=thread.space,
            author=thread.author,
            kind=thread.kind,
            title=thread.title,
            body=thread.body,
            at=at,
            outcome=thread.outcome,
            pinned=thread.pinned,
            files=tuple(file(name, key) for name in thread.files),
            edits=self._edits(thread, at, draws),
            comments=self._comments(key, said, at, audience, draws),
            reactions=() if thread.outcome == "held" else self._likings(thread, audience, at, draws),
            reports=self._reports(thread.reports, at, draws),
        )

    def _audience(self, thread: Thread) -> list[Person]:
        """Who may read it, but its author."""
        space = self.spaces[thread.space]
        members = {member.login for member in space.members}
        everyone = space.visibility == "open"
        readers = (
            p for p in self.staff.values() if p.login in members or (everyone and p.segment == "employee")
        )
        return [person for person in readers if person.login != thread.author]

    def _chat(self, thread: Thread, draws: Random) -> tuple[Said, ...]:
        """Short replies that fit, the least used first, in an order that makes sense."""
        count, lines = draws.choices(*ANSWERS)[0], thread.replies
        order = sorted(range(len(lines)), key=lambda place: (self.used[lines[place].body], draws.random()))
        chosen = set(order[:count])
        chosen |= {place - 1 for place in chosen if lines[place].answers}
        said = list[Said]()
        for place in sorted(chosen):
            self._say(said, lines[place], thread, draws)
        return tuple(said)

    def _say(self, said: list[Said], line: Reply, thread: Thread, draws: Random) -> None:
        """One more line, by the author or by a member who has not spoken yet and speaks that language."""
        members = [self.staff[member.login] for member in self.spaces[thread.space].members]
        silent = {p.login: p for p in members if p.segment == "employee" and p.login != thread.author}
        for earlier in said:
            silent.pop(earlier.author, None)
        speakers = [login for login, p in silent.items() if (p.locale == "en") == line.english]
        self.used[line.body] += 1
        said.append(
            Said(thread.author if line.by_author else draws.choice(speakers), line.body, line.answers)
        )

    def _comments(
        self, post: str, said: tuple[Said, ...], at: datetime, audience: list[Person], draws: Random
    ) -> tuple[Comment, ...]:
        comments = list[Comment]()
        for number, one in enumerate(said, start=1):
            at = after(at, 55, self.now, draws)
            before_it = comments[-1] if one.is_answer and comments else None
            comments.append(
                Comment(
                    key=f"{post}.c{number}",
                    author=one.author,
                    body=one.body,
                    at=at,
                    parent=(before_it.parent or before_it.key) if before_it else None,
                    outcome=one.outcome,
                    reactions=() if one.outcome == "held" else self._nods(one.author, audience, at, draws),
                    reports=self._reports(one.reports, at, draws),
                )
            )
        return tuple(comments)

    def _likings(
        self, thread: Thread, audience: list[Person], at: datetime, draws: Random
    ) -> tuple[Reaction, ...]:
        warmth = 1.6 if thread.kind in ("announcement", "kudos", "article") or thread.pinned else 1
        top = min(22, len(audience)) * 0.7
        count = min(len(audience), int(draws.triangular(0, top, 4) * warmth))
        return self._react(draws.sample(audience, count), LIKINGS[thread.kind], at, draws)

    def _nods(self, author: str, audience: list[Person], at: datetime, draws: Random) -> tuple[Reaction, ...]:
        others = [person for person in audience if person.login != author]
        count = min(len(others), draws.choices((0, 1, 2, 3, 5), (55, 22, 12, 8, 3))[0])
        return self._react(draws.sample(others, count), (10, 4, 2, 1, 2), at, draws)

    def _react(
        self, readers: list[Person], liking: tuple[int, ...], at: datetime, draws: Random
    ) -> tuple[Reaction, ...]:
        names = draws.choices(LIKING_NAMES, liking, k=len(readers))
        pairs = zip(readers, names, strict=True)
        made = [Reaction(reader.login, name, after(at, 180, self.now, draws)) for reader, name in pairs]
        return tuple(sorted(made, key=lambda reaction: reaction.at))

    def _edits(self, thread: Thread, at: datetime, draws: Random) -> tuple[Edit, ...]:
        made = list[Edit]()
        for body in thread.edits:
            at = after(at, 30, self.now, draws)
            made.append(Edit(at, body))
        return tuple(made)

    def _reports(
        self, told: tuple[tuple[str, str, str], ...], at: datetime, draws: Random
    ) -> tuple[Report, ...]:
        return tuple(
            Report(login, clause, why, after(at, 90, self.now, draws)) for login, clause, why in told
        )
