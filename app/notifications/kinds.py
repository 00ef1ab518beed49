"""A class for each kind of notification: its sign, its sentence in the reader's language, its address."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from app.notifications import policy

if TYPE_CHECKING:
    from app.notifications.queries import Told


class Kind(ABC):
    """What a line about something says. `told` is one or several notifications of the same kind and topic."""

    icon = "bell"

    @abstractmethod
    def text(self, told: Told) -> str:
        """The line, in the reader's language."""

    def url(self, told: Told) -> str:
        return told.entry_url or "/notifications"

    def excerpt(self, told: Told) -> str:
        return told.excerpt


class Comment(Kind):
    icon = "comment"

    def text(self, told: Told) -> str:
        who, n = _who(told), len(told.people)
        if told.is_own_thread:
            return ngettext("%(who)s commented on your post", "%(who)s commented on your post", n, who=who)
        return ngettext(
            "%(who)s commented on a post you follow", "%(who)s commented on a post you follow", n, who=who
        )


class Reply(Kind):
    icon = "reply"

    def text(self, told: Told) -> str:
        return ngettext("%(who)s answered you", "%(who)s answered you", len(told.people), who=_who(told))


class Mention(Kind):
    icon = "at"

    def text(self, told: Told) -> str:
        return _("%(name)s mentioned you in %(space)s", name=_who(told), space=told.space_name)


class Reaction(Kind):
    icon = "react"

    def text(self, told: Told) -> str:
        who, n = _who(told), len(told.people)
        if told.is_comment:
            return ngettext("%(who)s reacted to your comment", "%(who)s reacted to your comment", n, who=who)
        return ngettext("%(who)s reacted to your post", "%(who)s reacted to your post", n, who=who)


class Announcement(Kind):
    icon = "megaphone"

    def text(self, told: Told) -> str:
        return _("%(name)s made an announcement in %(space)s", name=_who(told), space=told.space_name)


class Held(Kind):
    icon = "clock"

    def text(self, told: Told) -> str:
        return _("Your message in %(space)s waits for a moderator", space=told.space_name)

    def url(self, told: Told) -> str:
        return "/me/charter"


class Decided(Kind):
    icon = "shield"

    def text(self, told: Told) -> str:
        outcome = told.data.get("outcome")
        if outcome == "release":
            return _("Your message in %(space)s is published", space=told.space_name)
        if outcome == "return":
            return _(
                "Your message in %(space)s was returned to you: you can correct it", space=told.space_name
            )
        if outcome == "remove":
            return _("Your message in %(space)s was removed", space=told.space_name)
        if outcome == "hide_image":
            return _("Pictures of your message in %(space)s are not shown any more", space=told.space_name)
        if outcome == "remind":
            return _("Your message in %(space)s stays, with a reminder of the charter", space=told.space_name)
        return _("Your message in %(space)s is not published", space=told.space_name)

    def url(self, told: Told) -> str:
        published = told.data.get("outcome") == "release"
        return super().url(told) if published else "/me/charter"


class ReportDecided(Kind):
    icon = "flag"

    def text(self, told: Told) -> str:
        if told.data.get("outcome") == "no_violation":
            return _("Your report was looked at: the message stays")
        if told.data.get("outcome") == "resolved":
            return _("What you reported was corrected or taken back by its author")
        return _("Your report was looked at, and something was done about it")

    def url(self, told: Told) -> str:
        return "/me/charter"

    def excerpt(self, told: Told) -> str:
        return ""


class OfCase(Kind):
    """For those who decide: the way to the case, never what is in it."""

    icon = "scale"

    def url(self, told: Told) -> str:
        return str(told.data.get("url") or "/moderation")

    def excerpt(self, told: Told) -> str:
        return ""


class Watched(OfCase):
    icon = "eye"

    def text(self, told: Told) -> str:
        return _("Somebody wrote of “%(label)s”", label=told.data.get("label", ""))


class Spreading(OfCase):
    icon = "activity"

    def text(self, told: Told) -> str:
        return _("Something that waits is spreading fast: please look at it now")


class Transferred(OfCase):
    def text(self, told: Told) -> str:
        return _("A colleague left you a case")


