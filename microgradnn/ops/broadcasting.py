"""Arrays repeated to a larger shape, as operators do by themselves. The legend is in ops/__init__.py."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..graph import Op, ndim_of, shape_of
from ..tensor import operation
from .shaping import reshape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..annotations import Operand
    from ..tensor import Tensor


class BroadcastTo(Op):
    """z = x, repeated to a larger shape"""

    makes_plain_arrays = True

    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        return np.broadcast_to(x, self.shape)

    def dx(self, dz, z, x):
        return dz  # the backward loop sums it over the axes along which x was repeated

    vjps = (dx,)


@operation(np.broadcast_to, method=True)
def broadcast_to(x: Operand, shape: int | Sequence[int]) -> Tensor:
    """x, repeated to a larger shape. Its gradient is summed over the repetitions.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    shape : int or tuple of int
        Which x broadcasts to.

    Returns
    -------
    Tensor
        Of that shape.

    Examples
    --------
    >>> from microgradnn import Tensor, broadcast_to
    >>> b = Tensor([1.0, 2.0], requires_grad=True)
    >>> broadcast_to(b, (3, 2)).sum().backward()
    >>> b.grad
    array([3., 3.])
    """
    return BroadcastTo(shape)(x)


@operation(np.broadcast_arrays)
def broadcast_arrays(*xs: Operand) -> tuple[Tensor, ...]:
    """Arrays, each repeated to the shape that they have together.

    Parameters
    ----------
    *xs : Tensor or array
        Of shapes that broadcast.

    Returns
    -------
    tuple of Tensor
        Of one shape.

    Examples
    --------
    >>> from microgradnn import Tensor, broadcast_arrays
    >>> broadcast_arrays(Tensor([1.0, 2.0]), Tensor(3.0))
    (Tensor([1., 2.]), Tensor([3., 3.]))
    """
    shape = np.broadcast_shapes(*map(shape_of, xs))
    return tuple(broadcast_to(x, shape) for x in xs)


@operation(np.meshgrid)
def meshgrid(*xs: Operand, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Tensor, ...]:
    """The coordinates of all points of a grid, of those along each of its axes.

    Parameters
    ----------
    *xs : Tensor or array
        The coordinates along each axis.
    copy : bool, optional
        As in NumPy; without meaning here, as a Tensor is not changed in place.
    sparse : bool, optional
        Leave the results so short that they broadcast to the grid.
    indexing : {"xy", "ij"}, optional
        Whether the first coordinate goes along the second axis, as in pictures, or along the first, as in matrices.

    Returns
    -------
    tuple of Tensor
        One for each of `xs`, of the grid's shape.

    Examples
    --------
    >>> from microgradnn import Tensor, meshgrid
    >>> meshgrid(Tensor([1.0, 2.0]), Tensor([3.0]))
    (Tensor([[1., 2.]]), Tensor([[3., 3.]]))
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid(indexing={indexing!r}): there are 'xy' and 'ij'.")
    places = list(range(len(xs)))
    if indexing == "xy" and len(xs) > 1:
        places[:2] = [1, 0]
    grid = tuple(math.prod(shape_of(xs[place])) for place in places)  # exchanging two, it is its own inverse
    return tuple(_on_grid(x, place, grid, sparse) for x, place in zip(xs, places, strict=True))


def _on_grid(x, place, grid, sparse):
    """The elements of x along one axis of a grid; repeated along the others, unless that is left to broadcasting."""
    if sparse or place < len(grid) - 1 or ndim_of(x) != 1:
        x = reshape(x, [-1 if axis == place else 1 for axis in range(len(grid))])
    return x if sparse else BroadcastTo(grid)(x)


def fits(shape, room):
    """Whether an array of a shape broadcasts to another shape."""
    lengths = zip(shape[::-1], room[::-1], strict=False)
    return len(shape) <= len(room) and all(length in (1, there) for length, there in lengths)
