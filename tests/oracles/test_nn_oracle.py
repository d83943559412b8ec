"""Layers beside PyTorch's: values, gradients, running statistics, initial weights.

Run as a program it prints what PyTorch gives for the waves of layer_table.py: the file layer_literals.py.
"""

import functools
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a program; pytest has done this

from hypothesis import given
from layer_table import ATTENTION, INDICES, LAYERS, PHASES, RECURRENT, first, input_of, made, wave
from strategies import generators

from microgradnn import nn

torch = pytest.importorskip("torch")
theirs = torch.nn


class SelfAttention(theirs.MultiheadAttention):
    """Attention of a sequence to itself."""

    def forward(self, x):
        return super().forward(x, x, x)[0]


class Adding(theirs.Module):
    """The positions of its tutorial on transformers, added."""

    def __init__(self, width):
        super().__init__()
        self.width = width

    def forward(self, x):
        place = torch.arange(x.shape[1], dtype=torch.float64)[:, None]
        rate = torch.exp(torch.arange(0, self.width, 2, dtype=torch.float64) * (-np.log(10000.0) / self.width))
        positions = torch.zeros(x.shape[1], self.width, dtype=torch.float64)
        positions[:, 0::2], positions[:, 1::2] = torch.sin(place * rate), torch.cos(place * rate)
        return x + positions


PEERS = {
    "Linear": functools.partial(theirs.Linear, 3, 2),
    "Linear without b": functools.partial(theirs.Linear, 3, 2, bias=False),
    "Conv1d": functools.partial(theirs.Conv1d, 2, 2, 3, stride=2, padding=1),
    "Conv2d": functools.partial(theirs.Conv2d, 2, 1, 2),
    "Conv2d without b": functools.partial(theirs.Conv2d, 1, 2, (1, 2), stride=(2, 1), padding=(1, 0), bias=False),
    "BatchNorm": functools.partial(theirs.BatchNorm1d, 2),
    "BatchNorm of images": functools.partial(theirs.BatchNorm2d, 2, eps=0.1, momentum=0.3),
    "BatchNorm of sequences": functools.partial(theirs.BatchNorm1d, 2, affine=False),
    "LayerNorm": functools.partial(theirs.LayerNorm, 3),
    "LayerNorm over two axes": functools.partial(theirs.LayerNorm, (2, 2), eps=0.01),
    "Embedding": functools.partial(theirs.Embedding, 3, 2),
    "Flatten": theirs.Flatten,
    "MaxPool1d": functools.partial(theirs.MaxPool1d, 2),
    "MaxPool2d": functools.partial(theirs.MaxPool2d, 2, stride=1),
    "AvgPool1d": functools.partial(theirs.AvgPool1d, 3, stride=1, padding=1),
    "AvgPool2d": functools.partial(theirs.AvgPool2d, 2),
    "Tanh": theirs.Tanh,
    "Sigmoid": theirs.Sigmoid,
    "ReLU": theirs.ReLU,
    "LeakyReLU": functools.partial(theirs.LeakyReLU, 0.2),
    "ELU": functools.partial(theirs.ELU, alpha=0.5),
    "SiLU": theirs.SiLU,
    "GELU": theirs.GELU,
    "GELU with tanh": functools.partial(theirs.GELU, approximate="tanh"),
    "RNNCell": functools.partial(theirs.RNNCell, 3, 2),
    "RNNCell with relu": functools.partial(theirs.RNNCell, 3, 2, nonlinearity="relu"),
    "RNNCell without b": functools.partial(theirs.RNNCell, 2, 2, bias=False),
    "LSTMCell": functools.partial(theirs.LSTMCell, 2, 2),
    "GRUCell": functools.partial(theirs.GRUCell, 2, 2),
    "RNN": functools.partial(theirs.RNN, 2, 2),
    "LSTM": functools.partial(theirs.LSTM, 2, 2, batch_first=True),
    "GRU": functools.partial(theirs.GRU, 2, 2, num_layers=2),
    "MultiHeadAttention": functools.partial(SelfAttention, 4, 2, batch_first=True),
    "TransformerBlock": functools.partial(
        theirs.TransformerEncoderLayer, 4, 2, 3, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    ),
    "PositionalEncoding": functools.partial(Adding, 4),
    "Softplus": functools.partial(theirs.Softplus, beta=2),
    "Softmax": functools.partial(theirs.Softmax, dim=-1),
    "Softmax along axis 0": functools.partial(theirs.Softmax, dim=0),
    "LogSoftmax": functools.partial(theirs.LogSoftmax, dim=-1),
}


