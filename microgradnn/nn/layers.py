"""The layers that most networks are made of: Linear, Embedding, Flatten, Dropout."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..errors import describe
from ..graph import shape_of, values_of
from ..ops import Affine, reshape
from ..tensor import Tensor
from ..watching.calls import Own, numbers_in
from .init import normal, xavier_normal
from .module import Module
from .randomness import random_generator
from .shapes import refuse_shape
from .tree import arguments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..annotations import Initialiser, Names, Operand, Seed

_affine = Affine().__call__  # without the checks of `affine`, which check_input has made


class Linear(Module):
    """o = x W + b: every output is a weighted sum of all inputs.

    Parameters
    ----------
    inputs, outputs : int
        Their numbers. W has the shape (inputs, outputs): W₁₂ leads from the first input to the second output.
    bias : bool, optional
        Whether there is a b, of shape (outputs,), which is 0 in the beginning.
    rng : numpy.random.Generator or int, optional
        The source of the random weights.
    init : callable, optional
        How to draw them: a function of `nn.init`. If not given, normal with variance 2 / (inputs + outputs) (Glorot and
        Bengio, 2010), so that neither the values going forward nor the gradients going back grow or fade from layer to layer.
    names : tuple of str, optional
        What W and b are called in formulas and pictures; by the attributes that lead to them if not given: W and b, or
        hidden.W and hidden.b within a module that keeps this one as `hidden`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> layer = nn.Linear(3, 2, rng=np.random.default_rng(0))
    >>> layer(np.ones((5, 3))).shape
    (5, 2)
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        bias: bool = True,
        *,
        rng: Seed = None,
        init: Initialiser = xavier_normal,
        names: Names = (None, None),
    ) -> None:
        self.W = Tensor(init((inputs, outputs), rng=random_generator(rng)), requires_grad=True, name=names[0])
        self.b = Tensor(np.zeros(outputs, self.W.dtype), requires_grad=True, name=names[1]) if bias else None

    def check_input(self, x: Operand) -> None:
        """Refuse an input whose last axis is not as long as W's first."""
        if shape_of(x)[-1:] != shape_of(self.W)[:1]:
            refuse_shape(self, x, "...", self.W.shape[0])

    def forward(self, x: Operand) -> Tensor:
        """x W + b, for x of shape (..., inputs)."""
        return x @ self.W if self.b is None else _affine(x, self.W, self.b)

    def extra_repr(self) -> str:
        """How many inputs and outputs."""
        return arguments(*self.W.shape, bias=(self.b is not None, True))


class Embedding(Module):
    """A table of vectors, one for each word, or whatever else is numbered: row i for index i.

    Parameters
    ----------
    count, size : int
        How many vectors, and how long each is. W has the shape (count, size).
    rng : numpy.random.Generator or int, optional
        Where they come from.
    init : callable, optional
        How: a function of `nn.init`; normal with variance 1 if not given.

    Raises
    ------
    TypeError
        When called with what is no whole number.
    IndexError
        When called with an index that is no row.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> table = nn.Embedding(100, 8, rng=np.random.default_rng(0))
    >>> vectors = table([5, 7, 5])
    >>> vectors.shape
    (3, 8)
    >>> vectors.sum().backward()
    >>> table.W.grad[[5, 7, 9], 0]
    array([2., 1., 0.])
    """

    def __init__(self, count: int, size: int, *, rng: Seed = None, init: Initialiser = normal) -> None:
        self.W = Tensor(init((count, size), rng=random_generator(rng)), requires_grad=True)

    def check_input(self, indices: Operand) -> None:
        """Refuse what is not a whole number, or no row."""
        count = self.W.shape[0]
        array = np.asarray(values_of(indices))
        expects = f"{self.signature()} expects whole numbers from 0 to {count - 1}"
        if array.dtype.kind not in "iu" and array.size:
            given = f"{describe(indices)} of dtype {array.dtype}"
            raise TypeError(f"{expects}; it was given {given}.\nMake them whole: np.asarray(x, dtype=int).")
        wrong = array[(array < 0) | (array >= count)]
        if wrong.size:
            raise IndexError(f"{expects}; {wrong.flat[0]} is none, in {describe(indices)}.")

    def forward(self, indices: Operand) -> Tensor:
        """The rows of W, of shape (*indices.shape, size). A row that is taken twice gets the gradients of both, added up."""
        indices = values_of(indices)
        return self.W[np.asarray(indices, dtype=np.intp)]

    def extra_repr(self) -> str:
        """How many vectors, and how long."""
        return arguments(*self.W.shape)


