"""The chain rule for one element: the source's formulas, other networks, paths and checks."""

import numpy as np
import pytest
import sympy
from derived import random_graph
from hypothesis import given
from hypothesis import strategies as st
from networks import source_network, textbook_network
from strategies import generators

from microgradnn import Tensor, chain_rule, draw, grad, nn


def sympy_name(label, index):
    return sympy.Symbol(label + "".join(str(i + 1) for i in index))


@pytest.mark.parametrize(
    ("element", "formula"),
    [((0, 0), "2*V1*(t - o)*x1*(h1**2 - 1)"), ((0, 1), "2*V2*(t - o)*x1*(h2**2 - 1)")],
)
def test_formulas_of_the_source(element, formula):
    """For the source's network the formulas of ∂L/∂W₁₁ and ∂L/∂W₁₂ equal the source's, as SymPy proves."""
    L, W, _ = source_network()
    ours = chain_rule(L, W[element]).formula.evaluate(sympy_name, sympy)
    assert sympy.simplify(ours - sympy.sympify(formula)) == 0


def test_values_of_the_source():
    """The derivation's value is the source's formula, computed by hand."""
    L, W, at = source_network()
    x, t, h, o, V = (at[name].numpy() for name in "xthoV")
    for j in range(3):
        assert chain_rule(L, W[0, j]).value == pytest.approx(2 * V[j] * (t - o) * x[0] * (h[j] ** 2 - 1))


def test_printed_derivation():
    """Printed, the derivation is symbol = substituted = value, and ends with two checks."""
    L, W = textbook_network()
    L.backward()
    assert str(chain_rule(L, W[0, 1])) == (
        "∂L/∂W₁₂ = ∂L/∂o · ∂o/∂h₂ · ∂h₂/∂W₁₂\n"
        "        = −2(t − o) · V₂ · x₁(1 − h₂²)\n"
        "        = −2(1 − 0.5) · (−5) · 2(1 − 0²)\n"
        "        = −1 · (−5) · 2\n"
        "        = 10\n"
        "W.grad[0, 1]         10  ✓\n"
        "finite differences   10  ✓"
    )


def test_latex():
    """In LaTeX, the derivation is an aligned block of the same steps."""
    L, W = textbook_network()
    assert chain_rule(L, W[0, 1]).latex() == (
        "\\begin{aligned}\n"
        r"\frac{\partial L}{\partial W_{12}} &= \frac{\partial L}{\partial o} \cdot \frac{\partial o}{\partial h_{2}}"
        r" \cdot \frac{\partial h_{2}}{\partial W_{12}} \\" + "\n"
        r"&= -2(t - o) \cdot V_{2} \cdot x_{1}(1 - h_{2}^{2}) \\" + "\n"
        r"&= -2(1 - 0.5) \cdot (-5) \cdot 2(1 - 0^{2}) \\" + "\n"
        r"&= -1 \cdot (-5) \cdot 2 \\" + "\n"
        "&= 10\n"
        "\\end{aligned}"
    )


def test_a_direct_path_beside_others():
    """Of several paths one may be the element's own use in the output: its factor is not called as the whole is."""
    w, x = Tensor(0.5, requires_grad=True, name="w"), Tensor(2.0, name="x")
    rule = chain_rule((w * np.tanh(w * x).named("y")).named("L"), w)
    assert rule.latex().splitlines()[1] == r"\frac{\partial L}{\partial w} &= y + w \cdot (1 - y^{2}) \, x \\"
    arrows = [line.text for arrow in rule.diagram.picture.arrows for line in arrow.lines]
    assert arrows[:2] == ["y", "= 0.7616"]
    assert not any(line.startswith("∂L/∂w") for line in arrows)


