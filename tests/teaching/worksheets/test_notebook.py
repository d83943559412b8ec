"""Notebooks that check themselves."""

import json

import nbformat
import pytest
from sheets_of import COURSES, some

from microgradnn.formulas.unicode_text import text
from microgradnn.teaching.worksheets.notebook import check, notebook


@pytest.mark.parametrize("kind", ["graph", "matrix"])
def test_a_notebook_holds_no_answer(kind):
    """It is a valid notebook with all blanks, by their names on paper, as None, and no key in it."""
    exercise = some(kind)[1]
    book = json.loads(notebook(exercise, 2, 3, COURSES[0]))
    nbformat.validate(book)
    answers = next(cell["source"] for cell in book["cells"] if cell["source"].startswith("answers"))
    names = {}
    exec(answers, names)
    assert names["answers"] == dict.fromkeys([text(blank.label) for blank in exercise.blanks])


def checked(capsys, answers, course=COURSES[1]):
    """What check prints, line by line."""
    check(answers, "rnn", seed=3, student=2, order=course.order, half=course.half, index_base=course.index_base)
    return capsys.readouterr().out.strip().split("\n")


def test_right_answers(capsys):
    """The key has all marks."""
    exercise = some("rnn", COURSES[1])[1]
    printed = checked(capsys, {text(blank.label): blank.value for blank in exercise.blanks})
    assert printed[-1] == f"{exercise.marks} of {exercise.marks} marks"
    assert all(line.startswith("✓") for line in printed[:-2])


def test_what_follows_and_what_is_missing(capsys):
    """A wrong state costs its own mark; the next, computed from it, is right; the others are to go."""
    exercise = some("rnn", COURSES[1])[1]
    first, second = exercise.blanks[:2]
    wrong = first.value + 1
    printed = checked(capsys, {text(first.label): wrong, text(second.label): exercise.follow(second, {first.key: wrong})})
    assert printed[0].startswith("✗")
    assert printed[1].startswith("✓") and "follows from your numbers" in printed[1]
    assert printed[-1] == f"1 of {exercise.marks} marks; {len(exercise.blanks) - 2} to go"


def test_a_typical_mistake_is_named(capsys):
    """Who forgets the inner derivative is told so."""
    exercise = some("rnn", COURSES[1])[1]
    slope = next(blank for blank in exercise.blanks if blank.key == "d_o")
    (line, *_) = checked(capsys, {text(slope.label): -slope.value})
    assert "the inner derivative, −1, is missing" in line
