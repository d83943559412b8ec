"""Layers: values and gradients beside PyTorch's, what is random, what is refused, and how they read in pictures and code."""

import copy
import pickle
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layer_literals import IN_USE, LITERALS, RUNNING_MEAN, RUNNING_VAR
from layer_table import INDICES, LAYERS, PHASES, input_of, made, wave
from strategies import generators

from microgradnn import Tensor, chain_rule, draw, gradcheck, nn, no_grad, relu, tanh, unroll
from microgradnn.nn.operation_layer import OperationLayer

# All layers


@pytest.mark.parametrize("name", LAYERS)
def test_values_and_gradients_are_pytorchs(name):
    """Value, and gradients by input and parameters, are those that PyTorch gave."""
    layer, x = made(name), input_of(name)
    z = layer(x)
    (z * wave(z.shape, 2.0)).sum().backward()
    received = {"z": z.data} | ({} if x is INDICES else {"x": x.grad})
    received |= {path: parameter.grad for path, parameter in layer.named_parameters()}
    assert received.keys() == LITERALS[name].keys()
    for key, expected in LITERALS[name].items():
        np.testing.assert_allclose(received[key].ravel(), expected, atol=1e-6, rtol=0, err_msg=key)


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_are_differences(name, rng):
    """Gradients by input and parameters are difference quotients."""
    layer, x = made(name, rng), input_of(name, rng)
    parameters = layer.parameters()

    def function(x, *values):
        other = copy.deepcopy(layer)
        for path, value in zip(dict(layer.named_parameters()), values, strict=True):
            setattr(other, path, value)
        return other(x)

    if x is INDICES:
        assert gradcheck(lambda W: function(INDICES, W), parameters)
    else:
        assert gradcheck(function, [x, *parameters])


@pytest.mark.parametrize("name", LAYERS)
def test_copies_and_pickles(name):
    """A layer that was copied or pickled computes the same, and has parameters of its own with the same names."""
    layer = made(name)
    x = INDICES if name == "Embedding" else input_of(name).data
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        received, expected = (z.numpy() if isinstance(z, Tensor) else z for z in (other(x), layer(x)))
        assert np.array_equal(received, expected)
        assert repr(other) == repr(layer)
        assert [p.name for p in other.parameters()] == [p.name for p in layer.parameters()]
        assert not {*other.parameters()} & {*layer.parameters()}


@pytest.mark.parametrize("name", [name for name in LAYERS if name != "Embedding"])
def test_dtype_is_kept(name):
    """A float32 layer turns float32 into float32, and its gradients are float32."""
    layer, x = made(name), Tensor(input_of(name).data, dtype=np.float32, requires_grad=True)
    for tensor in layer.named_tensors().values():
        tensor.data = tensor.data.astype(np.float32)
    z = layer(x)
    z.sum().backward()
    assert {z.dtype, x.grad.dtype, *(t.data.dtype for t in layer.named_tensors().values())} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("Linear", (5, 4), "Linear(3, 2) expects an input of shape (..., 3); it was given 'x' of shape (5, 4)."),
        ("Linear", (), "Linear(3, 2) expects an input of shape (..., 3); it was given 'x' of shape ()."),
        (
            "Conv2d",
            (2, 3, 3),
            "Conv2d(2, 1, 2) expects an input of shape (n, 2, height, width); it was given 'x' of shape (2, 3, 3).",
        ),
        (
            "Conv1d",
            (1, 3, 4),
            (
                "Conv1d(2, 2, 3, stride=2, padding=1) expects an input of shape (n, 2, length); "
                "it was given 'x' of shape (1, 3, 4)."
            ),
        ),
        ("BatchNorm", (2,), "BatchNorm(2) expects an input of shape (n, 2, ...); it was given 'x' of shape (2,)."),
        ("BatchNorm", (4, 3), "BatchNorm(2) expects an input of shape (n, 2, ...); it was given 'x' of shape (4, 3)."),
        ("LayerNorm", (3, 2), "LayerNorm(3) expects an input of shape (..., 3); it was given 'x' of shape (3, 2)."),
        (
            "LayerNorm over two axes",
            (2,),
            "LayerNorm((2, 2), eps=0.01) expects an input of shape (..., 2, 2); it was given 'x' of shape (2,).",
        ),
        ("Flatten", (), "Flatten() expects an input of shape (n, ...); it was given 'x' of shape ()."),
        (
            "AvgPool2d",
            (4,),
            "AvgPool2d(kernel_size=2) expects an input of shape (..., height, width); it was given 'x' of shape (4,).",
        ),
        (
            "MaxPool1d",
            (),
            "MaxPool1d(kernel_size=2) expects an input of shape (..., length); it was given 'x' of shape ().",
        ),
    ],
)
def test_shapes_that_do_not_fit(name, shape, message):
    """A wrong shape is refused by the layer's name, with what it expects and what it got."""
    with pytest.raises(ValueError) as caught:
        made(name)(Tensor(np.ones(shape), name="x"))
    assert str(caught.value) == message


