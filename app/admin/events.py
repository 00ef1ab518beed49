from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class AuditBroken(Event):
    """The audit log doesn't hold any more; `seq` is its first broken link."""

    seq: int
