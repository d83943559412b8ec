"""Every style says the same: random formulas, written unrounded and uncut, are read back and are worth what they were."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from formula_readers import styles_of
from hypothesis import given, settings
from notation_grammar import evaluate
from strategies import generators

from microgradnn.formulas import formula as tree
from microgradnn.formulas.formula import Formula, from_json, to_json, with_values
from microgradnn.formulas.symbols import Symbol, apply_to_each, as_formula, value_of

NAMES = {
    "x": np.array([0.5, -1.5, 3.0]),
    "b_h": np.array([-0.25]),
    "W": np.array([[2.0, -3.0]]),
    "o": np.array(-2.0),
    "alpha": np.array(0.75),
}
NAMES |= {"h′": np.array(1.25)}
WRITTEN = NAMES | {"α": NAMES["alpha"]}  # as LaTeX and MathML call it
ELEMENTS = [(label, index) for label, values in NAMES.items() for index in np.ndindex(values.shape)]
FUNCTIONS = {"exp": np.exp, "sin": np.sin, "absolute": np.abs, "sqrt": np.sqrt}
RELATIONS = {">": np.greater, "≤": np.less_equal}
LARGEST = 1e4  # of what is looked at, and the smallest is 1e-4: beyond, too much rounding is left behind

NUMBERS = [2, 3, -1, 0.1, -2.5, 1 / 3, 1e-7, 1.5e-7, 3e16, -1e7, Fraction(2, 3), Fraction(-1, 2)]


def holds(formula, value):
    """Assert that the formula is worth the value in every style, with names and with numbers in their place."""
    assert from_json(json.loads(json.dumps(to_json(formula)))) == formula
    for form in (formula, with_values(formula)):
        for style, written in styles_of(form).items():
            with np.errstate(all="ignore"):
                assert float(evaluate(written, WRITTEN)) == pytest.approx(value, rel=1e-6, abs=1e-6), (style, written)


def grown(rng, parts, steps, size):
    """One of `parts`, or what a few random steps have made of them; what grows too large or is no number is left out."""
    parts = list(parts)
    for _ in range(size):
        x, y, z = (parts[rng.choice([rng.integers(len(parts)), -1])] for _ in range(3))
        try:
            with np.errstate(all="ignore"):
                made = steps[rng.integers(len(steps))](x, y, z)
                if 1 / LARGEST < abs(float(worth(made))) < LARGEST:  # NaN is not
                    parts.append(made)
        except (ArithmeticError, TypeError, ValueError):
            continue  # 1/0; a fractional power of a negative number; NumPy's 2 to the power of −2
    return parts[-1]


# Symbols, as rules make them


def called(function, x):
    """A function of one Symbol or number."""
    return apply_to_each(function, np.array([x], dtype=object)).item()


ON_SYMBOLS = [
    lambda x, y, z: x + y,
    lambda x, y, z: x - y,
    lambda x, y, z: x * y * z,
    lambda x, y, z: x / y,
    lambda x, y, z: x**2,
    lambda x, y, z: x**-1,
    lambda x, y, z: (x * x) ** y,
    lambda x, y, z: 2**x,
    lambda x, y, z: 1e-10**x,
    lambda x, y, z: -x,
    lambda x, y, z: -(x * y) - z,
    lambda x, y, z: called(np.tanh, x),
    lambda x, y, z: called(np.absolute, x),
    lambda x, y, z: called(np.exp, x) * y,
    lambda x, y, z: (x > y) * z,
    lambda x, y, z: (x <= y) - z,
]
SYMBOLS = [Symbol.named(label, index, float(NAMES[label][index])) for label, index in ELEMENTS]


@given(generators)
@settings(max_examples=60)
def test_symbols_in_every_style(rng):
    """What arithmetic on Symbols has put together is worth its value in every style."""
    x = grown(rng, NUMBERS + SYMBOLS, ON_SYMBOLS, 9)
    holds(as_formula(x), float(value_of(x)))


# Trees, as no rule would make them


ON_TREES = [
    lambda x, y, z: tree.Sum((x, y, z)),
    lambda x, y, z: tree.Sum((x, tree.Negative(y))),
    lambda x, y, z: tree.Negative(x),
    lambda x, y, z: tree.Product("juxtaposed", (x, y, z)),
    lambda x, y, z: tree.Product("elementwise", (x, y)),
    lambda x, y, z: tree.Product("scalar", (x, y, z)),
    lambda x, y, z: tree.Quotient(x, y),
    lambda x, y, z: tree.Quotient(x, y, "elementwise"),
    lambda x, y, z: tree.Power(x, tree.Number(2)),
    lambda x, y, z: tree.Power(x, tree.Number(-3)),
    lambda x, y, z: tree.Power(x, y),
    lambda x, y, z: tree.Call("sin", (x,)),
    lambda x, y, z: tree.Call("absolute", (x,)),
    lambda x, y, z: tree.Call("exp", (x,)),
    lambda x, y, z: tree.Call("sqrt", (x,)),
    lambda x, y, z: tree.Comparison(">", x, y),
    lambda x, y, z: tree.Comparison("≤", x, y),
    lambda x, y, z: tree.Transpose(x),
    lambda x, y, z: tree.Element(x),
    lambda x, y, z: tree.Sigma(x),
]
LEAVES = [tree.Name(label, tuple(i + 1 for i in index), float(NAMES[label][index])) for label, index in ELEMENTS]


def worth(x):
    """The number that a Symbol or a tree stands for."""
    if not isinstance(x, Formula) or isinstance(x, (tree.Name, tree.Number)):
        return np.float64(value_of(x.value if isinstance(x, Formula) else x))
    return np.float64(WORTH[type(x)](x, *map(worth, x.parts)))


WORTH = {
    tree.Sum: lambda x, *terms: sum(terms),
    tree.Negative: lambda x, y: -y,
    tree.Product: lambda x, *factors: math.prod(factors),
    tree.Quotient: lambda x, above, below: above / below,
    tree.Power: lambda x, base, exponent: base**exponent,
    tree.Call: lambda x, argument: FUNCTIONS[x.function](argument),
    tree.Comparison: lambda x, a, b: RELATIONS[x.relation](a, b),
    **dict.fromkeys([tree.Transpose, tree.Element, tree.Sigma], lambda x, y: y),
}


@given(generators)
@settings(max_examples=100)
def test_trees_in_every_style(rng):
    """Whatever stands in whatever, it is worth its value in every style."""
    formula = grown(rng, list(map(tree.Number, NUMBERS)) + LEAVES, ON_TREES, 9)
    with np.errstate(all="ignore"):
        holds(formula, float(worth(formula)))
