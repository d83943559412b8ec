"""The hidden layer in matrices."""

import numpy as np
import pytest
from sheets_of import COURSES, some


@pytest.mark.parametrize("course", COURSES, ids=str)
def test_what_is_printed_is_what_is_computed(course):
    """The matrices as they stand on the sheet, multiplied as its formula says, give the key."""
    for exercise in some("matrix", course):
        x, W, b, V, t = (np.array(value) for _, value in exercise.shown)
        z = x @ W + b if course.order == "xW" else W @ x + b
        h = np.maximum(z, 0)
        o = (h @ V if course.order == "xW" else V @ h).item()
        key = exercise.numbers()
        assert z.ravel().tolist() == [key["z0"], key["z1"]]
        assert key["o"] == o
        assert key["L"] == (t - o) ** 2 * (0.5 if course.half else 1)


@pytest.mark.parametrize("course", COURSES, ids=str)
def test_labels_are_those_of_the_matrix(course):
    """W01 is the weight from the first input to the second unit, and its label says where it stands in the matrix."""
    exercise = some("matrix", course)[0]
    W = np.array(dict(exercise.shown)["W"])
    for given in exercise.given:
        if given.key[0] == "W":
            assert given.value == W[tuple(i - course.index_base for i in given.label.index)]
