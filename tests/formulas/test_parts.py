"""Parts of formulas over arrays: rows, columns, and what broadcasting makes of them."""

import pytest

from microgradnn.formulas.formula import Name, Number
from microgradnn.formulas.parts import (
    Part,
    Unwritable,
    added,
    column_of,
    divided,
    matrix_product,
    multiplied,
    negated,
    raised,
    row_of,
    transposed,
)
from microgradnn.formulas.unicode_text import text

a, two = Part(Name("a")), Part(Number(2))
h, V = Part(Name("h"), 1, "row"), Part(Name("V"), 1, "column")
W, X = Part(Name("W"), 2), Part(Name("X"), 2)


@pytest.mark.parametrize(
    ("part", "written"),
    [
        (multiplied(X, two), "2 X"),
        (multiplied(X, W), "X ⊙ W"),
        (multiplied(a, X), "a · X"),
        (multiplied(Part(Number(1)), X), "X"),
        (matrix_product(matrix_product(X, W), X), "X · W · X"),
        (matrix_product(X, matrix_product(W, X)), "X · (W · X)"),
        (multiplied(column_of(h), row_of(h)), "hᵀ · h"),
        (multiplied(row_of(h), column_of(V)), "V · h"),
        (transposed(transposed(X)), "X"),
        (divided(added(a, two), a), "(a + 2)/a"),
        (raised(negated(X), two), "(−X)²"),
    ],
)
def test_signs(part, written):
    """⊙ between arrays, · between matrices and beside a scalar, a number in front; what is done twice is undone."""
    assert text(part.formula) == written


@pytest.mark.parametrize(
    ("part", "row", "column"),
    [
        (h, "h", "hᵀ"),
        (V, "Vᵀ", "V"),
        (multiplied(a, V), "a · Vᵀ", "a · V"),
        (matrix_product(h, W), "h · W", "Wᵀ · hᵀ"),
        (matrix_product(W, V), "Vᵀ · Wᵀ", "W · V"),
        (matrix_product(W, h), "h · Wᵀ", "W · hᵀ"),
        (negated(V), "(−V)ᵀ", "−V"),
    ],
)
def test_rows_and_columns(part, row, column):
    """A vector is turned where the other one is needed; a product of a matrix and a vector by turning both."""
    assert (text(part.as_("row")), text(part.as_("column"))) == (row, column)


def test_what_broadcasting_does_beyond_matrices():
    """A column times a whole matrix scales its rows, which has no sign."""
    with pytest.raises(Unwritable):
        multiplied(column_of(h), X)
