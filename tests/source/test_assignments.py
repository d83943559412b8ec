"""The message of x[i] = v: the user's line, written so that it makes a new Tensor, and right when it is run."""

import doctest

import numpy as np
import pytest
from networks import leaf

from microgradnn.source import assignments


class Holder:
    """Has a Tensor as an attribute."""


def refused(function):
    """The line that the message gives."""
    with pytest.raises(TypeError, match="cannot be changed in place: what was computed from it would not know") as caught:
        function()
    return str(caught.value).splitlines()[1].removeprefix("As a new Tensor: ")


def test_the_line_is_rewritten():
    """An index, a mask, an attribute, several lines: what stands in the program stands in the message."""
    x, s, i, v = leaf([1.0, 2.0, 3.0]), Holder(), 0, 7
    s.h = leaf(np.ones((2, 3)))

    def one():
        x[i] = 2 * v + 1

    def by_mask():
        x[x > 1] = 0

    def attribute():
        s.h[0, 1:] = np.maximum(
            v,
            3,
        )

    def added():
        x[i] += v

    def multiplied():
        x[:] *= v

    def other():
        x[i] **= v + 1

    assert refused(one) == "x = x.at[i].set(2 * v + 1)"
    assert refused(by_mask) == "x = x.at[x > 1].set(0)"
    assert refused(attribute) == "s.h = s.h.at[0, 1:].set(np.maximum(v, 3))"
    assert refused(added) == "x = x.at[i].add(v)"
    assert refused(multiplied) == "x = x.at[:].multiply(v)"
    assert refused(other) == "x = x.at[i].set(x[i] ** (v + 1))"


LINES = ["x[1] = 5", "x[[0, 2]] = [5, 6]", "x[:2] *= 3", "x[..., 1] += 4", "x[0] -= 2", "x[x > 2] /= 4"]


@pytest.mark.parametrize("line", LINES)
def test_what_is_shown_does_what_was_meant(line, tmp_path):
    """The line of the message, run in place of that of the program, gives what an array is after that of the program."""
    path = tmp_path / "program.py"
    path.write_text(f"def run(x):\n    {line}\n")
    names, x = {}, np.array([1.0, 2.0, 4.0])
    exec(compile(path.read_text(), path, "exec"), names)
    names["x"] = leaf(x)
    exec(refused(lambda: names["run"](names["x"])), names)
    names["run"](x)
    np.testing.assert_array_equal(names["x"].data, x)


def test_where_the_line_is_not_known():
    """Without its source, and where several things are assigned to at once, the message says how it is done in general."""
    x = leaf([1.0, 2.0])

    def several():
        x[0], x[1] = 1, 2

    def chained():
        y = x[0] = 1
        return y

    general = "x = x.at[i].set(v)"
    assert refused(several) == refused(chained) == refused(lambda: exec("x[0] = 5", {"x": x})) == general
    assert refused(lambda: x.__setitem__(0, 5)) == general


def test_examples():
    """Those in the docstrings."""
    assert doctest.testmod(assignments).failed == 0
