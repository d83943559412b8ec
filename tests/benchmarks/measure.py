"""Taking turns: time several contenders in one run, and compare each with NumPy written by hand in the same round.

The clock speed and the neighbours of a machine change from second to second. A ratio of two samples taken right after
each other hardly notices; the median over rounds, in each of which the contenders come in a new order, drops the rest.
A turn is the best of a few short samples, so that a core taken away in between does not count.
"""

import gc
import os
import platform
import random
import statistics
import sys
from importlib import metadata
from pathlib import Path
from time import perf_counter

import numpy as np

from .contenders import CONTENDERS, prepare

LEAST = 1e-3  # seconds that one sample lasts, at least
SAMPLES = 3  # in a turn, of which the best counts
BUDGET = 8.0  # seconds after which a slow contender sits out the remaining rounds
PEERS = "torch", "mygrad", "autograd", "micrograd", "jax"


def compare_steps(workload, rounds):
    """Time the training steps of all contenders at a workload.

    Parameters
    ----------
    workload : module
        One of one_sample, small_batch, digits (see contenders.py).
    rounds : int
        How often each contender gets its turn.

    Returns
    -------
    float, dict of str to str
        Seconds that a step by hand takes; and each contender's ratio to it, as text.
    """
    running = {name: contender for name in CONTENDERS if (contender := prepare(workload, name))}
    assert_same_gradients(workload, running)

    loops = {name: calibrated(*contender) for name, contender in running.items()}
    seconds = {name: [] for name in running}
    spent = dict.fromkeys(running, 0.0)
    gc.collect()
    gc.freeze()  # what the imports left behind is no contender's garbage
    for turn in range(rounds):
        for name in random.sample(list(running), len(running)):
            if turn < 3 or spent[name] < BUDGET:
                start = perf_counter()
                seconds[name].append(best_sample(*running[name], loops[name]))
                spent[name] += perf_counter() - start
    gc.unfreeze()

    hand = seconds.pop("by hand")
    ratios = {name: with_spread([took / base for took, base in zip(found, hand)]) for name, found in seconds.items()}
    return statistics.median(hand), {"by hand": "1", **ratios}


def assert_same_gradients(workload, running):
    """Let each contender make one step from the same parameters: loss and gradients must be those found by hand."""
    _, before = workload.problem()
    expected = None
    for name, (step, parameters) in running.items():
        loss, after = step(*parameters)
        gradients = [(old - values(new).reshape(old.shape)) / workload.RATE for old, new in zip(before, after, strict=True)]
        received = [values(loss).reshape(()), *gradients]
        expected = expected or received  # "by hand" comes first
        for ours, theirs in zip(received, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-11, err_msg=name)
        running[name] = step, after


def values(x):
    """Any contender's array, or nested list of micrograd's Values, as a NumPy array."""
    if isinstance(x, np.ndarray) and x.dtype == object:
        return np.vectorize(lambda value: value.data)(x)
    if type(x).__module__.startswith("micrograd."):
        return np.asarray(x.data)
    return np.asarray(x.detach().numpy() if hasattr(x, "detach") else x)


def sample(step, parameters, loops):
    """Seconds a step, over some steps in a row."""
    start = perf_counter()
    for _ in range(loops):
        parameters = step(*parameters)[1]  # not to a name: that would keep the loss, and its graph, through the next step
    return (perf_counter() - start) / loops


def best_sample(step, parameters, loops):
    """Seconds a step, in the best of a few samples; of what takes long, one is enough."""
    best = sample(step, parameters, loops)
    if best * loops < 100 * LEAST:
        best = min(best, *(sample(step, parameters, loops) for _ in range(SAMPLES - 1)))
    return best


def calibrated(step, parameters):
    """How many steps a sample needs in order to last long enough. It also warms everything up."""
    loops = 1
    while (took := sample(step, parameters, loops) * loops) < LEAST:
        loops = max(loops + 1, round(loops * min(10, 1.2 * LEAST / took)))
    return loops


def with_spread(numbers):
    """The median, and half the distance between the quartiles: '1.62 ±0.03'."""
    low, middle, high = statistics.quantiles(numbers, n=4)
    return f"{middle:,.0f}" if middle >= 100 else f"{middle:.2f} ±{(high - low) / 2:.2f}"


def table(header, rows):
    """Rows of text with their columns aligned, as Markdown."""
    rows = [header, *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def environment():
    """Machine, CPU, Python, NumPy and the peers, with their versions."""
    cpu = platform.processor() or "unknown CPU"
    if Path("/proc/cpuinfo").exists():
        with Path("/proc/cpuinfo").open() as file:
            cpu = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), cpu)
    versions = [f"{name} {version(name)}" for name in PEERS]
    return (
        f"{platform.system()} {platform.machine()}, {cpu}, {os.cpu_count()} cores of which 1 is used\n"
        f"{platform.python_implementation()} {sys.version.split()[0]}, NumPy {np.__version__}\n{', '.join(versions)}"
    )


def version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "–"
