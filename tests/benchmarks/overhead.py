"""What an operation costs beside its arithmetic: common operations on arrays of one element."""

import random
import statistics
from timeit import Timer

import numpy as np

from .measure import table

ROUNDS = 15
LEAST = 3e-4  # seconds that one sample lasts, at least
SAMPLES = 3  # in a turn, of which the best counts
OPERATIONS = {  # on x and y of shape (1, 1), with the functions of a library
    "x + y": lambda library, x, y: x + y,
    "x * y": lambda library, x, y: x * y,
    "x / y": lambda library, x, y: x / y,
    "x**2": lambda library, x, y: x**2,
    "x @ y": lambda library, x, y: x @ y,
    "exp(x)": lambda library, x, y: library.exp(x),
    "tanh(x)": lambda library, x, y: library.tanh(x),
    "maximum(x, y)": lambda library, x, y: library.maximum(x, y),
    "x.sum()": lambda library, x, y: x.sum(),
    "x.mean()": lambda library, x, y: x.mean(),
    "x.T": lambda library, x, y: x.T,
    "x.reshape(1)": lambda library, x, y: x.reshape(1),
    "x[0]": lambda library, x, y: x[0],
}


def functions():
    """For each column of the table a function from an operation to what is timed; None without the library."""
    import microgradnn

    a, b = np.array([[0.5]]), np.array([[2.0]])
    x, y = (microgradnn.Tensor(value, requires_grad=True) for value in (a, b))
    columns = {"NumPy": lambda op: lambda: op(np, a, b)}
    columns["ours, forward"], columns["ours, both"] = both_ways(microgradnn, x, y)
    try:
        import torch
    except ImportError:
        return {**columns, "PyTorch, forward": None, "PyTorch, both": None}
    torch.set_num_threads(1)
    x, y = (torch.tensor(value, requires_grad=True) for value in (a, b))
    columns["PyTorch, forward"], columns["PyTorch, both"] = both_ways(torch, x, y)
    return columns


def both_ways(library, x, y):
    """Forward; and forward and backward, from no gradients."""

    def backward(op):
        def run():
            x.grad = y.grad = None
            op(library, x, y).backward()

        return run

    return (lambda op: lambda: op(library, x, y)), backward


def report():
    """The table."""
    timers = {
        (title, column): make and Timer(make(op)) for column, make in functions().items() for title, op in OPERATIONS.items()
    }
    running = {key: (timer, loops(timer)) for key, timer in timers.items() if timer}
    seconds = {key: [] for key in running}
    for _ in range(ROUNDS):
        for key in random.sample(list(running), len(running)):
            timer, number = running[key]
            seconds[key].append(min(timer.repeat(SAMPLES, number)) / number)
    columns = list(dict.fromkeys(column for _, column in timers))
    rows = []
    for title in OPERATIONS:
        found = [seconds.get((title, column)) for column in columns]
        rows.append([title, *(f"{statistics.median(x) * 1e6:.2f}" if x else "–" for x in found)])
    return "µs for an operation on arrays of one element; both: forward and backward\n" + table(["operation", *columns], rows)


def loops(timer):
    """How often to run in order that a sample lasts long enough."""
    number = 1
    while (took := timer.timeit(number)) < LEAST:
        number = max(number + 1, round(number * min(10, 1.2 * LEAST / took)))
    return number
