"""Finite differences: right derivatives are never called wrong, wrong ones are found, kinks are told by every check."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import generators

from microgradnn import Op, Tensor, chain_rule, gradcheck
from microgradnn.checking.differences import Recomputed, coarsest, compare
from microgradnn.commands import main
from microgradnn.errors import GradcheckError
from microgradnn.graph import reachable

# Functions that are smooth everywhere, each with its derivative
SMOOTH = [
    (np.sin, np.cos),
    (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    (np.exp, np.exp),
    (np.square, lambda x: 2 * x),
    (np.arctan, lambda x: 1 / (1 + x * x)),
    (lambda x: 1 / (2 + np.sin(x)), lambda x: -np.cos(x) / (2 + np.sin(x)) ** 2),
    (lambda x: np.logaddexp(0, x), lambda x: 1 / (1 + np.exp(-x))),
]
smooth = st.lists(st.sampled_from(SMOOTH), min_size=1, max_size=3)
sizes = st.floats(-9, 4).map(lambda power: 10**power)


def composed(functions, stretch):
    """A chain of smooth functions of stretch·x, and its derivative; within, numbers stay moderate."""

    def function(x):
        return derivatives(x)[0]

    def derivatives(x):
        value, slope = stretch * x, stretch
        for f, df in functions:
            value, slope = 3 * np.tanh(value / 3), slope * (1 - np.tanh(value / 3) ** 2)
            value, slope = f(value), slope * df(value)
        return value, slope

    return function, derivatives


@given(functions=smooth, stretch=sizes, size=sizes, rng=generators)
def test_what_is_smooth_is_never_called_wrong(functions, stretch, size, rng):
    """The derivative of a smooth function, slow or fast, of a small element or a large one, is never called wrong."""
    function, derivatives = composed(functions, stretch)
    x = size * rng.normal()
    value, slope = derivatives(x)
    found = compare(lambda h: function(x + h), value, slope, x, np.dtype(float))
    assert found.agrees is not False, found
    assert not found.is_kink, found


@given(functions=smooth, rng=generators, off=st.sampled_from([0.999, 1.001]))
def test_small_errors_are_found(functions, rng, off):
    """A derivative that is off by 0.1 % is called wrong, if it is not lost beside the value; the right one agrees."""
    function, derivatives = composed(functions, 1.0)
    x = rng.normal()
    value, slope = derivatives(x)
    right, wrong = (
        compare(lambda h: function(x + h), value, received, x, np.dtype(float)) for received in (slope, off * slope)
    )
    assert right.agrees
    if abs(slope) > 1e-5:
        assert wrong.agrees is False


@given(functions=smooth, rng=generators, dtype=st.sampled_from(["float32", "float16"]))
def test_coarse_types_raise_no_false_alarm(functions, rng, dtype):
    """What is computed in a coarse type is not called wrong for its rounding; a sign that is wrong is found."""
    function, derivatives = composed(functions, 1.0)
    x = float(rng.normal())
    value, slope = derivatives(x)

    def rounded(h):
        return float(np.dtype(dtype).type(function(x + h)))

    assert compare(rounded, rounded(0), slope, x, np.dtype(dtype)).agrees is not False
    if abs(slope) > 0.2 * max(1, abs(value)):
        assert compare(rounded, rounded(0), -slope, x, np.dtype(dtype)).agrees is not True


@given(x=st.floats(-10, 10), slopes=st.tuples(st.floats(-5, 5), st.floats(-5, 5)), rng=generators)
def test_kinks_are_told(x, slopes, rng):
    """Where the slopes to both sides differ by a hundredth or more, a number between them is neither right nor wrong."""
    left, right = slopes
    if abs(left - right) < 0.01 * (abs(left + 1) + abs(right + 1)) or abs(left - right) < 1e-6:
        return
    received = left + (right - left) * rng.uniform(0, 0.4)
    found = compare(lambda h: (right if h > 0 else left) * h + np.sin(h), 0.0, received + 1, x, np.dtype(float))
    assert found.is_kink
    assert found.agrees is None
    assert found.left == pytest.approx(left + 1, abs=1e-3)
    assert found.right == pytest.approx(right + 1, abs=1e-3)


def test_a_kink_nearby_is_none():
    """A kink that lies within the first step, but not at the element, keeps nothing from being told."""
    for received, agrees in ((1.0, True), (1.001, False), (-1.0, False)):
        assert compare(lambda h: abs(1e-7 + h), 1e-7, received, 1e-7, np.dtype(float)).agrees is agrees


def test_where_differences_cannot_tell():
    """A function without values nearby, and one that changes faster than any step, are said to be so."""
    nowhere = compare(lambda h: np.nan, 1.0, 1.0, 0.0, np.dtype(float))
    assert nowhere.why == "the function has no finite value near this element"
    fast = compare(lambda h: np.sin(1e12 * (1 + h)), np.sin(1e12), 1e12 * np.cos(1e12), 1.0, np.dtype(float))
    assert fast.agrees is None
    assert fast.why.startswith("differences are too coarse here to tell: ")


def test_coarsest():
    """The coarsest floating-point type counts, real or complex; without any, it is float64."""
    assert coarsest(np.dtype("complex64"), np.dtype(float), np.dtype(int)) == np.complex64
    assert coarsest(np.dtype("float16"), np.dtype("complex64")) == np.float16
    assert coarsest(np.dtype(bool)) == np.float64


class Scaled(Op):
    """z = x², with a rule that may be off"""

    def __init__(self, factor, kink=False):
        self.factor, self.kink = factor, kink

    def forward(self, x):
        return np.abs(x) if self.kink else x * x

    def dx(self, dz, z, x):
        return dz * np.sign(x) if self.kink else dz * 2 * x * self.factor

    vjps = (dx,)


def three_checks(make, at, tmp_path, monkeypatch, capsys, script):
    """What chain_rule, gradcheck and `check` say of one gradient: agrees, wrong, or neither."""
    x = Tensor(np.array(at), requires_grad=True, name="x")
    _, differences = chain_rule(make(x).sum().named("L"), x[0]).checks
    try:
        by_gradcheck = gradcheck(make, np.array(at))
    except GradcheckError as error:
        by_gradcheck = False if error.certain else None
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    main(["check", "script.py"])
    line = capsys.readouterr().out.splitlines()[1]
    mark = next(mark for mark in "✓✗?" if mark in line)
    return differences.agrees, by_gradcheck, {"✓": True, "✗": False, "?": None}[mark]


@pytest.mark.parametrize(
    ("factor", "kink", "at", "agree"),
    [(1, False, 0.7, True), (1.001, False, 0.7, False), (1, True, 0.0, True), (1, False, 0.0, True)],
)
def test_all_checks_say_the_same(factor, kink, at, agree, tmp_path, monkeypatch, capsys):
    """The derivation, gradcheck and the command come to the same verdict: they ask in one place."""
    script = (
        "import numpy as np\nfrom microgradnn import Op, Tensor\n"
        "class Scaled(Op):\n"
        f"    def forward(self, x): return {'abs(x)' if kink else 'x * x'}\n"
        f"    def dx(self, dz, z, x): return dz * {'np.sign(x)' if kink else f'2 * x * {factor}'}\n"
        "    vjps = dx,\n"
        f"x = Tensor([{at}], requires_grad=True)\nScaled()(x).sum().backward()\n"
    )
    said = three_checks(Scaled(factor, kink), [at], tmp_path, monkeypatch, capsys, script)
    assert said == (agree, agree, agree)


def test_all_checks_tell_a_kink(tmp_path, monkeypatch, capsys):
    """At the kink of relu none of the three calls the slope 0 right or wrong, nor what float32 rounds off on the way."""
    script = "from microgradnn import Tensor, relu\nx = Tensor([0.0], requires_grad=True)\nrelu(x).sum().backward()\n"
    said = three_checks(lambda x: x.relu(), [0.0], tmp_path, monkeypatch, capsys, script)
    assert said == (None, None, None)
    script = "from microgradnn import Tensor\nx = Tensor([0.7], requires_grad=True)\nx.astype('float32').sum().backward()\n"
    said = three_checks(lambda x: x.astype("float32"), [0.7], tmp_path, monkeypatch, capsys, script)
    assert said == (True, True, True)


def test_a_pass_is_recomputed_from_one_element_on():
    """What does not depend on the shifted element is not computed again, and no value of the pass is changed."""
    x, y = (Tensor([value, 2.0], requires_grad=True) for value in (1.0, 3.0))
    a, b = x.exp(), y.exp()
    L = (a * b).sum()
    again = Recomputed(L, 1.0, reachable(L))
    before = [node.data.copy() for node in (x, y, a, b, L)]
    assert again.same
    assert again.compare(x, (0,), (a.data * b.data)[0], 0.0).agrees
    assert again.compare(a, (0,), b.data[0], 0.0).agrees
    assert again.compare(x, (0,), 1.001 * (a.data * b.data)[0], 0.0).agrees is False
    assert all((node.data == old).all() for node, old in zip((x, y, a, b, L), before, strict=True))
