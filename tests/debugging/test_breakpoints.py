"""Breakpoints at the prompt: where `continue` stops."""

import numpy as np
import pytest
from prompts import SCRIPT, TRAINING, live, session

from microgradnn import Tensor
from microgradnn.debugging.breakpoints import Stops


@pytest.mark.parametrize(("where", "position"), [("w", 4), ("tanh", 3), ("o", 2)])
def test_break_and_continue(where, position):
    """`continue` stops where the breakpoint is: at a tensor's gradient, at an operation's rule."""
    written, prompt = session(f"break {where}", "continue")
    assert written.startswith(f"breakpoint 1 at {where}: 1 step ahead in this pass\nbreakpoint 1 at {where}\n")
    assert prompt.session.position == position
    assert prompt.left_by is None


def test_break_at_numbers_that_are_none():
    """`break nonfinite` stops where a NaN or inf appears."""
    x = Tensor(0.0, requires_grad=True, name="x")
    with np.errstate(all="ignore"):
        written, prompt = session("break nonfinite", "c", output=(x.sqrt() * 2).named("L"))
    assert prompt.session.position == 2
    assert "∂L/∂x" in written and "= ∞" in written


def test_breakpoints_are_listed_and_cleared():
    """`break` alone lists, `clear` removes one, by number or place, or all."""
    written, _ = session("break", "break w", "break tanh", "break", "clear w", "break", "clear 2", "break", "clear w")
    assert written.splitlines() == [
        "no breakpoints",
        "breakpoint 1 at w: 1 step ahead in this pass",
        "breakpoint 2 at tanh: 1 step ahead in this pass",
        "1  w",
        "2  tanh",
        "2  tanh",
        "no breakpoints",
        "there is no breakpoint w",
    ]


def test_steps_of_a_breakpoint():
    """A new breakpoint says at how many steps ahead it stops."""
    x = Tensor(2.0, requires_grad=True, name="x")
    L = (x * x * x * x * x * x).named("L")
    written, _ = session("break multiply", "next 6", "break multiply", "next 6", "break x", output=L)
    told = [line.partition(": ")[2] for line in written.splitlines() if line.startswith("breakpoint")]
    assert told == [f"{n} ahead in this pass" for n in ("10 steps", "4 steps", "0 steps")]


def test_a_breakpoint_of_what_is_to_come():
    """Also of a pass that runs it is known how many contributions a tensor gets, before they are computed."""
    written, _ = live(SCRIPT, "break o", "break w[0]", "break nonfinite", "quit")
    assert [line.partition(" at ")[2] for line in written.splitlines() if line.startswith("breakpoint")] == [
        "o: 1 step ahead in this pass",
        "w[0]",
        "nonfinite: where a NaN or inf appears in a gradient",
    ]


def test_break_at_an_element():
    """`break w[0]` stops where w's gradient gets a contribution; what is no tensor with a gradient is no place."""
    written, prompt = session("break w[0]", "continue", "break x.shape", "break o[", "break w[7]")
    assert written.startswith("breakpoint 1 at w[0]: 1 step ahead in this pass\n")
    assert prompt.session.position == 4
    assert [line for line in written.splitlines() if "is no named tensor" in line] == [
        f"{text!r} is no named tensor of this graph, no operation, no line and none of backward, rises, nonfinite; "
        "named are x, w, o, L"
        for text in ("x.shape", "o[")
    ]
    assert written.splitlines()[-1] == "w[7]: index 7 is out of bounds for axis 0 with size 2"


def test_break_at_an_element_in_every_pass():
    """An element of a tensor that each pass makes anew is one by its name."""
    written, _ = live(TRAINING, "tbreak h[1]", "continue", "pass", "break h[1]", "continue", "quit")
    told = written.splitlines()
    assert "breakpoint 1 at h[1]" in told and "breakpoint 2 at h[1]" in told
    assert sum("∂L/∂h" in line for line in told) == 2


