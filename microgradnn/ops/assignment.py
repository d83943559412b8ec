"""x.at[index].set(y): what NumPy writes as x[index] = y, as a new Tensor. The legend is in ops/__init__.py.

A Tensor is not changed in place, since what was computed from it would not know. Called as in JAX.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import describe
from ..graph import Op
from .broadcasting import broadcast_to, fits
from .conversion import in_dtype_of
from .indexing import picks_each_once, plain_part, take
from .shaping import ravel, reshape

if TYPE_CHECKING:
    from ..annotations import Index, Operand
    from ..tensor import Tensor


def own_copy(x):
    """A copy to assign to. One number may be no array, as NumPy's sums are not."""
    if x.shape:
        return x.copy()
    z = np.zeros_like(x)
    z[...] = x
    return z


class SetAt(Op):
    """z = x, and then z[index] = y. The index picks no element twice."""

    makes_plain_arrays = True

    def __init__(self, index):
        self.index = index

    def forward(self, x, y):
        z = own_copy(x)
        z[self.index] = y
        return z

    def dx(self, dz, z, x, y):
        return SetAt(self.index)(dz, 0)

    def dy(self, dz, z, x, y):
        return dz[self.index]

    vjps = (dx, dy)


class AddAt(Op):
    """z = x, and then z[index] += y, as often as the index names an element."""

    makes_plain_arrays = True

    def __init__(self, index):
        self.index = index

    def forward(self, x, y):
        z = own_copy(x)
        if picks_each_once(self.index):
            z[self.index] = x[self.index] + y
        else:
            np.add.at(z, self.index, y)
        return z

    def dx(self, dz, z, x, y):
        return dz

    def dy(self, dz, z, x, y):
        return dz[self.index]

    vjps = (dx, dy)


class MultiplyAt(Op):
    """z = x, and then z[index] *= y. The index picks no element twice."""

    makes_plain_arrays = True

    def __init__(self, index):
        self.index = index

    def forward(self, x, y):
        z = own_copy(x)
        z[self.index] = x[self.index] * y
        return z

    def dx(self, dz, z, x, y):
        return MultiplyAt(self.index)(dz, y)

    def dy(self, dz, z, x, y):
        return dz[self.index] * x[self.index]

    vjps = (dx, dy)


class At:
    """`x.at`: waits for the index.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> x = Tensor([1.0, 2.0, 3.0])
    >>> x.at[1:].set(0.0)
    Tensor([1., 0., 0.])
    """

    def __init__(self, x: Tensor) -> None:
        self.x = x

    def __getitem__(self, index: Index) -> Elements:
        return Elements(self.x, tuple(map(plain_part, index)) if isinstance(index, tuple) else plain_part(index))


class Elements:
    """`x.at[index]`: some elements of x, and what can be made of x by changing these. x itself stays as it is.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor(5.0, requires_grad=True)
    >>> x.at[0].set(y).sum().backward()
    >>> x.grad, y.grad
    (array([0., 1.]), array(1.))
    """

    def __init__(self, x: Tensor, index: Index) -> None:
        self.x = x
        self.index = index
        self.picked = x.data[index]  # for its shape; raises if x has no such elements

    def set(self, values: Operand) -> Tensor:
        """x with these elements replaced, as by x[index] = values. Of one that is named twice the last value counts.

        Parameters
        ----------
        values : Tensor, array or number
            Of a shape that broadcasts to that of x[index]. They get x's dtype.

        Returns
        -------
        Tensor
            Of x's shape and dtype.

        Raises
        ------
        ValueError
            If the values do not broadcast to the elements.
        TypeError
            If they require a gradient, and x has a dtype that has none.

        Examples
        --------
        >>> from microgradnn import Tensor
        >>> x = Tensor([-1.0, 2.0, -3.0])
        >>> x.at[x < 0].set(0.0)
        Tensor([0., 2., 0.])
        """
        values, last = self._fitting("set", values), self._last_of_each()
        if last is None:
            return SetAt(self.index)(self.x, values)
        places, order = last
        row = SetAt((places,))(ravel(self.x), take(broadcast_to(values, self.picked.shape), order))
        return reshape(row, self.x.shape)

    def add(self, values: Operand) -> Tensor:
        """x with something added to these elements, as often as each is named: as by np.add.at(x, index, values).

        Parameters, result and errors as for `set`.

        Examples
        --------
        >>> from microgradnn import Tensor
        >>> Tensor([1.0, 2.0]).at[[0, 0, 1]].add(10.0)
        Tensor([21., 12.])
        """
        return AddAt(self.index)(self.x, self._fitting("add", values))

    def multiply(self, values: Operand) -> Tensor:
        """x with these elements multiplied by something, as by x[index] *= values.

        Parameters, result and errors as for `set`; ValueError also if an element is named twice.

        Examples
        --------
        >>> from microgradnn import Tensor
        >>> Tensor([1.0, 2.0]).at[-1].multiply(10.0)
        Tensor([ 1., 20.])
        """
        values = self._fitting("multiply", values)
        if self._last_of_each() is not None:
            raise ValueError(f"{describe(self.x)}.at[...].multiply(...): the index names an element twice; once is meant.")
        return MultiplyAt(self.index)(self.x, values)

    def _fitting(self, method, values):
        """The values in x's dtype, if they broadcast to the elements."""
        shape, room = np.shape(values), self.picked.shape
        if not fits(shape, room):
            raise ValueError(
                f"{describe(self.x)}.at[...].{method}(...): values of shape {shape} do not broadcast to the elements, "
                f"which have shape {room}."
            )
        return in_dtype_of(self.x, values)

    def _last_of_each(self):
        """Where the index names elements twice: the places in x's row of elements, each once, and who names each last."""
        if picks_each_once(self.index):
            return None
        named = np.arange(self.x.size).reshape(self.x.shape)[self.index].ravel()
        places, from_the_end = np.unique(named[::-1], return_index=True)
        return None if places.size == named.size else (places, named.size - 1 - from_the_end)
