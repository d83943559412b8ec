"""What holds for every layer, along the table of layer_table.py: PyTorch's values, gradients, copies, dtypes, pictures."""

import copy
import functools
import pickle

import numpy as np
import pytest
from layer_literals import LITERALS
from layer_table import INDICES, LAYERS, first, input_of, made, wave

from microgradnn import Tensor, draw, gradcheck, nn
from microgradnn.nn.operation_layer import OperationLayer


def part_of(module, name):
    """An attribute of a module, or the so-many-th of a list of them."""
    return module[int(name)] if name.isdecimal() else getattr(module, name)


@pytest.mark.parametrize("name", LAYERS)
def test_values_and_gradients_are_pytorchs(name):
    """Value, and gradients by input and parameters, are those that PyTorch gave."""
    layer, x = made(name), input_of(name)
    z = first(layer(x))
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
            *way, attribute = path.split(".")
            part = functools.reduce(part_of, way, other)
            setattr(part, attribute, value)
        return first(other(x))

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
        received, expected = (z.numpy() if isinstance(z, Tensor) else z for z in map(first, (other(x), layer(x))))
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
    z = first(layer(x))
    z.sum().backward()
    assert {z.dtype, x.grad.dtype, *(t.data.dtype for t in layer.named_tensors().values())} == {np.dtype(np.float32)}


def test_every_operation_layer_is_in_the_table():
    """No layer is left out of the table that these tests run along."""
    kinds = {kind for kind in vars(nn).values() if isinstance(kind, type) and issubclass(kind, nn.Module)}
    assert kinds - {nn.Module, nn.Sequential, nn.MLP, nn.Dropout} == {type(made(name)) for name in LAYERS}
    assert issubclass(nn.Tanh, OperationLayer)


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
