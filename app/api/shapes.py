"""The shapes of what is answered, under the names that the document gives them."""

from __future__ import annotations

from app.charter.rulebook.states import STATES as RULE_STATES
from app.gate.book import EFFECTS, MODES
from app.gate.hours import DAYS
from app.kernel.openapi import (
    Schema,
    answer,
    boolean,
    counts,
    many,
    maybe,
    moment,
    number,
    obj,
    one_of,
    ref,
    string,
)
from app.moderation.ladder import STEPS
from app.moderation.models import CHOICES, OUTCOMES
from app.moderation.models import KINDS as ITEM_KINDS
from app.people.models import LOCALES, ROLES, SEGMENTS, THEMES
from app.posts.inputs import TYPES
from app.posts.models import REACTIONS
from app.spaces.models import KINDS, MEMBER_ROLES, VISIBILITIES

STATES = ("published", "held", "returned", "rejected", "withdrawn", "hidden_pending", "removed", "deleted")
ACTIONS = ("allow", "flag", "nudge", "hold", "block")

PROBLEM: Schema = {
    **obj(
        "type", "title", "status", "code",
        type=string(), title=string(), status=number(), code=string(80),
        fields={"type": "object", "additionalProperties": string()},
        findings=many(ref("Finding")),
        nudge_token=string(),
    ),
    "additionalProperties": True,
}  # fmt: skip

FINDING = answer(
    rule=string(), hit=string(), action=one_of(*ACTIONS), clause=string(), clause_title=string(),
    charter_version=maybe(number()), href=string(), message=string(100_000), part=string(),
    start=maybe(number()), end=maybe(number()), tags=many(string()), suggestion=string(), can_split=boolean(),
)  # fmt: skip

PERSON = answer(
    id=number(), name=string(), title=string(), team=maybe(string()), photo_url=maybe(string()),
)  # fmt: skip
PROFILE = answer(
    id=number(), login=string(), name=string(), title=string(), team=maybe(string()), site=string(),
    about=string(100_000), skills=many(string()), segment=one_of(*SEGMENTS), organisation=maybe(string()),
    manager=maybe(ref("Person")),
    photo_url=maybe(string()), is_active=boolean(),
)  # fmt: skip
ME = answer(
    id=number(), login=string(), name=string(), title=string(), segment=one_of(*SEGMENTS),
    organisation_id=maybe(number()), roles=many(one_of(*ROLES)), locale=one_of(*LOCALES),
    theme=one_of(*THEMES),
    time_zone=string(), photo_url=maybe(string()),
    unread=answer(notifications=number(), queue=number()),
    charter=answer(version=maybe(number()), to_accept=boolean()),
)  # fmt: skip

SPACE = answer(
    id=number(), name=string(), about=string(100_000), kind=one_of(*KINDS), visibility=one_of(*VISIBILITIES),
    joins_freely=boolean(), organisation=maybe(answer(id=number(), name=string())), member_count=number(),
    role=maybe(one_of(*MEMBER_ROLES)), can_read=boolean(), version=number(),
)  # fmt: skip
MEMBER = answer(person=ref("Person"), role=one_of(*MEMBER_ROLES))
MEMBERSHIP = answer(state=one_of("member", "requested"))

FILE = answer(
    id=string(), name=string(), kind=one_of("image", "file"), mime=string(), size=number(), url=string(),
    thumb_url=maybe(string()), width=maybe(number()), height=maybe(number()), alt=string(),
)  # fmt: skip
UPLOAD = {**FILE, "properties": {k: v for k, v in FILE["properties"].items() if k != "alt"},
          "required": [k for k in FILE["required"] if k != "alt"]}  # fmt: skip