def test_several_paths_are_printed_as_a_sum():
    """With several paths, each is derived, and the derivative is their sum."""
    x = Tensor(3.0, requires_grad=True, name="x")
    a, b = (x * x).named("a"), (2 * x).named("b")
    L = (a * b).named("L")
    assert str(chain_rule(L, x)) == (
        "∂L/∂x = the sum over 2 paths, strongest first\n"
        "  x → a → L\n"
        "        ∂L/∂a · ∂a/∂x\n"
        "      = b · 2 x\n"
        "      = 6 · 2·3\n"
        "      = 6 · 6\n"
        "      = 36\n"
        "  x → b → L\n"
        "        ∂L/∂b · ∂b/∂x\n"
        "      = a · 2\n"
        "      = 9 · 2\n"
        "      = 18\n"
        "∂L/∂x = 36 + 18\n"
        "      = 54\n"
        "grad(L, x)           54  ✓\n"
        "finite differences   54  ✓"
    )


def two_hidden_layers(activation, rng):
    x = Tensor(rng.normal(size=4), name="x")
    W1 = Tensor(rng.normal(size=(4, 3)), requires_grad=True, name="W1")
    W2 = Tensor(rng.normal(size=(3, 5)), requires_grad=True, name="W2")
    V = Tensor(rng.normal(size=(5, 3)), requires_grad=True, name="V")
    g = getattr(x @ W1, activation)().named("g")
    h = getattr(g @ W2, activation)().named("h")
    o = (h @ V).named("o")
    return nn.cross_entropy(o, np.array(1)).named("L"), W1, 5 * 3


def batch(activation, rng):
    x, t = Tensor(rng.normal(size=(6, 4)), name="x"), Tensor(rng.normal(size=6), name="t")
    W = Tensor(rng.normal(size=(4, 3)), requires_grad=True, name="W")
    V = Tensor(rng.normal(size=3), requires_grad=True, name="V")
    h = getattr(x @ W, activation)().named("h")
    o = (h @ V).named("o")
    return ((t - o) ** 2).mean().named("L"), W, 6


def softmax_with_cross_entropy(activation, rng):
    x, t = Tensor(rng.normal(size=4), name="x"), Tensor([0.0, 1.0, 0.0], name="t")
    W = Tensor(rng.normal(size=(4, 2)), requires_grad=True, name="W")
    V = Tensor(rng.normal(size=(2, 3)), requires_grad=True, name="V")
    h = getattr(x @ W, activation)().named("h")
    p = (h @ V).named("o").softmax().named("p")
    return -(t * p.log()).sum().named("L"), W, 9


NETWORKS = [two_hidden_layers, batch, softmax_with_cross_entropy]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_networks(network, activation):
    """Through two hidden layers, a batch, and softmax with cross-entropy: paths, sum, formula and both checks agree."""
    L, W, paths = network(activation, np.random.default_rng(1))
    L.backward()
    derivation = chain_rule(L, W[0, 0])
    assert len(derivation.paths) == paths
    assert sum(path.value for path in derivation.paths) == pytest.approx(W.grad[0, 0])
    assert derivation.value == pytest.approx(W.grad[0, 0])
    assert [check.agrees for check in derivation.checks] == [True, True]
    for path in derivation.paths:
        for partial in path.partials:
            assert getattr(partial.formula, "value", partial.formula) == pytest.approx(partial.value, abs=1e-12)
    assert getattr(derivation.formula, "value", derivation.formula) == pytest.approx(derivation.value, abs=1e-12)


@given(seed=st.integers(0, 10**6), i=st.integers(0, 2), j=st.integers(0, 2))
def test_any_weight_of_any_network(seed, i, j):
    """For every weight of a random network, derivation, formula, backward pass and finite differences agree."""
    L, W, _ = source_network(seed=seed)
    derivation = chain_rule(L, W[i, j])
    assert derivation.value == pytest.approx(W.grad[i, j], rel=1e-12, abs=1e-12)
    assert derivation.formula.value == pytest.approx(derivation.value, rel=1e-9, abs=1e-12)
    assert all(check.agrees for check in derivation.checks)


