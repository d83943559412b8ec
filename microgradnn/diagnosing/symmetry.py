"""Units that are alike: equal weights that get equal gradients stay equal for ever, which is where this package began."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..source.lines import place_of
from .stages import is_array, unshaped

NEAR = 1e-6  # relative: the last bits of equal units differ, if a product adds up their inputs in another order
USING = {"matmul", "affine", "conv2d", "multiply"}  # multiply: (x[:, None] * W).sum(axis=0) is a product of matrices, too
MOST_ELEMENTS = 200_000


class Equal(NamedTuple):
    """So many of so many units are equal; `first` are some of them, counted from 0."""

    equal: int
    units: int
    first: tuple[int, ...]
    place: Any = None  # the line that uses them


def equal_units(nodes: list[Any], grads: dict[Any, Any]) -> dict[Any, Equal]:
    """Of each weight matrix whose units are partly alike, in value and in gradient, how many."""
    found = {}
    for node in nodes:
        if node.op is None or node.op.name not in USING:
            continue
        for position, x in enumerate(node.inputs):
            leaf = unshaped(x)
            usual = leaf.op is None and leaf.requires_grad and leaf not in found and is_array(leaf.data)
            if usual and leaf is x and leaf in grads and leaf.ndim >= 2 and leaf.size <= MOST_ELEMENTS:
                on_the_left = position == 0 and node.op.name == "matmul"
                axis = 0 if node.op.name == "conv2d" or on_the_left else leaf.ndim - 1
                equal = largest_group(leaf.data, grads[leaf], axis)
                if equal is not None:
                    found[leaf] = equal._replace(place=place_of(node))
    return found


def largest_group(W: Any, dW: Any, axis: int) -> Equal | None:
    """The largest group of units along an axis that have the same weights and the same gradients, which are not 0.

    >>> W = np.array([[1.0, 1.0, 2.0], [3.0, 3.0, 1.0]])
    >>> largest_group(W, W, axis=1)
    Equal(equal=2, units=3, first=(0, 1), place=None)
    >>> largest_group(W, np.array([[1.0, 1.1, 0.0], [0.0, 0.0, 1.0]]), axis=1)
    """
    both = [np.moveaxis(np.asarray(x, float), axis, 0).reshape(x.shape[axis], -1) for x in (W, dW)]
    size = [np.abs(x).max() if x.size else 0.0 for x in both]
    if not size[1] > 0 or not np.isfinite(size).all():
        return None
    rows = np.concatenate([np.round(x / (scale or 1.0) / (10 * NEAR)) for x, scale in zip(both, size, strict=True)], axis=1)
    _, groups, counts = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    counts[np.unique(groups.reshape(-1)[~both[1].any(axis=1)])] = 0  # units that get no gradient are another matter
    largest = int(np.argmax(counts))
    if counts[largest] < 2:
        return None
    return Equal(int(counts[largest]), W.shape[axis], tuple(np.flatnonzero(groups.reshape(-1) == largest)[:3].tolist()))
