"""Layers for images and sequences: convolution, with weights to train, and pooling, without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import ops
from ..graph import shape_of
from ..tensor import Tensor
from ..watching.calls import Own, numbers_in
from .init import xavier_normal
from .module import Module
from .operation_layer import OperationLayer
from .randomness import random_generator
from .shapes import refuse_shape
from .tree import arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..annotations import Initialiser, Names, Operand, Pair, Seed


STRIDE, NO_PADDING = Own(1), Own(0)


class _Convolution(Module):
    """What Conv1d and Conv2d have in common: all but the number of axes that the window moves along."""

    axes: tuple[str, ...]
    function: Callable[..., Tensor]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        stride: Pair = STRIDE,
        padding: Pair = NO_PADDING,
        bias: bool = True,
        *,
        rng: Seed = None,
        init: Initialiser = xavier_normal,
        names: Names = (None, None),
    ) -> None:
        size = (kernel_size,) * len(self.axes) if isinstance(kernel_size, (int, np.integer)) else tuple(kernel_size)
        self.stride, self.padding = stride, padding
        self.W = Tensor(init((out_channels, in_channels, *size), rng=random_generator(rng)), requires_grad=True, name=names[0])
        self.b = Tensor(np.zeros(out_channels, self.W.dtype), requires_grad=True, name=names[1]) if bias else None

    def numbers_given(self) -> Iterable[int]:
        """Stride and padding."""
        return numbers_in([self.stride, self.padding])

    def check_input(self, x: Operand) -> None:
        """Refuse another number of axes or of channels."""
        channels = self.W.shape[1]
        if len(shape_of(x)) != len(self.axes) + 2 or shape_of(x)[1] != channels:
            refuse_shape(self, x, "n", channels, *self.axes)

    def forward(self, x: Operand) -> Tensor:
        """The convolution of x with W, plus b."""
        return self.function(x, self.W, self.b, self.stride, self.padding)

    def extra_repr(self) -> str:
        """Channels and size; the others where they are not the default."""
        out_channels, in_channels, *size = self.W.shape
        window = size[0] if len(set(size)) == 1 else tuple(size)
        options = {"stride": (self.stride, 1), "padding": (self.padding, 0), "bias": (self.b is not None, True)}
        return arguments(in_channels, out_channels, window, **options)


class Conv2d(_Convolution):
    """A window that moves over images: each output is a weighted sum of what it sees, with the same weights everywhere.

    Parameters
    ----------
    in_channels, out_channels : int
        How many numbers each pixel has, before and after.
    kernel_size : int or pair of int
        The window's rows and columns. W has the shape (out_channels, in_channels, rows, columns).
    stride : int or pair of int, optional
        By how many pixels the window moves.
    padding : int or pair of int, optional
        How many zeros to put on every side.
    bias : bool, optional
        Whether there is a b, of shape (out_channels,), which begins at 0.
    rng : numpy.random.Generator or int, optional
        Where the weights come from.
    init : callable, optional
        How: a function of `nn.init`.
    names : tuple of str, optional
        How W and b are called in formulas and pictures; by the attributes that lead to them if not given.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> layer = nn.Conv2d(1, 8, 3, padding=1, rng=np.random.default_rng(0))
    >>> layer
    Conv2d(1, 8, 3, padding=1)  80 parameters
    >>> layer(np.ones((5, 1, 28, 28))).shape
    (5, 8, 28, 28)
    """

    axes, function = ("height", "width"), staticmethod(ops.conv2d)


class Conv1d(_Convolution):
    """A window that moves along sequences, of shape (n, in_channels, length). Parameters as for `Conv2d`, each one number.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> nn.Conv1d(1, 8, 3, rng=np.random.default_rng(0))(np.ones((5, 1, 28))).shape
    (5, 8, 26)
    """

    axes, function = ("length",), staticmethod(ops.conv1d)


class MaxPool2d(OperationLayer, function=ops.max_pool2d, axes=("height", "width")):
    """The largest number in each window of images; see `microgradnn.max_pool2d`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.MaxPool2d(2)(Tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]))
    Tensor([[6., 8.]])
    """


class AvgPool2d(OperationLayer, function=ops.avg_pool2d, axes=("height", "width")):
    """The mean of each window of images; see `microgradnn.avg_pool2d`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.AvgPool2d(2)(Tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]))
    Tensor([[3.5, 5.5]])
    """


class MaxPool1d(OperationLayer, function=ops.max_pool1d, axes=("length",)):
    """The largest number in each window of sequences; see `microgradnn.max_pool1d`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.MaxPool1d(2)(Tensor([1.0, 3.0, 2.0, 0.0]))
    Tensor([3., 2.])
    """


class AvgPool1d(OperationLayer, function=ops.avg_pool1d, axes=("length",)):
    """The mean of each window of sequences; see `microgradnn.avg_pool1d`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.AvgPool1d(2)(Tensor([1.0, 3.0, 2.0, 0.0]))
    Tensor([2., 1.])
    """
