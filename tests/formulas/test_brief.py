"""Arrays in a few characters, and text with what cannot be seen."""

import numpy as np
import pytest

from microgradnn.formulas.brief import brief, in_box, visible


@pytest.mark.parametrize(
    ("array", "line", "box"),
    [
        (0.12345, "0.1235", "0.123"),
        ([0.5, -2.0], "[0.5, −2]", "[0.5, −2]"),
        ([[1.0, 2.0], [3.0, 1e7]], "[1, 2; 3, 10⁷]", "1 … 10⁷"),
        (np.arange(10), "0 … 9", "0 … 9"),
        (np.zeros((0, 3)), "empty", "empty"),
        ([True, False], "[1, 0]", "[1, 0]"),
        ([1 - 2j], "[1 − 2i]", "[1 − 2i]"),
        (["a"], "<U1", "<U1"),
        (np.zeros((2, 1, 2)), "[0, 0; 0, 0]", "0 … 0"),
    ],
)
def test_brief(array, line, box):
    """Few numbers are written, more as a range; a box shows fewer, of three digits; what is no number by its type."""
    assert (brief(array), in_box(array)) == (line, box)


def test_visible():
    """A line break, a tab and a zero-width space are written as Python writes them; other letters stay."""
    assert visible("a\nb\t∂L\u200b") == "a\\nb\\t∂L\\u200b"
