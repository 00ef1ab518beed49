"""Which hosts and origins are this product's own.

With a public address stated, that one (and the address the server listens on). Without, only loopback names
and numeric addresses: a name that an attacker points at us (DNS rebinding) is not ours.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit


class Origins:
    """Answers for one configuration. `public` such as https://parvis.company.example, or empty."""

    def __init__(self, public: str, bind: str) -> None:
        self.public = public
        self._hosts = {urlsplit(public).netloc.lower()} if public else set()
        if not bind.startswith("unix:"):
            port = bind.rpartition(":")[2]
            self._hosts |= {bind.lower(), f"localhost:{port}", f"127.0.0.1:{port}"}

    def is_own_host(self, host: str) -> bool:
        """True for a Host header that leads here."""
        host = host.lower()
        return host in self._hosts or (not self.public and _is_numeric_or_local(host))

    def is_own(self, origin: str | None, scheme: str, host: str) -> bool:
        """True for an Origin header that one of our own pages sends."""
        if not origin:
            return False
        return origin.lower() in {self.public, f"{scheme}://{host.lower()}"} and self.is_own_host(host)

    def admits(self, origin: str | None, environ: Mapping[str, Any]) -> bool:
        """The same question for a socket's handshake."""
        return self.is_own(origin, environ.get("wsgi.url_scheme", "http"), environ.get("HTTP_HOST", ""))


def _is_numeric_or_local(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
