"""The demo company, whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.demo.reading import load
from app.demo.shapes.around import Organisation, Space
from app.demo.shapes.law import Charter, Rule
from app.demo.shapes.staff import Person, Site, Team
from app.demo.shapes.talk import Post


@dataclass(frozen=True)
class Company:
    """The whole demo. Posts are in time order; everything a post refers to exists."""

    name: str
    full_name: str
    motto_fr: str
    motto_en: str
    domain: str
    accent: str
    timezone: str
    directory_phones: tuple[str, ...]
    seed: int
    now: datetime
    sites: tuple[Site, ...]
    teams: tuple[Team, ...]
    people: tuple[Person, ...]
    organisations: tuple[Organisation, ...]
    spaces: tuple[Space, ...]
    charter: Charter
    rules: tuple[Rule, ...]
    posts: tuple[Post, ...]
    partners_allowed: bool = True

    def person(self, login: str) -> Person:
        """The person with this login; KeyError if there is none."""
        return {person.login: person for person in self.people}[login]

    def entities(self) -> list[dict[str, Any]]:
        """Organisations and their contacts in the words of the rule engine's cases."""
        contacts = [
            {
                "id": contact.email,
                "kind": "person",
                "name": contact.name,
                "of": organisation.key,
                "email": contact.email,
            }
            for organisation in self.organisations
            for contact in organisation.contacts
        ]
        return [*(organisation.entity() for organisation in self.organisations), *contacts]

    def profile(self) -> dict[str, Any]:
        """The rules as one profile, the way the engine's command line reads them."""
        beside = {"key", "message_fr", "message_en", "params"}
        bare = {
            rule["key"]: {k: v for k, v in rule.items() if k not in beside} | rule["params"]
            for rule in self.rules
        }
        return {
            "profile": f"{self.name} {self.charter.version}",
            "company": {
                "domain": self.domain,
                "timezone": self.timezone,
                "directory_phones": list(self.directory_phones),
            },
            **load("profile.json"),
            "rules": bare,
        }
