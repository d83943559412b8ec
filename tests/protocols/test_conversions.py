"""Ways out of the graph: of each, whether the gradient is kept, a number is meant, a warning tells of it, or it is refused."""

import array
import cmath
import ctypes
import json
import logging
import math
import random
import statistics
import struct
import warnings

import numpy as np
import pytest
from networks import leaf

import microgradnn
from microgradnn import grad, no_grad
from microgradnn.errors import LostGradientWarning

MODULES = {module.__name__: module for module in (array, cmath, ctypes, json, logging, math, random, statistics, struct)}
OFTEN = 20  # so that Python has its quick instructions for the line


def warned(line, x, times=1):
    """What a line warns of when it runs so many times in one function, as texts; it has no file that could be read."""
    indented = "".join(f"        {part}\n" for part in line.splitlines())
    text = f"def program(x, a, record, s='%.2f'):\n    for _ in range({times}):\n{indented}"
    names = {**MODULES, "np": np, "no_grad": no_grad}
    exec(compile(text, "program.py", "exec"), names)
    record = logging.LogRecord("", 0, "", 0, "%.2f", (x,), None)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        names["program"](x, np.zeros(3), record)
    assert all((w.category, w.filename) == (LostGradientWarning, "program.py") for w in caught)
    return [str(w.message) for w in caught]


# The table

STACK, FUNCTIONS = "keep Tensors in a list, and join them by stack([...])", "compute with Tensors in place of numbers"

# The number comes out, the gradient does not, and the line does not say so: what the warning begins with, and the way.
LOST = {
    "math.exp(x)": ("exp()", "np.exp, which takes Tensors"),
    "0.5 + math.exp(x) + 3": ("exp()", "np.exp, which takes Tensors"),
    "cmath.exp(x)": ("exp()", "np.exp, which takes Tensors"),
    "math.pow(x, 2)": ("pow()", "np.pow, which takes Tensors"),
    "math.hypot(x, 1)": ("hypot()", "np.hypot, which takes Tensors"),
    "math.erf(x)": ("erf()", "microgradnn.erf, which takes Tensors"),
    "math.fsum([x])": ("fsum()", FUNCTIONS),
    "(lambda: math.exp(x))()": ("exp()", "np.exp"),
    "list(map(math.exp, [x]))": ("list()", FUNCTIONS),
    "[y for y in map(math.exp, [x])]": ("An expression", FUNCTIONS),
    "for y in map(math.exp, [x]): pass": ("An expression", FUNCTIONS),
    "y, = map(math.exp, [x])": ("An expression", FUNCTIONS),
    "a[0] = x": ("An assignment", STACK),
    "a[0] = x * 2": ("An assignment", STACK),
    "a[0], y = x, 2": ("An assignment", STACK),
    "a[0] = x.reshape(1)": ("An assignment", STACK),
    "a.flat[1] = x": ("An assignment", STACK),
    "np.zeros(2, int)[:1].flat[0] = x": ("An assignment", STACK),
    "np.zeros(2, complex).flat[0] = x": ("An assignment", STACK),
    "memoryview(a)[0] = x": ("An assignment", STACK),
    "a.fill(x)": ("fill()", STACK),
    "a.fill(*[x])": ("fill()", STACK),
    "(a\n .fill(\n  x))": ("fill()", STACK),
    "np.fromiter([x], float)": ("fromiter()", STACK),
    "np.fromiter((y for y in [x]), dtype=float)": ("fromiter()", STACK),
    "array.array('d', [x])": ("array()", STACK),
    "np.float64(x)": ("float64()", FUNCTIONS),
    "struct.pack('d', x)": ("pack()", FUNCTIONS),
    "ctypes.c_double(x)": ("c_double()", FUNCTIONS),
    "random.lognormvariate(x, 1)": ("lognormvariate()", FUNCTIONS),  # the line of the program, and not that of Python's library
    "statistics.fmean([x, x])": ("fmean()", FUNCTIONS),
    "max([[1], [2, 3]], key=len), float(1) * math.exp(x)": (
        "exp()",
        "np.exp, which takes Tensors",
    ),  # beside calls that say it of other things
    "sum(map(float, [1, 2])) * math.exp(x)": ("exp()", "np.exp, which takes Tensors"),
    "max([1, 2], key=float) + math.exp(x)": ("exp()", "np.exp, which takes Tensors"),
}

