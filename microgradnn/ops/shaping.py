"""Operations that move elements and change none. The legend, as everywhere:

    z = f(x)        x      value of the input        dz       ∂L/∂z, the upstream gradient
                    z      value of the output       dx       ∂L/∂x, what the vjp returns

Their vjps move the upstream gradient back to where the elements came from.
"""

from functools import partial

import numpy as np

from ..errors import describe
from ..graph import Node, Op, operation


class Reshape(Op):
    """z = x with other lengths of the axes, the elements in the same order"""

    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        return x.reshape(self.shape)

    def dx(self, dz, z, x):
        return dz.reshape(x.shape)

    vjps = (dx,)


class Transpose(Op):
    """z = x with its axes in another order; reversed if no order is given"""

    def __init__(self, axes=None):
        self.axes = axes

    def forward(self, x):
        return x.transpose(self.axes)

    def dx(self, dz, z, x):
        if self.axes is None:
            return dz.transpose()
        return dz.transpose(tuple(np.argsort([axis % x.ndim for axis in self.axes])))

    vjps = (dx,)


class BroadcastTo(Op):
    """z = x, repeated to a larger shape"""

    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        return np.broadcast_to(x, self.shape)

    def dx(self, dz, z, x):
        return dz  # the backward loop sums it over the axes along which x was repeated

    vjps = (dx,)


class ExpandDims(Op):
    """z = x with new axes of length 1"""

    def __init__(self, axis):
        self.axis = axis

    def forward(self, x):
        return np.expand_dims(x, self.axis)

    def dx(self, dz, z, x):
        return dz.reshape(x.shape)

    vjps = (dx,)


class Squeeze(Op):
    """z = x without axes of length 1"""

    def __init__(self, axis=None):
        self.axis = axis

    def forward(self, x):
        return x.squeeze(self.axis)

    def dx(self, dz, z, x):
        return dz.reshape(x.shape)

    vjps = (dx,)


class Getitem(Op):
    """z = x[index]"""

    def __init__(self, index):
        self.index = index

    def forward(self, x):
        return x[self.index]

    def dx(self, dz, z, x):
        return Scatter(self.index, x.shape)(dz)

    vjps = (dx,)


class Scatter(Op):
    """z = zeros, and z[index] += x: what `Getitem` does, backwards. Where an index repeats, its elements add up."""

    def __init__(self, index, shape):
        self.index = index
        self.shape = shape

    def forward(self, x):
        z = np.zeros_like(x, shape=self.shape)
        np.add.at(z, self.index, x)
        return z

    def dx(self, dz, z, x):
        return dz[self.index]

    vjps = (dx,)


class Concatenate(Op):
    """z = x1, x2, ... one after the other along an axis; x_i ends at position ends[i]"""

    def __init__(self, axis, ends):
        self.axis = axis
        self.ends = ends

    def forward(self, *xs):
        return np.concatenate(xs, self.axis)

    def dx(self, dz, z, *xs, start, end):
        piece = (slice(None),) * (self.axis % z.ndim) + (slice(start, end),)
        return dz[piece]

    @property
    def vjps(self):
        return [partial(Concatenate.dx, start=start, end=end) for start, end in zip([0, *self.ends], self.ends, strict=False)]


class Stack(Op):
    """z = x1, x2, ... side by side along a new axis"""

    def __init__(self, axis, count):
        self.axis = axis
        self.count = count

    def forward(self, *xs):
        return np.stack(xs, self.axis)

    def dx(self, dz, z, *xs, i):
        ith = (slice(None),) * (self.axis % z.ndim) + (i,)
        return dz[ith]

    @property
    def vjps(self):
        return [partial(Stack.dx, i=i) for i in range(self.count)]


@operation(np.reshape)
def reshape(x, *shape):
    """The same elements in the same order, with other lengths of the axes.

    Parameters
    ----------
    x : Tensor or array
    shape : int or tuple of int
        The new lengths; one of them may be −1 and follows from the others.

    Raises
    ------
    ValueError
        If the number of elements would change.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([1.0, 2.0, 3.0, 4.0]).reshape(2, -1)
    Tensor([[1., 2.],
            [3., 4.]])
    """
    return Reshape(_one_tuple(shape))(x)