@given(rng=generators)
def test_any_graph(rng):
    """Whatever the graph, the sum over paths is the gradient, every formula is worth its number, and all forms come out."""
    leaves, L = random_graph(rng)
    for leaf in leaves:
        index = tuple(int(rng.integers(n)) for n in leaf.shape)
        try:
            expected = grad(L, leaf)[index]
            derivation = chain_rule(L, leaf[index] if index else leaf)
        except (ValueError, RuntimeError) as error:
            assert "depend" in str(error) or "nothing to differentiate" in str(error)
            continue
        assert derivation.value == pytest.approx(float(expected), rel=1e-9, abs=1e-12)
        for element in derivation.elements:
            for partial in element.partials.values():
                value = getattr(partial.formula, "value", partial.formula)
                assert value is None or float(value) == pytest.approx(partial.value, rel=1e-6, abs=1e-9)
        assert derivation.checks[0].agrees
        assert derivation.name in str(derivation)
        assert derivation.latex().startswith(r"\begin{aligned}")
        assert derivation.diagram.source.startswith("digraph")


def test_tensors_that_are_called_alike():
    """Tensors of one name are told apart by primes, in the order in which they were made; their factors do not merge."""
    w = Tensor([2.0], requires_grad=True, name="w")
    h = (w * 2).named("h")
    again = (h * h).named("h")
    derivation = chain_rule(((again - h) ** 2).sum().named("L"), w[0])
    assert "2(h′₁ − h₁) · 2 h₁ · 2" in str(derivation)
    assert derivation.formula.value == derivation.value == 336


def test_long_unnamed_stretches():
    """Where a formula would be longer than anybody reads, the number stands alone, and nothing takes exponential time."""
    w = Tensor([0.5], requires_grad=True, name="w")
    h = w
    for _ in range(300):
        h = h + (h * 0.3).tanh() * 0.1
    derivation = chain_rule(h.sum().named("L"), w[0])
    assert str(derivation).startswith(f"∂L/∂w₁ = {derivation.value:.4g}\n")
    assert len(derivation.diagram.picture.boxes) == 2


def test_the_output_itself():
    """∂L/∂L is 1."""
    L, _ = textbook_network()
    assert str(chain_rule(L, L)).startswith("∂L/∂L = 1\n")


def test_after_a_step_of_training():
    """Where the data has changed since the loss was computed, the failing check says so."""
    L, W = textbook_network()
    L.backward()
    W.data += 1.0
    assert "the data has changed since the loss was computed: compute it again" in str(chain_rule(L, W[0, 0]))


def test_paths_are_counted_without_being_made():
    """Three layers of 32 have 32 · 32 · 10 paths to a first weight; the strongest come first, and only those are made."""
    rng = np.random.default_rng(0)
    z, W1 = Tensor(rng.normal(size=8), name="x"), None
    for layer, (inputs, outputs) in enumerate([(8, 32), (32, 32), (32, 32), (32, 10)]):
        W = Tensor(rng.normal(0, inputs**-0.5, (inputs, outputs)), requires_grad=True, name=f"W{layer}")
        W1 = W if W1 is None else W1
        z = (z @ W).tanh().named(f"h{layer}")
    derivation = chain_rule((z**2).sum().named("L"), W1[0, 0])
    assert len(derivation.paths) == 32 * 32 * 10
    sizes = [abs(path.value) for path in derivation.paths[:50]]
    assert sizes == sorted(sizes, reverse=True)
    assert "\n  and 10,236 more paths, in total " in str(derivation)
    assert ": all are in .paths\n" in str(derivation)
    lines = repr(derivation.paths).splitlines()
    assert lines[0] == "10,240 paths, strongest first"
    assert lines[1].startswith("L ← ") and lines[-1] == f"… and {10_240 - len(lines[1:-1]):,} more"