def test_a_refusal_says_which_layer(rng):
    """Within a network a layer is called by the path to it."""
    network = nn.Module()
    network.body = nn.Sequential(nn.Linear(3, 3, rng=rng), nn.Linear(4, 4, rng=rng))
    with pytest.raises(ValueError, match=r"^body.1: Linear\(4, 4\) expects"):
        network.body(np.ones(3))


# Initial weights


@pytest.mark.parametrize("make", [nn.Linear, nn.Embedding, lambda *sizes, **how: nn.Conv1d(*sizes, 2, **how)])
def test_init_makes_the_weights(make):
    """A layer's weights are what `init` makes of their shape and the generator; b begins at 0."""
    asked = []

    def init(shape, rng):
        asked.append((shape, rng))
        return nn.init.constant(shape, 0.5)

    rng = np.random.default_rng(0)
    layer = make(3, 4, rng=rng, init=init)
    assert asked == [(layer.W.shape, rng)]
    assert (layer.W.data == 0.5).all()
    assert [b.data.any() for path, b in layer.named_parameters() if path == "b"] in ([], [False])


@pytest.mark.parametrize("make", [partial(nn.Linear, 3, 2), partial(nn.Conv1d, 3, 2, 2)])
def test_biases_have_the_dtype_of_weights(rng, make):
    """Weights that are drawn in float32 get a bias in float32, so that nothing turns into float64."""
    layer = make(rng=rng, init=lambda shape, rng: rng.normal(size=shape).astype(np.float32))
    assert layer.b.dtype == np.float32


def test_names():
    """Linear and convolutions call W and b as they are told."""
    for layer in (nn.Linear(1, 1, rng=np.random.default_rng(0), names=("U", "c")), named_convolution()):
        assert (layer.W.name, layer.b.name) == ("U", "c")


def named_convolution():
    """A convolution whose weights have names."""
    return nn.Conv2d(1, 1, 1, rng=np.random.default_rng(0), names=("U", "c"))


# Embedding


def test_embedding_picks_rows(rng):
    """Each index gives its row, for any shape of indices, as lists, arrays or Tensors of whole numbers."""
    table = nn.Embedding(4, 3, rng=rng)
    for indices in (2, [0, 3, 3], np.array([[1], [0]], dtype=np.int8), Tensor(np.array([1, 2])), np.array([], dtype=int)):
        plain = indices.data if isinstance(indices, Tensor) else np.asarray(indices)
        assert np.array_equal(table(indices).data, table.W.data[plain])
    assert table([]).shape == (0, 3)


@given(rng=generators, indices=st.lists(st.integers(0, 3), max_size=8))
def test_embedding_adds_up(rng, indices):
    """A row's gradient is the sum over all places where it was taken."""
    table = nn.Embedding(4, 2, rng=rng)
    dz = rng.normal(size=(len(indices), 2))
    table(indices).backward(dz)
    rows = [np.outer(np.eye(4)[i], row) for i, row in zip(indices, dz, strict=True)]
    assert table.W.grad == pytest.approx(sum(rows, np.zeros((4, 2))))


def test_embedding_refuses(rng):
    """Negative, too large and fractional indices are refused."""
    table = nn.Embedding(4, 2, rng=rng)
    for wrong in (-1, 4):
        with pytest.raises(IndexError) as caught:
            table([0, wrong])
        assert str(caught.value) == (
            f"Embedding(4, 2) expects whole numbers from 0 to 3; {wrong} is none, in an array of shape (2,)."
        )
    for not_whole in ([1.0, 0.5], Tensor([1.0]), np.array([True])):
        with pytest.raises(TypeError, match=r"^Embedding\(4, 2\) expects whole numbers from 0 to 3; .*\nMake them whole"):
            table(not_whole)


# Dropout


