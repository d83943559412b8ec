"""How Expressions are spelled: as source that NumPy takes for the same."""

import numpy as np
import pytest
from hypothesis import given
from strategies import generators

from microgradnn import Tensor
from microgradnn.programs.numpy_code import CODE
from microgradnn.programs.recorder import Recorder
from microgradnn.programs.unrolling import unroll


@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value", "ignore:divide by zero")
def test_the_mean_of_nothing():
    """A mean over no elements is NaN, as in NumPy, and not an error of Python's."""
    x = Tensor(np.ones((0, 3)), requires_grad=True, name="x")
    value, dx = unroll(x.mean(), x)(x.data)
    assert np.isnan(value)
    assert dx.shape == (0, 3)


def number(x, value):
    """A NumPy number in the program of x."""
    return x.recorder.name(np.float64(value))


@pytest.mark.parametrize(
    ("written", "source"),
    [
        (lambda x, y: np.add.reduce(x, axis=0), "x.sum(axis=0)"),
        (lambda x, y: np.multiply(x, y) - (x - y), "x * y - (x - y)"),
        (lambda x, y: x - (y - x) - y, "x - (y - x) - y"),
        (lambda x, y: x / (x * y), "x / (x * y)"),
        (lambda x, y: (-x) ** 2, "(-x) ** 2"),
        (lambda x, y: -(x**2), "-(x**2)"),
        (lambda x, y: (x + y).T @ x, "(x + y).T @ x"),
        (lambda x, y: x + -2.5 * y, "x - 2.5 * y"),
        (lambda x, y: (x > y) == (y > 1), "(x > y) == (y > 1)"),
        (lambda x, y: x[1:, ::2], "x[1:, ::2]"),
        (lambda x, y: x[:, None, -1], "x[:, None, -1]"),
        (lambda x, y: np.absolute(x).reshape((3, 2)), "np.abs(x).reshape(3, 2)"),
        (lambda x, y: np.concatenate((x, y), axis=1), "np.concatenate([x, y], axis=1)"),
        (lambda x, y: np.stack([x, y]).transpose(0, 2, 1), "np.stack([x, y]).swapaxes(-1, -2)"),
        (lambda x, y: np.einsum("ij,ij->i", x, y), 'np.einsum("ij,ij->i", x, y)'),
        (lambda x, y: x.astype(np.float32), "x.astype(np.float32)"),
        (lambda x, y: np.where(x > 1, x, np.inf), "np.where(x > 1, x, np.inf)"),
        (lambda x, y: x * (number(x, 3) - (number(x, 2) - 7)), "x * (3 - (2 - 7))"),
        (lambda x, y: x / (number(x, 3) / (number(x, 2) + 5)), "x / (3 / (2 + 5))"),
    ],
)
def test_spelled_as_one_would(written, source):
    """However a rule puts it, it is written as people write NumPy, with the brackets that it needs; and means the same."""
    arrays = np.arange(6.0).reshape(2, 3) + 0.5, np.linspace(1, 2, 6).reshape(2, 3)
    recorder = Recorder(resized=None)
    x, y = map(recorder.parameter, arrays)
    made = written(x, y)
    assert CODE.write(made.expression, {x.expression: "x", y.expression: "y"}).text == source
    assert np.array_equal(eval(source, {"np": np, "x": arrays[0], "y": arrays[1]}), made.array)


@given(rng=generators)
def test_brackets_stand_where_they_are_needed(rng):
    """Whatever operators are put together, in whatever order, the text is read as the same computation, to the last bit."""
    array = np.array([0.7, 1.3, 2.9])
    recorder = Recorder(resized=None)
    x = recorder.parameter(array)
    made = [x, -x, x * 3.0, np.sqrt(x)]
    for _ in range(6):
        a, b = (made[i] for i in rng.integers(len(made), size=2))
        made.append([a + b, a - b, a * b, a / b, -a, a**2, 2**a, a // b, a % b, a - -b, 1.5 - a][rng.integers(11)])
    with np.errstate(all="ignore"):
        found = eval(CODE.write(made[-1].expression, {x.expression: "x"}).text, {"np": np, "x": array})
    assert np.array_equal(found, made[-1].array, equal_nan=True)
