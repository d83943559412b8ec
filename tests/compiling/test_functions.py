"""unroll(compile=True): every operation, programs that nobody wrote, other batch sizes, threads and copies."""

import copy
import os
import pickle
import threading

import numpy as np
import pytest
from compilers import assert_near, assert_near_backward, needs_compiler
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from op_table import TABLE
from random_programs import Programs
from strategies import generators, is_floating
from unrolled import home, network, network_leaves, network_loss, unrolled_network, values

from microgradnn import Tensor, unroll
from microgradnn.compiling.functions import MOST_SIZES
from microgradnn.graph import reachable

pytestmark = needs_compiler
WRITTEN = {op_class.__name__: row for op_class, row in TABLE.items() if row.is_written}
REFUSED = {"Cholesky", "Convolve", "Correlate", "Cross", "Det", "Insert", "Inv", "Logabsdet", "Solve"}
REFUSED |= {"Interp", "Median", "NanMedian", "Quantile", "Unwrap"}  # by the order of values
SOMETIMES = {"AddAt", "Astype", "Getitem", "MultiplyAt", "Scatter", "SetAt"}  # by a mask, of another type
PROGRAMS = int(os.environ.get("COMPILED_PROGRAMS", "4"))


@pytest.mark.parametrize("name", WRITTEN)
@settings(max_examples=1 if PROGRAMS < 100 else PROGRAMS // 100, derandomize=PROGRAMS < 100)
@given(data=st.data())
def test_every_operation(name, data):
    """Each row of the table is compiled and equal to backward(), for the recorded values and others; or refused by name."""
    op, arrays = data.draw(WRITTEN[name].cases)
    weights = data.draw(generators).normal(size=np.shape(op(*arrays)))

    def weighed(arrays):
        leaves = [Tensor(x, requires_grad=is_floating(x), name=f"x{i}") for i, x in enumerate(arrays)]
        return (op(*leaves) * Tensor(weights, name="weights")).sum(), leaves

    loss, leaves = weighed(arrays)
    wanted = [x for x in leaves if x.requires_grad]
    if name in REFUSED | SOMETIMES:
        try:
            function = unroll(loss, wanted, compile=True)
        except TypeError as error:
            assert str(error).startswith(f"{op.name}: ")
            return
        assert name not in REFUSED
    else:
        function = unroll(loss, wanted, compile=True)
    for factor in (1, 0.75):
        loss, leaves = weighed([x * factor if is_floating(x) else x for x in arrays])
        arguments = {x.name: x.data for x in [*leaves, Tensor(weights, name="weights")] if x.name in function.parameters}
        assert_near_backward(function, loss, [x for x in leaves if x.requires_grad], arguments)


class CompiledPrograms(Programs):
    """The random programs of random_programs.py, compiled; COMPILED_PROGRAMS=5000 makes so many."""

    @precondition(lambda self: self.steps)
    @rule()
    def gradients_are_difference_quotients(self):
        """The compiled program gives backward()'s gradients."""
        leaves = self.values[: len(self.leaves)]
        for i, x in enumerate(leaves):
            x.name = f"x{i}"
        loss = sum((self.rng.normal(size=self.values[i].shape) * self.values[i]).sum() for i in self.ends())
        wanted = [x for x in leaves if x in reachable(loss)]
        function = unroll(loss, wanted, compile=True)
        assert_near_backward(function, loss, wanted, {x.name: x.data for x in wanted})


TestCompiledPrograms = CompiledPrograms.TestCase
TestCompiledPrograms.settings = settings(max_examples=PROGRAMS, stateful_step_count=12 if PROGRAMS < 100 else 30, deadline=None)


@pytest.mark.parametrize("buffers", [False, True])
def test_other_batch_sizes(buffers):
    """C is compiled for each size that comes, up to some; others run as NumPy, with the same numbers."""
    function = unrolled_network(8, buffers)
    function = unroll(network_loss(network_leaves()), *network(8)[1], buffers=buffers, compile=True)
    for samples in (8, 3, 5, 8):
        loss, data, leaves = network(samples)
        assert_near_backward(function, loss, leaves, values([*data, *leaves]))
    function._in_c.modules |= dict.fromkeys(range(100, 100 + MOST_SIZES), function._in_c.modules[None])
    loss, data, leaves = network(13)
    assert_near_backward(function, loss, leaves, values([*data, *leaves]))
    assert 13 not in function._in_c.modules


def test_single_precision():
    """Of float32, results are float32."""
    x = Tensor(np.linspace(-1, 1, 7, dtype=np.float32), requires_grad=True, name="x")
    loss = (np.exp(x) * 0.1 + x**2).sum()
    function = unroll(loss, x, compile=True)
    value, dx = function(x.data)
    loss.backward()
    assert dx.dtype == value.dtype == np.float32
    assert_near([value, dx], [loss.data, x.grad])


def test_arguments_of_every_kind():
    """Lists, numbers, Tensors, arrays with gaps, of another type, for reading only: as the NumPy function takes them."""
    loss, leaves = home()
    function, by_hand = unroll(loss, compile=True), unroll(loss)
    W, b_h, V, b_o = (x.data for x in leaves)
    spread = np.zeros((3, 6))[:, ::2]
    spread[...] = W
    frozen = V.copy()
    frozen.setflags(write=False)
    for arguments in (
        ([0.5, -1.2, 0.3], spread, b_h, frozen, b_o, 1),
        (np.array([1, 2, 3]), Tensor(W), b_h[::-1], V.astype(np.float32), np.float64(0.5), np.array(1.0)),
    ):
        for _ in range(3):
            received, expected = function(*arguments), by_hand(*arguments)
            assert_near([received[0], *received[1]], [expected[0], *expected[1]])
    with pytest.raises(ValueError, match=r"'W' has shape \(2, 3\), but the function takes \(3, 3\)"):
        function([0.5, -1.2, 0.3], W[:2], b_h, V, b_o, 1.0)


def test_what_changes_in_place_is_seen():
    """An array that comes again is read where it lies, also if it has other elements now."""
    x = Tensor(np.ones(4), requires_grad=True, name="x")
    function, array = unroll((x * x).sum(), x, compile=True), np.ones(4)
    for i in range(5):
        array[0] = i
        assert function(array)[0] == 3 + i * i


@pytest.mark.parametrize("size", [3, 200])
def test_results_are_the_callers(size):
    """Each call gives arrays of its own; with buffers they are used again."""
    x = Tensor(np.ones((size, size)), requires_grad=True, name="x")
    function = unroll((x * x).sum(), x, compile=True)
    _, first = function(x.data)
    _, second = function(x.data * 2)
    assert first[0, 0] == 2
    assert not np.may_share_memory(first, second)
    function = unroll((x * x).sum(), x, buffers=True, compile=True)
    assert function(x.data)[1] is function(x.data * 2)[1]


def test_threads():
    """Several threads call one function at once: each gets its own numbers."""
    x = Tensor(np.ones((60, 60)), requires_grad=True, name="x")
    function = unroll(((x @ x) ** 2).sum(), x, compile=True)
    wrong = []

    def work(number):
        array = np.full((60, 60), float(number))
        expected = 60**4 * number**4
        wrong.extend(value for value in (function(array)[0] for _ in range(200)) if abs(value - expected) > 1e-9 * expected)

    threads = [threading.Thread(target=work, args=(i,)) for i in (1, 2, 3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not wrong


def test_copies_and_pickles():
    """They compute the same, compiled anew from the C source that they hold."""
    function = unroll(network(5)[0], compile=True)
    _, data, leaves = network(5)
    arguments = values([*data, *leaves])
    expected = function(**arguments)
    for other in (copy.deepcopy(function), pickle.loads(pickle.dumps(function))):
        assert other.c_source == function.c_source
        assert np.array_equal(other(**arguments)[1][0], expected[1][0])


def test_a_copy_where_there_is_no_compiler(monkeypatch):
    """It runs its NumPy source, and a warning says so."""
    function = unroll(network(5)[0], compile=True)
    _, data, leaves = network(5)
    other = pickle.loads(pickle.dumps(function))
    monkeypatch.setattr("microgradnn.compiling.compiler.find_compiler", lambda: None)
    with pytest.warns(RuntimeWarning, match="There is no C compiler"):
        received = other(**values([*data, *leaves]))
    assert_near([received[0]], [function(**values([*data, *leaves]))[0]])


def test_saved_source_is_run(tmp_path):
    """.c is the C source, compiled for a debugger from there; .py the NumPy source."""
    loss, leaves = home()
    function = unroll(loss, compile=True)
    arguments = [np.array([0.5, -1.2, 0.3]), *(x.data for x in leaves), 1.0]
    expected = function(*arguments)
    assert function.save(tmp_path / "home.c").read_text(encoding="utf-8") == function.c_source
    assert_near([function(*arguments)[0]], [expected[0]])
    assert function.save(tmp_path / "home.py").read_text(encoding="utf-8") == function.source
