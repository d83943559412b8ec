"""Attention: scaled dot products with masks, several heads, a transformer block, and positions.

Source: Vaswani and others, Attention is all you need (2017).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import shape_of, values_of
from ..ops import gelu, softmax, where
from ..tensor import Tensor
from .layers import Dropout, Linear
from .module import Module
from .normalisation import LayerNorm
from .randomness import random_generator
from .shapes import refuse_shape
from .tree import arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..annotations import Array, Operand, Seed


def scaled_dot_product_attention(
    query: Operand, key: Operand, value: Operand, mask: Any = None, is_causal: bool = False
) -> Tensor:
    """softmax(q kᵀ / √d) v: of each query a mean of the values, weighed by how well their keys fit it.

    Parameters
    ----------
    query : Tensor
        Of shape (..., t, d).
    key, value : Tensor
        Of shapes (..., s, d) and (..., s, e).
    mask : array, optional
        Of a shape that broadcasts to (..., t, s): of booleans, true where a query may look; of numbers, what is added to the
        scores. As for `torch.nn.functional.scaled_dot_product_attention`.
    is_causal : bool, optional
        Whether a query may look only at positions up to its own.

    Returns
    -------
    Tensor
        Of shape (..., t, e).

    Raises
    ------
    ValueError
        If a query may look at nothing: there is no softmax of that.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nn
    >>> v = Tensor([[1.0], [3.0]])
    >>> nn.scaled_dot_product_attention(np.zeros((2, 4)), np.zeros((2, 4)), v, is_causal=True)
    Tensor([[1.],
            [2.]])
    """
    q, k, v = (x if isinstance(x, Tensor) else Tensor(x) for x in (query, key, value))
    scores = (q @ k.swapaxes(-1, -2)) / math.sqrt(q.shape[-1])
    allowed = np.tril(np.ones(scores.shape[-2:], bool)) if is_causal else None
    if mask is not None:
        numbers = values_of(mask)
        if np.asarray(numbers).dtype == bool:
            allowed = np.asarray(numbers) if allowed is None else allowed & numbers
        else:
            scores = scores + mask
    if allowed is not None:
        if not np.broadcast_to(allowed, scores.shape).any(axis=-1).all():
            raise ValueError("scaled_dot_product_attention: the mask leaves a query nothing to look at; let it look at itself.")
        scores = where(allowed, scores, -np.inf)
    return softmax(scores) @ v


class MultiHeadAttention(Module):
    """Attention by several heads at once, each on a part of the numbers: o = concat(heads) W + b.

    Parameters
    ----------
    width : int
        How many numbers each position has.
    heads : int
        Into how many parts they are divided.
    bias : bool, optional
        Whether the four linear layers, query, key, value and out, have a b.
    rng : numpy.random.Generator or int, optional
        Where the weights come from.

    Raises
    ------
    ValueError
        If the width is no multiple of the heads.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> nn.MultiHeadAttention(8, heads=2, rng=0)(np.ones((4, 5, 8)), is_causal=True).shape
    (4, 5, 8)
    """

    def __init__(self, width: int, heads: int, bias: bool = True, *, rng: Seed = None) -> None:
        if width % heads:
            raise ValueError(f"MultiHeadAttention: a width of {width} cannot be divided among {heads} heads.")
        rng = random_generator(rng)
        self.width, self.heads = width, heads
        self.query, self.key, self.value, self.out = (Linear(width, width, bias, rng=rng) for _ in range(4))

    def numbers_given(self) -> Iterable[int]:
        """How many heads there are."""
        return (self.heads,)

    def check_input(self, x: Operand, *_: Any, **__: Any) -> None:
        """Refuse positions with another number of numbers."""
        if len(shape_of(x)) < 2 or shape_of(x)[-1] != self.width:
            refuse_shape(self, x, "...", "time", self.width)

    def forward(
        self,
        query: Operand,
        key: Operand | None = None,
        value: Operand | None = None,
        mask: Any = None,
        is_causal: bool = False,
    ) -> Tensor:
        """What each position of the query finds: of shape (..., t, width). Without key and value it looks at itself.

        `mask` and `is_causal` as for `scaled_dot_product_attention`; the mask broadcasts to (..., heads, t, s).
        """
        key = query if key is None else key
        value = key if value is None else value
        q, k, v = self.parts(self.query(query)), self.parts(self.key(key)), self.parts(self.value(value))
        mixed = scaled_dot_product_attention(q, k, v, mask, is_causal).swapaxes(-3, -2)
        return self.out(mixed.reshape(*mixed.shape[:-2], self.width))

    def parts(self, x: Tensor) -> Tensor:
        """(..., t, width) as (..., heads, t, width / heads)."""
        return x.reshape(*x.shape[:-1], self.heads, self.width // self.heads).swapaxes(-3, -2)

    def extra_repr(self) -> str:
        """Width and heads."""
        return arguments(self.width, heads=(self.heads, 1), bias=(self.query.b is not None, True))


class TransformerBlock(Module):
    """x + attention(norm(x)), and then x + f(norm(x)) with a small network f: a layer of a transformer, normalised first.

    Source: Vaswani and others (2017); with the norms where Xiong and others, On layer normalization in the transformer
    architecture (2020), put them. PyTorch's is `TransformerEncoderLayer(norm_first=True)`.

    Parameters
    ----------
    width, heads : int
        As for `MultiHeadAttention`.
    hidden : int, optional
        How many units f has; four times the width, if not given.
    activation : function, optional
        What bends within f; gelu if not given.
    dropout : float, optional
        Which share is dropped from what is added, in training.
    rng : numpy.random.Generator or int, optional
        Where weights and dropout come from.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> nn.TransformerBlock(8, heads=2, rng=0)(np.ones((4, 5, 8))).shape
    (4, 5, 8)
    """

    has_own_numbers = False  # a function of its user's may be in it

    def __init__(
        self,
        width: int,
        heads: int,
        hidden: int | None = None,
        activation: Callable[[Tensor], Tensor] = gelu,
        dropout: float = 0.0,
        *,
        rng: Seed = None,
    ) -> None:
        rng = random_generator(rng)
        hidden = 4 * width if hidden is None else hidden
        self.attention = MultiHeadAttention(width, heads, rng=rng)
        self.up, self.down = Linear(width, hidden, rng=rng), Linear(hidden, width, rng=rng)
        self.norm1, self.norm2 = LayerNorm(width), LayerNorm(width)
        self.dropout = Dropout(dropout, rng=rng)
        self.activation = activation

    def forward(self, x: Operand, mask: Any = None, is_causal: bool = False) -> Tensor:
        """Of the shape of x, (..., t, width)."""
        x = x + self.dropout(self.attention(self.norm1(x), mask=mask, is_causal=is_causal))
        return x + self.dropout(self.down(self.activation(self.up(self.norm2(x)))))

    def extra_repr(self) -> str:
        """Width and heads."""
        hidden = self.up.W.shape[1]
        return arguments(self.attention.width, heads=(self.attention.heads, 1), hidden=(hidden, 4 * self.attention.width))


def sinusoidal_positions(length: int, width: int) -> Array:
    """Sines and cosines of each position, with wavelengths from 2π to 20000π: what tells positions apart.

    Parameters
    ----------
    length, width : int
        How many positions, and how many numbers each has; an even number.

    Returns
    -------
    numpy.ndarray
        Of shape (length, width): even columns are sines, odd ones cosines.

    Raises
    ------
    ValueError
        If the width is odd.

    Examples
    --------
    >>> sinusoidal_positions(2, 4).round(2)
    array([[0.  , 1.  , 0.  , 1.  ],
           [0.84, 0.54, 0.01, 1.  ]])
    """
    if width % 2:
        raise ValueError(f"sinusoidal_positions: sines and cosines are pairs, so the width is even; it is {width}.")
    angles = np.arange(length)[:, None] / 10000 ** (np.arange(0, width, 2) / width)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, width)


class PositionalEncoding(Module):
    """x + positions: adds to each place of a sequence what tells it from the others, sines and cosines that are not trained.

    For positions that are learnt, add the rows of an `Embedding`.

    Parameters
    ----------
    width : int
        How many numbers each place has.
    length : int, optional
        How long a sequence may be.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> nn.PositionalEncoding(4)(np.zeros((2, 3, 4))).numpy()[0, 1].round(2)
    array([0.84, 0.54, 0.01, 1.  ])
    """

    def __init__(self, width: int, length: int = 1024) -> None:
        self.positions = Tensor(sinusoidal_positions(length, width))

    def check_input(self, x: Operand) -> None:
        """Refuse another width, and sequences that are too long."""
        length, width = self.positions.shape
        if len(shape_of(x)) < 2 or shape_of(x)[-1] != width or shape_of(x)[-2] > length:
            refuse_shape(self, x, "...", f"time ≤ {length}", width)

    def forward(self, x: Operand) -> Tensor:
        """Of the shape of x, (..., time, width)."""
        positions = self.positions.data[: shape_of(x)[-2]]
        dtype = getattr(x, "dtype", positions.dtype)
        return x + Tensor(positions.astype(dtype, copy=False), name="positions")

    def extra_repr(self) -> str:
        """The width; the length if it is not the usual one."""
        return arguments(self.positions.shape[1], length=(self.positions.shape[0], 1024))
