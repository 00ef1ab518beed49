import pytest

from app.admin import colours
from app.kernel import settings
from tests.make import make_organisation, make_person

FORM = {"name": "Arc & Fils", "accent": "#ffcc00", "domain": "ARC.example", "time_zone": "Europe/Lisbon"}


def test_the_companys_name_and_colour_are_everywhere_at_once(sign_in, anonymous):
    boss = sign_in(make_person(roles=["admin"]))
    assert boss.post("/admin/company", data=FORM).status_code == 303
    assert "Arc &amp; Fils" in anonymous.get("/sign-in").text
    assert anonymous.get("/manifest.webmanifest").get_json(force=True)["name"] == "Arc & Fils"
    assert f"--brand-light: {colours.accent('#ffcc00').light}" in anonymous.get("/theme.css").text
    assert colours.accent("#ffcc00").light in boss.get("/admin/company").text
    assert (settings.get("company_domain"), settings.get("time_zone")) == ("arc.example", "Europe/Lisbon")


def test_what_is_no_colour_or_time_zone_is_refused(sign_in):
    boss = sign_in(make_person(roles=["admin"]))
    for wrong in ({"accent": "red;}x"}, {"accent": "#12345"}, {"time_zone": "Mars/Base"}, {"name": ""}):
        assert boss.post("/admin/company", data={**FORM, **wrong}).status_code == 422
    assert settings.get("accent") is None


def test_partners_switched_off_are_out(sign_in):
    boss, acme = sign_in(make_person(roles=["admin"])), make_organisation("Acme")
    eve = sign_in(make_person(segment="client", organisation_id=acme.id))
    assert eve.get("/").status_code == 200
    boss.post("/admin/company", data=FORM)
    assert eve.get("/").status_code == 303
    boss.post("/admin/company", data={**FORM, "partners": "1"})
    assert eve.get("/").status_code == 200


def test_the_colours_are_asked_for_again_only_when_they_changed(anonymous):
    first = anonymous.get("/theme.css")
    assert first.content_type.startswith("text/css")
    assert anonymous.get("/theme.css", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("chosen", ["#ffffff", "#000000", "#ffcc00", "#0b6062", "#ff0000", "#00ff00", "#0000ff", "#808080"])
def test_every_colour_becomes_readable(chosen):
    shades = colours.accent(chosen)
    assert colours.contrast(shades.light, "#f5f5f2") >= 4.5
    assert colours.contrast(shades.light, shades.ink_light) >= 4.5
    assert colours.contrast(shades.dark, "#25292b") >= 4.5
    assert colours.contrast(shades.dark, shades.ink_dark) >= 4.5


def test_a_readable_colour_stays_as_it_is():
    assert colours.accent("#0b6062").light == "#0b6062"
