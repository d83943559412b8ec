"""Which exercise a student gets."""

import pytest
from sheets_of import ALL, some

from microgradnn.teaching.worksheets import choosing
from microgradnn.teaching.worksheets.choosing import DECIMALS, LARGEST, exercise_of, exercises
from microgradnn.teaching.worksheets.conventions import Conventions
from microgradnn.teaching.worksheets.exercise import tidy


@pytest.mark.parametrize(("kind", "course"), ALL, ids=str)
def test_every_student_gets_another_friendly_one(kind, course):
    """No two are alike; all numbers are small, with few decimals, and few are 0."""
    drawn = some(kind, course)
    assert len({str((exercise.formulas, exercise.shown)) for exercise in drawn}) == len(drawn)
    for exercise in drawn:
        values = [tidy(blank.value) for blank in exercise.blanks]
        assert all(abs(value) <= LARGEST and round(value, DECIMALS) == value for value in values)
        assert values.count(0) <= len(values) / 4


@pytest.mark.parametrize("kind", choosing.KINDS)
def test_a_seed_gives_the_same_again(kind):
    """A student's sheet follows from seed and number, however many there are; another seed gives another."""
    assert exercise_of(kind, 3, 2) == some(kind)[1] == some(kind, count=2)[1]
    assert exercise_of(kind, 4, 2) != some(kind)[1]


def test_when_there_are_no_more(monkeypatch):
    """When no friendly exercise is found, that is said, and no unfriendly one is given."""
    monkeypatch.setattr(choosing, "TRIES", 3)
    monkeypatch.setattr(choosing, "LARGEST", 0)
    with pytest.raises(ValueError, match="no other that is friendly"):
        next(exercises("rnn", 1, Conventions()))
