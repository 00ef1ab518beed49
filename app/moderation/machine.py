"""Every state and every move of what moderators handle. Entries have theirs beside what they are."""

from __future__ import annotations

from app.kernel.machine import Machine, move
from app.posts.machine import APPEAL, AUTHOR, ENTRY, PRODUCT, REVIEWER

HOLDER, SECOND, SENIOR, DECIDER, APPELLANT, ELIGIBLE, CUSTODIAN = (
    "holder",
    "second",
    "senior",
    "decider",
    "appellant",
    "eligible",
    "custodian",
)
QUEUE, SELF = "queue.changed", "notification.created"

ITEM = Machine(
    move("open", "", "pending", PRODUCT, "item.opened", live=QUEUE),
    move("claim", "pending leased", "leased", REVIEWER, "item.claimed", live=QUEUE),
    move("release", "leased", "pending", HOLDER, "item.released", live=QUEUE),
    move("expire", "leased", "pending", PRODUCT, "item.lease_over", live=QUEUE),
    move("transfer", "pending", "pending", REVIEWER, "item.transferred", tells="transferred", live=QUEUE),
    move("defer", "pending", "deferred", REVIEWER, "item.deferred", live=QUEUE),
    move("wake", "deferred", "pending", REVIEWER, "item.woken", live=QUEUE),
    move("escalate", "pending leased", "escalated", REVIEWER, "item.escalated",
         tells="escalated", live=QUEUE),
    move("decide", "pending leased escalated", "decided", REVIEWER, "item.decided",
         tells="decided report_decided", live=QUEUE),
    move("propose", "pending leased escalated", "awaiting_second", REVIEWER, "item.proposed",
         tells="second_wanted", live=QUEUE),
    move("confirm", "awaiting_second", "decided", SECOND, "item.confirmed",
         tells="decided report_decided", live=QUEUE),
    move("refuse", "awaiting_second", "pending", SECOND, "item.refused", tells="second_refused", live=QUEUE),
    move("resolve", "pending leased deferred escalated awaiting_second", "auto_resolved", AUTHOR,
         "item.auto_resolved", tells="report_decided", live=QUEUE),
    move("undo", "decided", "pending", DECIDER, "item.undone", tells="undone", live=QUEUE),
    move("seal", "pending leased deferred escalated awaiting_second", "sealed", REVIEWER, "item.sealed",
         live=QUEUE),
    move("unseal", "sealed", "pending", CUSTODIAN, "item.unsealed", live=QUEUE),
)  # fmt: skip

DECISION = Machine(
    move("undo", "standing", "undone", DECIDER, "item.undone", tells="undone", live=QUEUE),
    move("overturn", "standing", "overturned", ELIGIBLE, "appeal.overturned", tells="appeal_decided"),
)

APPEALS = Machine(
    move("lodge", "", "open", APPELLANT, "appeal.lodged", tells="appeal_assigned", live=QUEUE),
    move("withdraw", "open", "withdrawn", APPELLANT, "appeal.withdrawn", live=QUEUE),
    move("uphold", "open", "upheld", ELIGIBLE, "appeal.upheld", tells="appeal_decided", live=QUEUE),
    move("correct", "open", "partly", ELIGIBLE, "appeal.partly", tells="appeal_decided", live=QUEUE),
    move("overturn", "open", "overturned", ELIGIBLE, "appeal.overturned", tells="appeal_decided", live=QUEUE),
)

MEASURE = Machine(
    move("impose", "", "active", REVIEWER, "measure.imposed", tells="measure", live=SELF),
    move("propose", "", "proposed", REVIEWER, "measure.proposed", tells="second_wanted"),
    move("confirm", "proposed", "active", SECOND, "measure.confirmed", tells="measure", live=SELF),
    move("refuse", "proposed", "refused", SECOND, "measure.refused", tells="second_refused"),
    move("end", "active", "ended", PRODUCT, "measure.ended"),
    move("lift", "active", "lifted", SENIOR, "measure.lifted", tells="measure_lifted", live=SELF),
    move("annul", "active proposed", "annulled", APPEAL, "measure.annulled",
         tells="measure_lifted", live=SELF),
)  # fmt: skip

MACHINES = {"entry": ENTRY, "item": ITEM, "decision": DECISION, "appeal": APPEALS, "measure": MEASURE}
