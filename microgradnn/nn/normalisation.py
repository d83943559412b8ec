"""Layers that shift and scale what goes through them to mean 0 and variance 1: over the batch, or over each sample."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..graph import shape_of
from ..ops import mean, moveaxis, sqrt, var
from ..tensor import Tensor
from ..watching.changes import all_at_once
from .module import Module
from .shapes import refuse_shape
from .tree import arguments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..annotations import Operand, Shape


EPS = 1e-5


class BatchNorm(Module):
    """γ (x − μ) / √(σ² + eps) + β, with mean μ and variance σ² of each feature over the batch.

    In training these are the batch's own, and running averages of them are kept; in evaluation mode the running ones are
    taken, so that a sample's output does not depend on others. As in PyTorch (BatchNorm1d and 2d) the running variance is
    the unbiased one, divided by n − 1.

    Source: Ioffe and Szegedy, Batch normalization (2015).

    Parameters
    ----------
    features : int
        How many features, or channels: the length of axis 1.
    eps : float, optional
        What keeps a constant feature from being divided by 0.
    momentum : float, optional
        How much the newest batch counts in the running averages.
    affine : bool, optional
        Whether there are γ and β (`gamma` and `beta`, of shape (features,), which begin at 1 and 0).

    Raises
    ------
    ValueError
        When called: if axis 1 has another length, or in training there is only one value of each feature.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> layer = nn.BatchNorm(1)
    >>> layer(Tensor([[1.0], [3.0]]))
    Tensor([[-1.],
            [ 1.]], op=add)
    >>> layer.running_mean, layer.running_var
    (Tensor([0.2], name='running_mean'), Tensor([1.1], name='running_var'))
    """

    def __init__(self, features: int, eps: float = EPS, momentum: float = 0.1, affine: bool = True) -> None:
        self.features, self.eps, self.momentum = features, eps, momentum
        self.gamma = Tensor(np.ones(features), requires_grad=True) if affine else None
        self.beta = Tensor(np.zeros(features), requires_grad=True) if affine else None
        self.running_mean, self.running_var = Tensor(np.zeros(features)), Tensor(np.ones(features))

    def numbers_given(self) -> Iterable[float]:
        """eps, unless it is the default itself."""
        return () if self.eps is EPS else (self.eps,)

    def check_input(self, x: Operand) -> None:
        """Refuse another number of features; in training also a batch of one, whose variance is always 0."""
        shape = shape_of(x)
        if len(shape) < 2 or shape[1] != self.features:
            refuse_shape(self, x, "n", self.features, "...")
        if self.training and math.prod(shape) // self.features < 2:
            raise ValueError(
                f"{self.signature()} needs two or more values of each feature in training; shape {shape} has not.\n"
                "To use a trained network, call its eval() first. To train it, use a batch size that leaves no batch of one."
            )

    def forward(self, x: Operand) -> Tensor:
        """x normalised, of shape (n, features) or (n, features, ...)."""
        x = x if isinstance(x, Tensor) else Tensor(x)
        if x.ndim > 2:
            return moveaxis(self.normalised(moveaxis(x, 1, -1)), -1, 1)
        return self.normalised(x)

    def normalised(self, x: Tensor) -> Tensor:
        """The same with the features on the last axis: there, what has shape (features,) broadcasts by itself."""
        if self.training:
            others = tuple(range(x.ndim - 1))
            mu, sigma2 = mean(x, others), var(x, others)
            self._update(mu, sigma2, x.size // self.features)
        else:
            mu, sigma2 = self.running_mean, self.running_var
        z = (x - mu) / sqrt(sigma2 + self.eps)
        return z if self.gamma is None or self.beta is None else self.gamma * z + self.beta

    def _update(self, mu, sigma2, n):
        """Let the running averages follow a batch with n values of each feature."""
        averages = (self.running_mean, mu), (self.running_var, sigma2.detach() * (n / (n - 1)))
        changes = []
        for running, newest in averages:
            average = (1 - self.momentum) * running.data + self.momentum * newest.data
            changes.append((setattr, running, "data", average.astype(running.dtype)))
        all_at_once(changes)  # and not `put`: no rule reads them, so a graph recorded in evaluation mode stays right

    def extra_repr(self) -> str:
        """The features; the others where they are not the default."""
        affine = self.gamma is not None
        return arguments(self.features, eps=(self.eps, EPS), momentum=(self.momentum, 0.1), affine=(affine, True))


class LayerNorm(Module):
    """γ (x − μ) / √(σ² + eps) + β, with mean μ and variance σ² of each sample over its last axes.

    Source: Ba, Kiros and Hinton, Layer normalization (2016).

    Parameters
    ----------
    shape : int or tuple of int
        The lengths of the axes that are normalised together: the last ones of an input.
    eps : float, optional
        What keeps a constant sample from being divided by 0.
    affine : bool, optional
        Whether there are γ and β (`gamma` and `beta`, of this shape, which begin at 1 and 0).

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.LayerNorm(2)(Tensor([[1.0, 3.0], [5.0, 1.0]]))
    Tensor([[-1.,  1.],
            [ 1., -1.]], op=add)
    """

    def __init__(self, shape: int | Shape, eps: float = EPS, affine: bool = True) -> None:
        self.shape: Shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
        self.eps = eps
        self.gamma = Tensor(np.ones(self.shape), requires_grad=True) if affine else None
        self.beta = Tensor(np.zeros(self.shape), requires_grad=True) if affine else None

    def numbers_given(self) -> Iterable[float]:
        """eps, unless it is the default itself."""
        return () if self.eps is EPS else (self.eps,)

    def check_input(self, x: Operand) -> None:
        """Refuse an input whose last axes have other lengths."""
        if shape_of(x)[-len(self.shape) :] != self.shape:
            refuse_shape(self, x, "...", *self.shape)

    def forward(self, x: Operand) -> Tensor:
        """x normalised, of shape (..., *shape)."""
        axes = tuple(range(-len(self.shape), 0))
        z = (x - mean(x, axes, keepdims=True)) / sqrt(var(x, axes, keepdims=True) + self.eps)
        return z if self.gamma is None or self.beta is None else self.gamma * z + self.beta

    def extra_repr(self) -> str:
        """The shape; the others where they are not the default."""
        shape = self.shape[0] if len(self.shape) == 1 else self.shape
        return arguments(shape, eps=(self.eps, EPS), affine=(self.gamma is not None, True))
