"""Values in a list of variables: a short line, and few useful children."""

import numpy as np
import pytest

from microgradnn import Tensor, nn
from microgradnn.debugging.adapter.shown import MOST, Said, array_line, children, has_children, line_of, range_of, table


class Raises:
    def __repr__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (None, "None"),
        ("text", "'text'"),
        (np.float32(0.5), "0.5"),
        (np.array([1, 2]), "[1, 2]"),
        (np.array([]), "empty"),
        (np.array(["a", "b"] * 9), "<U1"),
        (np.arange(12).reshape(3, 4), "(3, 4) int64  0 … 11"),
        (np.array([np.nan, np.inf, 1.0, 2, 3, 4, 5]), "(7,) float64  1 … 5, 1 NaN, 1 inf"),
        (np.full(7, np.nan), "(7,) float64  7 NaN"),
        (Tensor(2.0), "Tensor 2"),
        (Raises(), "<Raises, whose repr raises RuntimeError>"),
        (Said("not computed yet"), "not computed yet"),
        ("x" * 500, f"'{'x' * 158}…"),
    ],
)
def test_lines(value, line):
    """One line each: numbers if they are few, else shape, type and range; what raises is told."""
    assert line_of(value) == line


def test_a_tensors_line_and_parts():
    """A Tensor tells values, what made it and whether it has a gradient; below it stand these, and no methods."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    y = (x * 2).named("y")
    assert line_of(y) == "Tensor y [2, 4]  by multiply  grad not computed"
    assert [*children(y)[0]] == ["data", "grad", "op", "inputs"]
    y.backward([1, 1])
    assert line_of(x) == "Tensor x [1, 2]  grad [2, 2]"
    assert [*children(x)[0]] == ["data", "grad"]
    assert line_of(y.inputs[1]) == "2"


def test_children():
    """Rows of arrays, items of containers, attributes of objects; nothing below numbers, functions and modules."""
    named, count, item = children(np.arange(6.0).reshape(2, 3))
    assert [*named] == ["table"] and count == 2 and np.array_equal(item(1), [3, 4, 5])
    assert children({"a": 1})[0] == {"a": 1}
    assert children([1, 2])[1] == 2 and children({5})[2](0) == 5
    assert "W" in children(nn.Linear(2, 3, rng=np.random.default_rng(0)))[0]
    assert not any(map(has_children, (1, "a", np, len, np.float64(2), np.array(2.0), None, [])))
    assert len(children(dict.fromkeys(range(1000)))[0]) == MOST


def test_tables():
    """A matrix as aligned text; of many rows those left out are counted."""
    assert table(np.ones((40, 2))).endswith("1  1\n… 10 rows more")
    assert range_of(np.array([1 + 2j])) == ""
    assert array_line(np.zeros((0, 3))) == "empty"
