"""Arrays in a few characters, and text with what cannot be seen."""

import numpy as np
import pytest

from microgradnn.formulas.brief import brief, in_box, visible


@pytest.mark.parametrize(
    ("array", "shown"),
    [
        (0.5, "0.5"),
        ([0.5, -2.0], "[0.5, −2]"),
        ([[1.0, 2.0], [3.0, 4.0]], "[1, 2; 3, 4]"),
        (np.arange(7.0), "0 … 6"),
        (np.zeros((0, 2)), "empty"),
        ([np.nan, np.inf], "[NaN, ∞]"),
    ],
)
def test_brief(array, shown):
    """Few elements are written out, rows apart; of many, the range."""
    assert brief(array) == shown


@pytest.mark.parametrize(
    ("array", "shown"),
    [
        (1 / 3, "0.333"),
        ([1.0, 2.0, 3.0], "[1, 2, 3]"),
        ([1.0, 2.0, 3.0, 4.0], "1 … 4"),
        ([[1.0, 2.0]], "1 … 2"),
        ([], "empty"),
        ([1j], "complex128"),
    ],
)
def test_in_a_box(array, shown):
    """A box has room for three numbers in a row; of what is no real number it tells the type."""
    assert in_box(array) == shown


def test_visible():
    """A line break, a tab and a zero-width space are written as Python writes them; other letters stay."""
    assert visible("a\nb\t∂L\u200b") == "a\\nb\\t∂L\\u200b"
