"""Symbols: every rule, run on them, gives a formula that is worth what the rule gives on numbers."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from op_table import TABLE
from strategies import generators

from microgradnn import Tensor, chain_rule
from microgradnn.formulas.formula import with_values
from microgradnn.formulas.latex import latex
from microgradnn.formulas.spelling import spell
from microgradnn.formulas.symbols import (
    Limit,
    Symbol,
    TooLong,
    as_formula,
    evaluate,
    name_elements,
    same,
    symbols,
    value_of,
)
from microgradnn.formulas.unicode_text import text

ON_SYMBOLS = {op_class.__name__: row for op_class, row in TABLE.items() if not row.numbers_only}
NUMBERS_ONLY = {op_class.__name__: row for op_class, row in TABLE.items() if row.numbers_only}
ROWS = pytest.mark.parametrize("row", ON_SYMBOLS.values(), ids=ON_SYMBOLS)


def operands(op, arrays):
    """Symbols for what a rule sees: dz, z and the floating-point inputs; masks stay as they are."""
    z = op.forward(*arrays)
    named = [name_elements(f"x{i}", x) if x.dtype.kind == "f" else x for i, x in enumerate(arrays)]
    return name_elements("z", z), named


def numbers_of(array):
    """The values of a SymbolArray, or of what is a plain array already."""
    return np.vectorize(lambda x: float(value_of(x)), otypes=[float])(np.asarray(array))


@ROWS
@given(data=st.data())
def test_rules_on_symbols(row, data):
    """A rule run on symbols has the values of the rule run on numbers, and its formulas compute to the same."""
    op, arrays = data.draw(row.cases)
    assume(not getattr(op, "optimize", False))  # NumPy's optimised einsum asks an object for its shape where all is one element
    z, xs = operands(op, arrays)
    dz = data.draw(generators).normal(size=z.shape)
    known = {"dz": dz, "z": numbers_of(z), **{f"x{i}": x for i, x in enumerate(arrays)}}

    def look_up(label, index):
        return known[label][index]

    for vjp in op.vjps:
        if vjp is not None:
            expected = np.asarray(vjp(op, dz, op.forward(*arrays), *arrays))
            formulas = vjp(op, name_elements("dz", dz), z, *xs)
            assert numbers_of(formulas) == pytest.approx(expected, rel=1e-9, abs=1e-12)
            computed = np.vectorize(lambda formula: float(evaluate(formula, look_up, np)), otypes=[float])(np.asarray(formulas))
            assert computed == pytest.approx(expected, rel=1e-9, abs=1e-12)


@ROWS
@given(data=st.data())
def test_one_hot_partials_make_the_jacobian(row, data):
    """Rules run from one element of z after the other, on symbols, give the rows of the Jacobian."""
    op, arrays = data.draw(row.cases)
    z, xs = operands(op, arrays)
    for position, vjp in enumerate(op.vjps):
        if vjp is None:
            continue
        for index in np.ndindex(z.shape):
            one = np.zeros(z.shape, dtype=object)
            one[index] = 1
            onehot = numbers_of(one)
            row_on_symbols = numbers_of(vjp(op, symbols(one), z, *xs))
            row_on_numbers = np.asarray(vjp(op, onehot, op.forward(*arrays), *arrays))
            assert row_on_symbols == pytest.approx(row_on_numbers, rel=1e-9, abs=1e-12), (position, index)


@pytest.mark.parametrize("row", NUMBERS_ONLY.values(), ids=NUMBERS_ONLY)
@given(data=st.data())
def test_rules_for_numbers_only_say_so(row, data):
    """What the table says cannot run on symbols refuses them, so that numbers stand in for formulas, or is right."""
    op, arrays = data.draw(row.cases)
    z, xs = operands(op, arrays)
    with suppress(TypeError):
        dx = op.vjps[0](op, z, z, *xs)
        assert numbers_of(dx) == pytest.approx(op.vjps[0](op, numbers_of(z), op.forward(*arrays), *arrays), rel=1e-9)


def test_numbers_stand_in_for_formulas():
    """The chain rule of a rule that cannot run on symbols has no formula there, and the right number."""
    x = Tensor([[2.0, 1.0], [1.0, 3.0]], requires_grad=True, name="x")
    rule = chain_rule(x.det().named("L"), x[0, 0])
    assert rule.value == pytest.approx(3.0)
    assert rule.formula is None


def names(*labels):
    """Symbols without index, with the values 2, 3, 5, ..."""
    return [Symbol.named(label, (), value) for label, value in zip(labels, (2.0, 3.0, 5.0, 7.0), strict=False)]


t, o, h, x = names("t", "o", "h", "x")


@pytest.mark.parametrize(
    ("symbol", "written"),
    [
        (t - o, "t − o"),
        (2 * (t - o) * -1, "−2(t − o)"),
        (1 - h * h, "1 − h²"),
        (h * h * h, "h³"),
        (x * (1 - h * h), "x(1 − h²)"),
        (x * 2 * h, "2 x h"),
        (x / h, "x/h"),
        (1 / (h * x), "1/(h x)"),
        (-t - o, "−(t + o)"),
        (t + o - t, "o"),
        (t - t, "0"),
        (x * 1 + 0, "x"),
        (x + x, "2 x"),
        (h * x / h, "x"),
        (t - (o - h), "t − (o − h)"),
        (x**0, "1"),
        (x**t, "x^(t)"),
        ((x * h) ** 2, "x² h²"),
        ((x > 0) * h, "[x > 0] h"),
        (3 - x, "3 − x"),
        ((x * h + t) * o - (x + h + t) * o, "(x h + t) o − (x + h + t) o"),  # as long, and not the same
    ],
)
def test_tidy_but_in_the_authors_order(symbol, written):
    """What nobody would write down is left out; the order stays the author's."""
    assert text(as_formula(symbol)) == written


