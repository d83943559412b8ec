"""Error messages, word for word: each names what was computed, on what, and the way out, and keeps NumPy's type.

Those of one family of operations stand with its tests in tests/ops.
"""

import numpy as np
import pytest
from messages import W, b, message
from networks import leaf

from microgradnn import Op, backward_steps, step_through, where


def test_what_is_no_tensor_to_begin_with():
    """A backward pass begins at a Tensor."""
    for begin in (backward_steps, step_through):
        assert message(TypeError, lambda begin=begin: begin(3)).startswith(
            "A backward pass begins at a Tensor, usually a loss;"
        )


def test_shapes_that_do_not_broadcast():
    """Both operands are named with their shapes, on whichever side the Tensor is."""
    way_out = (
        "Counted from the last axis, two lengths must be equal or one of them 1: insert an axis with expand_dims, or reshape."
    )
    assert message(ValueError, lambda: W + b) == (
        f"add cannot be computed for x = 'W' of shape (2, 3), y = 'b' of shape (4,): the shapes do not broadcast.\n{way_out}"
    )
    assert message(ValueError, lambda: np.ones(4) * (W * 2)) == (
        "multiply cannot be computed for x = a Tensor of shape (4,), y = a Tensor of shape (2, 3): "
        f"the shapes do not broadcast.\n{way_out}"
    )
    assert message(ValueError, lambda: where(W > 0, W, b)) == (
        "where cannot be computed for mask = a Tensor of shape (2, 3), x = 'W' of shape (2, 3), y = 'b' of shape (4,): "
        f"the shapes do not broadcast.\n{way_out}"
    )


def test_axes_that_are_not_there():
    """A wrong axis is NumPy's AxisError, with the operation and its operand."""
    assert message(np.exceptions.AxisError, lambda: W.sum(axis=2)) == (
        "sum(axis=2, keepdims=False) cannot be computed for x = 'W' of shape (2, 3): "
        "axis 2 is out of bounds for array of dimension 2"
    )
    assert message(np.exceptions.AxisError, lambda: W.swapaxes(0, 3)) == (
        "swapaxes(0, 3) cannot be computed for x = 'W' of shape (2, 3): it has 2 axes."
    )
    assert message(ValueError, lambda: W.transpose(0)) == (
        "transpose(axes=(0,)) cannot be computed for x = 'W' of shape (2, 3): each axis must be given once.\n"
        "Give as many axes as there are, or none to reverse them all."
    )


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (np.ones(2), "an array of shape (2,)."),
        (np.ones((1, 3)), "an array of shape (1, 3)."),
        (np.float64(1), "an array of shape ()."),
        (np.ones((3, 2)), "an array of shape (3, 2)."),
        (2.0, "2.0: an array is due, such as dz * 2.0."),
        (None, "None: is its return missing?"),
    ],
    ids=["axis missing", "row", "scalar", "transposed", "number", "None"],
)
def test_a_vjp_that_returns_something_else(returned, words):
    """A rule whose result cannot be the gradient of its input is named, with what it returned."""

    class Twice(Op):
        def forward(self, x):
            return 2 * x

        def dx(self, dz, z, x):
            return returned

        vjps = (dx,)

    assert message(ValueError, Twice()(W).sum().backward) == (
        f"The vjp of twice for an input of shape (2, 3) returned {words}\n"
        "∂L/∂x has the shape of x, or one that x broadcasts to: the backward pass sums it over what was repeated."
    )
    assert W.grad is None


def test_a_gradient_for_an_operand_without_rule():
    """An operand whose vjp is None gets no gradient: the message says which, and the way out."""

    class Pick(Op):
        """z = x, whatever y is"""

        def forward(self, x, y):
            return x * 1

        def dx(self, dz, z, x, y):
            return dz

        vjps = dx, None

    y = leaf(2.0, name="y")
    assert message(TypeError, lambda: Pick()(leaf(1.0), y).backward()) == (
        "pick has no derivative with respect to 'y' of shape (), which requires a gradient: its vjp there is None.\n"
        "Give it x.detach() in place of x, or write the vjp."
    )
    assert y.grad is None


def test_an_exception_that_takes_more_than_a_message():
    """What cannot be made anew from a message keeps its type, and gets the message as a note."""

    class Two(ValueError):
        def __init__(self, one, other):
            super().__init__(one, other)

    class Fails(Op):
        """z = nothing"""

        def forward(self, x):
            raise Two(1, 2)

        def dx(self, dz, z, x):
            return dz

        vjps = (dx,)

    with pytest.raises(Two) as caught:
        Fails()(leaf(1.0, name="x"))
    assert caught.value.__notes__[0].startswith("fails cannot be computed for x = 'x' of shape ()")
