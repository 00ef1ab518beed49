from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model, PublicId, Timestamped


class GateRule(Timestamped, Model):
    """A network that people may come from. While there are none, the operator's setting counts."""

    __tablename__ = "gate_rules"
    id: Mapped[PublicId]
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(80), default="")
    network: Mapped[str] = mapped_column(String(43))
    by_id: Mapped[int | None] = mapped_column(BigInteger)
