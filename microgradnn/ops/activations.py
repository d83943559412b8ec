"""Activations: the nonlinear functions between the layers of a network. The legend is in ops/__init__.py.

Some are written with other operations (silu is x · sigmoid(x)), whose rules then give their derivatives.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..errors import refuse_complex
from ..graph import Op, values_of
from ..tensor import operation
from ..watching.calls import with_own_numbers
from .arithmetic import logaddexp, where
from .conversion import as_floating
from .error_function import erf
from .trigonometric import tanh

if TYPE_CHECKING:
    from typing import Literal

    from ..annotations import Operand
    from ..tensor import Tensor


class Sigmoid(Op):
    """z = 1 / (1 + e⁻ˣ)"""

    def forward(self, x):
        refuse_complex("sigmoid", x)
        e = np.exp(-np.abs(x))  # at most 1: neither e⁻ˣ for x = −1000 nor eˣ for x = 1000 is ever formed
        return np.where(x >= 0, 1, e) / (1 + e)

    def dx(self, dz, z, x):
        return dz * z * (1 - z)

    vjps = (dx,)


@operation(method=True)
def sigmoid(x: Operand) -> Tensor:
    """The logistic function σ(x) = 1 / (1 + e⁻ˣ), element by element, without overflow. Its slope is σ(1 − σ).

    Parameters and result as for `relu`.

    Examples
    --------
    >>> from microgradnn import Tensor, sigmoid
    >>> sigmoid(Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([0. , 0.5, 1. ])
    """
    return Sigmoid()(as_floating(x))


class Relu(Op):
    """z = max(x, 0); at 0 the slope is taken as 0"""

    def forward(self, x):
        return np.maximum(x, 0)

    def dx(self, dz, z, x):
        return dz * (x > 0)

    vjps = (dx,)


@operation(method=True)
def relu(x: Operand) -> Tensor:
    """The rectifier max(x, 0), element by element. Its slope is 0 up to and including 0, and 1 above.

    Parameters
    ----------
    x : Tensor, array or number
        Of any shape and floating-point type, which the result shares.

    Returns
    -------
    Tensor
        Of x's shape and type; an array if x is one.

    Examples
    --------
    >>> from microgradnn import Tensor, relu
    >>> relu(Tensor([-1.0, 0.0, 2.0]))
    Tensor([0., 0., 2.])
    """
    return Relu()(x)


class LeakyRelu(Op):
    """z = x where x is positive, else a small multiple of it; at 0 the slope is the small one"""

    makes_plain_arrays = True

    def __init__(self, negative_slope=0.01):
        self.negative_slope = negative_slope

    def forward(self, x):
        return np.where(x > 0, x, self.negative_slope * x)

    def dx(self, dz, z, x):
        return np.where(x > 0, dz, dz * self.negative_slope)

    vjps = (dx,)


@operation(method=True)
def leaky_relu(x: Operand, negative_slope: float = 0.01) -> Tensor:
    """x where it is positive, else negative_slope · x, element by element. The slope at 0 is the negative one.

    Parameters
    ----------
    x : Tensor, array or number
        Of any shape and floating-point type, which the result shares.
    negative_slope : float, optional
        The slope where x is not positive.

    Returns
    -------
    Tensor
        Of x's shape and type; an array if x is one.

    Examples
    --------
    >>> from microgradnn import Tensor, leaky_relu
    >>> leaky_relu(Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.01,  0.  ,  2.  ])
    """
    return LeakyRelu(negative_slope)(as_floating(x))


class Elu(Op):
    """z = x where x is positive, else α(eˣ − 1)"""

    makes_plain_arrays = True

    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def forward(self, x):
        return np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0)))  # no eˣ for a large x, which is not used

    def dx(self, dz, z, x):
        return dz * np.where(x > 0, 1, z + self.alpha)  # α eˣ = z + α

    vjps = (dx,)


@operation(method=True)
def elu(x: Operand, alpha: float = 1.0) -> Tensor:
    """x where it is positive, else alpha · (eˣ − 1), element by element (Clevert, Unterthiner and Hochreiter, 2015).

    The slope at 0 is alpha.

    Parameters
    ----------
    x : Tensor, array or number
        Of any shape and floating-point type, which the result shares.
    alpha : float, optional
        Minus the value that it comes down to.

    Returns
    -------
    Tensor
        Of x's shape and type; an array if x is one.

    Examples
    --------
    >>> from microgradnn import Tensor, elu
    >>> elu(Tensor([-1000.0, -1.0, 2.0]))
    Tensor([-1.    , -0.6321,  2.    ])
    """
    return Elu(alpha)(as_floating(x))


@operation(method=True)
@with_own_numbers
def softplus(x: Operand, beta: float = 1) -> Tensor:
    """log(1 + e^(beta x)) / beta, element by element, without overflow: relu with a round corner. Its slope is a sigmoid.

    Parameters
    ----------
    x : Tensor, array or number
        Of any shape and floating-point type, which the result shares.
    beta : float, optional
        How sharp the corner is; the larger, the nearer to relu.

    Returns
    -------
    Tensor
        Of x's shape and type; an array if x is one.

    Examples
    --------
    >>> from microgradnn import Tensor, softplus
    >>> softplus(Tensor([-1000.0, 0.0, 50.0]))
    Tensor([ 0.    ,  0.6931, 50.    ])
    """
    x = as_floating(x)
    return logaddexp(x, 0) if beta == 1 else logaddexp(beta * x, 0) / beta


@operation(method=True)
def silu(x: Operand) -> Tensor:
    """x · sigmoid(x), element by element: the sigmoid linear unit, also called swish.

    Parameters and result as for `relu`.

    Examples
    --------
    >>> from microgradnn import Tensor, silu
    >>> silu(Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.2689,  0.    ,  1.7616])
    """
    return _with_limits(_silu, as_floating(x))


@operation(method=True)
@with_own_numbers
def gelu(x: Operand, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    """x · Φ(x), element by element, with Φ the normal distribution function (Hendrycks and Gimpel, 2016).

    Parameters
    ----------
    x : Tensor, array or number
        Of any shape.
    approximate : {"none", "tanh"}, optional
        Φ(x) as (1 + erf(x/√2)) / 2, or approximately as (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.

    Returns
    -------
    Tensor
        Of x's shape and type; an array if x is one.

    Raises
    ------
    ValueError
        If `approximate` is neither.

    Examples
    --------
    >>> from microgradnn import Tensor, gelu
    >>> gelu(Tensor([-1.0, 0.0, 2.0]))
    Tensor([-0.1587,  0.    ,  1.9545])
    >>> gelu(Tensor([-1.0, 0.0, 2.0]), approximate="tanh")
    Tensor([-0.1588,  0.    ,  1.9546])
    """
    if approximate == "none":
        return _with_limits(_gelu_with_erf, as_floating(x))
    if approximate == "tanh":
        return _with_limits(_gelu_with_tanh, as_floating(x))
    raise ValueError(f'gelu(approximate={approximate!r}): there is "none", with erf, and "tanh".')


def _silu(x):
    return x * sigmoid(x)


def _gelu_with_erf(x):
    return x * (1 + erf(math.sqrt(1 / 2) * x)) / 2


def _gelu_with_tanh(x):
    return x * (1 + tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2


def _with_limits(function, x):
    """function(x), which goes to 0 on the left and to x on the right: at ∓∞ it is relu, where 0 · ∞ would be NaN."""
    infinite = np.isinf(values_of(x))
    if not infinite.any():
        return function(x)
    return where(infinite, relu(x), function(where(infinite, 0, x)))
