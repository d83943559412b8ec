"""The arrays of a page: each once, all their values, or their edges."""

import json

import numpy as np

from microgradnn.pages.arrays import Arrays


def test_large_arrays_are_cut():
    """Cards hold all values, but of very large arrays the edges only, so that a page stays light."""
    arrays = Arrays()
    assert [arrays(np.arange(2000.0)), arrays(np.arange(2000.0)), arrays(np.arange(2.0))] == [0, 0, 1]
    assert "..." not in arrays.written()[0][3]
    arrays(np.arange(1e6))
    assert "..." in arrays.written()[2][3] and len(json.dumps(arrays.written())) < 100_000
