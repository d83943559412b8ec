"""Rules as formulas: matrices as matrices, and every rule that can be written gives, parsed back, what the vjp gives."""

import warnings

import numpy as np
import pytest
from formula_readers import styles_of
from hypothesis import given, settings
from notation_grammar import evaluate
from op_table import TABLE, as_leaves
from strategies import generators

from microgradnn.errors import operand_letters
from microgradnn.formulas.formula import Name, Number
from microgradnn.formulas.parts import Unwritable
from microgradnn.formulas.rule_formula import RuleReader, rule_formula
from microgradnn.formulas.unicode_text import text
from microgradnn.ops import Affine, Matmul, Tanh
from microgradnn.source.rules import rule_text

NAMES = {letter: Name(letter) for letter in ("dz", "z", "x", "y")}


@pytest.mark.parametrize(
    ("rule", "written"),
    [
        ("dz * (1 - z * z)", "dz ⊙ (1 − z²)"),
        ("-dz * x", "−dz ⊙ x"),
        ("dz * 2 * x", "2 dz ⊙ x"),
        ("dz * -2 * (y - x)", "−2 dz ⊙ (y − x)"),
        ("dz / (3 * z * z)", "dz / (3 z²)"),
        ("dz * n * x ** (n - (n != 0))", "2 dz ⊙ x"),
        ("dz * (x > 0)", "dz ⊙ [x > 0]"),
        ("np.where(x > y, dz, 0)", "where([x > y], dz, 0)"),
        ("z * (dz - (dz * z).sum(axis=self.axis, keepdims=True))", "z ⊙ (dz − (Σ dz ⊙ z))"),
        ("dz.reshape(x.shape)", "reshape(dz, (3,))"),
        ("dz * (y - x) / y.size", "dz ⊙ (y − x) / 3"),
        ("dz * (sigmoid(x) - y)", "dz ⊙ (sigmoid(x) − y)"),
        ("dz * (2 / math.sqrt(math.pi)) * np.exp(-x)", "dz · 2/sqrt(π) ⊙ exp(−x)"),
    ],
)
def test_signs(rule, written):
    """A rule is a formula in the names of the graph; plain numbers in it are worked out, and stand in front."""
    assert text(rule_formula(rule, NAMES, {**dict.fromkeys(NAMES, np.ones(3)), "n": 2})) == written


@pytest.mark.parametrize(
    ("x", "y", "dx", "dy"),
    [
        ((3,), (3,), "dz · yᵀ", "xᵀ · dz"),
        ((3,), (3, 2), "dz · yᵀ", "xᵀ · dz"),
        ((2, 3), (3,), "dz · yᵀ", "xᵀ · dz"),
        ((2, 3), (3, 4), "dz · yᵀ", "xᵀ · dz"),
        ((5, 2, 3), (3, 4), "dz · yᵀ", "xᵀ · dz"),
    ],
)
def test_a_matrix_product_has_one_rule(x, y, dx, dy):
    """Whether there are vectors, matrices or batches, ∂L/∂x = ∂L/∂z · yᵀ and ∂L/∂y = xᵀ · ∂L/∂z."""
    op, arrays = Matmul(), [np.ones(x), np.ones(y)]
    z = op(*arrays)
    operands = {"self": op, "dz": np.ones_like(z), "z": z, "x": arrays[0], "y": arrays[1]}
    for letter, vjp, written in zip("xy", op.vjps, (dx, dy), strict=True):
        rule = rule_text(vjp, (op, operands["dz"], z, *arrays))
        assert text(rule_formula(rule, NAMES, operands, letter)) == written, rule


def test_the_rules_of_a_layer():
    """The weights of a layer get a column times a row, its input a row times a matrix."""
    names = {letter: Name(letter) for letter in ("dz", "z", "x", "W", "b")}
    operands = {"self": Affine(), "dz": np.ones(2), "z": np.ones(2), "x": np.ones(3), "W": np.ones((3, 2)), "b": np.ones(2)}
    assert text(rule_formula("x[:, None] * dz", names, operands, "W")) == "xᵀ · dz"
    assert text(rule_formula("dz @ W.T", names, operands, "x")) == "dz · Wᵀ"


@pytest.mark.parametrize(
    "rule", ["dz / ties", "dz[self.index]", "Tanh.dx(dz, …)", "lambda: dz", "dz % 2", "not dz", "dz * (0 < dz < 1)", "'dz'"]
)
def test_rules_that_stay_python(rule):
    """What is better read as Python is not written as a formula."""
    with pytest.raises(Unwritable):
        rule_formula(rule, {"dz": Name("dz")}, {"dz": np.float64(1), "self": Tanh()})


def test_numbers_in_place_of_names():
    """With numbers for the letters, negative ones have brackets, and equal numbers of two letters make no square."""
    reader = RuleReader({"dz": Number(-2.0), "x": Number(-2.0)}, {"dz": np.float64(-2), "x": np.float64(-2)})
    assert text(reader("dz * x")) == "−2 · (−2)"
    assert reader.used == {"dz", "x"}


# Rules that are better read as Python: they call helpers, or names of their function's own.
PYTHON = {
    *("exp2", "log2", "log10", "sinc", "mean", "max", "min"),
    *("prod", "var", "std", "cumsum", "diff", "cumprod", "getitem", "concatenate", "stack", "pad", "einsum", "solve"),
    *("det", "logabsdet", "cholesky", "windows", "overlay", "conv2d", "logaddexp", "logaddexp2", "convolve"),
    *("cross", "cofactors", "pinv", "qr", "eigh", "svd", "only_defined", "max_pool2d"),
    *("trapezoid", "unit_trapezoid", "median", "nan_mean", "lstsq", "svdvals", "eigvalsh"),
    *("nan_max", "nan_min", "masked_var", "masked_std", "resize", "unit_gradient", "trace"),
    *("interp", "quantile", "nan_median", "roll"),
}


@pytest.mark.parametrize("row", TABLE.values(), ids=[op.__name__ for op in TABLE])
def test_a_rule_that_is_printed_gives_what_the_vjp_gives(row):
    """A rule, written with names and parsed back by the grammar, is the gradient, up to axes that broadcasting adds."""
    written, names = [], set()

    @settings(deadline=None, max_examples=20, database=None)
    @given(row.cases, generators)
    def check(case, rng):
        op, arrays = case
        node = op(*as_leaves(arrays))
        dz = rng.normal(size=node.shape)[()]
        letters = operand_letters(op, len(arrays))
        operands = {"self": op, "dz": dz, "z": node.data, **dict(zip(letters, arrays, strict=True))}
        names.add(op.name)
        for letter, vjp in zip(letters, op.vjps, strict=True):
            if vjp is not None:
                rule = rule_text(vjp, (op, dz, node.data, *arrays), whole=True)
                written.extend(compare(rule, letter, operands, vjp))

    check()
    assert bool(written) == names.isdisjoint(PYTHON)


def compare(rule, letter, operands, vjp):
    """What was written and found to be right; nothing, if the rule stays Python."""
    values = {name: x for name, x in operands.items() if name != "self"}
    try:
        formula = rule_formula(rule, {name: Name(name) for name in values}, operands, letter)
    except Unwritable:
        return []
    for style, written in styles_of(formula).items():
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = evaluate(written, values)
            expected = np.asarray(vjp(*operands.values()))
        read = np.broadcast_to(read, expected.shape)
        np.testing.assert_allclose(read, expected, 1e-9, 1e-12, err_msg=f"{rule}, in {style}: {written}")
    return [formula]