def test_tensors_of_one_name():
    """A breakpoint at a name stops at every tensor that is called so, as in a loop."""
    h = Tensor(2.0, requires_grad=True, name="w")
    for _ in range(3):
        h = (h * h).named("h")
    written, _ = session("break h", output=h)
    assert written == "breakpoint 1 at h: 4 steps ahead in this pass\n"


def test_a_condition():
    """A breakpoint with a condition stops only where it holds; it knows the rule, the program, and the number of the pass."""
    written, prompt = live(TRAINING, "break h, n == 3 and step.dx.size > 1", "continue", "print n", "w.data[0] > 0", "quit")
    lines = written.splitlines()
    assert lines[1:3] == ["breakpoint 1 at h", "breakpoint 1 at h"]
    assert lines[4:] == ["3", "array([ True,  True])"]
    assert prompt.session.passes.total == 3


def test_a_condition_that_raises_stops_and_says_so():
    """As in pdb, a condition that cannot be evaluated does not keep the program from stopping."""
    written, _ = live(TRAINING, "break h, nowhere > 3", "continue", "quit")
    assert "breakpoint 1 at h; its condition 'nowhere > 3' raises NameError: name 'nowhere' is not defined" in written


def test_conditions_are_changed():
    """`condition` sets and removes one, `ignore` passes over so many hits, `tbreak` stops once."""
    commands = ["tbreak backward, n == 2", "continue", "break backward", "condition 2 n > 90", "condition 2", "ignore 2 2"]
    commands += ["continue", "print n", "break", "ignore 2 soon", "condition 9 x", "ignore"]
    written, prompt = live(TRAINING, *commands, "quit")
    lines = written.splitlines()
    assert {"1  backward, if n == 2, once", "breakpoint 1 at backward"} & {*lines} == {"breakpoint 1 at backward"}
    assert [line for line in lines if line.startswith("2  ")] == [
        "2  backward, if n > 90",
        "2  backward",
        "2  backward, ignored 2 more times",
        "2  backward   stopped here 3 times",
    ]
    assert "5" in lines
    assert lines[-3:] == [
        "how many times? 'soon' is not a number",
        "there is no breakpoint 9; `break` lists them",
        "which breakpoint? `break` lists them",
    ]
    assert prompt.session.passes.total == 5


def test_break_where_the_loss_rises():
    """`rises` stops at a pass whose loss is above that of the pass before."""
    written, prompt = live(TRAINING.replace("w.data -=", "w.data +="), "break rises", "continue", "quit")
    losses = prompt.session.losses
    assert losses[prompt.session.passes.total] > losses[prompt.session.passes.total - 1]
    assert "breakpoint 1 at rises" in written


def test_break_at_a_line():
    """A line stops where the rules of its operations run; a file may stand before it."""
    for place in ("6", "program.py:6"):
        written, prompt = live(TRAINING, f"break {place}", "continue", "quit")
        assert f"breakpoint 1 at {place}: 0 steps" not in written
        assert prompt.session.step.line[1] == 6


@pytest.mark.parametrize(("counted", "stops"), [("3", [3]), (">= 5", [5, 6]), ("%2", [2, 4, 6]), ("<2", [1])])
def test_hit_counts(counted, stops):
    """A hit count stops at these hits alone; another text is refused."""
    found = Stops()
    found.add("backward", counted=counted)
    assert [i for i in range(1, 7) if found.at_pass(None)] == stops
    with pytest.raises(ValueError, match="a hit count is a number such as 57"):
        found.add("backward", counted="often")


def test_tensors_are_listed_once_and_visibly():
    """A tensor that is known by its name and by another label is listed once, and no name steers the terminal."""
    x = Tensor(2.0, requires_grad=True, name="W\x1b[31mX")
    written, _ = session("break zz", output=(x * x).named("L"))
    assert written.splitlines()[-1].endswith("; named are W\\x1b[31mX, L")