def test_dropout_drops_and_enlarges():
    """Of many ones about a share p becomes 0 and the others 1 / (1 − p), so that the mean stays; so does the gradient."""
    x = Tensor(np.ones(100_000), requires_grad=True)
    z = nn.Dropout(0.2, rng=np.random.default_rng(0))(x)
    assert {*z.data} == {0, 1.25}
    assert z.data.mean() == pytest.approx(1, abs=0.01)
    z.sum().backward()
    assert np.array_equal(x.grad, z.data)


@pytest.mark.parametrize("x", [np.full(1000, 9), np.full(1000, fill_value=True), np.full(1000, 9, np.uint8)])
def test_dropout_of_whole_numbers(x):
    """Whole numbers are divided by 1 − p like others: the result is a floating-point one."""
    z = nn.Dropout(0.1, rng=np.random.default_rng(0))(x)
    assert {*z.data} == {0, x[0] / 0.9}


def test_dropout_in_use():
    """In eval mode, and with p = 0, the input is handed through, and the generator is not touched."""
    x = Tensor([1.0, 2.0], requires_grad=True)
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    assert nn.Dropout(0.5, rng=rng).eval()(x) is x
    assert nn.Dropout(0, rng=rng)(x) is x
    assert rng.bit_generator.state == before


def test_dropout_is_random_by_its_generator():
    """Two calls have two masks; the same seed has the same."""
    one, other = (nn.Dropout(0.5, rng=np.random.default_rng(3)) for _ in range(2))
    x = np.ones(50)
    first, second = one(x).data, one(x).data
    assert not np.array_equal(first, second)
    assert np.array_equal(first, other(x).data)
    assert np.array_equal(second, other(x).data)


@pytest.mark.parametrize("p", [-0.1, 1, 1.5, np.nan])
def test_dropout_refuses(p):
    """A probability of 1 or more, or below 0, is refused."""
    with pytest.raises(ValueError, match="^Dropout: p is the probability that a number is dropped, at least 0 and less than 1"):
        nn.Dropout(p, rng=np.random.default_rng(0))


def test_unrolled_dropout_asks_for_the_masks(rng):
    """No randomness is frozen into unrolled code: the masks are parameters, without which it cannot be called."""
    V = Tensor(rng.normal(size=4), requires_grad=True, name="V")
    drop = nn.Dropout(0.5, rng=rng)
    by_hand = unroll(drop(drop(Tensor(rng.normal(size=(5, 4)), name="x") * V).sum(axis=1)).sum().named("L"))
    assert {*by_hand.parameters} == {"x", "mask", "V", "mask_2"}
    assert not by_hand.recorded
    x, one, other = rng.normal(size=(5, 4)), rng.normal(size=(5, 4)), rng.normal(size=5)
    with pytest.raises(TypeError, match="mask, mask_2 are missing"):
        by_hand(x=x, V=V.data)
    loss, dV = by_hand(x=x, V=V.data, mask=one, mask_2=other)
    assert loss == pytest.approx(other @ (x * one) @ V.data)
    assert dV[0] == pytest.approx(other @ (x * one))


def test_unrolled_dropout_of_the_data(rng):
    """Data that was dropped out is a parameter too, and not kept as it happened to be."""
    V = Tensor(rng.normal(size=4), requires_grad=True, name="V")
    by_hand = unroll((nn.Dropout(0.5, rng=rng)(rng.normal(size=(5, 4))) @ V).sum())
    assert {*by_hand.parameters} == {"dropped", "V"}
    assert not by_hand.recorded


# Normalisation


def test_batch_norm_keeps_pytorchs_statistics():
    """Running mean and variance after three batches, and what is made of them in eval mode, are those that PyTorch gave."""
    layer = made("BatchNorm")
    for phase in PHASES:
        layer(wave((4, 2), phase))
    assert layer.running_mean.data == pytest.approx(RUNNING_MEAN, abs=1e-6)
    assert layer.running_var.data == pytest.approx(RUNNING_VAR, abs=1e-6)
    layer.eval()
    before = layer.state_dict()
    assert layer(wave((1, 2), 3.0)).data.ravel() == pytest.approx(IN_USE, abs=1e-6)
    assert all(np.array_equal(before[name], array) for name, array in layer.state_dict().items())


