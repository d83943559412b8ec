"""Conditions: at which contributions to stop, asked of a pass that runs or of one that was recorded."""

import numpy as np
from networks import leaf

from microgradnn import Op, backward_steps, tanh
from microgradnn.debugging.places import Condition, operation_names


def steps_where(condition, output):
    """The operations at whose steps a condition holds."""
    return [step.node.op.name for step in backward_steps(output) if condition.holds(step)]


def test_a_tensor_an_operation_and_a_question():
    """Each is asked alone, and all together; of nothing the answer is always yes."""
    W, V = leaf([[1.0, 2.0]], "W"), leaf([[3.0, 4.0]], "V")
    L = (tanh(W) * V + W).sum()
    assert steps_where(Condition(None, None, None), L) == ["sum", "add", "add", "multiply", "multiply", "tanh"]
    assert steps_where(Condition(W, None, None), L) == ["add", "tanh"]
    assert steps_where(Condition(None, "multiply", None), L) == ["multiply", "multiply"]
    assert steps_where(Condition(W, "tanh", lambda step: step.dx[0, 0] > 0), L) == ["tanh"]
    assert steps_where(Condition(W, "tanh", lambda step: step.dx[0, 0] < 0), L) == []


def test_an_element():
    """Of an element, the contributions to its matrix; where an index picks, only if it gets one."""
    W = leaf(np.ones((2, 2)), "W")
    L = (W * 2).sum() + W[0, 1] + W[1, 0]
    assert steps_where(Condition(W[0, 1], None, None), L) == ["getitem", "multiply"]


def test_operations_of_the_user_have_names_too():
    """The names that a breakpoint may be given are those of all operations, also of ones that were defined just now."""
    assert {"tanh", "matmul"} <= operation_names()

    class Halve(Op):
        def forward(self, x):
            return x / 2

        def dx(self, dz, z, x):
            return dz / 2

        vjps = (dx,)

    assert Halve.name in operation_names()
