"""Modules of PyTorch's as they were once, without PyTorch: what from_torch reads of them, and what they computed.

`tests/oracles/test_elsewhere_oracle.py` holds the record against PyTorch, and writes it anew:

    python tests/oracles/test_elsewhere_oracle.py
"""

import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_suffix(".json")


class Numbers(np.ndarray):
    """An array that is asked for its values as a tensor of PyTorch's is."""

    def detach(self):
        """Itself."""
        return self

    cpu = numpy = detach


class Module:
    """What all stand-ins have: the names by which a module of PyTorch's is told."""

    __module__ = "torch.nn.modules.module"

    def state_dict(self):
        """Never called: that it is there says that this is a module."""

    def children(self):
        """The modules in it."""
        return self.parts.values()

    def named_modules(self, remove_duplicate):
        """The modules in it, by their names; itself has none."""
        return {"": self, **self.parts}.items()

    def parameters(self):
        """None: that they are tensors of PyTorch's matters for their types alone."""
        return ()


def recorded():
    """The record: of each network by its name its module, inputs x, outputs z, and ∂(Σ z²)/∂x."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def stand_in(record):
    """A module that answers as the recorded one did."""
    module = type(record["kind"], (Module,), {"__module__": "torch.nn.modules.recorded"})()
    module.parts = {name: stand_in(part) for name, part in record["parts"].items()}
    tuples = {name: tuple(value) if isinstance(value, list) else value for name, value in record["options"].items()}
    arrays = {name: np.array(value).view(Numbers) for name, value in record["arrays"].items()}
    vars(module).update(tuples, **arrays, **module.parts)
    if "activation" in record:
        module.activation = type(record["activation"], (), {})()
    return module


def record_of(module):
    """What is to be known of a module of PyTorch's."""
    options = {name: value for name, value in vars(module).items() if is_simple(value)}
    named = {**module._parameters, **module._buffers}
    arrays = {name: tensor.detach().numpy().tolist() for name, tensor in named.items() if tensor is not None}
    options |= {name: None for name, tensor in named.items() if tensor is None}
    parts = {name: record_of(part) for name, part in module.named_children()}
    record = {"kind": type(module).__name__, "options": options, "arrays": arrays, "parts": parts}
    activation = getattr(module, "activation", None)
    return record if activation is None else {**record, "activation": activation.__name__}


def is_simple(value):
    """Whether JSON has it: a number, a word, nothing, or several."""
    return (
        value is None or isinstance(value, (bool, int, float, str)) or (isinstance(value, tuple) and all(map(is_simple, value)))
    )
