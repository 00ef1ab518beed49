"""One deployment for the folder: durable PostgreSQL, Redis, three workers in two nodes, nginx."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests import services
from tests.deployment.door import door
from tests.deployment.site import Node, Site, environment, make_company
from tests.proxy import start_nginx

__all__ = ["door", "pytest_collection_modifyitems", "site", "whole_site"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker("deployment")
            item.add_marker("outside")


@pytest.fixture(scope="session")
def whole_site() -> Iterator[Site]:
    """A site of three workers in two nodes, as on two hosts."""
    folder = services.new_folder("parvis-deployment-")
    database = services.fresh_database(services.postgres(durable=True))
    port, redis_port = services.free_port(), services.free_port()
    redis_url, redis = services.start_redis(redis_port)
    settings = {
        "database_url": database, "redis_url": redis_url, "public_url": f"http://127.0.0.1:{port}",
        "trusted_proxies": "127.0.0.1/32",
        "monitoring_networks": "127.0.0.1/32",
    }  # fmt: skip
    told = make_company(environment(folder, **settings))
    nodes = [Node(folder, workers=workers, **settings) for workers in (2, 1)]
    try:
        for node in nodes:
            node.wait()
        url, nginx = start_nginx(*(node.bind for node in nodes), port=port)
        site = Site(url, nodes, database, redis_port, redis, told)
        yield site
        nginx.terminate()
        nginx.wait(10)
    finally:
        for node in nodes:
            node.stop()
        with suppress(UnboundLocalError):
            site.redis.kill()
            site.redis.wait(10)


@pytest.fixture
def site(whole_site: Site) -> Iterator[Site]:
    """The site, in order before and after; sockets end with the test."""
    yield whole_site
    for listener in whole_site.opened:
        listener.close()
    whole_site.opened.clear()
