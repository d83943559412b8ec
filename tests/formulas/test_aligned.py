"""The numbers of one array, written alike."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from microgradnn.formulas.aligned import aligned
from microgradnn.formulas.signs import NORMAL
from microgradnn.formulas.unicode_text import number

TABLES = arrays(float, array_shapes(min_dims=2, max_dims=2, max_side=4), elements=st.floats(-1e12, 1e12))


@given(table=TABLES)
def test_all_have_the_same_decimals(table):
    """So that points stand below each other; and what is written is the number, up to half of the last decimal.

    Or each is written by itself: where a number would be written as zero beside one of a power of ten.
    """
    written = aligned(table)
    if written.texts == [[number(x, 3) for x in row] for row in table]:
        return
    texts = [text for row in written.texts for text in row]
    assert len({len(text.partition(".")[2]) for text in texts}) == 1
    decimals = len(texts[0].partition(".")[2])
    read = np.array([float(text.replace("−", "-")) for text in texts]) * 10.0**written.power
    assert np.all(np.abs(read - table.ravel()) <= 0.5001 * 10.0 ** (written.power - decimals) + 1e-9 * np.abs(table.ravel()))
    assert not written.power or np.all((read != 0) == (table.ravel() != 0))


@given(table=TABLES)
def test_zero_has_no_minus(table):
    """What rounds to zero is written without a sign, and all signs are true minuses."""
    for text in (text for row in aligned(table).texts for text in row):
        assert "-" not in text
        assert not re.fullmatch("−0(\\.0*)?", text)


def test_powers_of_ten():
    """Of very large and very small numbers, all share one power of ten, which is said in front."""
    assert aligned([[3e7, -1.5e7]]) == ([["3.0", "−1.5"]], 7)
    assert aligned([[5e-324]]).texts == [["4.94·10⁻³²⁴"]]
    assert aligned([[2e-5]]).factor.translate(NORMAL) == "10-5 ·"


def test_not_finite():
    """NaN and infinities are written as such, and the others as if they were alone."""
    assert aligned([[np.nan, np.inf, -np.inf, 0.25]]).texts == [["NaN", "∞", "−∞", "0.25"]]
