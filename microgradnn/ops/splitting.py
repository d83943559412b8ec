"""One array in several pieces along an axis. The legend is in ops/__init__.py.

Each piece is x[index], and gives its gradient back to where it was cut out.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..errors import describe
from ..graph import ndim_of, shape_of
from ..tensor import operation
from .indexing import Getitem, along

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..annotations import Operand
    from ..tensor import Tensor


@operation(np.split, method=True)
def split(x: Operand, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """x in several pieces along an axis.

    Parameters
    ----------
    x : Tensor or array
        Of one axis or more.
    indices_or_sections : int or sequence of int
        Into how many equal pieces, or the positions where to cut.
    axis : int, optional

    Returns
    -------
    list of Tensor

    Raises
    ------
    ValueError
        If the pieces cannot be equal.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> Tensor([1.0, 2.0, 3.0, 4.0]).split([1])
    [Tensor([1.]), Tensor([2., 3., 4.])]
    """
    length, cuts = shape_of(x)[normalize_axis_index(axis, ndim_of(x), "split")], indices_or_sections
    if ndim_of(cuts) == 0:
        if cuts < 1 or length % cuts:
            raise ValueError(f"split: an axis of length {length} has no {cuts} equal pieces; give the positions where to cut.")
        cuts = [length // cuts * i for i in range(1, cuts)]
    ends = [0, *list(cuts), length]
    return [Getitem(along(axis, ndim_of(x), slice(*pair)))(x) for pair in pairwise(ends)]


@operation(np.array_split)
def array_split(x: Operand, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """x in several pieces along an axis, as `split`; those in front are longer by one where they cannot be equal.

    Parameters and result as for `split`.

    Examples
    --------
    >>> from microgradnn import Tensor, array_split
    >>> array_split(Tensor([1.0, 2.0, 3.0]), 2)
    [Tensor([1., 2.]), Tensor([3.])]
    """
    cuts = indices_or_sections
    if ndim_of(cuts) == 0:
        length = shape_of(x)[normalize_axis_index(axis, ndim_of(x), "array_split")]
        if cuts < 1:
            raise ValueError(f"array_split: there are no {cuts} pieces; give 1 or more, or the positions where to cut.")
        shorter, longer = divmod(length, cuts)
        cuts = [shorter * i + min(i, longer) for i in range(1, cuts)]
    return split(x, cuts, axis)


@operation(np.hsplit)
def hsplit(x: Operand, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """x in several pieces side by side: along the second axis, or the only one.

    Parameters and result as for `split`.

    Examples
    --------
    >>> from microgradnn import Tensor, hsplit
    >>> hsplit(Tensor([[1.0, 2.0, 3.0]]), [1])
    [Tensor([[1.]]), Tensor([[2., 3.]])]
    """
    return split(x, indices_or_sections, 1 if np.ndim(x) > 1 else 0)


@operation(np.vsplit)
def vsplit(x: Operand, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """x in several pieces one below the other: along the first of two axes or more.

    Parameters and result as for `split`.

    Examples
    --------
    >>> from microgradnn import Tensor, vsplit
    >>> vsplit(Tensor([[1.0, 2.0], [3.0, 4.0]]), 2)
    [Tensor([[1., 2.]]), Tensor([[3., 4.]])]
    """
    return split(_with_axes("vsplit", x, 2), indices_or_sections, 0)


@operation(np.dsplit)
def dsplit(x: Operand, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """x in several pieces along the third axis.

    Parameters and result as for `split`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, dsplit
    >>> [piece.shape for piece in dsplit(Tensor(np.ones((2, 3, 4))), 2)]
    [(2, 3, 2), (2, 3, 2)]
    """
    return split(_with_axes("dsplit", x, 3), indices_or_sections, 2)


@operation(np.unstack)
def unstack(x: Operand, *, axis: int = 0) -> tuple[Tensor, ...]:
    """x cut along an axis into all that stands there, without that axis: what `stack` undoes.

    Parameters
    ----------
    x : Tensor or array
        Of one axis or more.
    axis : int, optional
        Which axis.

    Returns
    -------
    tuple of Tensor
        Each of one axis fewer.

    Examples
    --------
    >>> from microgradnn import Tensor, unstack
    >>> unstack(Tensor([[1.0, 2.0], [3.0, 4.0]]))
    (Tensor([1., 2.]), Tensor([3., 4.]))
    """
    length = shape_of(x)[normalize_axis_index(axis, ndim_of(x), "unstack")]
    return tuple(Getitem(along(axis, ndim_of(x), i))(x) for i in range(length))


def _with_axes(name, x, least):
    """x, if it has as many axes."""
    if ndim_of(x) < least:
        raise ValueError(f"{name} cuts what has {least} axes or more; it was given {describe(x)}.")
    return x
