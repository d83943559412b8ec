"""One tensor used many times: four times as many uses should take about four times as long, not sixteen times."""

import random
import statistics
from time import perf_counter

from .chain import MAKERS
from .measure import table

FEW, MANY = 5_000, 20_000
ROUNDS = 9


def seconds(make, uses):
    """Forward and backward through x + x + x + ..."""
    x, backward = make()
    start = perf_counter()
    z = x
    for _ in range(uses - 1):
        z = z + x
    slope = backward(x, z)
    took = perf_counter() - start
    assert slope == uses
    return took


def report():
    """The table."""
    times = {}
    for name, make in MAKERS.items():
        try:
            seconds(make, FEW)
            times[name] = []
        except (ImportError, RecursionError) as error:
            times[name] = "RecursionError" if isinstance(error, RecursionError) else "–"
    running = [name for name, found in times.items() if isinstance(found, list)]
    for _ in range(ROUNDS):
        for name in random.sample(running, len(running)):
            times[name].append((seconds(MAKERS[name], FEW), seconds(MAKERS[name], MANY)))
    rows = []
    for name, found in times.items():
        if name in running:
            few, many = (statistics.median(column) for column in zip(*found))
            ratio = statistics.median(slow / fast for fast, slow in found)
            rows.append([name, f"{few / FEW * 1e6:.2f}", f"{many / MANY * 1e6:.2f}", f"{ratio:.1f}"])
        else:
            rows.append([name, found, "–", "–"])
    header = ["one tensor used n times", f"µs a use, n = {FEW:,}", f"µs a use, n = {MANY:,}", "ratio of the times"]
    return "Forward + backward through x + x + x + ... (4 is linear)\n" + table(header, rows)
