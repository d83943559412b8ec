"""Runs: the comparison with the eager step, and the test of what is bound."""

import numpy as np
import pytest

from microgradnn.compiling.native import is_bindable
from microgradnn.compiling.runs import refuse_difference


def test_differences():
    """Rounding is none; NaN equals NaN; a gradient of another size is one."""
    refuse_difference([(1.0, 1.0 + 1e-14), (np.array([np.nan]), np.array([np.nan])), (1e-18, 0.0)])
    with pytest.raises(RuntimeError, match="gave other numbers"):
        refuse_difference([(np.ones(2), np.ones(2)), (1.001, 1.0)])


def test_arrays_that_c_can_go_through():
    """Row by row, aligned, in the machine's own order."""
    x = np.ones((3, 4))
    assert is_bindable(x)
    assert not any(map(is_bindable, (x.T, x[:, ::2], np.float64(1), [1.0], x.astype(">f8"), x.view(np.recarray))))
