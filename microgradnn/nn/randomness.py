"""The random generator that layers, initialisers and batches are given."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np


def random_generator(rng: Any = None) -> Any:
    """A generator: itself, or one made of a seed; of None, one that nobody can foresee (SPEC 7 of scientific Python).

    A seed is what `np.random.default_rng` takes: an integer, several of them, a SeedSequence, a BitGenerator.

    Raises
    ------
    TypeError
        If it is neither.

    >>> [int(random_generator(7).integers(100)) for _ in range(2)]
    [94, 94]
    """
    if hasattr(rng, "normal"):
        return rng
    if not isinstance(rng, bool):
        with suppress(TypeError):
            return np.random.default_rng(rng)
    raise TypeError(f"rng is a random generator, such as np.random.default_rng(0), or a seed, such as 0; it was given {rng!r}.")
