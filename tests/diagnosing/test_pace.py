"""Which passes are looked at: by their number, and by what looks cost."""

from itertools import pairwise

import pytest

from microgradnn.diagnosing import pace
from microgradnn.diagnosing.pace import FIRST, Pace


def looks(cost, passes=2000, seconds_a_pass=0.001, every=None, monkeypatch=None):
    """The passes that are looked at, if a look costs so many seconds, and a pass takes a millisecond."""
    clock = [0.0]
    monkeypatch.setattr(pace, "process_time", lambda: clock[0])
    chosen, watch = [], Pace(every)
    for number in range(1, passes + 1):
        clock[0] += seconds_a_pass
        if watch.is_due(number):
            clock[0] += cost
            watch.spend(cost)
            watch.looked(number)
            chosen.append(number)
    return chosen, watch


def test_looks_become_fewer(monkeypatch):
    """Looks that cost nothing: the first ones, and then each a quarter later than the one before."""
    chosen, _ = looks(0.0, monkeypatch=monkeypatch)
    assert chosen[:8] == [1, 2, 3, 4, 6, 8, 11, 14]
    assert all(b <= int(a * pace.GROWTH) + 1 for a, b in pairwise(chosen)) and len(chosen) < 35


@pytest.mark.parametrize("cost", [0.001, 0.01, 0.1])
def test_looks_take_a_small_share(cost, monkeypatch):
    """Whatever a look costs: all together take the share that they may, beyond the first ones and a moment."""
    monkeypatch.setattr(pace, "ALLOWANCE", 0.04)
    chosen, watch = looks(cost, passes=3000, monkeypatch=monkeypatch)
    assert chosen[:FIRST] == [1, 2, 3, 4]
    assert watch.share <= pace.SHARE + max(0.04, FIRST * cost) / 3.0
    assert len(chosen) >= FIRST + (cost < 0.1)


def test_one_look_that_was_interrupted(monkeypatch):
    """A look that took a second, since the machine was busy, does not end the others: the median counts."""
    monkeypatch.setattr(pace, "ALLOWANCE", 0.04)
    watch = Pace()
    for number in (1, 2, 3):
        watch.spend(1.0 if number == 2 else 0.001)
        watch.looked(number)
    assert watch.is_due(5)


def test_every(monkeypatch):
    """With every=n each n-th pass, whatever it costs; it is a positive number."""
    chosen, _ = looks(10.0, passes=40, every=10, monkeypatch=monkeypatch)
    assert chosen == [1, 2, 3, 4, 10, 20, 30, 40]
    with pytest.raises(ValueError, match="every is 1 or more"):
        Pace(0)
