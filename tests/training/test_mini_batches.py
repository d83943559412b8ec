"""Mini-batches: each sample once, shuffled anew, and what does not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgradnn import batches


@given(samples=st.integers(0, 40), size=st.integers(1, 12), seed=st.none() | st.integers(0, 5))
def test_batches_cover_each_sample_once(samples, size, seed):
    """Every pass gives each sample once, its parts together, in batches of the size asked for but for a smaller last one."""
    X, y = np.arange(2 * samples).reshape(samples, 2), np.arange(samples)
    rng = None if seed is None else np.random.default_rng(seed)
    for _ in range(2):
        parts = list(batches(X, y, y.tolist(), size=size, rng=rng))
        counts = [len(part[1]) for part in parts]
        assert counts == [size] * (samples // size) + [samples % size] * (samples % size > 0)
        order = np.concatenate([part[1] for part in parts]) if parts else y
        assert sorted(order) == list(y)
        assert all((x[:, 0] == 2 * t).all() and (t == again).all() for x, t, again in parts)
        if rng is None:
            assert (order == y).all()


def test_batches_are_shuffled_anew():
    """Two passes with one generator come in different orders; the same seed gives the same order."""
    y = np.arange(100)
    rng, again = np.random.default_rng(0), np.random.default_rng(0)
    one, two = (np.concatenate([t for (t,) in batches(y, rng=rng)]) for _ in range(2))
    assert (one != two).any()
    assert (one == np.concatenate([t for (t,) in batches(y, rng=again)])).all()


def test_batches_refuse_what_does_not_fit():
    """Arrays of different lengths are refused at once, with their shapes; so are numbers, nothing, and an empty batch."""
    with pytest.raises(ValueError) as caught:
        batches(np.zeros((5, 2)), np.zeros(4))
    assert str(caught.value) == (
        "batches takes arrays of equally many samples, counted along the first axis; these have the shapes (5, 2), (4,)."
    )
    with pytest.raises(ValueError, match=r"these have the shapes \(\), \(\)\.$"):
        batches(1.0, 2.0)
    with pytest.raises(ValueError, match=r"none were given\.$"):
        batches()
    with pytest.raises(ValueError, match=r"^A batch has at least one sample; size is 0\.$"):
        batches(np.zeros(3), size=0)


def test_whether_they_are_shuffled():
    """In order, but with an rng or shuffle=True; one without the other, refused, is no silent order."""
    y = np.arange(100)
    orders = {
        given: np.concatenate([t for (t,) in batches(y, **dict(given))]).tolist()
        for given in ((), (("rng", 0),), (("shuffle", True),), (("shuffle", False),), (("shuffle", True), ("rng", 0)))
    }
    in_order = [given for given, order in orders.items() if order == y.tolist()]
    assert in_order == [(), (("shuffle", False),)]
    assert orders[("rng", 0),] == orders[("shuffle", True), ("rng", 0)]
    with pytest.raises(ValueError, match="shuffle=False asks for none"):
        batches(y, shuffle=False, rng=0)
