"""Functions of one operand, element by element. The legend, as everywhere:

    z = f(x)        x      value of the input        dz       ∂L/∂z, the upstream gradient
                    z      value of the output       dx       ∂L/∂x, what the vjp returns

Where the derivative can be said with z, it is: tanh′ = 1 − tanh² = 1 − z². This is the form of the textbook, and z is
already there.
"""

import numpy as np

from ..errors import describe
from ..graph import Op, operation


class Exp(Op):
    """z = eˣ"""

    def forward(self, x):
        return np.exp(x)

    def dx(self, dz, z, x):
        return dz * z

    vjps = (dx,)


class Log(Op):
    """z = log x, the natural logarithm"""

    def forward(self, x):
        return np.log(x)

    def dx(self, dz, z, x):
        return dz / x

    vjps = (dx,)


class Sqrt(Op):
    """z = √x"""

    def forward(self, x):
        return np.sqrt(x)

    def dx(self, dz, z, x):
        return dz / (2 * z)

    vjps = (dx,)


class Tanh(Op):
    """z = tanh x"""

    def forward(self, x):
        return np.tanh(x)

    def dx(self, dz, z, x):
        return dz * (1 - z * z)

    vjps = (dx,)


class Sigmoid(Op):
    """z = 1 / (1 + e⁻ˣ)"""

    def forward(self, x):
        e = np.exp(-np.abs(x))  # at most 1: neither e⁻ˣ for x = −1000 nor eˣ for x = 1000 is ever formed
        return np.where(x >= 0, 1, e) / (1 + e)

    def dx(self, dz, z, x):
        return dz * z * (1 - z)

    vjps = (dx,)


class Relu(Op):
    """z = max(x, 0); at 0 the slope is taken as 0"""

    def forward(self, x):
        return np.maximum(x, 0)

    def dx(self, dz, z, x):
        return dz * (x > 0)

    vjps = (dx,)


class Abs(Op):
    """z = |x|; at 0 the slope is taken as 0"""

    def forward(self, x):
        return np.abs(x)

    def dx(self, dz, z, x):
        return dz * np.sign(x)

    vjps = (dx,)


class Astype(Op):
    """z = x in another floating-point type"""

    def __init__(self, dtype):
        self.dtype = np.dtype(dtype)

    def forward(self, x):
        return np.asarray(x).astype(self.dtype)

    def dx(self, dz, z, x):
        return dz.astype(x.dtype)

    vjps = (dx,)


@operation(np.exp)
def exp(x):
    """The exponential eˣ, element by element.

    Parameters
    ----------
    x : Tensor, array or number
        Of any shape and floating-point type, which the result shares.

    Examples
    --------
    >>> from microgradnn import Tensor, exp
    >>> exp(Tensor([0.0, 1.0]))
    Tensor([1.    , 2.7183])
    """
    return Exp()(x)


@operation(np.log)
def log(x):
    """The natural logarithm, element by element. Its slope 1/x is inf at 0, and −1 at −1, where the value is NaN.

    Examples
    --------
    >>> from microgradnn import Tensor, log
    >>> log(Tensor([1.0, 10.0]))
    Tensor([0.    , 2.3026])
    """
    return Log()(x)


@operation(np.sqrt)
def sqrt(x):
    """The square root, element by element. Its slope 1/(2√x) is inf at 0.

    Examples
    --------
    >>> from microgradnn import Tensor, sqrt
    >>> sqrt(Tensor([4.0, 9.0]))
    Tensor([2., 3.])
    """
    return Sqrt()(x)


@operation(np.tanh)
def tanh(x):
    """The hyperbolic tangent, element by element. Its slope is 1 − tanh² x.

    Examples
    --------
    >>> from microgradnn import Tensor, tanh
    >>> x = Tensor([0.0, 0.5], requires_grad=True)
    >>> tanh(x).sum().backward()
    >>> x.grad.round(4)
    array([1.    , 0.7864])
    """
    return _tanh(x)


@operation()
def sigmoid(x):
    """The logistic function σ(x) = 1 / (1 + e⁻ˣ), element by element, without overflow. Its slope is σ(1 − σ).

    Examples
    --------
    >>> from microgradnn import Tensor, sigmoid
    >>> sigmoid(Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([0. , 0.5, 1. ])
    """
    return Sigmoid()(x)


@operation()
def relu(x):
    """The rectifier max(x, 0), element by element. Its slope is 0 up to and including 0, and 1 above.

    Examples
    --------
    >>> from microgradnn import Tensor, relu
    >>> relu(Tensor([-1.0, 0.0, 2.0]))
    Tensor([0., 0., 2.])
    """
    return Relu()(x)


@operation(np.abs, np.fabs)
def abs(x):
    """The absolute value, element by element. Its slope at 0 is taken as 0.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> abs(Tensor([-1.0, 2.0]))
    Tensor([1., 2.])
    """
    return Abs()(x)


@operation()
def astype(x, dtype):
    """x in another floating-point type; the gradient comes back in x's own.

    Raises
    ------
    TypeError
        If x requires a gradient and the type is not a floating-point one.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([1.0]).astype("float32").dtype
    dtype('float32')
    """
    if np.dtype(dtype).kind not in "fc" and getattr(x, "requires_grad", False):
        raise TypeError(
            f"{describe(x)} requires a gradient, which {np.dtype(dtype)} cannot carry: it does not change by a little.\n"
            "On values alone it works: tensor.numpy().astype(dtype)."
        )
    return Astype(dtype)(x)


_tanh = Tanh()
