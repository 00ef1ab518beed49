"""News travel between processes, and to nobody else."""

from __future__ import annotations

import time

from tests.deployment.site import Site, eventually


def test_listeners_of_every_node_hear_what_any_node_publishes(site: Site) -> None:
    ears = [site.listen("bo", node=node) for node in site.nodes] + [
        site.listen("bo"),
        site.listen("bo", cookie=True),
    ]
    for node in site.nodes:
        begin = time.monotonic()
        post = site.post("ana", "Bonjour", node=node)
        for ear in ears:
            eventually(lambda ear=ear, post=post: post in ear.posts(), 5)
        print(f"delivered after {time.monotonic() - begin:.3f} s")
    assert all(len(ear.posts()) == 2 for ear in ears)


def test_who_does_not_belong_hears_nothing(site: Site) -> None:
    members = [site.listen("bo", node=node) for node in site.nodes]
    strangers = [site.listen(login, node=node) for node in site.nodes for login in ("cy", "root")]
    posts = [site.post("ana", "Entre nous", space="closed", node=node) for node in site.nodes]
    for member in members:
        eventually(lambda member=member: member.posts() == posts, 5)
    time.sleep(1.2)
    assert [stranger.names() for stranger in strangers] == [[]] * len(strangers)


def test_typing_passes_between_nodes_and_stays_in_the_space(site: Site) -> None:
    post = site.post("ana", "Qui vient", space="closed")
    writer = site.listen("ana", node=site.nodes[0])
    readers = [site.listen("bo", node=node) for node in site.nodes]
    stranger = site.listen("cy", node=site.nodes[1])
    assert writer.ask("typing", {"post_id": post}) == {"ok": True}
    for reader in readers:
        eventually(lambda reader=reader: "typing" in reader.names(), 5)
    assert stranger.ask("typing", {"post_id": post})["ok"] is False
    assert "typing" not in [*writer.names(), *stranger.names()]
