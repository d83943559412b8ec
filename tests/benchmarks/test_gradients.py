"""The contenders that need no other library find the same loss and gradients: `pytest tests/benchmarks`."""

import pytest

from . import digits, one_sample, small_batch
from .measure import assert_same_gradients, prepare


@pytest.mark.parametrize("workload", [one_sample, small_batch, digits], ids=lambda workload: workload.TITLE)
def test_microgradnn_agrees_with_numpy_by_hand(workload):
    assert_same_gradients(workload, {name: prepare(workload, name) for name in ("by hand", "microgradnn")})
