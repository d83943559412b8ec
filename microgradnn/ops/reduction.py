"""Operations that gather along axes: sums, extremes and the softmax family. The legend, as everywhere:

    z = f(x)        x      value of the input        dz       ∂L/∂z, the upstream gradient
                    z      value of the output       dx       ∂L/∂x, what the vjp returns

An `axis` is None (all axes), an int or a tuple of ints; with `keepdims` the axes that were gathered stay, with length 1.
"""

import numpy as np

from ..graph import Op, operation


class Reduction(Op):
    """What the operations below share: the axes they gather along, and how to put these back."""

    def __init__(self, axis=None, keepdims=False):
        self.axis = axis
        self.keepdims = keepdims

    def with_axes(self, reduced):
        """Give z or dz its gathered axes back, with length 1, so that it broadcasts against x."""
        if self.keepdims or self.axis is None:
            return reduced
        return np.expand_dims(reduced, self.axis)


class Sum(Reduction):
    """z = Σ x"""

    def forward(self, x):
        return x.sum(axis=self.axis, keepdims=self.keepdims)

    def dx(self, dz, z, x):
        return self.with_axes(dz) * np.ones_like(x)

    vjps = (dx,)


class Mean(Reduction):
    """z = Σ x / n, where n elements of x go into each element of z"""

    def forward(self, x):
        return x.mean(axis=self.axis, keepdims=self.keepdims)

    def dx(self, dz, z, x):
        n = x.size // (z.size or 1)
        return self.with_axes(dz) / n * np.ones_like(x)

    vjps = (dx,)


class Max(Reduction):
    """z = max x; elements that tie share the gradient evenly"""

    def forward(self, x):
        return x.max(axis=self.axis, keepdims=self.keepdims)

    def dx(self, dz, z, x):
        largest = x == self.with_axes(z)
        ties = largest.sum(axis=self.axis, keepdims=True)
        return np.where(largest, self.with_axes(dz) / ties, 0)

    vjps = (dx,)


class Min(Reduction):
    """z = min x; elements that tie share the gradient evenly"""

    def forward(self, x):
        return x.min(axis=self.axis, keepdims=self.keepdims)

    def dx(self, dz, z, x):
        smallest = x == self.with_axes(z)
        ties = smallest.sum(axis=self.axis, keepdims=True)
        return np.where(smallest, self.with_axes(dz) / ties, 0)

    vjps = (dx,)


class Logsumexp(Reduction):
    """z = log Σ eˣ; its slope is softmax(x)"""

    def forward(self, x):
        largest = x.max(axis=self.axis, keepdims=True)
        largest = np.where(np.isfinite(largest), largest, 0)  # −inf − (−inf) would be NaN
        with np.errstate(divide="ignore"):  # log 0 = −inf is the value where all of x is −inf
            z = largest + np.log(np.exp(x - largest).sum(axis=self.axis, keepdims=True))
        return z if self.keepdims else z.reshape(x.max(axis=self.axis).shape)

    def dx(self, dz, z, x):
        z = self.with_axes(z)
        return self.with_axes(dz) * np.exp(x - np.where(z == -np.inf, 0, z))

    vjps = (dx,)


class Softmax(Op):
    """z = eˣ / Σ eˣ along one axis"""

    def __init__(self, axis=-1):
        self.axis = axis

    def forward(self, x):
        e = np.exp(x - x.max(axis=self.axis, keepdims=True))
        return e / e.sum(axis=self.axis, keepdims=True)

    def dx(self, dz, z, x):
        return z * (dz - (dz * z).sum(axis=self.axis, keepdims=True))

    vjps = (dx,)


class LogSoftmax(Op):
    """z = x − log Σ eˣ along one axis"""

    def __init__(self, axis=-1):
        self.axis = axis

    def forward(self, x):
        shifted = x - x.max(axis=self.axis, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=self.axis, keepdims=True))

    def dx(self, dz, z, x):
        return dz - np.exp(z) * dz.sum(axis=self.axis, keepdims=True)

    vjps = (dx,)


@operation(np.sum)
def sum(x, axis=None, keepdims=False):
    """The sum of the elements along an axis.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    axis : int or tuple of int, optional
        The axes to sum over; all of them if None.
    keepdims : bool, optional
        Whether these axes stay, with length 1.

    Raises
    ------
    AxisError
        If x has no such axis.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).sum(axis=0)
    Tensor([4., 6.])
    """
    return Sum(axis, keepdims)(x)


@operation(np.mean)
def mean(x, axis=None, keepdims=False):
    """The mean of the elements along an axis. Parameters and errors as for `sum`.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).mean(axis=0)
    Tensor([2., 3.])
    """
    return Mean(axis, keepdims)(x)


@operation(np.max)
def max(x, axis=None, keepdims=False):
    """The largest element along an axis. Parameters and errors as for `sum`. Tied elements share the gradient evenly.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> x = Tensor([3.0, 1.0, 3.0], requires_grad=True)
    >>> x.max().backward()
    >>> x.grad
    array([0.5, 0. , 0.5])
    """
    return Max(axis, keepdims)(x)


@operation(np.min)
def min(x, axis=None, keepdims=False):
    """The smallest element along an axis. Parameters and errors as for `sum`. Tied elements share the gradient evenly.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([3.0, 1.0, 3.0]).min()
    Tensor(1.)
    """
    return Min(axis, keepdims)(x)


@operation()
def logsumexp(x, axis=None, keepdims=False):
    """log Σ eˣ along an axis, without overflow. Parameters and errors as for `sum`.

    The gradient is softmax(x). Where all of x is −inf the value is −inf and the gradient is taken as 0.

    Examples
    --------
    >>> from microgradnn import Tensor, logsumexp
    >>> logsumexp(Tensor([1000.0, 1000.0]))
    Tensor(1000.6931)
    """
    return Logsumexp(axis, keepdims)(x)


@operation()
def softmax(x, axis=-1):
    """eˣ / Σ eˣ along an axis: positive, and 1 in sum. Without overflow.

    Parameters
    ----------
    x : Tensor or array
        Of at least one axis.
    axis : int, optional
        The axis whose elements compete.

    Examples
    --------
    >>> from microgradnn import Tensor, softmax
    >>> softmax(Tensor([1000.0, 0.0]))
    Tensor([1., 0.])
    """
    return Softmax(axis)(x)


@operation()
def log_softmax(x, axis=-1):
    """log(softmax(x)) along an axis, also where the softmax itself is too small to be a number. Parameters as there.

    Examples
    --------
    >>> from microgradnn import Tensor, log_softmax
    >>> log_softmax(Tensor([1000.0, 0.0]))
    Tensor([    0., -1000.])
    """
    return LogSoftmax(axis)(x)
