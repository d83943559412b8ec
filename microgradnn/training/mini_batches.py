"""Mini-batches: the samples of some arrays in groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..graph import Node
from ..nn.randomness import random_generator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..annotations import Operand, Seed


def batches(*arrays: Operand, size: int = 32, shuffle: bool | None = None, rng: Seed = None) -> Iterator[tuple[Any, ...]]:
    """Mini-batches: the samples in groups of `size`, each sample once. The last group may be smaller.

    Parameters
    ----------
    *arrays : array or Tensor
        Of equal length; the first axis counts the samples.
    size : int, optional
        How many samples a batch has.
    shuffle : bool, optional
        Whether the samples come in random order, another one at each call. If not given, they do if an `rng` is.
    rng : numpy.random.Generator or int, optional
        Where that order comes from: a generator, or a seed of one; of None, nobody can foresee it (SPEC 7).

    Returns
    -------
    iterator of tuple
        A part of each array, those of the same samples together; of Dask's arrays, computed when its turn comes.

    Raises
    ------
    ValueError
        If the lengths differ, `size` is not positive, or an `rng` is given with shuffle=False.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import batches
    >>> X, y = np.arange(10).reshape(5, 2), np.arange(5)
    >>> for x, t in batches(X, y, size=2, rng=np.random.default_rng(0)):
    ...     print(x.tolist(), t)
    [[4, 5], [8, 9]] [2 4]
    [[6, 7], [0, 1]] [3 0]
    [[2, 3]] [1]
    >>> [t.tolist() for (t,) in batches(y, size=2)]
    [[0, 1], [2, 3], [4]]
    """
    given: list[Any] = [x if isinstance(x, Node) or hasattr(x, "__array_function__") else np.asarray(x) for x in arrays]
    shapes = [x.shape for x in given]
    if () in shapes or len({shape[0] for shape in shapes}) != 1:
        raise ValueError(
            f"batches takes arrays of equally many samples, counted along the first axis; these have the shapes "
            f"{', '.join(map(str, shapes)) or 'of nothing: none were given'}."
        )
    if size < 1:
        raise ValueError(f"A batch has at least one sample; size is {size}.")
    if shuffle is False and rng is not None:
        raise ValueError("batches: an rng is where a random order comes from, and shuffle=False asks for none; leave one out.")
    samples = shapes[0][0]
    order = random_generator(rng).permutation(samples) if shuffle or rng is not None else None

    def groups():
        for start in range(0, samples, size):
            chosen = slice(start, start + size)
            parts = [x[chosen if order is None else order[chosen]] for x in given]
            yield tuple(part.compute() if hasattr(part, "compute") else part for part in parts)

    return groups()
