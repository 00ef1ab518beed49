"""What thousands of people said in three years, in pieces of a few thousand posts, each made by itself."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from app.demo import bulk
from app.demo.chance import chance
from app.demo.crowd import Crowd
from app.demo.hours import SECOND
from app.demo.rows import Row
from app.kernel.ids import id_at

PIECE = 5_000
LONGEST_THREAD = 60
EVERY_LONG_THREAD = 2_000
MORE = (0, 0, 0, 1, 1, 2, 3)
ANSWERS_AFTER = 5_400.0
HEAT = 3.0
LAST_WEEK = 7 * 86_400 * SECOND
SIGNS = ("like",) * 6 + ("thanks", "thanks", "bravo", "idea", "support", "seen")
TYPES = ("post",) * 17 + ("question", "question", "article")

ENTRY = (
    "id", "kind", "type", "space_id", "root_id", "parent_id", "author_id", "state", "position",
    "published_at", "revision_id", "comment_count", "reaction_counts", "approved_pairs", "version",
    "created_at",
)  # fmt: skip
REVISION = (
    "id", "entry_id", "number", "author_id", "title", "body", "body_html", "verdict", "justification",
    "created_at",
)  # fmt: skip
SIGN = ("entry_id", "person_id", "name", "created_at")
NEWS = (
    "id", "person_id", "kind", "subject", "topic", "entry_id", "actor_id", "data", "read_at", "created_at",
)  # fmt: skip
FOLLOW = ("person_id", "entry_id", "mutes", "created_at")


@dataclass
class Piece:
    """Rows to write together, and the newest position in each space that they touch."""

    entries: list[Row] = field(default_factory=list)
    revisions: list[Row] = field(default_factory=list)
    signs: list[Row] = field(default_factory=list)
    follows: list[Row] = field(default_factory=list)
    notices: list[Row] = field(default_factory=list)
    newest: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Flow:
    """The whole of what is said; any piece on request, always the same."""

    crowd: Crowd
    members: Sequence[array[int]]

    def pieces(self) -> int:
        return -(-self.crowd.size.posts // PIECE)

    def piece(self, turn: int) -> Piece:
        """The posts of this turn with everything below them."""
        return _Writing(self, turn).write()


class _Writing:
    """One piece while it is made."""

    def __init__(self, flow: Flow, turn: int) -> None:
        self.crowd, self.members, self.turn = flow.crowd, flow.members, turn
        self.draws: Random = chance(flow.crowd.seed, "piece", turn)
        self.comments = turn * 200_000
        self.piece = Piece()

    def write(self) -> Piece:
        first = self.turn * PIECE
        for number in range(first, min(first + PIECE, self.crowd.size.posts)):
            self._post(number)
        return self.piece

    def _post(self, number: int) -> None:
        crowd, random = self.crowd, self.draws.random
        second = int((number + random()) / crowd.size.posts * (crowd.hours.length - 3_600))
        at, place = self._moment(second, number), int(crowd.size.spaces * random() ** HEAT)
        belonging, space = self.members[place], crowd.space_id(place)
        author = crowd.person_id(belonging[int(len(belonging) * random() ** 1.5)])
        id_ = id_at(at, self._spread)
        type_ = TYPES[int(random() * len(TYPES))]
        below = list(self._thread(number, second, id_, space, author, belonging))
        counts = self._signs(id_, at, belonging)
        body, html = bulk.written(crowd.seed, number)
        title = body.partition(".")[0][:80] if type_ == "article" else ""
        self._say(
            (id_, "post", type_, space, None, None, author), at, len(below), counts, (title, body, html)
        )
        for entry, said_at, said in below:
            self._say(entry, said_at, 0, "{}", said)
        self.piece.follows.append((author, id_, False, at))
        self.piece.newest[space] = max(at, self.piece.newest.get(space, 0))

    @property
    def _spread(self) -> int:
        return self.crowd.seed % 4 * 2

    def _moment(self, second: int, number: int) -> int:
        """A working moment; the number makes it unlike any other of the same second."""
        return self.crowd.hours.at(second) + number % SECOND

    def _thread(
        self, number: int, second: int, root: int, space: int, asker: int, belonging: Sequence[int]
    ) -> Iterator[tuple[Row, int, tuple[str, str, str]]]:
        """Comments below a post; every few thousand posts a long discussion."""
        random, parent = self.draws.random, None
        for turn in range(self._length(number)):
            second += 60 + int(self.draws.expovariate(1 / ANSWERS_AFTER))
            self.comments += 1
            at = self._moment(second, self.comments)
            id_ = id_at(at, self._spread + 1)
            author = self.crowd.person_id(belonging[int(len(belonging) * random())])
            answers = parent if turn and random() < 0.3 else None
            yield (
                (id_, "comment", "post", space, root, answers, author),
                at,
                ("", *bulk.answered(self.crowd.seed, self.comments)),
            )
            if author != asker and self.comments % 4 == 0:
                self._notice(id_, root, asker, author, at)
            parent = answers or id_

    def _length(self, number: int) -> int:
        if number % EVERY_LONG_THREAD == EVERY_LONG_THREAD // 2 and self.crowd.size.comments_per_post:
            return LONGEST_THREAD
        drawn = MORE[int(self.draws.random() * len(MORE))] * self.crowd.size.comments_per_post
        whole = int(drawn)
        return whole + (self.draws.random() < drawn - whole)

    def _signs(self, entry: int, at: int, belonging: Sequence[int]) -> str:
        """A few people's signs under a post; the counts, as stored."""
        counts = dict[str, int]()
        few = min(len(belonging), int(self.draws.random() ** 3 * 5))
        start = int(self.draws.random() * len(belonging))
        for turn in range(few):
            name = SIGNS[int(self.draws.random() * len(SIGNS))]
            counts[name] = counts.get(name, 0) + 1
            person = self.crowd.person_id(belonging[(start + turn) % len(belonging)])
            self.piece.signs.append((entry, person, name, at + (turn + 1) * 300 * SECOND))
        return json.dumps(counts) if counts else "{}"

    def _say(self, entry: Row, at: int, comments: int, signs: str, said: tuple[str, str, str]) -> None:
        id_, author = entry[0], entry[6]
        row = (*entry, "published", at, at, id_, comments, signs, "[]", 1 + comments, at)
        self.piece.entries.append(row)
        self.piece.revisions.append((id_, id_, 1, author, *said, "allow", "", at))

    def _notice(self, comment: int, post: int, person: int, author: int, at: int) -> None:
        """The author of a post hears of a comment; what is older than a week was read."""
        fresh = at > self.crowd.hours.ends - LAST_WEEK
        read_at = None if fresh else at + 3_600 * SECOND
        told = (comment, person, "comment", f"entry:{comment}", f"post:{post}", comment, author)
        self.piece.notices.append((*told, "{}", read_at, at))