def peer_of(name, layer):
    """PyTorch's layer with the same parameters. It keeps matrices transposed, and the biases of recurrent layers twice."""
    peer = PEERS[name]().double()
    theirs = dict(peer.named_parameters())
    with torch.no_grad():
        for parameter in theirs.values():
            parameter.zero_()
        for place, ours in places(layer):
            values = torch.tensor(ours.data)
            name_there, rows = place
            target = theirs[name_there] if rows is None else theirs[name_there][rows]
            target.copy_(values.T if is_turned(layer, ours) else values)
    return peer


def is_turned(layer, parameter):
    """Whether PyTorch keeps a parameter transposed."""
    return parameter.ndim == 2 and isinstance(layer, (nn.Linear, *RECURRENT, *ATTENTION))


def places(layer):
    """((name, rows) there, Tensor here) of each parameter."""
    if isinstance(layer, RECURRENT):
        for i, cell in enumerate(getattr(layer, "cells", [layer])):
            end = f"_l{i}" if hasattr(layer, "cells") else ""
            yield (f"weight_ih{end}", None), cell.Wx
            yield (f"weight_hh{end}", None), cell.Wh
            if cell.b is not None:
                yield (f"bias_ih{end}", None), cell.b
            if isinstance(cell, nn.GRUCell) and cell.bh is not None:
                yield (f"bias_hh{end}", slice(2 * cell.units, None)), cell.bh
    elif isinstance(layer, nn.MultiHeadAttention):
        yield from places_of_attention(layer, "")
    elif isinstance(layer, nn.TransformerBlock):
        yield from places_of_attention(layer.attention, "self_attn.")
        for ours, there in ((layer.up, "linear1"), (layer.down, "linear2")):
            yield (f"{there}.weight", None), ours.W
            yield (f"{there}.bias", None), ours.b
        for ours, there in ((layer.norm1, "norm1"), (layer.norm2, "norm2")):
            yield (f"{there}.weight", None), ours.gamma
            yield (f"{there}.bias", None), ours.beta
    else:
        for name, parameter in zip(("weight", "bias"), layer.parameters(), strict=False):
            yield (name, None), parameter


def places_of_attention(layer, before):
    """Query, key and value stand in one matrix there."""
    width = layer.width
    for i, part in enumerate((layer.query, layer.key, layer.value)):
        rows = slice(i * width, (i + 1) * width)
        yield (f"{before}in_proj_weight", rows), part.W
        yield (f"{before}in_proj_bias", rows), part.b
    yield (f"{before}out_proj.weight", None), layer.out.W
    yield (f"{before}out_proj.bias", None), layer.out.b


def value_and_gradients(name, layer, peer, x, u):
    """What PyTorch gives: z, and the gradients of Σ u z by x and by the parameters, in our layout."""
    inputs = torch.tensor(x if isinstance(x, np.ndarray) else x.data.copy())
    if inputs.is_floating_point():
        inputs.requires_grad_()
    z = first(peer(inputs))
    (z * torch.tensor(u(z.shape))).sum().backward()
    found = {"z": z.detach().numpy()} | ({"x": inputs.grad.numpy()} if inputs.requires_grad else {})
    there, paths = dict(peer.named_parameters()), {id(parameter): path for path, parameter in layer.named_parameters()}
    for (name_there, rows), ours in places(layer):
        gradient = there[name_there].grad.numpy()
        gradient = gradient if rows is None else gradient[rows]
        found[paths[id(ours)]] = gradient.T if is_turned(layer, ours) else gradient
    return {key: found[key] for key in ("z", "x", *paths.values()) if key in found}


def test_every_layer_has_a_peer():
    """No layer of the table is left out here."""
    assert PEERS.keys() == LAYERS.keys()


@pytest.mark.parametrize("name", LAYERS)
@given(rng=generators)
def test_values_and_gradients(name, rng):
    """On random inputs and parameters, value and all gradients are PyTorch's."""
    layer, x = made(name, rng), input_of(name, rng)
    expected = value_and_gradients(name, layer, peer_of(name, layer), x, lambda shape: wave(tuple(shape), 2.0))
    z = first(layer(x))
    (z * wave(z.shape, 2.0)).sum().backward()
    received = {"z": z.data} | ({"x": x.grad} if x is not INDICES else {})
    received |= {path: parameter.grad for path, parameter in layer.named_parameters()}
    assert received.keys() == expected.keys()
    for key, array in expected.items():
        np.testing.assert_allclose(received[key], array, rtol=1e-8, atol=1e-9, err_msg=key)


