from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model, Timestamped

IMAGE, DOCUMENT = "image", "file"
DRAFT, PHOTO, ENTRY = "draft", "person", "entry"


class File(Timestamped, Model):
    """Something uploaded: checked by content, pictures re-encoded without metadata.

    `holder` says what decides who may see it: nothing yet ("draft": the owner alone), a person's photo
    ("person") or an entry ("entry"). `text` is what it says, `facts` what the charter asks of its form: first
    bytes, members of an archive, macros, problems.
    """

    __tablename__ = "files"
    __table_args__ = (Index("ix_files_holder_holder_id", "holder", "holder_id"),)
    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    holder: Mapped[str] = mapped_column(String(10), default="draft")
    holder_id: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(5))
    mime: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int | None]
    height: Mapped[int | None]
    has_thumb: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(String, default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    @property
    def url(self) -> str:
        return f"/files/{self.id}"

    @property
    def thumb_url(self) -> str | None:
        return f"/files/{self.id}/thumb" if self.has_thumb else None
