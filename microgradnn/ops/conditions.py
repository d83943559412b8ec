"""Elements by conditions: those where one holds, or for each the array that it says. The legend is in ops/__init__.py.

Composed of indices and `where`; the conditions have no derivative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import describe
from ..graph import ndim_of, values_of
from ..tensor import operation
from ..watching.calls import with_numbers_given
from .arithmetic import where
from .indexing import Getitem, along, getitem
from .shaping import ravel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from ..annotations import Axis, Operand
    from ..tensor import Tensor


@operation(np.compress)
@with_numbers_given
def compress(condition: Operand, x: Operand, axis: Axis = None) -> Tensor:
    """The elements at those positions along an axis where a condition holds; along x flattened, if `axis` is None.

    Parameters
    ----------
    condition : array of bool
        For each position, from the first.
    x : Tensor or array
        Of any shape.
    axis : int, optional
        If None, x is flattened first.

    Returns
    -------
    Tensor
        Of x's shape, but for that axis; of one axis if `axis` is None.

    Examples
    --------
    >>> from microgradnn import Tensor, compress
    >>> compress([False, True], Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    Tensor([[3., 4.]])
    """
    return _where_it_holds(condition, x, axis)


@operation(np.extract)
def extract(condition: Operand, x: Operand) -> Tensor:
    """The elements where a condition holds, in one row.

    Parameters
    ----------
    condition : array of bool
        Of x's size.
    x : Tensor or array
        Of any shape.

    Returns
    -------
    Tensor
        Of one axis.

    Examples
    --------
    >>> from microgradnn import Tensor, extract
    >>> x = Tensor([[1.0, -2.0], [-3.0, 4.0]])
    >>> extract(x > 0, x)
    Tensor([1., 4.])
    """
    return _where_it_holds(condition, x, None)


@operation(np.trim_zeros)
def trim_zeros(x: Operand, trim: str = "fb") -> Tensor:
    """A row without the zeros in front ("f") and at its back ("b").

    Parameters
    ----------
    x : Tensor or array
        Of one axis.
    trim : str, optional
        Where: in front, at the back, or both.

    Returns
    -------
    Tensor
        Of one axis; empty if all are zeros.

    Examples
    --------
    >>> from microgradnn import Tensor, trim_zeros
    >>> trim_zeros(Tensor([0.0, 3.0, 0.0, 4.0, 0.0]))
    Tensor([3., 0., 4.])
    """
    if np.ndim(x) != 1 or not {*trim.lower()} <= {*"fb"}:
        raise ValueError(
            f"trim_zeros(trim={trim!r}) cannot be computed for {describe(x)}: it takes one row, and 'f', 'b' or 'fb'."
        )
    kept = np.flatnonzero(values_of(x)).tolist()
    if not kept:
        return getitem(x, slice(0))
    return getitem(x, slice(kept[0] if "f" in trim.lower() else None, kept[-1] + 1 if "b" in trim.lower() else None))


@operation(np.select)
def select(condlist: Sequence[Operand], choicelist: Sequence[Operand], default: Operand = 0) -> Tensor:
    """Of each element the choice whose condition is the first to hold; where none does, the default.

    Parameters
    ----------
    condlist : sequence of array of bool
        The conditions.
    choicelist : sequence of Tensor, array or number
        What to take where each holds; all broadcast.
    default : Tensor, array or number, optional
        What to take where none does.

    Returns
    -------
    Tensor
        Of the shape that they broadcast to.

    Raises
    ------
    ValueError
        If there are not as many conditions as choices, or none.
    TypeError
        If a condition is not of booleans.

    Examples
    --------
    >>> from microgradnn import Tensor, select
    >>> x = Tensor([-3.0, 0.5, 7.0])
    >>> select([x < 0, x < 1], [x / 2, x], default=1)
    Tensor([-1.5,  0.5,  1. ])
    """
    masks = [np.asarray(values_of(mask)) for mask in condlist]
    if len(masks) != len(choicelist) or not masks:
        raise ValueError(f"select takes as many choices as conditions; there are {len(choicelist)} and {len(masks)}.")
    if any(mask.dtype != bool for mask in masks):
        raise TypeError("select: a condition is an array of booleans, such as x > 0.")
    z = default
    for mask, choice in zip(masks[::-1], choicelist[::-1], strict=True):
        z = where(mask, choice, z)
    return z  # type: ignore[return-value]  # there is a mask


@operation(np.choose)
def choose(a: Operand, choices: Sequence[Operand], mode: Literal["raise", "wrap", "clip"] = "raise") -> Tensor:
    """Of each element the choice whose number stands in `a`: 0 for the first of them.

    What is done with a number that no choice has, says `mode`: "raise" an error, "wrap" it around, or "clip" it.

    Parameters
    ----------
    a : array of int
        Which choice, for each element.
    choices : sequence of Tensor or array
        They broadcast with `a`.
    mode : {"raise", "wrap", "clip"}, optional
        What is done with a number that no choice has.

    Returns
    -------
    Tensor
        Of the shape that they broadcast to.

    Examples
    --------
    >>> from microgradnn import Tensor, choose
    >>> choose([0, 1, 1], [Tensor([1.0, 2.0, 3.0]), Tensor([4.0, 5.0, 6.0])])
    Tensor([1., 5., 6.])
    """
    count = len(choices)
    numbers = np.choose(values_of(a), np.arange(count), mode=mode)  # which raises, wraps or clips
    return select([numbers == i for i in range(count)], choices)


def _where_it_holds(condition, x, axis):
    """The elements at those positions along an axis where a condition holds, or of x flattened."""
    if axis is None or ndim_of(x) == 0:
        x, axis = ravel(x), 0 if axis is None else axis
    return Getitem(along(axis, ndim_of(x), np.flatnonzero(values_of(condition))))(x)
