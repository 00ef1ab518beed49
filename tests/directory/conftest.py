from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.auth.directory.company import Company
from tests.slapd import Slapd, start_slapd


@pytest.fixture
def slapd() -> Iterator[Slapd]:
    """A directory of the test's own."""
    running = start_slapd()
    yield running
    running.stop()


@pytest.fixture
def company(app: Any, slapd: Slapd, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Company]:
    """The application as an operator configured it; called, it changes what they said."""

    def configure(**more: Any) -> Company:
        made = slapd.company(**{"creates": True, **more})
        monkeypatch.setitem(app.config, "DIRECTORY", made)
        return made

    configure()
    return configure
