"""Activations as layers: each applies the operation of its name, where its formula and its derivative are.

They have no parameters to train. In a `Sequential` the functions do as well: `Sequential(..., tanh)`.
"""

from .. import ops
from .operation_layer import OperationLayer


class Tanh(OperationLayer, function=ops.tanh):
    """tanh x, between −1 and 1; see `microgradnn.tanh`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.Tanh()(Tensor([-1.0, 0.0, 1.0]))
    Tensor([-0.7616,  0.    ,  0.7616])
    """


class Sigmoid(OperationLayer, function=ops.sigmoid):
    """σ(x) = 1 / (1 + e⁻ˣ), between 0 and 1; see `microgradnn.sigmoid`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.Sigmoid()(Tensor([-1.0, 0.0, 1.0]))
    Tensor([0.2689, 0.5   , 0.7311])
    """


class ReLU(OperationLayer, function=ops.relu):
    """max(x, 0); see `microgradnn.relu`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.ReLU()(Tensor([-1.0, 0.0, 1.0]))
    Tensor([0., 0., 1.])
    """


class LeakyReLU(OperationLayer, function=ops.leaky_relu):
    """x where it is positive, else a small multiple of it; see `microgradnn.leaky_relu`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.LeakyReLU(negative_slope=0.1)(Tensor([-1.0, 0.0, 1.0]))
    Tensor([-0.1,  0. ,  1. ])
    """


class ELU(OperationLayer, function=ops.elu):
    """x where it is positive, else alpha · (eˣ − 1); see `microgradnn.elu`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.ELU()(Tensor([-1.0, 0.0, 1.0]))
    Tensor([-0.6321,  0.    ,  1.    ])
    """


class SiLU(OperationLayer, function=ops.silu):
    """x · σ(x); see `microgradnn.silu`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.SiLU()(Tensor([-1.0, 0.0, 1.0]))
    Tensor([-0.2689,  0.    ,  0.7311])
    """


class GELU(OperationLayer, function=ops.gelu):
    """x · Φ(x), with Φ the normal distribution function; see `microgradnn.gelu`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.GELU(approximate="tanh")(Tensor([-1.0, 0.0, 1.0]))
    Tensor([-0.1588,  0.    ,  0.8412])
    """


class Softplus(OperationLayer, function=ops.softplus):
    """log(1 + e^(beta x)) / beta, a relu with a round corner; see `microgradnn.softplus`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.Softplus()(Tensor([-1.0, 0.0, 1.0]))
    Tensor([0.3133, 0.6931, 1.3133])
    """


class Softmax(OperationLayer, function=ops.softmax):
    """Positive numbers that add up to 1 along an axis, the last if not told otherwise; see `microgradnn.softmax`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.Softmax(axis=0)(Tensor([0.0, 0.0]))
    Tensor([0.5, 0.5])
    """


class LogSoftmax(OperationLayer, function=ops.log_softmax):
    """The logarithm of softmax, without overflow; see `microgradnn.log_softmax`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.LogSoftmax()(Tensor([0.0, 0.0]))
    Tensor([-0.6931, -0.6931])
    """
