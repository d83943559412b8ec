"""The arrays of a page: each once, all their values, or their edges."""

import json

import numpy as np
import pytest

from microgradnn.pages.arrays import Arrays, largest


def test_large_arrays_are_cut():
    """Cards hold all values, but of very large arrays the edges only, so that a page stays light."""
    arrays = Arrays()
    assert [arrays(np.arange(2000.0)), arrays(np.arange(2000.0)), arrays(np.arange(2.0))] == [0, 0, 1]
    assert "..." not in arrays.written()[0][3]
    arrays(np.arange(1e6))
    assert "..." in arrays.written()[2][3] and len(json.dumps(arrays.written())) < 100_000


def test_equal_arrays_are_one():
    """Arrays of one shape, type and content have one number; where one of the three differs, they have two."""
    arrays, x = Arrays(), np.zeros((2, 3))
    assert [arrays(x), arrays(x.copy()), arrays(x.T), arrays(x.astype(int)), arrays(x + 1), arrays(x)] == [0, 0, 1, 2, 3, 0]
    assert [shape for shape, *_ in arrays.written()] == ["(2, 3)", "(3, 2)", "(2, 3)", "(2, 3)"]


def test_what_is_kept_of_an_array():
    """A small array is a formula too, a larger one is not; a number is written as one."""
    arrays = Arrays()
    for x in (np.eye(2), np.zeros((9, 9)), 0.5):
        arrays(x)
    (_, _, matrix, values), (_, _, none, _), (shape, short, _, number) = arrays.written()
    assert matrix is not None and none is None
    assert "".join(values.split()) == "[[1.,0.],[0.,1.]]"
    assert (shape, short, number) == ("()", "0.5", "0.5")


@pytest.mark.parametrize(
    ("x", "index"),
    [
        ([[1.0, -3.0], [2.0, 0.0]], (0, 1)),
        ([np.nan, 2.0, -5.0], (2,)),
        ([1.0, -np.inf, np.nan], (1,)),
        ([1 + 1j, 3j], (1,)),
        ([False, True], (1,)),
        ([], ()),
        (["a", "b"], ()),
        (2.0, ()),
    ],
)
def test_the_largest(x, index):
    """It is the one of the largest absolute value, never a NaN where there is a number; numbers and nothing have none."""
    assert largest(np.array(x)) == index
