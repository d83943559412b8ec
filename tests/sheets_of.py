"""Exercises of each kind, drawn once."""

import functools
from itertools import islice

from microgradnn.teaching.worksheets.choosing import KINDS, exercises
from microgradnn.teaching.worksheets.conventions import Conventions

COURSES = (Conventions(), Conventions(order="Wx", half=True, index_base=0))
ALL = [(kind, course) for kind in KINDS for course in COURSES]


@functools.cache
def some(kind, conventions=COURSES[0], count=6, seed=3):
    """The first exercises of a course."""
    return [*islice(exercises(kind, seed, conventions), count)]
