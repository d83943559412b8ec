"""Convolution and pooling. The legend is in ops/__init__.py.

All of it looks at x through windows: `Windows` lays these out as further axes, and `Overlay` is its way back. A convolution
is a sum of products over each window, pooling a maximum or a mean over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..graph import Op, ndim_of, shape_of
from ..tensor import operation
from .padding import pad
from .reduction import mean
from .shaping import expand_dims, reshape, squeeze

if TYPE_CHECKING:
    from ..annotations import Operand, Pair
    from ..tensor import Tensor


class Windows(Op):
    """z[..., p, q, i, j] = x[..., stride p + i, stride q + j]: what a window of a given size sees at each of its places"""

    makes_plain_arrays = True

    def __init__(self, size, stride):
        self.size = size
        self.stride = stride

    def forward(self, x):
        rows, columns = self.stride
        return sliding_window_view(x, self.size, axis=(-2, -1))[..., ::rows, ::columns, :, :]

    def dx(self, dz, z, x):
        return Overlay(self.stride, x.shape)(dz)

    vjps = (dx,)


class Overlay(Op):
    """z[..., stride p + i, stride q + j] = Σ x[..., p, q, i, j]: the windows laid over each other; what overlaps adds up"""

    def __init__(self, stride, shape):
        self.stride = stride
        self.shape = shape

    def forward(self, x):
        z = np.zeros_like(x, shape=self.shape)
        (rows, columns), (height, width, *size) = self.stride, x.shape[-4:]
        for i, j in np.ndindex(*size):
            z[..., i : i + rows * height : rows, j : j + columns * width : columns] += x[..., i, j]
        return z

    def dx(self, dz, z, x):
        return Windows(x.shape[-2:], self.stride)(dz)

    vjps = (dx,)


class Conv2d(Op):
    """z[n, o, p, q] = Σ x[n, c, stride p + i, stride q + j] weight[o, c, i, j], over channels c and the window i, j"""

    makes_plain_arrays = True

    def __init__(self, stride):
        self.stride = stride

    def forward(self, x, weight):
        columns, (p, q) = columns_of(x, weight, self.stride)
        return (rows_of(weight) @ columns).reshape(len(x), len(weight), p, q)

    def dx(self, dz, z, x, weight):
        n, o, p, q = dz.shape
        dcolumns = rows_of(weight).T @ dz.reshape(n, o, p * q)
        windows = dcolumns.reshape(n, *weight.shape[1:], p, q).transpose(0, 1, 4, 5, 2, 3)
        return Overlay(self.stride, x.shape)(windows)

    def dweight(self, dz, z, x, weight):
        n, o, p, q = dz.shape
        columns, _ = columns_of(x, weight, self.stride)
        return (dz.reshape(n, o, p * q) @ columns.swapaxes(1, 2)).sum(axis=0).reshape(weight.shape)

    vjps = dx, dweight


def columns_of(x, weight, stride):
    """For each image a matrix (c i j, p q), whose columns are what a window sees; and (p, q), at how many places it stands.

    With the weight as a matrix (o, c i j), a convolution is their product: `im2col`.
    """
    windows = Windows(weight.shape[2:], stride)(x)
    n, c, p, q, i, j = windows.shape
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * i * j, p * q), (p, q)


def rows_of(weight):
    """A weight (o, c, i, j) as a matrix (o, c i j)."""
    o, c, i, j = weight.shape
    return weight.reshape(o, c * i * j)


class MaxPool2d(Op):
    """z[..., p, q] = max x[..., stride p + i, stride q + j] over the window i, j; elements that tie share the gradient"""

    makes_plain_arrays = True

    def __init__(self, size, stride):
        self.size = size
        self.stride = stride

    def forward(self, x):
        z, *others = by_place(x, self.size, self.stride)
        for other in others:
            z = np.maximum(z, other)
        return z

    def dx(self, dz, z, x):
        seen = np.stack(by_place(x, self.size, self.stride))
        largest = (seen == z) | np.isnan(seen)  # NaN is the largest where there is one, and equal to nothing
        windows = np.where(largest, dz / largest.sum(axis=0), 0)
        return Overlay(self.stride, x.shape)(np.moveaxis(windows, 0, -1).reshape(*z.shape, *self.size))

    vjps = (dx,)


def by_place(x, size, stride):
    """For each place i, j in a window, what all windows have there: views of x, and fewer than there are windows."""
    windows = Windows(size, stride)(x)
    return [windows[..., i, j] for i, j in np.ndindex(*size)]


@operation(method=True)
def conv2d(x: Operand, weight: Operand, bias: Operand | None = None, stride: Pair = 1, padding: Pair = 0) -> Tensor:
    """A small weight, moved over images: each element of the result is a sum of products over one window of x.

    As in PyTorch and everywhere in deep learning the weight is not flipped: in signal processing it is a correlation.

    Parameters
    ----------
    x : Tensor or array
        Of shape (n, c, height, width): n images with c channels.
    weight : Tensor or array
        Of shape (o, c, i, j): one window of i × j for each pair of an output and an input channel.
    bias : Tensor or array, optional
        Of shape (o,): added to each output channel.
    stride : int or pair of int, optional
        By how many rows and columns the window moves.
    padding : int or pair of int, optional
        How many zeros to put on every side, above and below, left and right.

    Returns
    -------
    Tensor
        Of shape (n, o, (height + 2 padding − i) // stride + 1, (width + 2 padding − j) // stride + 1).

    Raises
    ------
    ValueError
        If the channels differ, or x is smaller than the window.

    Examples
    --------
    >>> from microgradnn import Tensor, conv2d
    >>> x = Tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])
    >>> edges = Tensor([[[[-1.0, 1.0]]]])
    >>> conv2d(x, edges)
    Tensor([[[[1., 1.],
              [1., 1.],
              [1., 1.]]]])
    """
    shape, size = shape_of(x), shape_of(weight)
    if len(shape) != 4 or len(size) != 4 or shape[1] != size[1]:
        raise ValueError(
            f"conv2d: x of shape {shape} and weight of shape {size} do not fit.\n"
            "x is (images, channels, height, width), weight (output channels, channels, rows, columns)."
        )
    stride, padding = _pair(stride), _pair(padding)
    _refuse_too_small("conv2d", shape[2:], size[2:], padding)
    if any(padding):
        x = pad(x, _around(padding))
    z = Conv2d(stride)(x, weight)
    return z if bias is None else z + reshape(bias, (-1, 1, 1))


@operation(method=True)
def conv1d(x: Operand, weight: Operand, bias: Operand | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    """A small weight, moved along sequences: `conv2d` with one axis less.

    Parameters
    ----------
    x : Tensor or array
        Of shape (n, c, length).
    weight : Tensor or array
        Of shape (o, c, i).
    bias : Tensor or array, optional
        Of shape (o,).
    stride, padding : int, optional

    Returns
    -------
    Tensor
        Of shape (n, o, (length + 2 padding − i) // stride + 1).

    Raises
    ------
    ValueError
        If the axes or channels do not fit, or x is shorter than the weight.

    Examples
    --------
    >>> from microgradnn import Tensor, conv1d
    >>> conv1d(Tensor([[[1.0, 2.0, 4.0, 8.0]]]), [[[-1.0, 1.0]]])
    Tensor([[[1., 2., 4.]]])
    """
    shape, size = shape_of(x), shape_of(weight)
    if len(shape) != 3 or len(size) != 3 or shape[1] != size[1]:
        raise ValueError(
            f"conv1d: x of shape {shape} and weight of shape {size} do not fit.\n"
            "x is (sequences, channels, length), weight (output channels, channels, length)."
        )
    return squeeze(conv2d(expand_dims(x, -2), expand_dims(weight, -2), bias, (1, stride), (0, padding)), -2)


@operation(method=True)
def max_pool2d(x: Operand, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0) -> Tensor:
    """The largest element in each window of images. Tied ones share the gradient evenly.

    Parameters
    ----------
    x : Tensor or array
        Of shape (..., height, width).
    kernel_size : int or pair of int
        The window's rows and columns.
    stride : int or pair of int, optional
        By how many of them the window moves; by its own size if None, so that windows do not overlap.
    padding : int or pair of int, optional
        How many elements that are never the largest to put on every side; at most half the window.

    Returns
    -------
    Tensor
        Of shape (..., rows, columns): one element for each place of the window.

    Raises
    ------
    ValueError
        If x is smaller than the window, or the padding larger than half of it.

    Examples
    --------
    >>> from microgradnn import Tensor, max_pool2d
    >>> max_pool2d(Tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]), 2)
    Tensor([[6., 8.]])
    """
    dtype = np.result_type(x.dtype if hasattr(x, "dtype") else np.asarray(x))
    least = False if dtype.kind == "b" else np.iinfo(dtype).min if dtype.kind in "iu" else -np.inf
    return _pool(MaxPool2d, "max_pool2d", x, kernel_size, stride, padding, least)


@operation(method=True)
def avg_pool2d(x: Operand, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0) -> Tensor:
    """The mean of each window of images; zeros that padding put there count. Parameters and errors as for `max_pool2d`.

    Examples
    --------
    >>> from microgradnn import Tensor, avg_pool2d
    >>> avg_pool2d(Tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]), 2)
    Tensor([[3.5, 5.5]])
    """
    return mean(_pool(Windows, "avg_pool2d", x, kernel_size, stride, padding, 0), axis=(-2, -1))


@operation(method=True)
def max_pool1d(x: Operand, kernel_size: int, stride: int | None = None, padding: int = 0) -> Tensor:
    """The largest element in each window along the last axis. Parameters, each one int, and errors as for `max_pool2d`.

    Examples
    --------
    >>> from microgradnn import Tensor, max_pool1d
    >>> max_pool1d(Tensor([1.0, 3.0, 2.0, 0.0]), 2)
    Tensor([3., 2.])
    """
    stride = kernel_size if stride is None else stride
    return squeeze(max_pool2d(expand_dims(x, -2), (1, kernel_size), (1, stride), (0, padding)), -2)


@operation(method=True)
def avg_pool1d(x: Operand, kernel_size: int, stride: int | None = None, padding: int = 0) -> Tensor:
    """The mean of each window along the last axis. Parameters, each one int, and errors as for `max_pool2d`.

    Examples
    --------
    >>> from microgradnn import Tensor, avg_pool1d
    >>> avg_pool1d(Tensor([1.0, 3.0, 2.0, 0.0]), 2)
    Tensor([2., 1.])
    """
    stride = kernel_size if stride is None else stride
    return squeeze(avg_pool2d(expand_dims(x, -2), (1, kernel_size), (1, stride), (0, padding)), -2)


def _pool(operation, name, x, kernel_size, stride, padding, constant):
    """A pooling operation, of a window's size and stride, applied to x with padding around it."""
    size, padding = _pair(kernel_size), _pair(padding)
    stride = size if stride is None else _pair(stride)
    if ndim_of(x) < 2 or len(size) != 2 or len(stride) != 2 or len(padding) != 2:
        raise ValueError(
            f"{name}: x has shape {shape_of(x)}, and the window {size}, stride {stride}, padding {padding}.\n"
            "x is (..., height, width); each of the others is one number, or a pair."
        )
    if any(2 * p > n for p, n in zip(padding, size, strict=True)):
        raise ValueError(f"{name}: padding {padding} is more than half the window {size}; some would see nothing else.")
    _refuse_too_small(name, shape_of(x)[-2:], size, padding)
    if any(padding):
        x = pad(x, [(0, 0)] * (ndim_of(x) - 2) + _around(padding)[-2:], constant_values=constant)
    return operation(size, stride)(x)


def _pair(number):
    """(n, n) for n, and a pair as it is."""
    return (number, number) if ndim_of(number) == 0 else tuple(number)


def _around(padding):
    """The widths of `pad` for images: nothing along the first two axes, on both sides of the others as much as asked for."""
    return [(0, 0), (0, 0), *[(n, n) for n in padding]]


def _refuse_too_small(name, lengths, size, padding):
    if any(n + 2 * p < k for n, p, k in zip(lengths, padding, size, strict=True)):
        raise ValueError(f"{name}: a window of {size} does not fit into {lengths} with padding {padding}.")
