"""Stepping: the steps are the backward pass, hooks change it, and breakpoints stop in it."""

import builtins
import gc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import generators

from microgradnn import Op, Tensor, backward_steps, break_on, clear_breakpoints, concatenate, grad
from microgradnn.observers import observers


@pytest.fixture(autouse=True)
def no_observers_left():
    """Every test leaves nobody watching."""
    yield
    left = list(observers)
    observers.clear()
    assert left == []


def small_network():
    """o = tanh(x W + b) V for two samples, L = Σ (t − o)²: b is broadcast, h is used twice."""
    x, t = Tensor([[0.5, -1.0], [1.0, 2.0]], name="x"), Tensor([1.0, 0.0], name="t")
    W = Tensor([[0.1, 0.2], [0.3, -0.4]], requires_grad=True, name="W")
    b = Tensor([0.1, -0.1], requires_grad=True, name="b")
    V = Tensor([1.0, -1.0], requires_grad=True, name="V")
    h = (x @ W + b).tanh().named("h")
    o = (h @ V + h.sum(axis=1)).named("o")
    return ((t - o) ** 2).sum().named("L"), {"W": W, "b": b, "V": V, "h": h}


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
    kept = len(lines.places)
    with remember_lines():
        L = (x * x).named("L")
    (path, line), text = backward_steps(L)[0].line, str(backward_steps(L)[0])
    assert path == __file__
    assert text.endswith(f"(test_steps.py:{line})")
    assert backward_steps(x * x)[0].line is None
    del L
    gc.collect()  # steps know the sequence that they are in, and it knows them
    assert len(lines.places) == kept


# Hooks


def test_a_hook_sees_the_complete_gradient():
    """A hook is called once a pass, with the gradient when all contributions to it are there."""
    x = Tensor(3.0, requires_grad=True)
    seen = []
    hook = x.register_hook(seen.append)
    (x * x).backward()
    hook.remove()
    (x * x).backward()
    assert seen == [6]


def test_a_hook_changes_what_flows_on():
    """What a hook returns is kept, and passed on."""
    x = Tensor(3.0, requires_grad=True)
    y = x * 2
    hook = y.register_hook(lambda dy: dy * 10)
    (y * 1.5).backward()
    assert (y.grad, x.grad) == (15, 30)
    hook.remove()
    hook.remove()


def test_a_hook_that_removes_itself():
    """A hook may end itself when it is called; the others are called nevertheless."""
    x, seen = Tensor(3.0, requires_grad=True), []
    first = x.register_hook(lambda dx: first.remove())
    second = x.register_hook(seen.append)
    for _ in range(2):
        (x * x).backward()
    second.remove()
    assert seen == [6, 6]


def test_a_hook_ends_with_its_tensor():
    """A hook keeps no graph alive: in a training loop each step's tensors go, and their hooks with them."""
    before = list(observers)
    x = Tensor(3.0, requires_grad=True)
    for _ in range(3):
        h = x * x
        h.register_hook(print)
    del h
    assert observers == before


def test_a_hook_leaves_the_dtype():
    """What a hook returns is given the dtype of the gradient; where there will be no gradient, none is registered."""
    x = Tensor(np.ones(2, np.float32), requires_grad=True)
    hook = x.register_hook(lambda dx: dx + np.zeros(2))
    x.sum().backward()
    hook.remove()
    assert x.grad.dtype == np.float32
    with pytest.raises(ValueError, match="register_hook: 'c' of shape .* requires no gradient, so the hook would never be"):
        Tensor([1.0], name="c").register_hook(print)


