"""The company before anybody speaks: settings, people with portraits, partners, spaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from app.demo.company import Company, Space
from app.demo.company import Organisation as Partner
from app.demo.company import Person as Character
from app.files import actions as files
from app.kernel import clock, settings
from app.organisations import actions as organisations
from app.people import actions as people
from app.people.actor import Actor, of_person
from app.people.models import Person
from app.spaces import actions as spaces
from app.spaces.models import Space as Place

OPENED = timedelta(days=720)


@dataclass
class House:
    """What was entered, by the keys of the demo."""

    people: dict[str, Person] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    spaces: dict[str, int] = field(default_factory=dict)


def enter_house(firm: Company) -> House:
    """Everything that a first post needs."""
    house = House()
    with clock.at(firm.now - OPENED):
        _set(firm)
        partners = {partner.key: _register(partner) for partner in firm.organisations}
        _enter_people(firm, house, partners)
    for space in sorted(firm.spaces, key=lambda space: space.created_at):
        with clock.at(space.created_at):
            house.spaces[space.key] = _open(space, house, partners).id
    return house


def _set(firm: Company) -> None:
    stated = {
        "company_name": firm.name,
        "company_domain": firm.domain,
        "accent": firm.accent,
        "time_zone": firm.timezone,
        "directory_phones": list(firm.directory_phones),
        "partners_enabled": firm.partners_allowed,
    }
    for key, value in stated.items():
        settings.put(key, value)


def _register(partner: Partner) -> int:
    saved = organisations.save_organisation(
        None,
        name=partner.name,
        roles=list(partner.roles),
        aliases=[(alias.text, alias.mode) for alias in partner.aliases],
        domains=list(partner.domains),
        siren=partner.siren,
        contacts=[(contact.name, contact.email) for contact in partner.contacts],
    )
    return saved.id


def _enter_people(firm: Company, house: House, partners: Mapping[str, int]) -> None:
    teams, sites = dict[str, int](), {site.key: site.name for site in firm.sites}
    for team in firm.teams:
        teams[team.key] = people.add_team(None, name=team.name_fr, parent_id=teams.get(team.parent or "")).id
    for who in firm.people:
        house.people[who.login] = people.add_person(
            None,
            login=who.login,
            name=who.name,
            email=who.email,
            segment=who.segment,
            organisation_id=partners[who.organisation] if who.organisation else None,
            roles=list(who.roles),
            title=who.title,
            about=who.about,
            skills=list(who.skills),
            locale=who.locale,
            site=sites.get(who.site or "", ""),
            team_id=teams.get(who.team or ""),
        )
    for who in firm.people:
        _complete(who, house)


def _complete(who: Character, house: House) -> None:
    """The manager, who may have been entered later, and the portrait."""
    person = house.people[who.login]
    actor = _actor(person)
    photo = files.hold_as_photo(actor, files.bring(actor, who.picture(), f"{who.login}.png"))
    manager = house.people[who.manager].id if who.manager else None
    people.change_profile(actor, person, manager_id=manager, photo_id=photo.id)
    house.actors[who.login] = _actor(person)


def _actor(person: Person) -> Actor:
    actor = of_person(person.id)
    if actor is None:
        raise LookupError(f"{person.login} may not act")
    return actor


def _open(space: Space, house: House, partners: Mapping[str, int]) -> Place:
    place = spaces.create_space(
        house.actors[space.owner],
        name=space.name,
        about=space.about,
        kind=space.kind,
        visibility=space.visibility,
        joins_freely=space.visibility == "open",
        organisation_id=partners[space.organisation] if space.organisation else None,
    )
    for member in space.members:
        if member.login != space.owner:
            spaces.add_member(house.actors[space.owner], place, house.people[member.login], role=member.role)
    return place
