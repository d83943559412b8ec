"""An exercise as a notebook that checks itself: it holds no answer, but makes the exercise again from its seed."""

import json

from ...formulas.unicode_text import number, text
from .choosing import exercise_of
from .conventions import Conventions
from .exercise import close, tidy


def notebook(exercise, student, seed, conventions):
    """The text of an .ipynb file."""
    answers = "\n".join(f'    "{text(blank.label)}": None,' for blank in exercise.blanks)
    given = "\n".join(f"- {name} = {rows(value)}" for name, value in exercise.shown)
    formulas = "\n".join(f"    {formula}" for formula in exercise.formulas)
    how = f'"{exercise.kind}", seed={seed}, student={student}, order="{conventions.order}", half={conventions.half}'
    how += f", index_base={conventions.index_base}"
    cells = [
        ("markdown", f"# {exercise.title}\n\n" + "\n\n".join(exercise.story) + f"\n\n{formulas}\n\n{given}"),
        ("code", f"from microgradnn.teaching.worksheets.notebook import check, drawn\n\ndrawn({how})"),
        ("markdown", "Write your numbers in place of `None`, and run the last cell as often as you like."),
        ("code", f"answers = {{\n{answers}\n}}"),
        ("code", f"check(answers, {how})"),
    ]
    return json.dumps(
        {
            "cells": [cell(i, kind, source) for i, (kind, source) in enumerate(cells)],
            "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        },
        ensure_ascii=False,
        indent=1,
    )


def cell(number, kind, source):
    """One cell of a notebook, not run yet."""
    content = {"cell_type": kind, "id": f"cell{number}", "metadata": {}, "source": source}
    return content | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def rows(value):
    """A matrix in a line of text: rows are separated by semicolons."""
    if not isinstance(value, list):
        return number(value)
    return "[" + "; ".join("  ".join(number(x) for x in row) for row in value) + "]"


def drawn(kind, seed, student, **conventions):
    """The network of an exercise, with lines to write on."""
    from ...pictures.diagram import Diagram
    from .choosing import KINDS

    exercise = exercise_of(kind, seed, student, Conventions(**conventions))
    return Diagram(KINDS[kind].picture(exercise, solved=False))


def check(answers, kind, seed, student, **conventions):
    """Print which answers are right, which follow from earlier ones that are not, and which mistake others look like.

    `answers` has what the notebook has: a number, or None, for each name.
    """
    exercise = exercise_of(kind, seed, student, Conventions(**conventions))
    keys = {text(blank.label): blank.key for blank in exercise.blanks}
    given = {keys[name]: float(value) for name, value in answers.items() if value is not None}
    total = 0
    for blank in exercise.blanks:
        if blank.key in given:
            earned, words = verdict(exercise, blank, given)
            total += earned
            print(f"{'✓' if earned else '✗'} {text(blank.label)} = {number(tidy(given[blank.key]))}{words}")
    missing = len(exercise.blanks) - len(given)
    print(f"\n{total} of {exercise.marks} marks" + (f"; {missing} to go" if missing else ""))


def verdict(exercise, blank, answers):
    """The marks for an answer, and what is said of it."""
    answer = answers[blank.key]
    if close(answer, blank.value):
        return blank.marks, ""
    if close(answer, exercise.follow(blank, answers)):
        return blank.marks, "   follows from your numbers before"
    likely = dict(exercise.mistakes(blank)).get(number(tidy(answer)))
    return 0, f"   perhaps: {likely}" if likely else ""
