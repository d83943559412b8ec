"""Layers with parameters."""

import numpy as np

from ..tensor import Tensor
from .module import Module


class Linear(Module):
    """o = x W + b: every output is a weighted sum of all inputs.

    Parameters
    ----------
    inputs, outputs : int
        How many. W has the shape (inputs, outputs): W₁₂ leads from the first input to the second output.
    bias : bool, optional
        Whether there is a b, of shape (outputs,), which begins at 0.
    rng : numpy.random.Generator
        Where the weights come from: normal, with variance 2 / (inputs + outputs) (Glorot and Bengio, 2010), so that
        neither the values going forward nor the gradients going back grow or fade from layer to layer.
    names : tuple of str, optional
        How W and b are called in formulas and pictures; by the attributes that lead to them if not given: W and b, or
        hidden.W and hidden.b within a module that keeps this one as `hidden`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> layer = nn.Linear(3, 2, rng=np.random.default_rng(0))
    >>> layer(np.ones((5, 3))).shape
    (5, 2)
    """

    def __init__(self, inputs, outputs, bias=True, *, rng, names=(None, None)):
        scale = np.sqrt(2 / (inputs + outputs))
        self.W = Tensor(rng.normal(0, scale, (inputs, outputs)), requires_grad=True, name=names[0])
        self.b = Tensor(np.zeros(outputs), requires_grad=True, name=names[1]) if bias else None

    def forward(self, x):
        """x W + b, for x of shape (..., inputs)."""
        return x @ self.W if self.b is None else x @ self.W + self.b
