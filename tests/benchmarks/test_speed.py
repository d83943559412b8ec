"""The training steps under pytest-benchmark, for its statistics and its comparison of saved runs:

    OMP_NUM_THREADS=1 python -m pytest tests/benchmarks --benchmark-only [--benchmark-autosave, --benchmark-compare]

It times one contender after the other, and the machine may change in between: for ratios, run `python -m tests.benchmarks`.
"""

import pytest

from . import digits, one_sample, small_batch
from .contenders import CONTENDERS, prepare

pytest.importorskip("pytest_benchmark")


@pytest.mark.parametrize("name", CONTENDERS)
@pytest.mark.parametrize("workload", [one_sample, small_batch, digits], ids=lambda workload: workload.TITLE)
@pytest.mark.benchmark(max_time=0.5, min_rounds=3)
@pytest.mark.filterwarnings("default")  # the libraries have some of their own
def test_training_step(benchmark, workload, name):
    """Forward, backward and an update. Nothing is asserted of the time."""
    contender = prepare(workload, name)
    if contender is None:
        pytest.skip("the library is not installed, or takes too long")
    step, parameters = contender
    benchmark.group = workload.TITLE

    def one_step():
        nonlocal parameters
        parameters = step(*parameters)[1]

    one_step()  # compilers begin here
    benchmark(one_step)
