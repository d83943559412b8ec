"""The steps are the backward pass."""

import gc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import small_network
from noted import noted
from strategies import generators

from microgradnn import Op, Tensor, backward_steps, concatenate, grad


def test_a_line_a_step():
    """Printed, the steps are an aligned table: number, shape, gradient, arithmetic, rule; a second share is added up."""
    x = Tensor(3.0, requires_grad=True, name="x")
    L = ((x * 2).named("a") * x).named("L")
    assert str(backward_steps(L)) == (
        " 1  ()  ∂L/∂a = 3           multiply: dx = dz * y\n"
        " 2  ()  ∂L/∂x = 6           multiply: dy = dz * x\n"
        " 3  ()  ∂L/∂x = 6 + 6 = 12  multiply: dx = dz * y"
    )


def test_a_sum_over_a_broadcast_axis_is_a_step():
    """Where an input was repeated, its contribution comes with the shape of z, and the sum of it is the next step."""
    L, at = small_network()
    first, second = [step for step in backward_steps(L) if step.input is at["b"]]
    assert (first.kind, first.dx.shape, first.new) == ("vjp", (2, 2), None)
    assert (second.kind, second.dx.shape) == ("sum", (2,))
    assert second.rule == "summed over axis 0, where y was repeated"
    assert np.array_equal(second.dx, first.dx.sum(axis=0))


def test_the_steps_are_the_backward_pass():
    """After the last step the gradients are those of backward(), to the last bit; no .grad was touched before."""
    L, at = small_network()
    steps = backward_steps(L)
    assert all(tensor.grad is None for tensor in at.values())
    after = steps.gradients_after(len(steps))
    L.backward()
    for tensor in at.values():
        assert np.array_equal(after[tensor], tensor.grad)


def test_every_step_adds_up():
    """new = old + dx, and old is None only at a first contribution."""
    L, _ = small_network()
    known = {}
    for step in backward_steps(L):
        if step.new is not None:
            assert (step.old is None) == (step.input not in known)
            assert np.array_equal(step.new, step.dx if step.old is None else step.old + step.dx)
            known[step.input] = step.new


@given(rng=generators, size=st.integers(1, 20))
def test_random_graphs_step_by_step(rng, size):
    """For random graphs with sharing, the last steps are what grad() gives."""
    a, b = (Tensor(rng.normal(size=3), requires_grad=True) for _ in range(2))
    nodes = [a, b, a * b]
    for _ in range(size):
        x, y = (nodes[rng.integers(len(nodes))] for _ in range(2))
        nodes.append([x + y, x * y, (x - y).tanh(), concatenate([x, y])[:3]][rng.integers(4)])
    L = (nodes[-1] + nodes[2]).sum()
    steps = backward_steps(L)
    after = steps.gradients_after(len(steps))
    for leaf, expected in zip((a, b), grad(L, [a, b]), strict=True):
        assert np.array_equal(after[leaf], expected)


def test_rules_are_quoted_as_they_are_written():
    """A step quotes the rule that ran; of several ways, the one these shapes take."""
    x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor(np.eye(2), requires_grad=True)
    rules = {step.rule for step in backward_steps((x @ y).sum())}
    assert "dy = x[:, None] * dz[..., None, :]" in rules


def test_a_rule_without_source_is_named():
    """Of a rule that was typed in at a prompt, whose text is not kept, a step gives the name."""
    typed = "class Cube(Op):\n  def forward(self, x): return x**3\n  def dx(self, dz, z, x): return dz * 3 * x**2\n  vjps = dx,"
    names = {"Op": Op}
    exec(compile(typed, "<typed>", "exec"), names)
    x = Tensor(2.0, requires_grad=True, name="x")
    (step,) = backward_steps(names["Cube"]()(x).named("L"))
    assert step.rule == "dx = Cube.dx(dz, …)"
    assert step.dx == 12


def test_steps_of_nothing():
    """Arrays without elements are said to be empty; a number among the inputs shows itself."""
    x = Tensor([], requires_grad=True, name="x")
    L = (x * 2).sum().named("L")
    assert "∂L/∂(2 x) = empty  sum" in str(backward_steps(L)[0])
    assert repr(L.inputs[0].inputs[1]) == "2"


def test_steps_are_a_sequence():
    """Steps can be indexed, counted and gone through again."""
    L, _ = small_network()
    steps = backward_steps(L)
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert steps[-1].number == len(steps)
    assert repr(steps) == f"<{len(steps)} backward steps from L>"
    assert [*steps] == [*steps]


def test_an_upstream_gradient_can_be_given():
    """What is not one number needs an upstream gradient, as backward() does."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    with pytest.raises(ValueError, match="is not one number"):
        backward_steps(x * 2)
    assert backward_steps(x * 2, [1.0, 10.0])[0].dx.tolist() == [2, 20]


def test_the_local_derivative():
    """Where each element has a slope of its own, the step gives it, and dx = dz · local; a matrix product has none."""
    L, _ = small_network()
    by_name = {step.op.name: step for step in backward_steps(L) if step.kind == "vjp"}
    step = by_name["tanh"]
    assert step.dx == pytest.approx(step.dz * step.local)
    assert step.local == pytest.approx(1 - step.node.data**2)
    assert by_name["matmul"].local is None
    x = Tensor([1.0, 2.0], requires_grad=True)
    assert backward_steps(x.softmax(), [1.0, 3.0])[0].local is None


def test_lines_of_the_program():
    """Inside remember_lines() a step knows the line that made its operation; outside it does not, and nothing is kept."""
    from microgradnn import remember_lines
    from microgradnn.source import lines

    x = Tensor(2.0, requires_grad=True, name="x")
    gc.collect()  # what earlier tests left in cycles
    kept = noted(lines.places)
    with remember_lines():
        L = (x * x).named("L")
    (path, line), text = backward_steps(L)[0].line, str(backward_steps(L)[0])
    assert path == __file__
    assert text.endswith(f"(test_steps.py:{line})")
    assert backward_steps(x * x)[0].line is None
    del L
    gc.collect()  # steps know the sequence that they are in, and it knows them
    assert noted(lines.places) == kept


def test_what_steps_say_of_themselves():
    """In a prompt, a step says in a line what it is."""
    x = Tensor(3.0, requires_grad=True, name="x")
    assert repr(backward_steps((x * x).named("L"))[0]) == "<Step 1 of 2: ∂L/∂x through multiply>"


def test_a_change_of_dtype_is_no_sum():
    """A contribution that is only turned into float32, and repeated nowhere, is one step, with the gradient's own dtype."""
    x = Tensor(np.ones(3, np.float32), requires_grad=True, name="x")
    steps = backward_steps((x * np.ones(3)).named("L"), np.ones(3))
    assert [(step.kind, step.rule, step.dx.dtype, step.new.dtype) for step in steps] == [
        ("vjp", "dx = dz * y", np.float32, np.float32)
    ]
