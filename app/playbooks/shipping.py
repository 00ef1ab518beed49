"""The playbooks that come with the product: files beside this one, read once and then the company's own."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.kernel import audit
from app.kernel.action import action
from app.kernel.db import db
from app.playbooks.models import Playbook, PlaybookVersion

FOLDER = Path(__file__).parent / "shipped"
_FIELDS = ("title_fr", "title_en", "summary_fr", "summary_en", "triggers", "access", "holds", "steps")


def shipped() -> list[dict[str, Any]]:
    """Every one of them, with its key, in the order of the files."""
    files = sorted(FOLDER.glob("*.toml"))
    return [{"key": file.stem.partition("-")[2], **tomllib.loads(file.read_text())} for file in files]


@action
def install() -> int:
    """Bring those that the company doesn't have yet; how many. What was changed since stays as it is."""
    known = set(db.session.scalars(select(Playbook.key)))
    missing = [one for one in shipped() if one["key"] not in known]
    for written in missing:
        playbook = Playbook(key=written["key"])
        db.session.add(playbook)
        db.session.flush()
        clock_hours = written.get("clock_hours")
        said = {name: written[name] for name in _FIELDS}
        db.session.add(
            PlaybookVersion(playbook_id=playbook.id, number=1, clock_hours=clock_hours, by_id=None, **said)
        )
        audit.record("playbook.installed", None, f"playbook:{playbook.id}", key=playbook.key)
    return len(missing)
