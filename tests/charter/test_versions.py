"""Which charter counts, and when."""

import threading
from datetime import timedelta

from app.charter import actions, queries
from app.kernel import clock, settings
from tests.make import accept, make_charter, make_person


def _document(title):
    return {"title_fr": title, "title_en": title, "articles": []}


def test_a_scheduled_version_takes_over_when_its_hour_comes():
    make_charter()
    ana = make_person("ana")
    accept(ana)
    assert queries.version_in_force().number == 1
    actions.publish_version(None, _document("Two"), effective_at=clock.now() + timedelta(hours=1))
    assert queries.version_in_force().number == 1
    assert queries.has_accepted(ana)
    with clock.at(clock.now() + timedelta(hours=2)):
        assert queries.version_in_force().number == 2
        assert not queries.has_accepted(ana)


def test_what_was_in_force_on_a_day_can_be_asked():
    make_charter()
    actions.publish_version(None, _document("Two"), effective_at=clock.now())
    assert queries.version_in_force(clock.now() - timedelta(hours=2)).number == 1
    assert queries.version_in_force(clock.now()).number == 2
    assert queries.version_in_force(clock.now() - timedelta(days=9)) is None


def test_of_several_who_arrive_at_once_one_compiles(monkeypatch):
    make_charter()
    queries.current_policy()
    queries.forget()
    begun, finish, compiled = threading.Event(), threading.Event(), []

    def renew(stamp):
        compiled.append(stamp)
        begun.set()
        finish.wait(10)
        queries._Memory.stamp = stamp

    monkeypatch.setattr(queries, "_renew", renew)
    monkeypatch.setattr(settings, "get", lambda *_asked: 7)
    crowd = [threading.Thread(target=queries.current_policy) for _ in range(4)]
    crowd[0].start()
    assert begun.wait(10)
    for one in crowd[1:]:
        one.start()
    finish.set()
    for one in crowd:
        one.join(10)
    assert compiled == [7]
    queries.forget()
