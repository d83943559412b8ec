"""Elements in C: literals, brackets, NaN, and functions that C has in another way than NumPy."""

import numpy as np
import pytest
from compilers import assert_near, needs_compiler

from microgradnn import Op, Tensor, unroll
from microgradnn.compiling.elements import declarations, literal

EDGES = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, np.inf, -np.inf, np.nan])
UNARY = {
    **{name: getattr(np, name) for name in ("sign", "signbit", "isnan", "isinf", "isfinite", "sinc", "reciprocal", "square")},
    **{name: getattr(np, name) for name in ("rint", "trunc", "abs", "sqrt", "cbrt", "exp2", "log10", "tanh")},
    "round": lambda x: np.round(x, 1),
    "clip": lambda x: np.clip(x, -1, 2),
    "cube": lambda x: x**3,
    "root": lambda x: x**0.5,
    "power": lambda x: x**2.5,
    "inverse": lambda x: x**-1,
    "nested": lambda x: 1 - (2 - (x - 3)) / (x / (x * -2)),
    "choice": lambda x: np.where(x > 0, 1 / x, -x),
    "logic": lambda x: (x > 0) & ~(x > 1) | (x == -1),
}
BINARY = [
    "maximum",
    "minimum",
    "copysign",
    "heaviside",
    "logaddexp",
    "logaddexp2",
    "remainder",
    "floor_divide",
    "fmod",
    "arctan2",
]


class Computed(Op):
    """An operation of a function, whose gradients are not asked for."""

    def __init__(self, function):
        self.function = function

    def forward(self, x, y):
        return self.function(x, y)

    def dx(self, dz, z, x, y):
        return dz * 0 + x * 0

    def dy(self, dz, z, x, y):
        return dz * 0 + y * 0

    vjps = (dx, dy)


@needs_compiler
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_functions_at_their_edges(dtype):
    """At 0, −0, inf and NaN, each function gives in C what it gives in NumPy; all of them are one program."""
    x = np.repeat(EDGES, len(EDGES)).astype(dtype)
    y = np.tile(EDGES, len(EDGES)).astype(dtype)
    functions = {name: (lambda x, y, f=f: f(x)) for name, f in UNARY.items()}
    functions |= {name: getattr(np, name) for name in BINARY}
    a, b = Tensor(x, requires_grad=True, name="x"), Tensor(y, requires_grad=True, name="y")
    picks = [Tensor(np.zeros_like(x), requires_grad=True, name=f"pick{i}") for i in range(len(functions))]
    with np.errstate(all="ignore"):
        values = [Computed(function)(a, b).astype(dtype) for function in functions.values()]
        loss = sum((z * pick).sum() for z, pick in zip(values, picks, strict=True))  # ∂L/∂pick = z
        _, received = unroll(loss, picks, compile=True)(x=x, y=y, **{pick.name: pick.data for pick in picks})
    for name, ours, z in zip(functions, received, values, strict=True):
        np.testing.assert_allclose(ours, z.data, rtol=1e-5 if dtype == np.float32 else 1e-14, err_msg=name)


def test_literals():
    """Numbers keep their value and their type: floats have a point, and what is not finite a name."""
    double, single, whole = np.dtype(np.float64), np.dtype(np.float32), np.dtype(np.int64)
    assert [literal(x, double).text for x in (2, 0.1, -3, 1e-7, np.nan)] == ["2.0", "0.1", "-3.0", "1e-07", '__builtin_nan("")']
    assert [literal(x, single).text for x in (2, 0.1, -np.inf)] == ["2.0f", "0.1f", "-__builtin_inff()"]
    assert literal(True, whole).text == "1"


def test_declarations_hold_what_helpers_use():
    """A helper brings along the function that it calls, in its own type."""
    text = "\n".join(declarations({("exp_", np.dtype(np.float32)), ("atan2", np.dtype(float))}))
    assert "FAST float expf(float);" in text
    assert "static inline float exp_f(float x)" in text
    assert "double atan2(double, double);" in text


@needs_compiler
def test_truth_values_stay_truth_values():
    """Sums of many of them, numbers made truth values, and products of truth values are right: they lie in bytes."""
    x = Tensor(np.arange(-300.0, 300.0), requires_grad=True, name="x")
    positive = (x.data > -100)[None, :]
    functions = [
        lambda a, _: (positive @ (a[:, None] != 5.5)).astype(float),
        lambda a, _: (256 * a).astype(bool).astype(float),
        lambda a, _: (a > 0).sum() + (a * 256).any() + (a > 1).mean(),
        lambda a, _: np.where((256 * a).astype(bool) & (a < 9), a, 1.0),
    ]
    loss = sum(Computed(function)(x, x).sum() for function in functions)
    function = unroll(loss, compile=True)
    assert_near([function(**{**function.recorded, "x": x.data})[0]], [loss.data])


@needs_compiler
def test_exp_of_what_is_masked():
    """Where exp underflows it is 0, and before that what NumPy says; NaN, and what overflows, as there."""
    numbers = np.array([-np.inf, -1e9, -751.0, -746.0, -745.0, -720.0, -1.0, 0.0, 709.0, 710.0, np.inf, np.nan])
    x = Tensor(np.zeros(12), requires_grad=True, name="x")
    function = unroll(np.exp(x).sum(), compile=True)
    with np.errstate(over="ignore"):
        value, (gradient,) = function(numbers)
        np.testing.assert_allclose(gradient, np.exp(numbers), rtol=1e-15)
        assert np.isnan(value)
