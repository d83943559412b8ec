"""Breakpoints at the prompt: where `continue` stops."""

import numpy as np
import pytest
from prompts import session

from microgradnn import Tensor


@pytest.mark.parametrize(("where", "position"), [("w", 4), ("tanh", 3), ("o", 2)])
def test_break_and_continue(where, position):
    """`continue` stops where the breakpoint is: at a tensor's gradient, at an operation's rule."""
    written, prompt = session(f"break {where}", "continue")
    assert written.startswith(f"breakpoint at {where}: stops at step {position}\n")
    assert prompt.position == position
    assert prompt.left_by is None


def test_break_at_numbers_that_are_none():
    """`break nonfinite` stops where a NaN or inf appears."""
    x = Tensor(0.0, requires_grad=True, name="x")
    with np.errstate(all="ignore"):
        written, prompt = session("break nonfinite", "c", output=(x.sqrt() * 2).named("L"))
    assert prompt.position == 2
    assert "∂L/∂x" in written and "= ∞" in written


def test_breakpoints_are_listed_and_cleared():
    """`break` alone lists, `clear` removes one or all."""
    written, _ = session("break", "break w", "break tanh", "break", "clear w", "break", "clear", "break", "clear w")
    assert written.splitlines() == [
        "no breakpoints",
        "breakpoint at w: stops at step 4",
        "breakpoint at tanh: stops at step 3",
        "w",
        "tanh",
        "tanh",
        "no breakpoints",
        "there is no breakpoint at w",
    ]


def test_steps_of_a_breakpoint():
    """A new breakpoint says at which steps it stops, of many how many and the next, and when there is none ahead."""
    x = Tensor(2.0, requires_grad=True, name="x")
    L = (x * x * x * x * x * x).named("L")
    written, _ = session("break multiply", "next 6", "break multiply", "next 6", "break x", output=L)
    told = [line for line in written.splitlines() if line.startswith("breakpoint")]
    assert told == [
        "breakpoint at multiply: stops at 10 steps, next at 1",
        "breakpoint at multiply: stops at steps 7, 8, 9, 10",
        "breakpoint at x: stops at no step ahead",
    ]


def test_break_at_an_element():
    """`break w[0]` stops where w's gradient gets a contribution; what is no tensor with a gradient is no place."""
    written, prompt = session("break w[0]", "continue", "break x", "break x.shape", "break o[")
    assert written.startswith("breakpoint at w[0]: stops at step 4\n")
    assert prompt.position == 4
    assert written.splitlines()[-2:] == [
        f"{text!r} is no named tensor of this graph and no operation; named are x, w, o, L" for text in ("x.shape", "o[")
    ]


def test_tensors_of_one_name():
    """A breakpoint at a name stops at every tensor that is called so, as in a loop."""
    h = Tensor(2.0, requires_grad=True, name="w")
    for _ in range(3):
        h = (h * h).named("h")
    written, _ = session("break h", output=h)
    assert written == "breakpoint at h: stops at steps 1, 2, 3, 4\n"


def test_tensors_are_listed_once_and_visibly():
    """A tensor that is known by its name and by another label is listed once, and no name steers the terminal."""
    x = Tensor(2.0, requires_grad=True, name="W\x1b[31mX")
    written, _ = session("break zz", output=(x * x).named("L"))
    assert written.splitlines()[-1].endswith("; named are W\\x1b[31mX, L")