# The line says that a number is meant, or asks something that has no derivative.
SAID = """
float(x)
float(*[x])
float(
  x)
int(x)
complex(x)
x.__float__()
x.item()
x.numpy()
x.data
str(x)
f"{x}"
f"{x:.3f}"
"%.3f" % x
"%d" % x
"a" * 3 + "%.3f" % x
s %= x; s = "%.2f"
format(x, ".3f")
"{:.3f}".format(x)
a[0] = float(x)
a[0] = x.item()
[float(y) for y in [x]]
list(map(float, [x]))
[y for y in map(float, [x])]
sum(y for y in map(float, [x]))
for y in map(float, [x]): pass
y, = map(float, [x])
sorted([x, x], key=float)
max([x, x], key=float)
json.dumps(x, default=float)
record.getMessage()
x > 1
x == 1
if x: pass
any([x])
max([x, x])
math.isnan(x)
math.isclose(x, 2)
np.isnan(x)
with no_grad(): math.exp(x)
with no_grad(): a[0] = x
math.exp(x.detach())
"""

REFUSED = """
a[:] = x
a[0] = x * np.ones(2)
a += x
np.array([x, x])
np.full(3, x)
np.float32(x)
np.put(a, [0], x)
np.random.default_rng(0).normal(x)
np.vectorize(math.exp)(x)
[1, 2, 3][x]
range(x)
round(x)
math.trunc(x)
statistics.mean([x, x])
json.dumps(x)
"""

# The gradient is kept, though no function of ours or of NumPy's is called: its value at x = 0.5.
KEPT = {
    "sum([x, x])": 2,
    "max([x, x * 2])": 2,
    "abs(x)": 1,
    "pow(x, 2)": 1,
    "math.prod([x, x])": 1,
    "random.gauss(x, 1)": 1,
    "sorted([x, -x])[0]": -1,
}


def lines(text):
    """The lines of a list; what is indented belongs to the one before."""
    return text.strip().replace("\n ", "\0").split("\n")


@pytest.mark.parametrize("times", [1, OFTEN])
@pytest.mark.parametrize("line", LOST)
def test_what_does_not_say_that_a_number_is_meant(line, times):
    """Where a number comes out and the gradient does not, a warning names what was called, and the way, each time."""
    what, way = LOST[line]
    said = warned(line, leaf(0.5), times)
    assert len(said) >= times
    assert all(text.startswith(f"{what} made a plain number of a Tensor that requires a gradient") for text in said)
    assert all(way in text and text.endswith("say so: x.item().") for text in said)


@pytest.mark.parametrize("times", [1, OFTEN])
@pytest.mark.parametrize("line", lines(SAID))
def test_what_says_that_a_number_is_meant(line, times):
    """Where the line itself says float(), or asks for no derivative, nothing is said."""
    assert warned(line.replace("\0", "\n "), leaf(0.5), times) == []


@pytest.mark.parametrize("line", lines(REFUSED))
def test_what_is_refused(line):
    """Other ways out are errors: no number comes out."""
    with pytest.raises((TypeError, ValueError)):
        warned(line, leaf(2.0))


@pytest.mark.parametrize("line", KEPT)
def test_what_keeps_the_gradient(line):
    """Python's functions that compute with operators give Tensors, and the right gradient."""

    def program(x):
        return eval(line, {**MODULES, "x": x})

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert grad(program)(0.5) == KEPT[line]


@pytest.mark.parametrize("line", LOST)
def test_nothing_is_said_where_no_gradient_is_lost(line):
    """Of a Tensor that requires no gradient, and within no_grad(), there is nothing to lose."""
    assert warned(line, leaf(0.5).detach()) == []
    with no_grad():
        assert warned(line, leaf(0.5)) == []


# The warning


def test_once_a_line():
    """By Python's own filter a line is told of once, however often it runs, and each line of its own."""
    x, history = leaf([0.5, 1.5]), np.zeros(3)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        first = warnings.sys._getframe().f_lineno
        for i in range(3):
            history[i] = (x * i).sum().named(f"loss {i}")
            math.exp(x[0])
    assert [(w.filename, w.lineno - first) for w in caught] == [(__file__, 2), (__file__, 3)]


def test_as_an_error_it_stops_at_the_line():
    """Turned into an error, it is raised each time, and a public class names it."""
    assert LostGradientWarning.__module__ == "microgradnn.errors"
    with warnings.catch_warnings():
        warnings.simplefilter("error", LostGradientWarning)
        for _ in range(2):
            with pytest.raises(LostGradientWarning, match=r"np\.exp, which takes Tensors"):
                math.exp(leaf(0.5))


def test_the_ways_that_are_named_are_there():
    """np.f and microgradnn.f in a message are functions that take Tensors, and keep the gradient."""
    assert grad(np.exp)(0.0) == 1
    assert grad(microgradnn.erf)(0.0) == pytest.approx(2 / math.sqrt(math.pi))
    assert microgradnn.stack([leaf(1.0), leaf(2.0)]).requires_grad


def test_a_function_that_is_differentiated():
    """In a function handed to grad(), which gives it Tensors, too."""
    with pytest.warns(LostGradientWarning, match=r"^exp\(\)"):
        grad(lambda x: x * math.exp(x))(0.5)
