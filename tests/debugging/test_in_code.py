"""Breakpoints stop in the backward pass."""

import builtins
import sys

import numpy as np
import pytest
from networks import small_network

from microgradnn import Tensor, break_on, clear_breakpoints
from microgradnn.watching.observers import observing

pytestmark = pytest.mark.usefixtures("no_observers_left")


@pytest.fixture
def stops(monkeypatch):
    """Where breakpoint() was called: the locals of its frame."""
    found = []
    monkeypatch.setattr(sys, "breakpointhook", sys.__breakpointhook__)  # another one, if debugpy was imported
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
    """A tensor's name in place of the Tensor, a condition that is no function, and a constant are refused with the way out."""
    with pytest.raises(TypeError, match="takes the Tensor itself, or an operation's name as op='tanh'; it was given 'W'"):
        break_on("W")
    with pytest.raises(TypeError, match="when is a function of the step"):
        break_on(when=3)
    with pytest.raises(ValueError, match="break_on: 'c' of shape .* requires no gradient, so the breakpoint would never stop"):
        break_on(Tensor([1.0], name="c"))
    assert observing() == []


def test_clear_breakpoints(stops):
    """All breakpoints can be removed at once; hooks stay."""
    x = Tensor(1.0, requires_grad=True)
    hook = x.register_hook(lambda dx: None)
    break_on(x)
    break_on(op="multiply")
    clear_breakpoints()
    (x * 2).backward()
    assert stops == []
    assert observing() == [hook]
    hook.remove()


def test_clear_breakpoints_within_a_pass(stops, monkeypatch):
    """Who clears the breakpoints while the program stands at one goes through the rest of the pass without a stop."""
    L, at = small_network()
    stop_and_find = builtins.breakpoint
    monkeypatch.setattr(builtins, "breakpoint", lambda: (stop_and_find(), clear_breakpoints()))
    break_on(at["h"])
    L.backward()
    assert len(stops) == 1


def test_break_on_everything(stops):
    """Without an argument every contribution stops, so the first rule at once."""
    L, _ = small_network()
    stop = break_on()
    L.backward()
    stop.remove()
    assert stops[0]["step"].node is L
    assert repr(stop) == "Breakpoint()"


def test_break_on_no_operation():
    """An operation must be one that there is."""
    with pytest.raises(ValueError, match=r"^There is no operation 'Tahn'; did you mean tan or tanh or "):
        break_on(op="Tahn")
    with pytest.raises(ValueError, match=r"^There is no operation 'zzz'; there are abs, add, "):
        break_on(op="zzz")


def test_what_a_breakpoint_says_of_itself():
    """In a prompt, a breakpoint says in a line what it is; it can be removed twice."""
    there = break_on(op="tanh")
    assert repr(there) == "Breakpoint(op='tanh')"
    there.remove()
    there.remove()
    assert there not in observing()


def test_break_on_an_element(stops):
    """A breakpoint on W[0, 0] stops where W's gradient gets a contribution, unless that is another element's."""
    L, at = small_network()
    stop = break_on(at["W"][0, 0])
    L.backward()
    stop.remove()
    assert [found["step"].input is at["W"] for found in stops] == [True]
    W = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="W")
    row, other = W[0], W[1]
    stop = break_on(W[0][1])
    (row.sum() * other.sum()).backward()
    stop.remove()
    assert [found["step"].node is row for found in stops[1:]] == [True]


def test_break_on_an_element_of_the_graph(stops):
    """An indexed tensor that the graph holds stops once: at its own contribution, not where it passes it on."""
    W = Tensor([1.0, 2.0], requires_grad=True)
    w = W[0]
    stop = break_on(w)
    (w * 3).backward()
    stop.remove()
    assert [found["step"].input is w for found in stops] == [True]


def test_break_on_a_shape(stops):
    """A condition may ask for the shape of a contribution."""
    L, at = small_network()
    stop = break_on(when=lambda step: step.dx.shape == (2,))
    L.backward()
    stop.remove()
    assert {found["dx"].shape for found in stops} == {(2,)}
    assert at["b"] in [found["step"].input for found in stops if found["step"].input is at["b"]]