SPACE_TAG = answer(id=number(), name=string(), kind=one_of(*KINDS), organisation=maybe(string()))
RIGHTS = answer(edit=boolean(), delete=boolean(), pin=boolean(), comment=boolean(), report=boolean())
_ENTRY = {
    "id": number(), "state": one_of(*STATES), "author": maybe(ref("Person")), "body": string(100_000),
    "body_html": string(1_000_000), "attachments": many(ref("File")), "reactions": counts(),
    "my_reactions": many(one_of(*REACTIONS)), "edited": boolean(), "published_at": moment(),
    "can": ref("Rights"),
    "version": number(), "findings": many(ref("Finding")), "edit_pending": boolean(),
}  # fmt: skip
POST = answer(
    **_ENTRY, type=one_of(*TYPES), title=string(), space=ref("SpaceTag"), comment_count=number(),
    bookmarked=boolean(), followed=boolean(),
)  # fmt: skip
COMMENT = answer(**_ENTRY, post_id=number(), parent_id=maybe(number()))
REVISION = answer(
    id=number(), number=number(), title=string(), body=string(100_000), body_html=string(1_000_000),
    at=moment(), is_shown=boolean(),
)  # fmt: skip

CLAUSE = answer(number=string(), title=string(), text=string(100_000), severity=number())
ARTICLE = answer(number=number(), title=string(), clauses=many(ref("Clause")))
CHARTER = answer(
    version=maybe(number()), title=string(), preamble=string(100_000), effective_at=maybe(moment()),
    articles=many(ref("Article")), accepted_at=maybe(moment()),
)  # fmt: skip
VERDICT = answer(
    action=one_of(*ACTIONS), findings=many(ref("Finding")),
    audience=answer(people=number(), everyone=boolean(), outside=number(), organisation=maybe(string())),
)  # fmt: skip
QUIZ = answer(
    version=number(), required=boolean(), passed=boolean(),
    questions=many(answer(id=number(), text=string(100_000), answers=many(string(100_000)))),
)  # fmt: skip
QUIZ_RESULT = answer(
    passed=boolean(), questions=many(answer(id=number(), is_right=boolean(), reason=string(100_000)))
)

_RULE_STATE = one_of(*RULE_STATES)
CHARTER_RULE = answer(
    key=string(), kind=string(), action=one_of(*ACTIONS), clause=string(), version=number(),
    state=_RULE_STATE, sentence=string(100_000), expires_at=maybe(moment()),
    coming=maybe(answer(version=number(), state=_RULE_STATE)),
)  # fmt: skip
RULE_VERSION = answer(
    version=number(), state=_RULE_STATE, since=moment(), sentence=string(100_000), evaluated=number(),
    hits=number(), note=string(100_000), must_find=many(string(100_000)),
    must_leave_alone=many(string(100_000)),
)  # fmt: skip