def test_strongest_paths_come_first():
    """Made one at a time, the paths are in the order that sorting all of them gives."""
    L, W, _ = two_hidden_layers("tanh", np.random.default_rng(3))
    sizes = [abs(path.value) for path in chain_rule(L, W[1, 2]).paths]
    assert sizes == pytest.approx(sorted(sizes, reverse=True))


def test_a_unit_that_is_off_is_shown():
    """Where a relu is off, the path is there, its factor 0, and the formula says why."""
    x = Tensor([1.0], name="x")
    W = Tensor([[-2.0]], requires_grad=True, name="W")
    h = (x @ W).relu().named("h")
    L = (h * 3).sum().named("L")
    derivation = chain_rule(L, W[0, 0])
    assert len(derivation.paths) == 1
    assert derivation.value == 0
    assert "3 · x₁ [x₁ W₁₁ > 0]" in str(derivation)


def test_an_element_that_max_passes_over():
    """An element that another one outdoes has no path: the derivation says that no change of it gets through."""
    x = Tensor([1.0, 5.0], requires_grad=True, name="x")
    derivation = chain_rule(x.max().named("L"), x[0])
    assert len(derivation.paths) == 0
    assert str(derivation).startswith("∂L/∂x₁ = 0: at these values, no change of x₁ gets through to L\n")
    assert all(check.agrees for check in derivation.checks)


def test_a_loss_that_is_a_number():
    """A loss that has been made a plain number is refused with what to give."""
    L, W = textbook_network()
    with pytest.raises(TypeError, match=r"^chain_rule takes the loss as a Tensor, L and not L.item\(\); it was given"):
        chain_rule(L.item(), W[0, 0])


def test_a_wrong_gradient_is_marked():
    """A check that does not agree says so, with a likely reason."""
    L, W = textbook_network()
    L.backward()
    L.backward()
    why = "from more than one backward pass, from another loss, or changed since?"
    assert f"W.grad[0, 1]         20  ✗  ({why})" in str(chain_rule(L, W[0, 1]))
    W.data[0, 1] += 1
    why = "the data has changed since the loss was computed: compute it again"
    assert str(chain_rule(L, W[0, 1])).count(why) == 2


def test_means_keep_their_fractions():
    """A mean over three samples divides by 3, not by 0.3333."""
    x = Tensor([1.0, 2.0, 4.0], requires_grad=True, name="x")
    assert str(chain_rule((x * x).mean().named("L"), x[0])).startswith("∂L/∂x₁ = (2/3) x₁\n       = (2/3)·1\n")


@pytest.mark.parametrize("index", [(0, 0), (-3, -3), np.s_[0, :1], np.s_[[0], [0]]])
def test_any_way_to_index(index):
    """However the element is picked, it is found."""
    L, W, _ = source_network()
    assert chain_rule(L, W[index]).name == "∂L/∂W₁₁"


def test_picked_twice():
    """An element of a row is found as well as one of the matrix."""
    L, W, _ = source_network()
    assert chain_rule(L, W[1][2]).name == "∂L/∂W₂₃"


def test_counting_from_zero():
    """With index_base=0, subscripts are NumPy's."""
    L, W, _ = source_network()
    assert chain_rule(L, W[0, 1], index_base=0).name == "∂L/∂W₀₁"


def test_intermediate_elements():
    """A hidden unit can be asked for as well as a weight; what lies behind it plays no part."""
    L, _, at = source_network()
    derivation = chain_rule(L, at["h"][1])
    assert [element.name for element in derivation.elements] == ["L", "o", "h₂"]
    assert derivation.value == pytest.approx(at["h"].grad[1])


def test_scalar_parameters():
    """A parameter that is one number needs no index."""
    L, _, at = source_network()
    assert chain_rule(L, at["b_o"]).value == pytest.approx(float(at["b_o"].grad))


