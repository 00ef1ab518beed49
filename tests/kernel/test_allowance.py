from app.kernel import allowance
from app.kernel.allowance import Allowance


def test_so_many_at_once_and_then_as_fast_as_it_fills():
    now = [0.0]
    few = Allowance(3, 6.0, lambda: now[0])
    assert [few.allows(1) for _ in range(4)] == [True, True, True, False]
    assert few.allows(2)
    now[0] = 1.9
    assert not few.allows(1)
    now[0] = 2.1
    assert [few.allows(1), few.allows(1)] == [True, False]
    now[0] = 100
    assert [few.allows(1) for _ in range(4)] == [True, True, True, False]


def test_it_remembers_only_those_who_took_something_lately(monkeypatch):
    now = [0.0]
    few = Allowance(3, 6.0, lambda: now[0])
    monkeypatch.setattr(allowance, "FORGET_BEYOND", 10)
    for who in range(10):
        few.allows(who)
    now[0] = 60
    few.allows(11)
    assert len(few._left) == 1
