"""The benchmarks' contenders that need no other library find the same loss and gradients as NumPy by hand."""

import pytest
from benchmarks import digits, one_sample, programs, small_batch
from benchmarks.contenders import OURS, prepare
from benchmarks.measure import assert_same_gradients

from microgradnn.compiling.compiler import find_compiler


@pytest.mark.parametrize("workload", [one_sample, small_batch, digits], ids=lambda workload: workload.TITLE)
def test_microgradnn_agrees_with_numpy_by_hand(workload):
    """Loss and gradients are the same, whether by hand, unrolled, recorded, or through layers."""
    assert_same_gradients(workload, {name: made for name in OURS if (made := prepare(workload, name))})


def test_larger_programs_agree():
    """Compiled, a convolutional network takes the steps that the unrolled source takes; others are measured the same way."""
    if find_compiler() is None:
        pytest.skip("there is no C compiler")
    assert {"unrolled", "compiled"} <= set(programs.prepared(programs.problems()["conv 28×28, batch 32"]))
