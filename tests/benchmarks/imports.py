"""What `import` takes beyond NumPy's own time, in fresh interpreters."""

import random
import statistics
import subprocess
import sys

from .measure import table

ROUNDS = 11
MODULES = {
    "microgradnn": "microgradnn",
    "PyTorch": "torch",
    "MyGrad": "mygrad",
    "autograd": "autograd.numpy, autograd",
    "micrograd": "micrograd.engine",
    "jax.jit": "jax",
}
PROGRAM = """
import numpy
from time import perf_counter
start = perf_counter()
import {}
print(perf_counter() - start)
"""


def milliseconds(modules):
    """The import in a fresh interpreter; None if it fails."""
    result = subprocess.run([sys.executable, "-c", PROGRAM.format(modules)], capture_output=True, text=True, check=False)
    return float(result.stdout) * 1e3 if result.returncode == 0 else None


def report():
    """The table. The first round only warms the disk's cache."""
    times = {name: milliseconds(modules) and [] for name, modules in MODULES.items()}
    running = [name for name, found in times.items() if found is not None]
    for _ in range(ROUNDS):
        for name in random.sample(running, len(running)):
            times[name].append(milliseconds(MODULES[name]))
    cells = [f"{statistics.median(found):,.1f}" if name in running else "–" for name, found in times.items()]
    return table(["import beyond NumPy's own", *MODULES], [["ms, median", *cells]])
