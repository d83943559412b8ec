"""What layers and losses compute, each as one operation in place of two or three. The legend is in ops/__init__.py.

Fewer nodes are fewer boxes in a picture, and fewer steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import describe
from ..graph import Op, shape_of
from ..tensor import operation
from .activations import sigmoid
from .conversion import as_floating

if TYPE_CHECKING:
    from ..annotations import Operand
    from ..tensor import Tensor


class Affine(Op):
    """z = x W + b: each output is a weighted sum of all inputs, and a bias"""

    def forward(self, x, W, b):
        return x @ W + b

    def dx(self, dz, z, x, W, b):
        return dz @ W.T

    def dW(self, dz, z, x, W, b):
        if x.ndim == 1:
            return x[:, None] * dz
        return x.swapaxes(-1, -2) @ dz

    def db(self, dz, z, x, W, b):
        return dz

    vjps = dx, dW, db


@operation(method=True)
def affine(x: Operand, W: Operand, b: Operand) -> Tensor:
    """x @ W + b in one operation: what a layer of a network computes.

    Parameters
    ----------
    x : Tensor or array
        Of shape (..., k): one sample, or a batch.
    W : Tensor or array
        Of shape (k, m): W[i, j] is the weight from input i to output j.
    b : Tensor or array
        Of shape (m,); or one number for all outputs.

    Returns
    -------
    Tensor
        Of shape (..., m).

    Raises
    ------
    ValueError
        If W is no matrix, or the lengths k or m differ.

    Examples
    --------
    >>> from microgradnn import Tensor, affine
    >>> affine(Tensor([1.0, 2.0]), [[1.0, 0.0, 3.0], [0.0, 1.0, 4.0]], 10)
    Tensor([11., 12., 21.])
    """
    shape_W, shape_b = shape_of(W), shape_of(b)
    if len(shape_W) != 2 or shape_b not in (shape_W[1:], (), (1,)):
        raise ValueError(
            f"affine(x, W, b) cannot be computed for W = {describe(W)}, b = {describe(b)}: the shapes do not fit.\n"
            "W is a matrix with a row for each input and a column for each output; b has one number for each output."
        )
    return _affine(x, W, b)


class SquaredDistance(Op):
    """z = Σ (y − x)²"""

    makes_plain_arrays = True

    def forward(self, x, y):
        e = y - x
        return (e * e).sum()

    def dx(self, dz, z, x, y):
        return dz * -2 * (y - x)

    def dy(self, dz, z, x, y):
        return dz * 2 * (y - x)

    vjps = dx, dy


@operation(method=True)
def squared_distance(x: Operand, y: Operand) -> Tensor:
    """The sum of the squared differences, Σ (y − x)², in one operation: the square of the Euclidean distance.

    Parameters
    ----------
    x, y : Tensor or array
        Of shapes that broadcast.

    Returns
    -------
    Tensor
        One number.

    Raises
    ------
    ValueError
        If the shapes do not broadcast.

    Examples
    --------
    >>> from microgradnn import Tensor, squared_distance
    >>> squared_distance(Tensor([1.0, 2.0]), [1.0, 5.0])
    Tensor(9.)
    """
    return _squared_distance(as_floating(x), y)


class MeanSquaredDistance(Op):
    """z = Σ (y − x)² / n, for n elements"""

    makes_plain_arrays = True

    def forward(self, x, y):
        e = y - x
        return (e * e).mean()

    def dx(self, dz, z, x, y):
        e = y - x
        return dz * -2 * e / e.size

    def dy(self, dz, z, x, y):
        e = y - x
        return dz * 2 * e / e.size

    vjps = dx, dy


class LogisticLoss(Op):
    """z = t log(1 + e⁻ˣ) + (1 − t) log(1 + eˣ): −t log p − (1 − t) log(1 − p) for the probability p = σ(x)"""

    makes_plain_arrays = True

    def forward(self, x, t):
        wrong_if_1, wrong_if_0 = np.logaddexp(0, -x), np.logaddexp(0, x)
        return t * np.where(t == 0, 0, wrong_if_1) + (1 - t) * np.where(t == 1, 0, wrong_if_0)  # 0 · ∞ is meant as 0

    def dx(self, dz, z, x, t):
        return dz * (sigmoid(x) - t)

    def dt(self, dz, z, x, t):
        return -dz * x

    vjps = dx, dt


_affine, _squared_distance = Affine().__call__, SquaredDistance().__call__
