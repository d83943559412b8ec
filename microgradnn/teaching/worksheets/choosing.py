"""Which exercise a student gets: drawn by seed and number of the student, until it is friendly and nobody else has it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from .attention import Attention
from .conventions import Conventions
from .exercise import Exercise, Kind, prove, tidy
from .hidden_layer import HiddenLayer
from .recurrent import Recurrent
from .scalar_graph import ScalarGraph

KINDS: dict[str, Kind] = {kind.name: kind for kind in (ScalarGraph(), HiddenLayer(), Recurrent(), Attention())}
LARGEST = 60  # of the numbers that a student computes
DECIMALS = 2
TRIES = 20_000


def exercises(kind: str, seed: int, conventions: Conventions | None = None) -> Iterator[Exercise]:
    """The exercises of a course, student by student, without end.

    Parameters
    ----------
    kind : {"graph", "matrix", "rnn", "attention"}
    seed : int
        Of it, and of a student's number, everything follows: student 5 gets the same, however many there are.
    conventions : Conventions, optional

    Yields
    ------
    Exercise
        Proved; no two have the same network and numbers.

    Raises
    ------
    ValueError
        If there are no more that are friendly.
    """
    taken: set[tuple[Any, ...]] = set()
    student = 0
    while True:
        student += 1
        exercise = friendly_one(kind, np.random.default_rng([seed, student]), conventions or Conventions(), taken)
        prove(exercise)
        yield exercise


def exercise_of(kind: str, seed: int, student: int, conventions: Conventions | None = None) -> Exercise:
    """The exercise of one student, counted from 1."""
    return next(islice(exercises(kind, seed, conventions), student - 1, None))


def friendly_one(kind, rng, conventions, taken):
    """The first exercise that is friendly and not taken."""
    for _ in range(TRIES):
        exercise = KINDS[kind].draw(rng, conventions)
        signature = (*exercise.formulas, *(part.value for part in exercise.given))
        if is_friendly(exercise) and signature not in taken:
            taken.add(signature)
            return exercise
    raise ValueError(f"after {len(taken)} exercises of this kind, {TRIES:,} draws have found no other that is friendly")


def is_friendly(exercise):
    """Whether a person can compute it without a calculator, and it is worth it: small numbers, few decimals, few zeros."""
    values = [tidy(blank.value) for blank in exercise.blanks]
    zeros = sum(value == 0 for value in values)
    return (
        all(abs(value) <= LARGEST and round(value, DECIMALS) == value for value in values)
        and zeros <= len(values) // 4
        and exercise.numbers()[exercise.loss] != 0
    )