@operation(np.transpose, np.permute_dims)
def transpose(x, *axes):
    """The axes in another order; reversed if none is given.

    Parameters
    ----------
    x : Tensor or array
    axes : int or tuple of int, optional
        For each axis of the result, the axis of x that it is.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).transpose()
    Tensor([[1., 3.],
            [2., 4.]])
    """
    return Transpose(None if axes in ((), (None,)) else _one_tuple(axes))(x)


@operation(np.swapaxes)
def swapaxes(x, axis1, axis2):
    """Two axes exchanged: a transpose that names only these two.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).swapaxes(0, 1)
    Tensor([[1., 3.],
            [2., 4.]])
    """
    axes = list(range(np.ndim(x)))
    try:
        axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    except IndexError:
        raise np.exceptions.AxisError(
            f"swapaxes({axis1}, {axis2}) cannot be computed for x = {describe(x)}: it has {len(axes)} axes."
        ) from None
    return Transpose(tuple(axes))(x)


@operation(np.broadcast_to)
def broadcast_to(x, shape):
    """x, repeated to a larger shape. Its gradient is summed over the repetitions.

    Examples
    --------
    >>> from microgradnn import Tensor, broadcast_to
    >>> b = Tensor([1.0, 2.0], requires_grad=True)
    >>> broadcast_to(b, (3, 2)).sum().backward()
    >>> b.grad
    array([3., 3.])
    """
    return BroadcastTo(shape)(x)


@operation(np.expand_dims)
def expand_dims(x, axis):
    """x with a new axis of length 1 at each given position of the result.

    Examples
    --------
    >>> from microgradnn import Tensor, expand_dims
    >>> expand_dims(Tensor([1.0, 2.0]), 1).shape
    (2, 1)
    """
    return ExpandDims(axis)(x)


@operation(np.squeeze)
def squeeze(x, axis=None):
    """x without the given axes, which must have length 1, or without all such axes.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([[1.0, 2.0]]).squeeze(0)
    Tensor([1., 2.])
    """
    return Squeeze(axis)(x)


@operation()
def getitem(x, index):
    """x[index], with every kind of index NumPy has. Elements picked twice add up their gradients.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> x = Tensor([5.0, 6.0], requires_grad=True)
    >>> x[[0, 0, 1]].sum().backward()
    >>> x.grad
    array([2., 1.])
    """
    if isinstance(index, tuple):
        return Getitem(tuple(_plain_index(part) for part in index))(x)
    return Getitem(_plain_index(index))(x)


@operation(np.concatenate, np.concat)
def concatenate(tensors, axis=0):
    """Arrays one after the other along an axis that they have.

    Parameters
    ----------
    tensors : sequence of Tensor or array
        Of equal shapes but for that axis.
    axis : int or None, optional
        None lays the elements of each in one row first.

    Examples
    --------
    >>> from microgradnn import Tensor, concatenate
    >>> concatenate([Tensor([1.0]), Tensor([2.0, 3.0])])
    Tensor([1., 2., 3.])
    """
    if axis is None:
        return concatenate([reshape(x, -1) for x in tensors])
    try:
        lengths = [np.shape(x)[axis] for x in tensors]
    except IndexError:
        operands = ", ".join(map(describe, tensors))
        raise np.exceptions.AxisError(
            f"concatenate(axis={axis}) cannot be computed for {operands}: the axis must be there already.\n"
            "stack puts arrays side by side along a new one."
        ) from None
    return Concatenate(axis, np.cumsum(lengths).tolist())(*tensors)


@operation(np.stack)
def stack(tensors, axis=0):
    """Arrays of one shape, side by side along a new axis.

    Examples
    --------
    >>> from microgradnn import Tensor, stack
    >>> stack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])], axis=1)
    Tensor([[1., 3.],
            [2., 4.]])
    """
    return Stack(axis, len(tensors))(*tensors)


def _one_tuple(lengths):
    """(2, 3), whether it was given as 2, 3 or as (2, 3)."""
    return tuple(lengths[0]) if len(lengths) == 1 and not isinstance(lengths[0], (int, np.integer)) else lengths


def _plain_index(index):
    return index.data if isinstance(index, Node) else index