def test_values_are_put_in_brackets_where_needed():
    """With numbers for names, negative ones behind a sign or under a power stand in brackets."""
    a, b = Symbol.named("a", (), -2.0), Symbol.named("b", (), 3.0)
    assert text(with_values(as_formula(b - a))) == "3 − (−2)"
    assert text(with_values(as_formula(a * a))) == "(−2)²"
    assert text(with_values(as_formula(b * a))) == "3(−2)"
    assert latex(with_values(as_formula(b * a / 2))) == r"\tfrac{1}{2} \cdot 3(-2)"


def test_a_long_sum_is_abbreviated():
    """Of many terms, the first and the last are written."""
    x = name_elements("x", np.ones(9))
    assert text(as_formula(x.sum().item())) == "x₁ + x₂ + x₃ + x₄ + … + x₉"


def test_numpy_functions_keep_their_names():
    """np.tanh of a SymbolArray is a SymbolArray of tanh(…), also where it has no axes."""
    x = name_elements("x", np.array(0.5))
    z = np.tanh(x)
    assert z.shape == ()
    assert text(as_formula(z.item())) == "tanh(x)"
    assert z.item().value == np.tanh(0.5)


def test_questions_about_symbols_are_answered_by_their_values():
    """np.isnan and its like of a SymbolArray give plain truth values, one for each element."""
    found = np.isnan(name_elements("x", np.array([0.5, np.nan])))
    assert found.dtype == bool
    assert found.tolist() == [False, True]


def test_a_symbol_among_plain_numbers():
    """In an array with plain numbers these add up as numbers, beside the formulas of the others."""
    z = symbols(np.array([Symbol.named("x", (), 2.0), 3.0], dtype=object)) + symbols(np.array([1.0, 4.0], dtype=object))
    assert [text(as_formula(element)) for element in z.tolist()] == ["x + 1", "7"]


def test_what_a_symbol_says_of_itself():
    """A symbol's repr is its expression and its value, and it behaves as a number where Python asks for one."""
    x, y = names("x", "y")
    assert repr(x) == "x = 2"
    assert text(as_formula(x <= y)) == "[x ≤ y]"
    assert text(as_formula(2**x)) == "2^(x)"
    assert {x: 1}[x] == 1


def test_symbols_compare_as_their_values_do():
    """Equal values are equal Symbols with one hash, whatever they are made of; arrays of them compare to plain bool."""
    x, y, z = Symbol.named("x", (), 2.0), Symbol.named("y", (), 2.0), Symbol.named("z", (), 3.0)
    assert x == y == 2.0 != z
    assert hash(x) == hash(y) == hash(2.0)
    assert {x, y, 2.0, z} == {2.0, 3.0}
    equal = symbols(np.array([x, z, 2.0], dtype=object)) == y
    assert equal.dtype == bool
    assert equal.tolist() == [True, False, True]


def test_comparisons_are_computed_anew():
    """Evaluated at other values, a comparison is what it is there."""
    x = Symbol.named("x", (), 2.0)
    assert [((x > 1) * x).evaluate(lambda label, index, value=value: value) for value in (3.0, 0.5)] == [3.0, 0.0]


def test_nothing_hides_what_is_not_finite():
    """A factor 0 takes the others with it, unless one of them is infinite: there the value is NaN, as in NumPy."""
    x, endless = Symbol.named("x", (), 2.0), Symbol.named("y", (), np.inf)
    assert 0 * x == 0
    assert np.isnan((0 * endless * x).value)


def test_brackets_in_names():
    """A bracket in a name that closes nowhere stays, as do the brackets around an operand."""
    x = Tensor(1.0, requires_grad=True, name="(x")
    assert spell(np.exp(x)) == "exp((x)"
    assert spell(np.exp(Tensor(1.0, requires_grad=True, name="x") + 1)) == "exp(x + 1)"


def test_what_is_longer_than_the_limit_is_an_atom():
    """Within a limit a longer expression keeps its value, is an ellipsis, and is gathered with nothing but itself."""
    x, y = (Symbol.named(name, (), value, name) for name, value in (("x", 3.0), ("y", 2.0)))
    with Limit(longest=2, most=100):
        one, other = x + y + 1, x + y + 1
        assert text(as_formula(one)) == "…"
        assert (one * other).value == 36
        assert not same(one, other)
        assert one - one == 0


def test_what_is_too_much_to_write():
    """A limit ends what is written when all expressions together are too long, and holds no longer than its block."""
    W = name_elements("W", np.ones((20, 20)), "W")
    with pytest.raises(TooLong), Limit(longest=6, most=5000):
        W @ W
    assert (W @ W)[0, 1].item().length == 40


def test_terms_are_gathered_whatever_their_numbers():
    """Products of the same factors, in any order and with any number, are one term; other ones are not."""
    x, y = (Symbol.named(name, (), 2.0, name) for name in "xy")
    assert text(as_formula(2 * x * y + 3 * (y * x) - (x + y) ** 2 + (x + y) ** 2)) == "5 y x"
    assert text(as_formula(x * y + x * x)) == "x y + x²"