REPORT = answer(id=number(), clause=string(), outcome=maybe(one_of(*OUTCOMES)))
_ITEM = {
    "id": number(), "kind": one_of(*ITEM_KINDS), "state": string(20),
    "entry": answer(kind=one_of("post", "comment"), id=number()), "excerpt": string(),
    "space": ref("SpaceTag"),
    "created_at": moment(), "deadline": moment(), "priority": number(-10**9), "reports": number(),
    "lease": maybe(answer(by=answer(id=number(), name=string()), until=moment(), mine=boolean())),
    "version": number(),
}  # fmt: skip
ITEM = answer(**_ITEM)
CASE = answer(
    **_ITEM, title=string(), body=string(100_000), body_html=string(1_000_000), findings=many(ref("Finding")),
    signals=many(answer(clause=string(), comment=string(), at=moment())), outcomes=many(one_of(*CHOICES)),
    clauses=many(string()),
)  # fmt: skip
DECISION = answer(
    id=number(), item_id=number(), outcome=one_of(*OUTCOMES), clause=string(), charter_version=number(),
    reason=string(10_000), at=moment(),
)  # fmt: skip
APPEAL = answer(
    id=number(), decision_id=number(), state=one_of("open", "upheld", "partly", "overturned", "withdrawn"),
    reason=string(10_000), at=moment(),
    messages=many(answer(mine=boolean(), text=string(10_000), at=moment())),
)  # fmt: skip
NOTE = answer(id=number(), text=string(10_000), by=string(), mine=boolean(), at=moment())
MEASURE = answer(
    id=number(), decision_id=number(), step=one_of(*STEPS),
    state=one_of("proposed", "active", "ended", "lifted", "annulled", "refused"),
    reason=string(10_000), ends_at=maybe(moment()), at=moment(),
)  # fmt: skip
NOTIFICATION = answer(
    id=number(), kind=string(), text=string(), excerpt=string(), url=string(), created_at=moment(),
    read=boolean(),
    people=many(answer(id=number(), name=string(), photo_url=maybe(string()))),
)  # fmt: skip
CHANGE = {
    **obj(
        "name",
        cursor=maybe(string()),
        name=string(),
        post_id=number(),
        comment_id=number(),
        space_id=number(),
    ),
    "additionalProperties": True,
}
RULE = answer(
    network=string(80), name=string(80), effect=one_of(*EFFECTS), places=many(string(80)),
    roles=many(one_of(*ROLES)), segments=many(one_of(*SEGMENTS)), sites=many(string(120)),
    persons=many(string(64)), hours=maybe(string(80)), valid_from=maybe(string(10)),
    valid_to=maybe(string(10)), sentence=string(),
)  # fmt: skip
GATE = answer(
    version=number(), rules=many(ref("GateRule")), stated_by=one_of("admin", "operator"),
    networks=many(string()), time_zone=string(), places=many(ref("GatePlace")), hours=many(ref("GateHours")),
    holidays=many(string(10)), access=ref("GateAccess"), returns_at=maybe(moment()),
)  # fmt: skip
PLACE = obj("name", "networks", name=string(80, 1), networks=many(string(80, 1), 200))
HOURS = obj(
    "name", "windows", name=string(80, 1), on_holidays=boolean(),
    windows=many(answer(days=many(one_of(*DAYS), 7), **{"from": string(5), "to": string(5)}), 21),
)  # fmt: skip
ACCESS = obj(
    "mode", mode=one_of(*MODES), hours=maybe(string(80)), roles=many(one_of(*ROLES)),
    persons=many(string(64, 1), 500),
)  # fmt: skip
CUT = answer(
    person=answer(id=number(), name=string()), address=string(), at=moment(), times=number(),
    effect=one_of(*EFFECTS, "closed"), rule=maybe(number()),
)  # fmt: skip
AUDIT = answer(
    seq=number(), at=moment(), act=string(), actor_id=maybe(number()), subject=string(),
    data={"type": "object"}, hash=string(),
)  # fmt: skip
FOUND_SPACE = answer(id=number(), name=string(), kind=one_of(*KINDS), organisation=maybe(string()))
FOUND_ENTRY = answer(
    id=number(), kind=one_of("post", "comment"), author=answer(id=number(), name=string()),
    space=answer(name=string(), kind=one_of(*KINDS)), at=moment(), url=string(), title=maybe(string()),
    excerpt=string(),
)  # fmt: skip
RESULTS = answer(
    people=many(answer(id=number(), name=string(), title=string(), photo_url=maybe(string()))),
    spaces=many(ref("FoundSpace")), items=many(ref("FoundEntry")), next=maybe(string(2000)),
)  # fmt: skip

NAMED: dict[str, Schema] = {
    "Problem": PROBLEM, "Finding": FINDING, "Person": PERSON, "Profile": PROFILE, "Me": ME, "Space": SPACE,
    "Member": MEMBER, "Membership": MEMBERSHIP, "File": FILE, "Upload": UPLOAD, "SpaceTag": SPACE_TAG,
    "Rights": RIGHTS, "Post": POST, "Comment": COMMENT, "Revision": REVISION, "Clause": CLAUSE,
    "Article": ARTICLE, "Charter": CHARTER, "Quiz": QUIZ, "QuizResult": QUIZ_RESULT, "Verdict": VERDICT,
    "Report": REPORT, "ReviewItem": ITEM,
    "ReviewCase": CASE, "Appeal": APPEAL, "Note": NOTE, "Measure": MEASURE,
    "Decision": DECISION, "Notification": NOTIFICATION,
    "Change": CHANGE,
    "Rule": CHARTER_RULE, "RuleVersion": RULE_VERSION,
    "GateRule": RULE, "GatePlace": PLACE, "GateHours": HOURS, "GateAccess": ACCESS, "GateCut": CUT,
    "Gate": GATE, "AuditEntry": AUDIT, "FoundSpace": FOUND_SPACE, "FoundEntry": FOUND_ENTRY,
    "Results": RESULTS,
}  # fmt: skip
