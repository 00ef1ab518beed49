"""Every state and every move of cases, their steps and what is kept for them."""

from __future__ import annotations

from app.kernel.machine import Machine, move
from app.playbooks.models import ABANDONED, CLOSED, DONE, OPEN, OVERDUE, SKIPPED

STARTER, OWNER, KEEPER, PRODUCT = "starter", "owner", "keeper", "product"
LIVE, TELLS = "case.changed", "playbook"

CASE = Machine(
    move("open", "", OPEN, STARTER, "case.opened", tells=TELLS, live=LIVE),
    move("close", OPEN, CLOSED, OWNER, "case.closed", live=LIVE),
    move("abandon", OPEN, ABANDONED, KEEPER, "case.abandoned", live=LIVE),
)

STEP = Machine(
    move("finish", "waiting overdue", DONE, OWNER, "step.done", live=LIVE),
    move("skip", "waiting overdue", SKIPPED, OWNER, "step.skipped", live=LIVE),
    move("escalate", "waiting", OVERDUE, PRODUCT, "step.overdue", tells=TELLS, live=LIVE),
)

HOLD = Machine(
    move("place", "", "held", STARTER, "hold.placed", live=LIVE),
    move("lift", "held", "lifted", KEEPER, "hold.lifted", live=LIVE),
)

MACHINES = {"case": CASE, "step": STEP, "hold": HOLD}
