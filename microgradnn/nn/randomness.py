"""The random generator that layers, initialisers and batches are given."""


def random_generator(rng):
    """The generator itself; TypeError if it is none, such as a seed."""
    if not hasattr(rng, "normal"):
        seed = rng if isinstance(rng, int) else 0
        raise TypeError(f"rng is a random generator, such as np.random.default_rng({seed}); it was given {rng!r}.")
    return rng
