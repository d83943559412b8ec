"""The shape of an input, and what a layer says about one that does not fit."""

from ..errors import describe
from ..formulas.brief import visible
from ..tensor import Tensor


def refuse_shape(module, x, *expected):
    """Raise ValueError: which layer, what it expects, and what it was given.

    Parameters
    ----------
    module : Module
        Called by its class and, if its parameters are named by it, by the path to it.
    x : Tensor or array
        The input.
    *expected : int or str
        The lengths of the axes: numbers, names, and "..." for any.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> nn.Sequential(hidden=nn.Linear(3, 2, rng=np.random.default_rng(0)))(np.ones((5, 4)))
    Traceback (most recent call last):
    ValueError: hidden: Linear(3, 2) expects an input of shape (..., 3); it was given 'x' of shape (5, 4).
    """
    names = [part.name for _, part in module.named_parts() if isinstance(part, Tensor) and part.name]
    path = visible(names[0].rpartition(".")[0]) if names else ""
    called = f"{path}: {module.signature()}" if path else module.signature()
    shape = f"({', '.join(map(str, expected))}{',' if len(expected) == 1 else ''})"
    raise ValueError(f"{called} expects an input of shape {shape}; it was given {describe(x)}.")
