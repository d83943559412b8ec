"""PyTorch's names: a message says ours, and what is said is here."""

import copy
import pickle
import re

import numpy as np
import pytest

import microgradnn
from microgradnn import Tensor, nn
from microgradnn.errors.torch_names import ATTRIBUTES, LAYERS, METHODS, OPTIONS

x = Tensor([[1.0, 2.0]], requires_grad=True)


@pytest.mark.parametrize("name", METHODS)
def test_methods_of_tensors(name):
    """Each is refused with what is here in its place."""
    with pytest.raises(
        AttributeError, match=f"A Tensor has no {name!r}, which is PyTorch's: here it is {re.escape(METHODS[name])}"
    ):
        getattr(x, name)


@pytest.mark.parametrize("name", LAYERS)
def test_layers_and_losses(name):
    """None of them is there under PyTorch's name; a class or function of nn that is named in its place is."""
    with pytest.raises(AttributeError, match=f"nn has no {name!r}, which is PyTorch's"):
        getattr(nn, name)
    ours = LAYERS[name].removeprefix("the function ")
    assert not ours.isidentifier() or hasattr(nn, ours)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attributes_of_modules(name):
    """Of a layer and of a user's own module; other names that are not there are refused as Python does."""
    with pytest.raises(AttributeError, match=f"Linear has no {name!r}, which is PyTorch's"):
        getattr(nn.Linear(2, 1, rng=0), name)
    with pytest.raises(AttributeError, match="^'Linear' object has no attribute 'nothing'"):
        nn.Linear(2, 1, rng=0).nothing  # noqa: B018


@pytest.mark.parametrize("option", OPTIONS)
def test_options_of_backward(option):
    """Nothing is computed then."""
    with pytest.raises(TypeError, match=re.escape(f"backward() takes no {option!r}. {OPTIONS[option]}")):
        (x * x).sum().backward(**{option: True})
    assert x.grad is None
    with pytest.raises(TypeError, match=r"backward\(\) takes no 'speed'\.$"):
        (x * x).sum().backward(speed=3)


def test_activations_by_name():
    """A text is no activation; the message says which function is."""
    with pytest.raises(TypeError, match="activation is the text 'relu'; give the function itself, microgradnn.relu"):
        nn.MLP([2, 2, 1], activation="relu", rng=0)


def test_what_asks_for_attributes_still_may():
    """hasattr, copies, pickles and NumPy's protocols work as they did; no name of ours is taken for PyTorch's."""
    assert not hasattr(x, "nothing") and not hasattr(nn.Tanh(), "__array__")
    assert np.array_equal(pickle.loads(pickle.dumps(copy.deepcopy(nn.Linear(2, 1, rng=0)))).b.data, [0.0])
    assert copy.copy(x).shape == (1, 2)
    assert not any(hasattr(Tensor, name) for name in METHODS) and not set(LAYERS) & set(nn.__all__)
    for name in ("reshape", "copy", "transpose", "expand_dims", "astype", "where", "softmax"):
        assert hasattr(microgradnn, name)
