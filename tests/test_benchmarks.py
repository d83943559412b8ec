"""The benchmarks' contenders that need no other library find the same loss and gradients as NumPy by hand."""

import pytest
from benchmarks import digits, one_sample, small_batch
from benchmarks.contenders import OURS, prepare
from benchmarks.measure import assert_same_gradients


@pytest.mark.parametrize("workload", [one_sample, small_batch, digits], ids=lambda workload: workload.TITLE)
def test_microgradnn_agrees_with_numpy_by_hand(workload):
    """Loss and gradients are the same, whether by hand, unrolled, recorded, or through layers."""
    assert_same_gradients(workload, {name: prepare(workload, name) for name in OURS})