def test_layers_without_names():
    """The parameters of a Sequential are called W⁽¹⁾, b⁽¹⁾: in the derivation, its checks, LaTeX and the pictures."""
    rng = np.random.default_rng(0)
    network = nn.Sequential(nn.Linear(2, 1, rng=rng), nn.Tanh())
    L = (network(np.ones(2)) ** 2).sum().named("L")
    L.backward()
    rule = chain_rule(L, network[0].W[0, 0])
    assert str(rule).startswith("∂L/∂W⁽¹⁾₁₁ = ")
    assert rule.checks[0].name == "W⁽¹⁾.grad[0, 0]"
    assert r"\frac{\partial L}{\partial W_{11}^{(1)}}" in rule.latex()
    assert "W⁽¹⁾" in draw(L).source
    assert "0.W" not in str(rule) + rule.latex() + rule.diagram.source + draw(L).source


def test_unnamed_tensors():
    """Without names, the output is L and the leaf θ; constants are given by their values."""
    x = Tensor([3.0], requires_grad=True)
    assert str(chain_rule((x * [0.5]).sum(), x[0])).startswith("∂L/∂θ₁ = 0.5\n")


def test_float32():
    """A float32 network agrees within its own rounding."""
    rng = np.random.default_rng(0)
    W = Tensor(rng.normal(size=(2, 2)), requires_grad=True, name="W", dtype=np.float32)
    L = ((Tensor(np.ones(2, np.float32), name="x") @ W).tanh().named("h") ** 2).sum().named("L")
    L.backward()
    assert all(check.agrees for check in chain_rule(L, W[0, 0]).checks)


def test_float32_on_the_way():
    """Where a float64 element is cast to float32, differences tell what float32 lets them, and raise no false alarm."""
    x = Tensor([0.3, -1.7], requires_grad=True, name="x")
    for y in (x.astype(np.float32).sum(), (x.astype(np.float32) ** 3).sum(), (x * x).astype(np.float16).sum()):
        assert [check.agrees for check in chain_rule(y.named("L"), x[0]).checks] == [True, True]


def test_a_kink_is_no_wrong_gradient():
    """At a kink the check by differences says so, with the slopes to both sides, and calls nothing wrong."""
    x = Tensor([0.0, 1.0], requires_grad=True, name="x")
    written = str(chain_rule(x.relu().sum().named("L"), x[0]))
    assert written.endswith("finite differences   0.5  ?  (a kink: slope 0 to the left, 1 to the right)")


def test_nothing_is_changed():
    """Explaining changes no value and no gradient."""
    L, W, at = source_network()
    before = [(tensor.numpy().copy(), None if tensor.grad is None else tensor.grad.copy()) for tensor in (L, W, *at.values())]
    str(chain_rule(L, W[0, 0]))
    for tensor, (data, gradient) in zip((L, W, *at.values()), before, strict=True):
        assert np.array_equal(tensor.numpy(), data)
        assert gradient is None if tensor.grad is None else np.array_equal(tensor.grad, gradient)


@given(seed=st.integers(0, 10**6), steps=st.integers(1, 5))
def test_equal_units_get_equal_gradients(seed, steps):
    """Hidden units with equal incoming and outgoing weights get equal gradients, so training keeps them equal."""
    rng = np.random.default_rng(seed)
    x, t = rng.normal(size=3), rng.normal()
    W = Tensor(np.repeat(rng.normal(size=(3, 1)), 4, axis=1), requires_grad=True)
    V = Tensor(np.repeat(rng.normal(size=1), 4), requires_grad=True)
    for _ in range(steps):
        h = (Tensor(x)[:, None] * W).sum(axis=0).tanh()
        L = (t - h @ V) ** 2
        dW, dV = grad(L, [W, V])
        assert (dW == dW[:, :1]).all()
        assert (dV == dV[0]).all()
        W.data -= 0.1 * dW
        V.data -= 0.1 * dV
