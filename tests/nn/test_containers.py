"""Sequential and MLP: their layers in order, how these are called, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import generators

from microgradnn import Tensor, chain_rule, nn, relu, tanh


def test_sequential_is_a_sequence(rng):
    """Layers are found by position, slice and name, in order; the parameters are named by position or name."""
    first, second = nn.Linear(2, 3, rng=rng), nn.Linear(3, 1, rng=rng)
    network = nn.Sequential(first, tanh, out=second)
    assert [*network] == [first, tanh, second]
    assert len(network) == 3
    assert network[0] is first
    assert network[-1] is second is network.out
    assert [*network[:2]] == [first, tanh]
    assert [path for path, _ in network.named_parameters()] == ["0.W", "0.b", "out.W", "out.b"]
    assert [parameter.name for parameter in network.parameters()] == ["0.W", "0.b", "out.W", "out.b"]
    x = rng.normal(size=(4, 2))
    assert np.array_equal(network(x).data, second(np.tanh(first(x))).data)
    with pytest.raises(IndexError):
        network[3]


def test_an_empty_sequential():
    """Nothing in, nothing done."""
    x = Tensor(1.0)
    assert nn.Sequential()(x) is x


def test_sequential_refuses():
    """A class, something that cannot be called, and a name that is taken are refused."""
    with pytest.raises(TypeError, match=r"^Sequential: 0 is the class Tanh; make one of it: Tanh\(...\).$"):
        nn.Sequential(nn.Tanh)
    with pytest.raises(TypeError, match=r"^Sequential: bend is a module or a function of a Tensor, .* not 3.$"):
        nn.Sequential(bend=3)
    for taken in ("forward", "training", "names"):
        with pytest.raises(ValueError, match=f"^Sequential: no layer can be called '{taken}', which is taken"):
            nn.Sequential(**{taken: tanh})


def test_mlp_is_layers_and_activations(rng):
    """Each layer but the last is followed by the activation, the last by the output activation."""
    network = nn.MLP([2, 4, 3, 1], activation=nn.ReLU(), output_activation=tanh, rng=rng)
    x = rng.normal(size=(5, 2))
    h = x
    for name in ("hidden1", "hidden2"):
        h = np.maximum(h @ getattr(network, name).W.data + getattr(network, name).b.data, 0)
    np.testing.assert_allclose(network(x).data, np.tanh(h @ network.out.W.data + network.out.b.data), rtol=1e-14)


@pytest.mark.parametrize(
    ("sizes", "names", "layers", "outputs"),
    [
        ([2, 1], None, ["out"], []),
        ([2, 3, 1], None, ["hidden", "out"], ["h"]),
        ([2, 3, 4, 1], None, ["hidden1", "hidden2", "out"], ["h1", "h2"]),
        ([2, 3, 1], ("encoder", "decoder"), ["encoder", "decoder"], ["h"]),
    ],
)
def test_mlp_names(rng, sizes, names, layers, outputs):
    """Layers, their parameters and what comes out of them have names that read well."""
    network = nn.MLP(sizes, rng=rng, names=names)
    paths = [f"{layer}.{letter}" for layer in layers for letter in "Wb"]
    assert [path for path, _ in network.named_parameters()] == paths
    assert [parameter.name for parameter in network.parameters()] == paths
    o = network(Tensor(np.ones(2), name="x"))
    found, nodes = [], [o]
    for node in nodes:
        nodes += node.inputs
        found += [node.name] if node.op is not None and node.name else []
    assert sorted(found) == sorted([*outputs, "o"])


def test_mlp_in_a_formula(rng):
    """The chain rule of an MLP goes through h and o, and holds."""
    network = nn.MLP([3, 2, 1], rng=rng)
    L = nn.squared_error(network(Tensor([0.5, -1.2, 0.3], name="x")), [1.0]).named("L")
    L.backward()
    text = str(chain_rule(L, network.hidden.W[0, 0]))
    assert text.startswith("∂L/∂hidden.W₁₁ = ∂L/∂o₁ · ∂o₁/∂h₁ · ∂h₁/∂hidden.W₁₁\n")
    assert text.count("✓") == 2


def test_mlp_refuses(rng):
    """Sizes that are no list or too few, unfit or taken names, and no function as activation are refused."""
    with pytest.raises(TypeError, match=r"^MLP takes all sizes as one list, MLP\(\[3, 4, 1\], rng=...\); it was given 3"):
        nn.MLP(3, 4, 1, rng=rng)
    with pytest.raises(ValueError, match=r"^MLP: sizes are those of the inputs, the hidden layers and the outputs"):
        nn.MLP([3], rng=rng)
    with pytest.raises(ValueError, match=r"^MLP: sizes \[3, 2, 1\] make 2 layers, but there are 1 names: \['out'\].$"):
        nn.MLP([3, 2, 1], rng=rng, names=["out"])
    with pytest.raises(ValueError, match=r"^MLP: no layer can be called 'activation', which is taken"):
        nn.MLP([3, 2], rng=rng, names=["activation"])
    with pytest.raises(TypeError, match=r"^MLP: activation is the class ReLU; make one of it"):
        nn.MLP([3, 2], nn.ReLU, rng=rng)
    with pytest.raises(TypeError, match=r"^MLP: output_activation is the text 'tanh'; give the function itself"):
        nn.MLP([3, 2], output_activation="tanh", rng=rng)


@given(rng=generators, inputs=st.integers(1, 3), units=st.integers(2, 4), activation=st.sampled_from([tanh, relu, nn.SiLU()]))
def test_equal_hidden_units_have_equal_gradients(rng, inputs, units, activation):
    """Hidden units with equal weights on both sides get equal gradients, so that training never tells them apart."""
    network = nn.MLP([inputs, units, 2], activation, rng=rng)
    network.hidden.W.data[...] = rng.normal(size=(inputs, 1))
    network.hidden.b.data[...] = rng.normal()
    network.out.W.data[...] = rng.normal(size=(1, 2))
    nn.squared_error(network(rng.normal(size=(5, inputs))), rng.normal(size=(5, 2))).backward()
    for gradient in (network.hidden.W.grad, network.hidden.b.grad[None], network.out.W.grad.T):
        np.testing.assert_allclose(gradient, np.repeat(gradient[:, :1], units, axis=1), rtol=1e-12)
