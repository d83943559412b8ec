"""The state of a network: what it holds, and what does not fit when it is loaded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import Network

from microgradnn import Tensor, load, nn, optim, save

layers = st.one_of(
    st.builds(lambda bias: ("linear", bias), st.booleans()),
    st.just(("norm", True)),
    st.just(("layer norm", True)),
    st.just(("tanh", True)),
    st.just(("dropout", True)),
)


def build(plan, sizes, seed):
    """A network by plan: kinds of layers, one inside another where `None` stands."""
    rng = np.random.default_rng(seed)
    outer = network = nn.Module()
    size = 2
    network.layers = made = []
    for i, kind in enumerate(plan):
        if kind is None:
            network.inner = nn.Module()
            network = network.inner
            network.layers = made = []
        elif kind[0] == "linear":
            made.append(nn.Linear(size, sizes[i], bias=kind[1], rng=rng))
            size = sizes[i]
        else:
            more = {"norm": nn.BatchNorm, "layer norm": nn.LayerNorm}
            made.append(
                more[kind[0]](size) if kind[0] in more else nn.Tanh() if kind[0] == "tanh" else nn.Dropout(0.3, rng=rng)
            )
    return outer


def run(network, x):
    """Through its layers, and those of the network inside."""
    while network is not None:
        for layer in network.layers:
            x = layer(x)
        network = getattr(network, "inner", None)
    return x.data if isinstance(x, Tensor) else x


@given(plan=st.lists(st.none() | layers, max_size=6), sizes=st.lists(st.integers(1, 4), min_size=6, max_size=6))
def test_state_comes_back(plan, sizes):
    """Whatever the architecture, a network that loads another's state computes the same, and its state is the same."""
    one, other = build(plan, sizes, 0), build(plan, sizes, 1)
    x = np.random.default_rng(2).normal(size=(5, 2))
    run(one, x)  # running statistics move
    other.load_state_dict(one.state_dict())
    assert {path: array.tolist() for path, array in one.state_dict().items()} == {
        path: array.tolist() for path, array in other.state_dict().items()
    }
    assert np.array_equal(run(one.eval(), x), run(other.eval(), x))


def test_state_is_a_copy(rng):
    """A state does not follow the network, nor the network a state that it has loaded."""
    layer = nn.Linear(2, 2, rng=rng)
    state = layer.state_dict()
    layer.W.data += 1
    assert np.array_equal(state["W"] + 1, layer.W.data)
    layer.load_state_dict(state)
    state["W"][...] = 7
    assert not (layer.W.data == 7).any()


def test_loading_keeps_tensors_and_optimisers(rng):
    """Parameters stay the same Tensors with the same arrays, so that an optimiser made before still trains them."""
    layer = nn.Linear(1, 1, rng=rng)
    W, data = layer.W, layer.W.data
    descent = optim.SGD(layer.parameters(), lr=0.5)
    layer.load_state_dict({"W": np.array([[3.0]]), "b": np.array([0.0])})
    assert layer.W is W
    assert W.data is data
    layer(np.array([1.0])).sum().backward()
    descent.step()
    assert layer.W.item() == 2.5


def test_loading_leaves_other_arrays_alone():
    """A buffer that shares its array with its user gets a new one; a state of the network's own arrays does not mix them up."""
    mine = np.array([1.0])
    module = nn.Module()
    module.mean, module.a, module.b = Tensor(mine), *(Tensor([x], requires_grad=True) for x in (2.0, 3.0))
    module.load_state_dict({"mean": [9.0], "a": module.b.data, "b": module.a.data})
    assert mine.tolist() == [1]
    assert [float(array[0]) for array in module.state_dict().values()] == [9, 3, 2]


def test_a_state_that_does_not_fit():
    """All differences are listed: names, shapes, dtypes, of parameters and of buffers; and nothing has changed."""
    network = nn.Sequential(lin=nn.Linear(2, 3, rng=np.random.default_rng(0)), norm=nn.BatchNorm(3))
    before = network.state_dict()
    state = {**before, "lin.W": np.ones((3, 2)), "norm.gamma": np.full(3, 7.0), "extra": np.ones(1)}
    state["norm.running_var"] = np.ones(3, dtype=np.float32)
    del state["lin.b"]
    with pytest.raises(ValueError) as caught:
        network.load_state_dict(state)
    assert str(caught.value) == (
        "The state does not fit, and nothing was loaded:\n"
        "    extra is in the state only\n"
        "    lin.W is float64 of shape (2, 3); in the state, float64 of shape (3, 2)\n"
        "    lin.b is not in the state\n"
        "    norm.running_var is float64 of shape (3,); in the state, float32 of shape (3,)"
    )
    assert all(np.array_equal(before[path], array) for path, array in network.state_dict().items())


def test_files_hold_buffers_too(tmp_path, rng):
    """What `save` writes is the state: running statistics come back from a file as the parameters do."""
    one, other = Network(0), Network(1)
    one(rng.normal(size=(4, 2)))
    load(other, save(one, tmp_path / "network.npz"))
    with np.load(tmp_path / "network.npz") as file:
        assert file.files == [*one.state_dict()]
    x = rng.normal(size=(3, 2))
    assert one.norm.running_mean.data.any()
    assert np.array_equal(one.eval()(x).data, other.eval()(x).data)


def test_frozen_parameters_are_saved(rng):
    """A parameter that no longer requires a gradient is still in the state."""
    layer = nn.Linear(2, 2, rng=rng)
    layer.W.requires_grad = False
    assert [*layer.state_dict()] == ["W", "b"]
    layer.load_state_dict({"W": np.eye(2), "b": np.ones(2)})
    assert np.array_equal(layer.W.data, np.eye(2))
