"""Places: where the elements of a view lie, and loops over several axes as one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgradnn.compiling.places import Memory, merged, row_strides, whole_place

VIEWS = {
    "transpose": lambda x: x.T,
    "part": lambda x: x[1:, ::2],
    "backwards": lambda x: x[::-1, :, None],
    "one": lambda x: x[1, 2, ...],
    "repeated": lambda x: np.broadcast_to(x[:, :1], x.shape),
    "windows": lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 2)),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("first", VIEWS.values(), ids=VIEWS)
def test_views(first, view):
    """The place of a view, and of a view of it, holds the elements that NumPy's view has."""
    x = np.arange(20).reshape(4, 5)
    expected, place = first(x), whole_place(Memory(None, x.size), x.shape).viewed(first)
    if expected.ndim == 2:
        expected, place = view(expected), place.viewed(view)
    assert place.shape == expected.shape
    assert [place.offset + int(np.dot(place.strides, i)) for i in np.ndindex(*place.shape)] == expected.ravel().tolist()


def test_what_numpy_would_copy_has_no_place():
    """The transpose of a matrix, in one row, is no view."""
    assert whole_place(Memory(None, 6), (2, 3)).viewed(lambda x: x.T.reshape(-1)) is None


@given(shape=st.lists(st.integers(0, 4), max_size=4).map(tuple), data=st.data())
def test_merged_loops_go_the_same_way(shape, data):
    """However axes are put together, each access meets the same elements in the same order."""
    accesses = []
    for _ in range(data.draw(st.integers(1, 3))):
        kept = data.draw(st.lists(st.booleans(), min_size=len(shape), max_size=len(shape)))
        own = iter(row_strides(tuple(n for n, keep in zip(shape, kept, strict=True) if keep)))
        accesses.append(tuple(next(own) if keep else 0 for keep in kept))
    lengths, strides = merged(shape, accesses)
    for before, after in zip(accesses, strides, strict=True):
        ways = [[int(np.dot(s, i)) for i in np.ndindex(*n)] for n, s in ((shape, before), (lengths, after))]
        assert ways[0] == ways[1]