class Escalated(OfCase):
    icon = "arrow-up"

    def text(self, told: Told) -> str:
        if told.data.get("danger"):
            return _("Somebody may be in danger: please look at this report now")
        return _("A case was passed on to the senior moderators")


class SecondWanted(OfCase):
    def text(self, told: Told) -> str:
        if told.data.get("about") == "measure":
            return _("A measure waits for a second opinion")
        return _("A decision waits for a second opinion")


class SecondRefused(OfCase):
    def text(self, told: Told) -> str:
        if told.data.get("about") == "measure":
            return _("A colleague did not agree with the measure that you proposed")
        return _("A colleague did not agree with the decision that you proposed")


class AppealAssigned(OfCase):
    def text(self, told: Told) -> str:
        return _("An appeal was given to you")


class Playbook(OfCase):
    icon = "list-check"

    def text(self, told: Told) -> str:
        if told.data.get("what") == "overdue":
            return _("A step of a playbook is overdue, and with you now")
        return _("A playbook was started: some of its steps are yours")


class OfOneself(Kind):
    icon = "shield"

    def url(self, told: Told) -> str:
        return str(told.data.get("url") or "/me/charter")

    def excerpt(self, told: Told) -> str:
        return ""


class Undone(OfOneself):
    def text(self, told: Told) -> str:
        return _("A decision about your message was taken back: it is looked at again")


class AppealDecided(OfOneself):
    icon = "scale"

    def text(self, told: Told) -> str:
        outcome = told.data.get("outcome")
        if outcome == "overturned":
            return _("An appeal was answered: the decision was overturned")
        if outcome == "partly":
            return _("An appeal was answered: the decision was corrected in part")
        return _("An appeal was answered: the decision stands")


class AppealMessage(OfOneself):
    icon = "comment"

    def text(self, told: Told) -> str:
        return _("There is a new message in an appeal")


class Measure(OfOneself):
    def text(self, told: Told) -> str:
        if told.data.get("step") == "reminder":
            return _("A moderator reminds you of the charter")
        return _("A measure was decided: read until when, why, and how to contest it")


class MeasureLifted(OfOneself):
    def text(self, told: Told) -> str:
        return _("A measure that concerned you is over")


class JoinRequest(Kind):
    icon = "person-plus"

    def text(self, told: Told) -> str:
        return ngettext(
            "%(who)s would like to join %(space)s",
            "%(who)s would like to join %(space)s",
            len(told.people),
            who=_who(told),
            space=told.space_name,
        )

    def url(self, told: Told) -> str:
        return f"/spaces/{told.space_id}/members"


class Joined(Kind):
    icon = "spaces"

    def text(self, told: Told) -> str:
        return _("You belong to %(space)s now", space=told.space_name)

    def url(self, told: Told) -> str:
        return f"/spaces/{told.space_id}"


class Rule(Kind):
    icon = "scale"

    def text(self, told: Told) -> str:
        sentences = {
            "ask": _("The rule %(rule)s waits for a second owner to put it into force"),
            "trip": _("The rule %(rule)s hit too often: it only flags until you have looked"),
            "expire": _("The rule %(rule)s has expired"),
            "emergency": _("The rule %(rule)s was put into force for 72 hours"),
            "quiet": _("The rule %(rule)s found something regularly and has found nothing for two weeks"),
            "remark": _("Somebody commented on the rule %(rule)s before it takes effect"),
            "silent": _("The rule %(rule)s no longer evaluates what is written"),
        }
        sentence = sentences.get(str(told.data.get("what")), sentences["ask"])
        return sentence % {"rule": told.data.get("rule", "")}

    def url(self, told: Told) -> str:
        return f"/charter/rules/{told.data.get('rule', '')}"

    def excerpt(self, told: Told) -> str:
        return ""


class Charter(Kind):
    icon = "book"

    def text(self, told: Told) -> str:
        number, step = told.data.get("number"), told.data.get("step")
        if step == "coming":
            return _(
                "Version %(number)s of the charter takes effect on %(day)s", number=number, day=_day(told)
            )
        if step == "withdrawn":
            return _("Version %(number)s of the charter will not take effect for now", number=number)
        if step == "remind":
            return _("Version %(number)s of the charter waits for your acceptance", number=number)
        return _("Version %(number)s of the charter is in force: please read and accept it", number=number)

    def url(self, told: Told) -> str:
        step = told.data.get("step")
        if step == "coming":
            return f"/charter/versions/{told.data.get('number')}/changes"
        return "/charter" if step == "withdrawn" else "/charter/welcome"


