"""Exercises: derivations, marks that follow through, mistakes, and the proof of every key."""

import dataclasses

import pytest
from sheets_of import ALL, some

from microgradnn.formulas.formula import Name
from microgradnn.formulas.unicode_text import text
from microgradnn.teaching.worksheets.exercise import (
    Blank,
    Derivative,
    Disagreement,
    Exercise,
    Given,
    Slip,
    partial,
    prove,
    tidy,
)


def neuron():
    """o = w x, L = (t − o)² at w = 2, x = 3, t = 5."""
    given = [Given(key, Name(key), value) for key, value in {"w": 2, "x": 3, "t": 5}.items()]
    blanks = [
        Blank("o", Name("o"), "w * x", 6.0),
        Blank("L", Name("L"), "(t - o) ** 2", 1.0),
        Blank("d_o", partial("L", "o"), "-2 * (t - o)", 2.0, Derivative("L", "o"), slips=[Slip("2 * (t - o)", "the sign")]),
        Blank(
            "d_w", partial("L", "w"), "d_o * x", 6.0, Derivative("L", "w"), marks=2, slips=[Slip("d_o * 3", "no mistake here")]
        ),
    ]
    return Exercise("one", "One neuron", [], ["o = w x"], given, blanks, [("w", 2)])


def test_derivations_go_from_symbols_over_numbers_to_the_key():
    """A derivation has the rule, the numbers and the value; what is written alike stands there once."""
    exercise = neuron()
    assert [text(exercise.derivation(blank)) for blank in exercise.blanks] == [
        "o = w x = 2·3 = 6",
        "L = (t − o)² = (5 − 6)² = 1",
        "∂L/∂o = −2(t − o) = −2(5 − 6) = 2",
        "∂L/∂w = (∂L/∂o) x = 2·3 = 6",
    ]
    assert exercise.marks == 5


def test_what_follows_from_a_wrong_number():
    """Who has o = 7 and computes rightly from there has −2 (5 − 7) = 4, and 12."""
    exercise = neuron()
    assert exercise.follow(exercise.blanks[2], {"o": 7.0}) == 4.0
    assert exercise.follow(exercise.blanks[3], {"o": 7.0, "d_o": 4.0}) == 12.0


def test_mistakes_are_told_where_they_give_another_number():
    """A mistake has its number; one that gives what is right by chance is none."""
    exercise = neuron()
    assert exercise.mistakes(exercise.blanks[2]) == [("−2", "the sign")]
    assert exercise.mistakes(exercise.blanks[3]) == []


def changed(exercise, key, **changes):
    """An exercise in which one blank is otherwise."""
    blanks = [dataclasses.replace(blank, **changes) if blank.key == key else blank for blank in exercise.blanks]
    return dataclasses.replace(exercise, blanks=blanks)


@pytest.mark.parametrize(
    ("key", "changes", "message"),
    [
        ("o", {"value": 6.5}, "o: the engine gives 6.5, the rule w \\* x gives 6"),
        ("d_o", {"value": -2.0, "rule": "2 * (t - o)"}, "∂L/∂o: the engine gives -2.0, differences give 1.99999"),
        ("d_w", {"rule": "d_o * w"}, "∂L/∂w: the engine gives 6.0, the rule d_o \\* w gives 4"),
    ],
)
def test_a_wrong_key_is_found(key, changes, message):
    """A key that the rule does not give, or that both have wrong but differences do not, ends the program."""
    prove(neuron())
    with pytest.raises(Disagreement, match=message):
        prove(changed(neuron(), key, **changes))


@pytest.mark.parametrize(("kind", "course"), ALL, ids=str)
def test_every_blank_of_every_kind_can_be_wrong(kind, course):
    """In exercises of all kinds, a number that is off by one is found in each blank, so each is checked."""
    exercise = some(kind, course)[0]
    for blank in exercise.blanks:
        with pytest.raises(Disagreement):
            prove(changed(exercise, blank.key, value=blank.value + 1))


@pytest.mark.parametrize(("kind", "course"), ALL, ids=str)
def test_derivatives_have_a_second_way(kind, course):
    """Every blank but values, and sums of other blanks, is also measured by differences: also if rule and key agree."""
    exercise = some(kind, course)[0]
    backward = [blank for blank in exercise.blanks if blank.derivative]
    assert len(backward) >= len(exercise.blanks) // 2
    for blank in backward:
        with pytest.raises(Disagreement, match="differences"):
            prove(changed(exercise, blank.key, value=blank.value + 1, rule=f"{blank.rule} + 1"))


def test_tidy():
    """What was rounded is shown as what it is."""
    assert [tidy(x) for x in (2.0000000000000004, -0.0, 0.25, 1e-12)] == [2, 0, 0.25, 0]
    assert isinstance(tidy(3.0), int)
