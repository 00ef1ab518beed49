from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.make import accept, make_mixing_rule, make_organisation, make_person, make_post, make_space


@pytest.fixture
def world():
    """A company with a client and a supplier, spaces of every kind, a charter that holds what mixes both."""
    acme, bolt = make_organisation("Acme", "client"), make_organisation("Bolt", "supplier")
    ana, bo = make_person("ana"), make_person("bo")
    mod = make_person("mod", roles=["senior_moderator"])
    root = make_person("root", roles=["admin"])
    cli = make_person("cli", segment="client", organisation_id=acme.id)
    sup = make_person("sup", segment="supplier", organisation_id=bolt.id)
    make_mixing_rule()
    accept(ana, bo, mod, root, cli, sup)
    return SimpleNamespace(
        acme=acme, bolt=bolt, ana=ana, bo=bo, mod=mod, root=root, cli=cli, sup=sup,
        open=make_space(ana, bo, name="Open"),
        closed=make_space(ana, bo, name="Closed", visibility="closed"),
        secret=make_space(ana, name="Secret", visibility="secret"),
        client=_shared(ana, cli, acme, name="With Acme", kind="client"),
        supplier=_shared(bo, sup, bolt, name="With Bolt", kind="supplier"),
    )  # fmt: skip


@pytest.fixture
def mixing():
    """Words that bring the client and the supplier together."""
    return "Acme asked whether Bolt could deliver earlier."


@pytest.fixture
def held(world, mixing):
    """A post of ana's in the open space that waits for a moderator."""
    entry = make_post(world.ana, world.open, mixing)
    assert entry.state == "held"
    return entry


def _shared(owner, guest, organisation, **more):
    return make_space(owner, guest, organisation_id=organisation.id, visibility="closed", **more)