@pytest.mark.parametrize("name", [name for name in LAYERS if name.startswith("BatchNorm")])
def test_running_statistics(name, rng):
    """Over several batches the running statistics are PyTorch's, and so is what comes out in eval mode, with gradients."""
    layer = made(name, rng)
    peer = peer_of(name, layer)
    for _ in range(5):
        x = input_of(name, rng).data * rng.normal() + rng.normal()
        layer(x)
        peer(torch.tensor(x))
    np.testing.assert_allclose(layer.running_mean.data, peer.running_mean.numpy(), rtol=1e-12)
    np.testing.assert_allclose(layer.running_var.data, peer.running_var.numpy(), rtol=1e-12)
    layer.eval(), peer.eval()
    x = input_of(name, rng)
    expected = value_and_gradients(name, layer, peer, x, lambda shape: wave(tuple(shape)))
    z = layer(x)
    (z * wave(z.shape)).sum().backward()
    np.testing.assert_allclose(z.data, expected["z"], rtol=1e-10)
    np.testing.assert_allclose(x.grad, expected["x"], rtol=1e-10)


@pytest.mark.parametrize("shape", [(3, 4), (8, 3, 5), (8, 3, 5, 2)])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("xavier", {}),
        ("xavier", {"gain": 1.5}),
        ("kaiming", {}),
        ("kaiming", {"a": 0.3}),
        ("kaiming", {"mode": "fan_out", "nonlinearity": "relu"}),
        ("kaiming", {"nonlinearity": "tanh"}),
        ("kaiming", {"nonlinearity": "linear"}),
    ],
)
def test_initialisers(shape, name, options, monkeypatch):
    """Bounds and standard deviations are those with which PyTorch calls its generator."""
    asked = []
    monkeypatch.setattr(torch.Tensor, "uniform_", lambda tensor, low, high, **_: asked.append((low, high)) or tensor)
    monkeypatch.setattr(torch.Tensor, "normal_", lambda tensor, mean, std, **_: asked.append((mean, std)) or tensor)
    weight = torch.empty(shape[::-1] if len(shape) == 2 else shape)  # their Linear is (outputs, inputs)
    generator = Generator()
    for kind in ("uniform", "normal"):
        getattr(torch.nn.init, f"{name}_{kind}_")(weight, **options)
        getattr(nn.init, f"{name}_{kind}")(shape, **options, rng=generator)
    np.testing.assert_allclose(generator.asked, asked, rtol=1e-12)


class Generator:
    """Stands in for NumPy's: remembers what it is asked for."""

    def __init__(self):
        self.asked = []

    def uniform(self, low, high, shape):
        self.asked.append((low, high))

    normal = uniform


@pytest.mark.parametrize("name", ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "conv1d", "conv2d"])
def test_gain(name):
    """The gains are PyTorch's, and the slope of leaky_relu counts."""
    assert nn.init.gain(name) == torch.nn.init.calculate_gain(name)
    assert nn.init.gain("leaky_relu", 0.7) == torch.nn.init.calculate_gain("leaky_relu", 0.7)


def literals():
    """Print what PyTorch gives for the waves, as the module layer_literals."""

    def shown(array):
        return [float(x) + 0.0 for x in np.round(np.ravel(array), 6)]

    version = torch.__version__.partition("+")[0]
    print(f'"""What PyTorch {version} gives for layer_table.py; printed by oracles/test_nn_oracle.py."""\n')
    print("# fmt: off\nLITERALS = {")
    for name in LAYERS:
        layer, x = made(name), input_of(name)
        found = value_and_gradients(name, layer, peer_of(name, layer), x, lambda shape: wave(tuple(shape), 2.0))
        print(f"    {name!r}: {{".replace("'", '"'))
        for key, array in found.items():
            print(textwrap.fill(f'        "{key}": {shown(array)},', 120, subsequent_indent=" " * 14))
        print("    },")
    print("}")
    peer = peer_of("BatchNorm", made("BatchNorm"))
    for phase in PHASES:
        peer(torch.tensor(wave((4, 2), phase)))
    print(f"RUNNING_MEAN, RUNNING_VAR = {shown(peer.running_mean)}, {shown(peer.running_var)}  # of BatchNorm, after PHASES")
    print(f"IN_USE = {shown(peer.eval()(torch.tensor(wave((1, 2), 3.0))).detach())}  # and what it then makes of another wave")


if __name__ == "__main__":
    literals()
