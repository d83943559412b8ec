"""Sums of products, in the notation of Einstein. The legend is in ops/__init__.py.

A product like `ij,jk->ik` is its own rule: the gradient of one operand is again a sum of products, of the upstream gradient
and the other operands, with the letters of dz in place of those of the operand, and the operand's in place of those of z.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from string import ascii_letters
from typing import TYPE_CHECKING

import numpy as np

from ..graph import Op, ndim_of, shape_of, values_of
from ..tensor import operation
from ..watching.calls import with_numbers_given
from .conversion import astype
from .diagonals import diagonal

if TYPE_CHECKING:
    from ..annotations import Operand
    from ..tensor import Tensor


class Einsum(Op):
    """z = Σ x1 x2 ..., where each operand's axes have letters, and letters that z lacks are summed over"""

    makes_plain_arrays = True

    def __init__(self, subscripts, optimize=False):
        self.subscripts = subscripts
        self.optimize = optimize

    @property
    def letters(self):
        """The letters of each operand, and those of z."""
        operands, z = self.subscripts.split("->")
        return operands.split(","), z

    def forward(self, *xs):
        return np.einsum(self.subscripts, *xs, optimize=self.optimize)

    def dx(self, dz, z, *xs, i):
        letters, letters_of_z = self.letters
        words, factors = [*letters[:i], *letters[i + 1 :], letters_of_z], [*xs[:i], *xs[i + 1 :], dz]
        if not _lengths(letters[i : i + 1], xs[i : i + 1]) <= _lengths(words, factors):
            words.append(letters[i])  # along some axis dz and the other operands do not vary: all of x there gets the same
            factors.append(np.ones_like(xs[i]))
        return np.einsum(f"{','.join(words)}->{letters[i]}", *factors, optimize=self.optimize)

    @property
    def vjps(self):
        return [partial(Einsum.dx, i=i) for i in range(len(self.letters[0]))]


@operation(np.einsum)
def einsum(subscripts: str | Operand, *operands: Operand, optimize: bool | str = False) -> Tensor:
    """Sums of products, with a letter for each axis.

    Operands multiply along letters that they share, as broadcasting would; letters that the result lacks are summed over.

    Parameters
    ----------
    subscripts : str
        Such as "ij,jk->ik", the matrix product. "ii->i" is the diagonal, "...i->..." sums over the last axis. Without
        "->", the result has the letters that occur once, in the order of the alphabet. As in NumPy, operands and lists of
        whole numbers may alternate instead: einsum(x, [0, 1], y, [1, 2], [0, 2]).
    *operands : Tensor or array
        Axes with one letter have one length, or 1.
    optimize : bool or str, optional
        In which order to multiply; see `numpy.einsum`. True is much faster for large operands.

    Returns
    -------
    Tensor
        With one axis for each letter of the result.

    Raises
    ------
    ValueError
        If subscripts and operands do not fit.

    Examples
    --------
    >>> from microgradnn import Tensor, einsum
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> einsum("ij,kj->ik", x, x)
    Tensor([[ 5., 11.],
            [11., 25.]])
    >>> einsum("ii", x)
    Tensor(5.)
    """
    if not isinstance(subscripts, str):
        return _einsum_of_lists(subscripts, *operands, optimize=optimize)
    if optimize:  # NumPy then adds up some operands before it multiplies them, each in its own type: whole numbers wrap around
        dtype = np.result_type(*map(values_of, operands))
        operands = tuple(x if np.result_type(values_of(x)) == dtype else astype(x, dtype) for x in operands)
    words, result = _spelled_out(subscripts, [ndim_of(x) for x in operands])
    pairs = [_without_repeats(word, x) for word, x in zip(words, operands, strict=True)]
    words = [word for word, _ in pairs]
    return Einsum(f"{','.join(words)}->{result}", optimize)(*[x for _, x in pairs])


@with_numbers_given
def _einsum_of_lists(*arguments, optimize):
    """einsum(x, [0, 1], y, [1, 2], [0, 2])"""
    subscripts, operands = _from_lists(arguments)
    return einsum(subscripts, *operands, optimize=optimize)


def _lengths(words, arrays):
    """The letters of axes, each with a length that it has."""
    return {pair for word, x in zip(words, arrays, strict=True) for pair in zip(word, shape_of(x), strict=True)}


def _from_lists(arguments):
    """Subscripts as a string, and the operands, from operands and lists of whole numbers that alternate."""

    def word(numbers):
        return "".join("..." if number is ... else ascii_letters[number] for number in numbers)

    count = len(arguments) // 2
    operands, lists = arguments[: 2 * count : 2], arguments[1 : 2 * count : 2]
    result = [f"->{word(arguments[-1])}"] if len(arguments) % 2 else []
    return "".join([",".join(map(word, lists)), *result]), operands


def _spelled_out(subscripts, ndims):
    """The letters of each operand and of the result, with nothing left implicit.

    >>> _spelled_out("...ij, jk", [3, 2])
    (['Zij', 'jk'], 'Zik')
    """
    left, arrow, result = subscripts.replace(" ", "").partition("->")
    words = left.split(",")
    if len(words) != len(ndims):
        raise ValueError(f"einsum({subscripts!r}) is for {len(words)} operands, and there are {len(ndims)}.")
    unused = [letter for letter in reversed(ascii_letters) if letter not in subscripts]
    extra = [
        max(ndim - len(word.replace("...", "")), 0) if "..." in word else 0 for word, ndim in zip(words, ndims, strict=True)
    ]
    dots = "".join(unused[: max(extra, default=0)])[::-1]
    if not arrow:
        counts = Counter(left)
        result = "..." * bool(dots) + "".join(sorted(c for c in counts if c.isalpha() and counts[c] == 1))
    if dots and "..." not in result:
        raise ValueError(
            f"einsum({subscripts!r}): the axes that '...' stands for must be in the result: write '...' there too."
        )
    words = [word.replace("...", dots[len(dots) - n :]) for word, n in zip(words, extra, strict=True)]
    result = result.replace("...", dots)
    for word, ndim in zip(words, ndims, strict=True):
        if len(word) != ndim:
            raise ValueError(f"einsum({subscripts!r}): an operand with {ndim} axes needs {ndim} letters, or '...'.")
    if not set(result) <= set("".join(words)) or len(set(result)) < len(result):
        raise ValueError(f"einsum({subscripts!r}): each letter of the result must be one of the operands', once.")
    return words, result


def _without_repeats(word, x):
    """A letter that one operand has twice means the diagonal of these axes: take it."""
    for letter in dict.fromkeys(word):
        while word.count(letter) > 1:
            first = word.index(letter)
            second = word.index(letter, first + 1)
            lengths = shape_of(x)[first], shape_of(x)[second]
            if lengths[0] != lengths[1]:
                raise ValueError(
                    f"einsum: {letter!r} stands twice at one operand, for axes of lengths {lengths[0]} and {lengths[1]}."
                )
            x = diagonal(x, 0, first, second)
            word = word[:first] + word[first + 1 : second] + word[second + 1 :] + letter
    return word, x