class CharterDraft(Kind):
    icon = "pencil"

    def text(self, told: Told) -> str:
        number, step = told.data.get("number"), told.data.get("step")
        if step == "remark":
            return ngettext(
                "%(who)s commented on version %(number)s of the charter",
                "%(who)s commented on version %(number)s of the charter",
                len(told.people),
                who=_who(told),
                number=number,
            )
        if step == "complete":
            return _("Version %(number)s of the charter bears its three signatures", number=number)
        return _("%(who)s signed version %(number)s of the charter", who=_who(told), number=number)

    def url(self, told: Told) -> str:
        page = "remarks" if told.data.get("step") == "remark" else "preparation"
        return f"/charter/versions/{told.data.get('number')}/{page}"


class Guest(OfOneself):
    """For sponsors, and for those who invite."""

    icon = "person-plus"

    def text(self, told: Told) -> str:
        name, step = told.data.get("name"), told.data.get("step")
        if step == "waits":
            return _("%(name)s has accepted an invitation and waits for you to agree", name=name)
        if step == "ends":
            return _("The stay of %(name)s ends on %(day)s", name=name, day=_day(told))
        if step == "sponsor_left":
            left = told.data.get("guests", 1)
            return ngettext(
                "%(name)s has left, and the partner they answered for with them",
                "%(name)s has left, and the %(num)d partners they answered for with them",
                left,
                name=name,
            )
        return _("%(name)s has accepted your invitation", name=name)

    def url(self, told: Told) -> str:
        return "/admin/people?state=left" if told.data.get("step") == "sponsor_left" else "/guests"


class Device(OfOneself):
    icon = "key"

    def text(self, told: Told) -> str:
        return _("Somebody signed in as you on a device not seen before. If it wasn’t you, cut it off")

    def url(self, told: Told) -> str:
        return "/me/sessions"


KINDS: dict[str, Kind] = {
    policy.RULE: Rule(),
    policy.GUEST: Guest(),
    policy.DEVICE: Device(),
    policy.COMMENT: Comment(),
    policy.REPLY: Reply(),
    policy.MENTION: Mention(),
    policy.REACTION: Reaction(),
    policy.ANNOUNCEMENT: Announcement(),
    policy.HELD_BACK: Held(),
    policy.DECIDED: Decided(),
    policy.REPORT_DECIDED: ReportDecided(),
    policy.WATCHED: Watched(),
    policy.SPREADING: Spreading(),
    policy.TRANSFERRED: Transferred(),
    policy.ESCALATED: Escalated(),
    policy.SECOND_WANTED: SecondWanted(),
    policy.SECOND_REFUSED: SecondRefused(),
    policy.APPEAL_ASSIGNED: AppealAssigned(),
    policy.PLAYBOOK: Playbook(),
    policy.UNDONE: Undone(),
    policy.APPEAL_DECIDED: AppealDecided(),
    policy.APPEAL_MESSAGE: AppealMessage(),
    policy.MEASURE: Measure(),
    policy.MEASURE_LIFTED: MeasureLifted(),
    policy.JOIN_REQUEST: JoinRequest(),
    policy.JOINED: Joined(),
    policy.CHARTER: Charter(),
    policy.CHARTER_DRAFT: CharterDraft(),
}


def _day(told: Told) -> str:
    day = told.data.get("day")
    return str(format_date(datetime.fromisoformat(day), "long")) if day else ""


def _who(told: Told) -> str:
    names = [person.name for person in told.people]
    if not names:
        return _("Somebody")
    if len(names) == 1:
        return names[0]
    if len(names) == 2:
        return _("%(first)s and %(second)s", first=names[0], second=names[1])
    others = len(names) - 1
    return ngettext("%(name)s and %(num)d other", "%(name)s and %(num)d others", others, name=names[0])
