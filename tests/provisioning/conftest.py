from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.auth.scim import actions

SCIM = "application/scim+json"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Directory:
    """A company's directory that speaks with us, with its key."""

    def __init__(self, client: Any, secret: str) -> None:
        self.client, self.secret = client, secret

    def __call__(self, method: str, path: str, json: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        told = {"Authorization": f"Bearer {self.secret}", "Sec-Fetch-Site": "", **named}
        kind = {"content_type": SCIM, "json": json} if json is not None else {}
        return self.client.open(f"/scim/v2{path}", method=method, headers=told, **kind)

    def add(self, user_name: str, **more: Any) -> dict[str, Any]:
        answer = self("POST", "/Users", {"schemas": [USER], "userName": user_name, **more})
        assert answer.status_code == 201, answer.text
        return answer.get_json(force=True)

    def add_group(self, name: str, *members: Any, **more: Any) -> dict[str, Any]:
        told = [{"value": one["id"]} for one in members]
        answer = self("POST", "/Groups", {"schemas": [GROUP], "displayName": name, "members": told, **more})
        assert answer.status_code == 201, answer.text
        return answer.get_json(force=True)

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> Any:
        return self("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, **headers)

    def found(self, path: str) -> list[dict[str, Any]]:
        answer = self("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.get_json(force=True).get("Resources", [])


@pytest.fixture
def unhurried(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here is asked to slow down."""
    for limiter in app.extensions["limiter"]:
        monkeypatch.setattr(limiter, "enabled", False)


@pytest.fixture
def connect(app: Any, unhurried: None) -> Callable[[str], Directory]:
    """A directory with a key of its own."""
    return lambda name="directory": Directory(app.test_client(), actions.make_key(None, name=name))


@pytest.fixture
def directory(connect: Any) -> Directory:
    return connect("directory")
