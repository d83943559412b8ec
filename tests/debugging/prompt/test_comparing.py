"""What changed most between two passes."""

import numpy as np
from prompts import TRAINING, live

from microgradnn import Tensor
from microgradnn.debugging.prompt.comparing import change, changes
from microgradnn.passes import record


def test_the_largest_change_comes_first():
    """`diff` tells named values and gradients, what changed most first, and the element that did."""
    written, _ = live(TRAINING, "pass 3", "finish", "diff 1 2", "diff 1 9", "diff 1", "diff 1 1", "quit")
    lines = written.splitlines()
    start = lines.index(next(line for line in lines if line.startswith("pass 1 → 2: L 1.249 → ")))
    by = [float(line.split(" by ")[1].split("%")[0]) for line in lines[start + 1 : start + 7] if " by " in line]
    assert len(by) >= 5 and by == sorted(by, reverse=True)
    assert any("most at [" in line for line in lines[start:])
    assert lines[-4:-2] == ["pass 9 is not kept; kept are 1–3", "diff needs two passes: diff 57 58"]
    assert lines[-2:] == ["pass 1 → 1: L 1.249 → 1.249", "no named value or gradient differs"]


def test_shapes_and_numbers_that_are_none():
    """What has another shape, or is no longer finite, changed more than any number says."""
    assert change("x", np.ones(2), np.ones(3)).text == "shape (2,) → (3,)"
    assert change("x", np.ones(2), np.array([1, np.nan])).text.endswith("no longer finite")
    assert change("x", np.array([np.nan]), np.array([np.nan])).by == 0
    assert change("x", np.zeros(2), np.ones(2)).by == np.inf


def test_what_is_only_in_one_pass_is_left_out():
    """Names that the other pass has not are no change of it."""
    x = Tensor(2.0, requires_grad=True, name="x")
    first, second = record((x * x).named("L")), record((x * x).named("h").tanh().named("L"))
    assert {found.what for found in changes(first, second, "L")} == {"L", "∂L/∂x"}