@given(rng=generators, shape=st.sampled_from([(5, 3), (2, 3, 4), (2, 3, 2, 2)]))
def test_batch_norm_normalises_each_channel(rng, shape):
    """Whatever goes in, each channel of what comes out has mean 0 and variance 1."""
    z = nn.BatchNorm(3, eps=0)(rng.normal(2, 5, size=shape))
    others = (0, *range(2, len(shape)))
    assert z.data.mean(axis=others) == pytest.approx(np.zeros(3), abs=1e-9)
    assert z.data.var(axis=others) == pytest.approx(np.ones(3))


def test_batch_norm_of_one_sample():
    """One value of each feature has no variance: it is refused in training, not in eval mode."""
    layer = nn.BatchNorm(2)
    with pytest.raises(ValueError) as caught:
        layer(np.ones((1, 2)))
    assert str(caught.value) == (
        "BatchNorm(2) needs two or more values of each feature in training; shape (1, 2) has not.\n"
        "To use a trained network, call its eval() first. To train it, use a batch size that leaves no batch of one."
    )
    assert layer.running_mean.data.tolist() == [0, 0]
    assert layer.eval()(np.ones((1, 2))).shape == (1, 2)
    assert nn.BatchNorm(2)(np.ones((1, 2, 3))).shape == (1, 2, 3)


def test_batch_norm_without_recording():
    """In training, statistics are kept within no_grad too; the graph of an old batch does not see new ones."""
    layer = nn.BatchNorm(1).eval()
    x = Tensor([[1.0], [2.0]], requires_grad=True)
    z = layer(x)
    with no_grad():
        layer.train()(np.array([[10.0], [20.0]]))
    assert layer.running_mean.data == pytest.approx([1.5])
    z.sum().backward()
    assert x.grad == pytest.approx(np.full((2, 1), 1 / np.sqrt(1 + 1e-5)))


def test_running_statistics_keep_their_dtype():
    """A batch of float64 does not turn float32 statistics into float64."""
    layer = nn.BatchNorm(1)
    layer.running_mean.data, layer.running_var.data = np.zeros(1, np.float32), np.ones(1, np.float32)
    layer(np.array([[1.0], [2.0]]))
    assert (layer.running_mean.dtype, layer.running_var.dtype) == (np.float32, np.float32)


# Operations as layers


def test_options_of_an_operation():
    """Options are those of the operation; others are refused by the layer's name, with what there is."""
    assert repr(nn.LeakyReLU(0.2)) == repr(nn.LeakyReLU(negative_slope=0.2)) == "LeakyReLU(negative_slope=0.2)"
    with pytest.raises(TypeError, match=r"^LeakyReLU\(negative_slope=0.01\): got an unexpected keyword argument 'slope'.$"):
        nn.LeakyReLU(slope=0.2)
    with pytest.raises(TypeError, match=r"^MaxPool2d\(kernel_size, stride=None, padding=0\): missing a required argument"):
        nn.MaxPool2d()


def test_every_operation_layer_is_in_the_table():
    """No layer is left out of the table that these tests run along."""
    kinds = {kind for kind in vars(nn).values() if isinstance(kind, type) and issubclass(kind, nn.Module)}
    assert kinds - {nn.Module, nn.Sequential, nn.MLP, nn.Dropout} == {type(made(name)) for name in LAYERS}
    assert issubclass(nn.Tanh, OperationLayer)


# Containers


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
    with pytest.raises(TypeError, match=r"^MLP: output_activation is a module or a function"):
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


# Pictures


def test_a_network_in_a_picture(rng):
    """Each layer is a frame that is called by its place and kind, with its own parameters in it; what does nothing is none."""
    network = nn.Sequential(
        conv=nn.Conv2d(1, 2, 2, rng=rng),
        norm=nn.BatchNorm(2),
        drop=nn.Dropout(0.5, rng=rng).eval(),
        pool=nn.MaxPool2d(2),
        flatten=nn.Flatten(),
        out=nn.Linear(2, 1, rng=rng),
    )
    picture = draw(network(rng.normal(size=(3, 1, 3, 3))).sum()).picture
    titles = {frame.id: frame.label for frame in picture.frames}
    assert [*titles.values()] == [
        *("Sequential", "conv: Conv2d", "norm: BatchNorm", "pool: MaxPool2d", "flatten: Flatten", "out: Linear")
    ]
    inside = {box.content[0].text: titles.get(box.frame) for box in picture.boxes}
    assert inside["conv.W"] == "conv: Conv2d"
    assert inside["norm.gamma"] == "norm: BatchNorm"
    assert inside["out.b"] == "out: Linear"
