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
    found, seen = {}, set()
    for node in nodes:
        if node.op is None or node.op.name not in USING:
            continue
        for position, x in enumerate(node.inputs):
            leaf = unshaped(x)
            usual = leaf.op is None and leaf.requires_grad and leaf not in seen and is_array(leaf.data)
            if usual and leaf is x and leaf in grads and leaf.ndim >= 2 and leaf.size <= MOST_ELEMENTS:
                seen.add(leaf)  # a recurrent network uses it at each of its steps
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
    if not W.size or W.shape[axis] < 2:
        return None
    both = [x.swapaxes(axis, 0).reshape(x.shape[axis], -1) for x in (W, dW)]
    alike = perhaps_alike(both[0])
    if alike.size < 2:
        return None
    size = [largest(x) for x in both]
    if not 0 < size[1] < np.inf or not size[0] < np.inf:
        return None
    rows = np.concatenate(
        [np.round(x[alike] / (scale or 1.0) / (10 * NEAR)) + 0.0 for x, scale in zip(both, size, strict=True)], axis=1
    )
    groups: dict[bytes, list[int]] = {}
    for unit, row, has_gradient in zip(alike.tolist(), rows, both[1][alike].any(axis=1), strict=True):
        if has_gradient:  # units that get none are another matter
            groups.setdefault(row.tobytes(), []).append(unit)
    most = max(groups.values(), key=len, default=[])
    return Equal(len(most), W.shape[axis], tuple(most[:3])) if len(most) > 1 else None


def largest(x: Any) -> float:
    """The largest magnitude in an array, without another array; NaN if there is one."""
    return float(max(x.max(), -x.min()))


def perhaps_alike(rows: Any) -> Any:
    """Which rows may equal another one: their products with one vector are near each other. Quick, and rules out most.

    >>> perhaps_alike(np.array([[1.0, 2.0], [4.0, 4.0], [1.0, 2.0]])).tolist()
    [0, 2]
    """
    weights = np.cos(np.arange(1.0, rows.shape[1] + 1))
    products = rows @ weights
    order = np.argsort(products, kind="stable")
    near = np.diff(products[order]) <= 10 * NEAR * largest(rows) * np.sqrt(weights.size)  # last bits differ at random
    return np.sort(order[np.append(near, False) | np.append(False, near)])
