"""Rows of a step at every width: nothing is cut, and what gives way first is decided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgradnn import Tensor, backward_steps, remember_lines
from microgradnn.debugging.prompt.layout import step_rows, table, wrapped


def matmul_step():
    with remember_lines():
        h = Tensor([0.1, 0.2, 0.3], requires_grad=True, name="h")
        o = (h @ Tensor([1.0, -1.0, 0.5], name="V")).named("o")
    return backward_steps(o)[0]


@given(width=st.integers(20, 200))
def test_nothing_is_cut(width):
    """At every width all words of the step are there, and no row is longer than the terminal is wide."""
    step = matmul_step()
    rows = step_rows(step, width)
    words = " ".join(rows).replace(" ", "")
    for part in (step.name, step.arithmetic, step.rule, "(3,)", "matmul", "test_layout.py:"):
        assert part.replace(" ", "") in words
    assert max(map(len, rows)) <= width


@pytest.mark.parametrize(("width", "rows"), [(0, 1), (160, 1), (90, 2), (80, 2), (40, 4)])
def test_what_gives_way_first(width, rows):
    """One row where it fits; then the rule in a second; then shape, operation and line in their own."""
    found = step_rows(matmul_step(), width)
    assert len(found) == rows
    assert found[0].startswith(" 1  (3,)" if width != 40 else " 1  ∂o/∂h = [1, −1, 0.5]")
    if width == 40:
        assert found[1].startswith("    (3,)  matmul  test_layout.py:")


def test_other_lines():
    """Long lines go on further to the right; tables have columns as wide as their texts."""
    assert wrapped(["a " * 30], 21) == ["a a a a a a a a a a a", *["    a a a a a a a a a"] * 2, "    a"]
    assert wrapped(["short"], 0) == ["short"]
    assert table([]) == []
    assert table([("1", "a", ""), ("22", "b", "c")]) == ["1   a", "22  b  c"]
