"""The derivation of a whole tensor's gradient in matrix form: what is written can be worked out, and gives the gradient."""

import re

import numpy as np
import pytest
from battery import network
from networks import source_network
from notation_grammar import evaluate

from microgradnn import Tensor, chain_rule, nn
from microgradnn.explaining.matrix_form import MatrixRule
from microgradnn.formulas.unicode_text import text
from microgradnn.graph import whole_graph

SOURCE = """∂L/∂o = −2(t − o)
∂L/∂h = ∂L/∂o · Vᵀ
∂L/∂W = xᵀ · (∂L/∂h ⊙ (1 − h²))
"""


def leaf_of(L, name):
    return next(node for node in whole_graph(L) if node.name == name)


def test_the_source():
    """The three lines that a person writes for the question's network, the gradient, and two checks."""
    L, W, _ = source_network()
    rule = chain_rule(L, W)
    assert isinstance(rule, MatrixRule)
    assert str(rule).startswith(SOURCE)
    assert str(rule).count("✓") == 2
    assert np.array_equal(rule.value, W.grad)
    assert rule.name == "∂L/∂W"
    assert repr(rule) == "<∂L/∂W of shape (3, 3), 3 lines>"


@pytest.mark.parametrize(
    ("name", "leaf"),
    [
        ("source", "W"),
        ("source", "V"),
        ("source", "b_h"),
        ("two layers", "W_1"),
        ("six layers", "W_1"),
        ("RNN", "W"),
        ("RNN", "U"),
        ("batch", "W"),
        ("batch", "V"),
        ("cross-entropy", "W"),
        ("attention", "W_v"),
        ("residual", "W_2"),
    ],
)
def test_what_is_written_gives_the_gradient(name, leaf):
    """Each line, read back by the grammar of the notation with the arrays of this graph, is the gradient it is of."""
    L = network(name)
    rule = chain_rule(L, leaf_of(L, leaf))
    values = {called(node.name): np.asarray(node.data) for node in whole_graph(L) if node.name}
    values |= {f"d{called(line.tensor.name)}": np.asarray(line.gradient) for line in rule.lines}
    for line in rule.lines:
        assert line.formula is not None, line.reason
        written = text(line.formula, None, None)
        written = re.sub(r"∂L/∂([A-Za-z0-9_]+)", lambda found: f"d{called(found[1])}", written)
        for node in sorted((node for node in whole_graph(L) if node.name), key=lambda node: -len(node.name)):
            written = re.sub(rf"(?<!\w){re.escape(node.name)}(?![A-Za-z0-9_])", called(node.name), written)
        read = np.broadcast_to(evaluate(written, values), np.shape(line.gradient))
        assert np.allclose(read, line.gradient), (written, read, line.gradient)


def called(name):
    """A name that the grammar reads as one, whatever is in it."""
    return name.replace("_", "")


def test_a_rule_that_is_code():
    """Where a rule is code, the line says so; the gradient is there all the same."""
    L = network("convolution")
    W = next(node for node in whole_graph(L) if node.op is None and node.requires_grad and node.ndim == 4)
    rule = chain_rule(L, W)
    assert "is code, and no formula" in str(rule)
    assert rule.value.shape == W.shape


def test_what_does_not_depend_is_refused():
    """As for one element; and LaTeX has a row for each line."""
    L, W, _ = source_network()
    with pytest.raises(ValueError, match="does not depend on"):
        chain_rule(L, Tensor(np.ones(3), requires_grad=True, name="other"))
    assert chain_rule(L, W).latex().count("&=") == 3


@pytest.mark.parametrize(
    ("loss", "formula"),
    [
        (nn.mse_loss, "−2(t − o) / 3"),
        (nn.squared_error, "−2(t − o)"),
        (nn.binary_cross_entropy_with_logits, "(1/3)(sigmoid(o) − t)"),
    ],
)
def test_losses_are_formulas(loss, formula):
    """What a loss passes back is written with its prediction and target, though its rule has names of its own."""
    x, W = Tensor(np.eye(3), name="x"), Tensor([[0.5], [-1.0], [2.0]], requires_grad=True, name="W")
    L = loss((x @ W).named("o"), Tensor([[0.0], [1.0], [1.0]], name="t")).named("L")
    L.backward()
    rule = str(chain_rule(L, W))
    assert rule.splitlines()[0] == f"∂L/∂o = {formula}" and rule.count("✓") == 2
