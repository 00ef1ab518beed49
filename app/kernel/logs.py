"""Log lines: plain for a person at a terminal, JSON for a collector. Never content, never secrets."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """One object a line: at (UTC, ISO 8601), level, logger, message, and the error if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure(shape: str) -> None:
    """Give the root logger its handler in the shape asked for ("text" or "json"); once a process."""
    root = logging.getLogger()
    if any(getattr(handler, "ours", False) for handler in root.handlers):
        return
    handler = logging.StreamHandler()
    handler.ours = True  # type: ignore[attr-defined]
    plain = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if shape == "json" else plain)
    root.addHandler(handler)
