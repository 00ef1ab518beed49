"""A small deployment: one process with its embedded database, and nginx before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import services
from tests.deployment.site import OFFICE, Caller, Node, environment, make_company
from tests.proxy import start_nginx


@dataclass
class Door:
    """A node and nginx before it, on one embedded database."""

    node: Node
    url: str
    told: dict[str, Any]
    folder: Path

    @property
    def front(self) -> str:
        return self.url.removeprefix("http://")

    def token(self, login: str = "ana") -> str:
        return str(self.told["tokens"][login])

    def caller(self, login: str = "ana", *, source: str = OFFICE) -> Caller:
        return Caller(self.url, self.token(login), source=source)

    def is_well(self) -> bool:
        """The same worker as at the start answers."""
        return self.caller()("GET", "/api/v1/me").status_code == 200 and self.node.pids() == self.told["pids"]

    def files(self) -> set[str]:
        return {str(one) for one in (self.folder / "files").rglob("*") if one.is_file()}


@pytest.fixture(scope="session")
def door() -> Iterator[Door]:
    folder = services.new_folder("parvis-wire-")
    port = services.free_port()
    settings = {"public_url": f"http://127.0.0.1:{port}", "trusted_proxies": "127.0.0.1/32"}
    told = make_company(environment(folder, **settings))
    node = Node(folder, monitoring_networks="127.0.0.1/32", **settings)
    try:
        node.wait()
        url, nginx = start_nginx(node.bind, port=port)
        yield Door(node, url, told | {"pids": node.pids()}, folder)
        nginx.terminate()
        nginx.wait(10)
    finally:
        node.stop()
