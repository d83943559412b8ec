"""How the time grows with the size: n^1 is linear. What grows faster than its arithmetic would be a cost of the library's.

Each task is run at three sizes, each twice the one before; the exponent is the slope of a line through the logarithms. Python's
cycle collector is off meanwhile, since it looks at all of a long graph again and again: see the README.
"""

import copy
import gc
import math
import random
import statistics
from functools import partial
from time import perf_counter

import numpy as np

from .measure import table

ROUNDS = 5


def engines():
    """(name, module, a function that makes a leaf of an array) of the engines that are installed."""
    import microgradnn

    yield "microgradnn", microgradnn, lambda x: microgradnn.Tensor(x, requires_grad=True)
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)
    yield "PyTorch", torch, lambda x: torch.tensor(x, requires_grad=True)


def stacked(library, leaf, n):
    """n scalars, stacked."""
    library.stack([leaf(1.0) for _ in range(n)]).sum().backward()


def concatenated(library, leaf, n):
    """n pairs, concatenated."""
    library.concatenate([leaf(np.ones(2)) for _ in range(n)]).sum().backward()


def iterated(library, leaf, n):
    """for v in x: s = s + v."""
    x, s = leaf(np.ones(n)), 0
    for v in x:
        s = s + v
    s.backward()


def in_rows(library, leaf, n):
    """n rows of x, each squared and added to a sum."""
    x, s = leaf(np.ones((n, 4))), 0
    for i in range(n):
        s = s + (x[i] * x[i]).sum()
    s.backward()


def picked(library, leaf, n):
    """n rows of a table of 1000, most of them many times."""
    rows = np.random.default_rng(0).integers(1000, size=n)
    leaf(np.ones((1000, 16)))[rows].sum().backward()


def multiplied(library, leaf, n):
    """The running products of n numbers."""
    library.cumprod(leaf(np.linspace(0.99, 1.01, n)), 0).sum().backward()


def convolved(library, leaf, n):
    """A convolution of n images, 3 to 8 channels, and max pooling."""
    nn = library.nn.functional if library.__name__ == "torch" else library
    z = nn.conv2d(leaf(np.ones((n, 3, 28, 28))), leaf(np.ones((8, 3, 3, 3))))
    nn.max_pool2d(z, 2).sum().backward()


def all_slopes(library, leaf, n):
    """The Jacobian of tanh(W x), n to n."""
    rng = np.random.default_rng(0)
    W, x = rng.normal(size=(n, n)) / n, np.ones(n)
    if library.__name__ == "torch":
        W, x = map(library.from_numpy, (W, x))
        library.autograd.functional.jacobian(lambda x: library.tanh(W @ x), x)
    else:
        library.jacobian(lambda x: library.tanh(W @ x))(x)


def all_curvatures(library, leaf, n):
    """The Hessian of Σ tanh(W x)², for n numbers x."""
    rng = np.random.default_rng(0)
    W, x = rng.normal(size=(n, n)) / n, np.ones(n)
    if library.__name__ == "torch":
        W, x = map(library.from_numpy, (W, x))
        library.autograd.functional.hessian(lambda x: (library.tanh(W @ x) ** 2).sum(), x)
    else:
        library.hessian(lambda x: (library.tanh(W @ x) ** 2).sum())(x)


def chain(leaf, n):
    """n operations, one after the other."""
    z = leaf(1.0)
    for _ in range(n):
        z = z * 1.0001
    return z


def with_lines(library, leaf, n):
    """A chain of n operations, recorded with the lines that asked for them."""
    with library.remember_lines():
        chain(leaf, n).backward()


def copied(library, leaf, n):
    """A deep copy of a chain of n operations."""
    copy.deepcopy(chain(leaf, n))


def derived(library, leaf, n):
    """chain_rule to one weight of an n·n matrix, through two layers whose values have no names."""
    rng = np.random.default_rng(0)
    x, W, V = rng.normal(size=(1, n)), leaf(rng.normal(size=(n, n))).named("W"), leaf(rng.normal(size=(n, n))).named("V")
    str(library.chain_rule((library.tanh(library.tanh(x @ W) @ V) ** 2).sum(), W[0, 0]))


TASKS = {  # the smallest size; and whether others than ours have it
    stacked: (2000, True),
    concatenated: (2000, True),
    iterated: (2000, True),
    in_rows: (1000, True),
    picked: (20_000, True),
    multiplied: (8000, True),
    convolved: (8, True),
    all_slopes: (200, True),
    all_curvatures: (50, True),
    with_lines: (5000, False),
    copied: (2000, False),
    derived: (10, False),
}


def seconds(run):
    """One run's time."""
    gc.collect()
    start = perf_counter()
    run()
    return perf_counter() - start


def exponent(sizes, times):
    """The p of the n^p that runs through three points, each size twice the one before."""
    return math.log(times[-1] / times[0]) / math.log(sizes[-1] / sizes[0])


def report():
    """The table."""
    runs = {}
    for name, library, leaf in engines():
        for task, (n, everywhere) in TASKS.items():
            if everywhere or name == "microgradnn":
                for size in (n, 2 * n, 4 * n):
                    runs[task, name, size] = partial(task, library, leaf, size)
    for run in runs.values():
        run()  # what is done on first use only
    times = {key: [] for key in runs}
    gc.disable()
    for _ in range(ROUNDS):
        for key in random.sample(list(runs), len(runs)):
            times[key].append(seconds(runs[key]))
    gc.enable()
    names = list(dict.fromkeys(name for _, name, _ in runs))
    rows = []
    for task, (n, _) in TASKS.items():
        row = [task.__doc__.rstrip("."), f"{4 * n:,}"]
        for name in names:
            found = [statistics.median(times[task, name, size]) for size in (n, 2 * n, 4 * n) if (task, name, size) in times]
            row += [f"{found[-1] * 1e3:.1f}", f"{exponent((n, 4 * n), found):.2f}"] if found else ["–", "–"]
        rows.append(row)
    header = ["forward and backward of", "n", *(f"{name}, {what}" for name in names for what in ("ms", "n to the power"))]
    return "How the time grows\n" + table(header, rows)