class Flatten(Module):
    """Several axes laid out as one: images of shape (n, c, height, width) as (n, c · height · width).

    Parameters
    ----------
    start_axis : int, optional
        The first of them; the batch comes before it.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> nn.Flatten()(np.ones((5, 8, 3, 3))).shape
    (5, 72)
    """

    def __init__(self, start_axis: int = Own(1)) -> None:
        self.start_axis = start_axis

    def numbers_given(self) -> Iterable[int]:
        """The axis."""
        return numbers_in(self.start_axis)

    def check_input(self, x: Operand) -> None:
        """Refuse an input that has no such axis."""
        if not -len(shape_of(x)) <= self.start_axis < len(shape_of(x)):
            refuse_shape(self, x, *["n"] * self.start_axis, "...")

    def forward(self, x: Operand) -> Tensor:
        """x with its last axes in one."""
        shape = shape_of(x)
        in_front, length = shape[: self.start_axis], math.prod(shape[self.start_axis :])
        if len(in_front) == 1 and length:
            in_front = (-1,)  # the batch, whatever its size: so it is in a function that `unroll` makes
        return reshape(x, (*in_front, length))

    def extra_repr(self) -> str:
        """The first axis, unless it is 1."""
        return arguments(start_axis=(self.start_axis, 1))


class Dropout(Module):
    """In training, sets each number to 0 with probability p and divides the others by 1 − p; in evaluation mode, does nothing.

    No unit can rely on another one that may be missing; on average each number stays what it is ("inverted" dropout).
    The random mask is a Tensor called `mask` in the graph: pictures show it, and a function that `unroll` makes takes it
    as a parameter. Of data, which is not recorded, it takes the result, called `dropped`.

    Source: Srivastava and others, Dropout: a simple way to prevent neural networks from overfitting (2014).

    Parameters
    ----------
    p : float, optional
        The probability, at least 0 and less than 1.
    rng : numpy.random.Generator or int, optional
        Where the masks come from; each call takes another.

    Raises
    ------
    ValueError
        If p is none of these.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nn
    >>> layer, x = nn.Dropout(0.5, rng=np.random.default_rng(0)), Tensor([1.0, 2.0, 3.0, 4.0])
    >>> layer(x).numpy()
    array([2., 0., 0., 0.])
    >>> layer.eval()(x)
    Tensor([1., 2., 3., 4.])
    """

    def __init__(self, p: float = 0.5, *, rng: Seed = None) -> None:
        if not 0 <= p < 1:
            raise ValueError(f"Dropout: p is the probability that a number is dropped, at least 0 and less than 1; it is {p}.")
        self.p, self.rng = p, random_generator(rng)

    def forward(self, x: Operand) -> Tensor:
        """x times a mask of 0 and 1 / (1 − p), or x."""
        if not self.training or self.p == 0:
            return x  # type: ignore[return-value]  # as it was given
        kept = self.rng.random(shape_of(x)) >= self.p
        x = x if isinstance(x, Tensor) else Tensor(x)
        dtype = x.dtype if x.dtype.kind == "f" else float
        z = x * Tensor((kept / (1 - self.p)).astype(dtype), name="mask")
        if z.is_leaf:  # x is data, so nothing was recorded; with a name, what unroll makes asks for it and does not keep it
            z.name = "dropped"
        return z

    def extra_repr(self) -> str:
        """The probability."""
        return f"p={self.p}"
