"""Numbers made of the batch size, found again as formulas in it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgradnn.programs.numpy_code import CODE
from microgradnn.programs.size_formulas import size_formula

SIZES = (6, 11, 13, 14)


def written(f, dtype=float):
    """The source of the formula for f(n), or None."""
    found = size_formula(SIZES, [f(n) for n in SIZES], dtype, 0)
    return found and CODE.bare(found).text


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (lambda n: 1 / n, "1 / n"),
        (lambda n: 0.1 / n, "0.1 / n"),
        (lambda n: -3 / n, "-3 / n"),
        (lambda n: 1 / (3 * n - 1), "1 / (3 * n - 1)"),
        (lambda n: 1 / math.sqrt(n), "1 / n**0.5"),
        (lambda n: n**2, "n**2"),
        (lambda n: 0.5 * n, "0.5 * n"),
        (float, "1.0 * n"),
        (lambda n: math.pi / n, "3.141592653589793 / n"),
        (lambda n: np.float32(0.1) / np.float32(n), "0.1 / n"),
        (math.log, None),
        (lambda n: n // 2, None),
        (lambda n: 1 / min(n, 12), None),
        (lambda n: math.nan, None),
        (lambda n: 0 * n, None),
    ],
)
def test_formulas(f, text):
    """The formula is the one that somebody would type; where the numbers follow none, there is none."""
    assert written(f) == text


@given(
    k=st.integers(-999, 999).filter(bool),
    a=st.integers(1, 20),
    b=st.integers(-5, 5),
    p=st.sampled_from([1, -1, 0.5, -0.5, 2, -2]),
)
def test_what_is_found_holds_for_all_sizes(k, a, b, p):
    """k / 100 · (a n + b)^p is found, and what is written gives it for sizes that were not looked at, to the last bits."""

    def f(n):
        return k / 100 * (a * n + b) ** p

    text = written(f)
    for n in (7, 100, 1001):
        assert eval(text, {"n": n}) == pytest.approx(f(n), rel=1e-14)


@given(st.lists(st.floats(0.1, 10), min_size=4, max_size=4, unique=True))
def test_random_numbers_have_no_formula(numbers):
    """Four random numbers are not taken for a formula, as two or three would be."""
    assert size_formula(SIZES, numbers, float, 0) is None