def test_a_hook_that_returns_something_else():
    """A hook that returns no gradient of the right shape is refused, and no .grad is left half-done."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    hook = x.register_hook(lambda dx: dx.sum())
    with pytest.raises(ValueError, match=r"should return None, or a gradient of shape \(2,\)"):
        x.sum().backward()
    assert x.grad is None
    hook.remove()


def test_chain_rule_runs_unobserved():
    """Explaining a gradient calls no hook and stops at no breakpoint."""
    from microgradnn import chain_rule

    L, at = small_network()
    hook, stop = at["W"].register_hook(lambda dx: pytest.fail("called")), break_on(at["W"])
    chain_rule(L, at["W"][0, 0])
    hook.remove()
    stop.remove()


# Breakpoints


@pytest.fixture
def stops(monkeypatch):
    """Where breakpoint() was called: the locals of its frame."""
    import sys

    found = []
    monkeypatch.setattr(builtins, "breakpoint", lambda: found.append(dict(sys._getframe(1).f_locals)))
    return found


def test_break_on_a_tensor(stops):
    """A breakpoint on a tensor stops at each contribution to its gradient, with dz, z, xs and dx as plain arrays."""
    L, at = small_network()
    stop = break_on(at["h"])
    L.backward()
    assert len(stops) == 2
    assert {"dz", "z", "xs", "dx", "old", "new", "step"} <= stops[0].keys()
    assert all(type(stops[0][name]) is np.ndarray for name in ("dz", "z", "dx"))
    assert np.array_equal(stops[1]["new"], at["h"].grad)
    stop.remove()
    L.backward()
    assert len(stops) == 2


def test_break_on_an_operation(stops):
    """A breakpoint on an operation stops wherever its rules run."""
    L, _ = small_network()
    stop = break_on(op="tanh")
    L.backward()
    assert [found["step"].node.op.name for found in stops] == ["tanh"]
    stop.remove()


def test_break_when(stops):
    """A breakpoint with a condition stops where it holds: here, at the first NaN."""
    x = Tensor(0.0, requires_grad=True, name="x")
    stop = break_on(when=lambda step: not np.isfinite(step.dx).all())
    with np.errstate(all="ignore"):
        (x.sqrt() * 2).backward()
    assert [found["step"].node.op.name for found in stops] == ["sqrt"]
    stop.remove()


def test_a_breakpoint_that_could_never_stop_is_refused():
    """A tensor's name in place of the Tensor, and a condition or hook that is no function, are refused with the way out."""
    with pytest.raises(TypeError, match="takes the Tensor itself, or an operation's name as op='tanh'; it was given 'W'"):
        break_on("W")
    with pytest.raises(TypeError, match="when is a function of the step"):
        break_on(when=3)
    with pytest.raises(TypeError, match="register_hook takes a function of the gradient, such as print; it was given 3"):
        Tensor(1.0, requires_grad=True).register_hook(3)
    assert observers == []


def test_clear_breakpoints(stops):
    """All breakpoints can be removed at once; hooks stay."""
    x = Tensor(1.0, requires_grad=True)
    hook = x.register_hook(lambda dx: None)
    break_on(x)
    break_on(op="multiply")
    clear_breakpoints()
    (x * 2).backward()
    assert stops == []
    assert observers == [hook]
    hook.remove()


def test_clear_breakpoints_within_a_pass(stops, monkeypatch):
    """Who clears the breakpoints while the program stands at one goes through the rest of the pass without a stop."""
    L, at = small_network()
    stop_and_find = builtins.breakpoint
    monkeypatch.setattr(builtins, "breakpoint", lambda: (stop_and_find(), clear_breakpoints()))
    break_on(at["h"])
    L.backward()
    assert len(stops) == 1


def test_break_on_nothing():
    """A breakpoint must say where, and name an operation that there is."""
    with pytest.raises(
        ValueError, match=r"^break_on needs to know where: a tensor, op='tanh', or when=a function of the step.$"
    ):
        break_on()
    with pytest.raises(ValueError, match=r"^There is no operation 'Tahn'; did you mean tan or tanh or "):
        break_on(op="Tahn")
    with pytest.raises(ValueError, match=r"^There is no operation 'zzz'; there are abs, add, "):
        break_on(op="zzz")


def test_what_steps_and_breakpoints_say_of_themselves():
    """In a prompt, a step and a breakpoint each say in a line what they are."""
    x = Tensor(3.0, requires_grad=True, name="x")
    assert repr(backward_steps((x * x).named("L"))[0]) == "<Step 1 of 2: ∂L/∂x through multiply>"
    breakpoint_there = break_on(op="tanh")
    assert repr(breakpoint_there) == "Breakpoint(op='tanh')"
    breakpoint_there.remove()
    breakpoint_there.remove()
    assert breakpoint_there not in observers


def test_complex_steps(tmp_path, renderer):
    """Steps of complex numbers are told, and shown on a page, as those of real ones are."""
    x = Tensor([1j, 2.0], requires_grad=True, name="x")
    steps = backward_steps((x * (2 - 0.5j)).sum().named("L"))
    assert [step.arithmetic for step in steps] == ["[1 + 0i, 1 + 0i]", "[2 − 0.5i, 2 − 0.5i]"]
    assert "2 − 0.5i" in steps.save(tmp_path / "steps.html").read_text(encoding="utf-8")


def test_a_change_of_dtype_is_no_sum():
    """A contribution that is only turned into float32, and repeated nowhere, is one step, with the gradient's own dtype."""
    x = Tensor(np.ones(3, np.float32), requires_grad=True, name="x")
    steps = backward_steps((x * np.ones(3)).named("L"), np.ones(3))
    assert [(step.kind, step.rule, step.dx.dtype, step.new.dtype) for step in steps] == [
        ("vjp", "dx = dz * y", np.float32, np.float32)
    ]
