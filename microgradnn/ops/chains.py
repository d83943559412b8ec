"""Products of many matrices: powers, and chains in the order that costs least."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING

import numpy as np

from ..errors import describe
from ..graph import shape_of, values_of
from ..tensor import operation
from ..watching.calls import with_numbers_given
from .arithmetic import where
from .indexing import getitem
from .inverses import inv
from .products import matmul

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..annotations import Operand
    from ..tensor import Tensor


@operation(np.linalg.matrix_power)
@with_numbers_given
def matrix_power(x: Operand, n: int) -> Tensor:
    """x @ x @ ... @ x, of n matrices: by squares, in about 2 log₂ n products.

    Parameters
    ----------
    x : Tensor or array
        Of shape (..., m, m).
    n : int
        How many. Of 0 it is the identity, whose gradient is 0; of a negative number the power of the inverse.

    Returns
    -------
    Tensor
        Of x's shape.

    Raises
    ------
    TypeError
        If n is no whole number.
    LinAlgError
        If x is not square, or n is negative and x singular.

    Examples
    --------
    >>> from microgradnn import Tensor, matrix_power
    >>> matrix_power(Tensor([[1.0, 1.0], [0.0, 1.0]]), 5)
    Tensor([[1., 5.],
            [0., 1.]])
    """
    n, shape = index(n), shape_of(x)
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise np.linalg.LinAlgError(f"matrix_power is for square matrices; it was given {describe(x)}.")
    if n < 0:
        return matrix_power(inv(x), -n)
    if n == 0:
        return where(np.ones(shape, bool), np.eye(shape[-1], dtype=values_of(x).dtype), x)
    if n == 1:
        return getitem(x, ...)
    square, power = x, None
    while n:
        if n % 2:
            power = square if power is None else matmul(power, square)
        n //= 2
        if n:
            square = matmul(square, square)
    return power  # type: ignore[return-value]  # which is set by now


@operation(np.linalg.multi_dot)
def multi_dot(arrays: Sequence[Operand]) -> Tensor:
    """The product of several matrices, multiplied in the order that takes the fewest multiplications.

    Parameters
    ----------
    arrays : sequence of Tensor or array
        Matrices; the first may be a row, and the last a column, of one axis.

    Returns
    -------
    Tensor
        The product.

    Raises
    ------
    ValueError
        If there are fewer than two, one has another number of axes, or lengths do not fit.

    Notes
    -----
    The order is found by dynamic programming: Cormen et al., Introduction to Algorithms, 15.2.

    Examples
    --------
    >>> from microgradnn import Tensor, multi_dot
    >>> row = Tensor([1.0, 2.0])
    >>> multi_dot([row, [[1.0, 1.0], [0.0, 1.0]], row])
    Tensor(7.)
    """
    ndims = list(map(np.ndim, arrays))
    if len(ndims) < 2 or any(ndim != 2 for ndim in ndims[1:-1]) or not {ndims[0], ndims[-1]} <= {1, 2}:
        raise ValueError(
            "multi_dot multiplies two matrices or more, of which the first and the last may be vectors; it was given "
            f"{', '.join(map(describe, arrays)) or 'none'}."
        )
    shapes = [shape_of(x) for x in arrays]
    lengths = [shapes[0][0] if ndims[0] == 2 else 1, *[shape[0] for shape in shapes[1:]]]
    lengths.append(shapes[-1][1] if ndims[-1] == 2 else 1)
    cuts = _cheapest_cuts(lengths)

    def product(first, last):
        if first == last:
            return arrays[first]
        cut = cuts[first, last]
        return matmul(product(first, cut), product(cut + 1, last))

    return product(0, len(arrays) - 1)


def _cheapest_cuts(lengths):
    """For matrices of lengths[i] rows and lengths[i + 1] columns: after which to cut those from i to j in two products."""
    cost, cuts = {(i, i): 0 for i in range(len(lengths) - 1)}, {}
    for count in range(1, len(lengths) - 1):
        for i in range(len(lengths) - 1 - count):
            j = i + count
            costs = [cost[i, k] + cost[k + 1, j] + lengths[i] * lengths[k + 1] * lengths[j + 1] for k in range(i, j)]
            cost[i, j] = min(costs)
            cuts[i, j] = i + costs.index(cost[i, j])
    return cuts
