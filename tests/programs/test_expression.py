"""Expressions: what they know of memory and shapes without holding an array."""

import numpy as np
import pytest

from microgradnn.programs.expression import Length, inner_expressions, is_number, key_of, order_of, shape_text
from microgradnn.programs.recorder import Recorder


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda x: x, lambda x: x.T),
        (lambda x: x[1:], lambda x: x[::-1]),
        (lambda x: x[:2], lambda x: x[1:]),
        (lambda x: x[:2], lambda x: x[2:]),
        (lambda x: x[:2].T[1:], lambda x: x.reshape(2, 6)[1:]),
        (lambda x: x, lambda x: x + 0.5),
        (lambda x: x, lambda x: x[[0, 1]]),
        (lambda x: x, lambda x: x.copy()),
        (lambda x: x, lambda x: x.T.reshape(-1)),
        (lambda x: x[0], lambda x: np.broadcast_to(x[0], (3, 3))),
        (lambda x: np.expand_dims(x[1], 1), lambda x: x[1:2]),
        (lambda x: np.einsum("ij->ji", x), lambda x: x),
    ],
)
def test_expressions_share_memory_as_arrays_do(one, other):
    """Two Expressions share memory if, and only if, the arrays do as far as their first and last bytes tell."""
    recorder = Recorder(resized=None)
    x = recorder.parameter(np.arange(12.0).reshape(4, 3)) + 0.25
    a, b = one(x), other(x)
    assert a.expression.shares_memory(b.expression) == np.may_share_memory(a.array, b.array)
    assert b.expression.shares_memory(b.expression)


@pytest.mark.parametrize(
    ("length", "text", "at_5"),
    [(Length(1, 0), "n", 5), (Length(2, 0), "2 * n", 10), (Length(1, -1), "n - 1", 4), (Length(3, 2), "3 * n + 2", 17)],
)
def test_lengths_that_depend_on_the_batch(length, text, at_5):
    """A length is written in n, and as it is written it is the number for a batch of n."""
    assert (str(length), length.at(5)) == (text, at_5)
    assert eval(text, {"n": 5}) == at_5
    assert shape_text((length, 3)) == f"({text}, 3)"


def test_keys_tell_apart_what_is_written_apart():
    """Numbers that are equal but not the same, as 1, 1.0 and True, or 0.0 and −0.0, make two Expressions; equal parts one."""
    others = [
        1,
        1.0,
        True,
        np.float64(1),
        np.float32(1),
        "1",
        (1,),
        [1],
        0.0,
        -0.0,
        slice(1),
        slice(0, 1),
        {"axis": 1},
        {"axis": 0},
    ]
    assert len({key_of(x) for x in others}) == len(others)
    assert key_of({"axis": (0, slice(1)), "k": 2}) == key_of({"k": 2, "axis": (0, slice(1))})


def test_the_inner_expressions():
    """Expressions are found wherever an argument may have them: in lists, tuples, and the ends of slices."""
    recorder = Recorder(resized=None)
    a, b, c = (recorder.parameter(np.ones(i)).expression for i in (1, 2, 3))
    assert list(inner_expressions((a, [1, b], slice(None, c), "x"))) == [a, b, c]
    assert [is_number(x) for x in (a, recorder.number(np.float64(2)), 2, "2")] == [False, True, True, False]
    assert is_number(recorder.number(np.float64(2)), 2) and not is_number(recorder.number(np.float64(2)), 3)


def test_order_in_memory():
    """An array lies row by row, column by column, or neither; of one element it is row by row."""
    x = np.zeros((4, 6))
    assert [order_of(y) for y in (x, x.T, x[::2], x[:, ::-1], x[:1, :1])] == ["C", "F", None, None, "C"]
