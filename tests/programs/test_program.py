"""Programs: what their Expressions say is all that a writer needs, and none of them keeps an array alive."""

import gc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from op_table import TABLE
from strategies import generators, is_floating
from unrolled import home, network

from microgradnn import Op, Tensor, tanh, unroll
from microgradnn.programs.expression import Expression
from microgradnn.programs.primitives import compute
from microgradnn.programs.program import program_of
from microgradnn.programs.recordings import unchanged
from microgradnn.programs.tracing import Trace

ROWS = [pytest.param(row, id=op_class.__name__) for op_class, row in TABLE.items() if row.is_written]


def value_of(x, values):
    """An argument with arrays in place of the Expressions in it."""
    if isinstance(x, Expression):
        return x.options["value"] if x.op == "number" else values[x]
    if isinstance(x, (tuple, list)):
        return type(x)([value_of(part, values) for part in x])
    if isinstance(x, slice):
        return slice(*[value_of(part, values) for part in (x.start, x.stop, x.step)])
    return x


def results_of(program):
    """The results of a program, computed step by step from what its Expressions say: a writer for which NumPy is foreign."""
    values = dict(program.arrays)
    for made in program.steps:
        args = [value_of(x, values) for x in made.args]
        options = {name: value_of(x, values) for name, x in made.options.items()}
        with np.errstate(all="ignore"):
            if made.op == "full":
                values[made] = np.full(made.shape, args[0], made.dtype, made.kind.order)
            elif made.is_statement:
                values[made] = np.array(args[0])
                compute(made.op, (values[made], *args[1:]), options)
            else:
                values[made] = compute(made.op, args, options)
        if made.kind:
            assert (values[made].shape, values[made].dtype) == (made.shape, made.dtype)
    return [value_of(made, values) for made in program.results]


@pytest.mark.parametrize("row", ROWS)
@settings(max_examples=5)
@given(data=st.data())
def test_expressions_say_everything_and_hold_nothing(row, data):
    """For each operation: the steps, computed one by one, give backward()'s gradients; and no Expression holds an array."""
    op, arrays = data.draw(row.cases)
    leaves = [Tensor(x, requires_grad=is_floating(x), name=f"x{i}") for i, x in enumerate(arrays)]
    z = op(*leaves)
    loss = (z * Tensor(data.draw(generators).normal(size=z.shape), name="weights")).sum()
    wanted = [x for x in leaves if x.requires_grad]
    program = program_of(Trace(loss, wanted, unchanged))
    loss.backward()
    for received, expected in zip(results_of(program), [loss.data, *(x.grad for x in wanted)], strict=True):
        assert np.array_equal(received, expected, equal_nan=True)
    assert not arrays_held_by(program.steps)


def arrays_held_by(expressions):
    """The arrays that can be reached from some Expressions."""
    found, seen = list(expressions), set()
    for x in found:
        inner = [y for y in gc.get_referents(x) if isinstance(y, (Expression, np.ndarray, tuple, list, dict, slice))]
        found += [y for y in inner if id(y) not in seen]
        seen.update(map(id, inner))
    return [x for x in found if isinstance(x, np.ndarray)]


def test_a_writer_refuses_a_primitive_by_name():
    """A writer that lacks a primitive says which, of which operation, and what else can be done."""
    loss, leaves = home()
    program = program_of(Trace(loss, leaves, unchanged))
    program.refuse_others({made.op for made in program.steps}.__contains__, "a language")
    with pytest.raises(TypeError) as failure:
        program.refuse_others({"add", "subtract", "multiply", "matmul", "power", "index"}.__contains__, "a language")
    assert str(failure.value) == (
        "tanh: the primitive 'tanh' cannot be written as a language.\n"
        "Write the rule with other functions of NumPy's, or unroll the graph: `unroll` writes all of them."
    )


def test_operands_come_first():
    """What a step is made from comes before it, and knows that it is used."""
    loss, _, leaves = network(4)
    program = program_of(Trace(loss, leaves, unchanged))
    for i, made in enumerate(program.steps):
        for x in made.operands:
            assert x.op in ("number", "parameter") or x in program.steps[:i]
            assert made in program.users[x]


class Counted(Op):
    """z = 2 x, counting how often it runs on many elements."""

    def __init__(self):
        self.runs = 0

    def forward(self, x):
        self.runs += x.size > 100
        return x * 2

    def dx(self, dz, z, x):
        return dz * 2

    vjps = (dx,)


def test_rules_run_twice_on_large_arrays():
    """To record and to check, the rules run on the recorded arrays twice; other batch sizes are tried on small ones."""
    x, w = Tensor(np.ones((1000, 3)), name="x"), Tensor(np.ones(3), requires_grad=True, name="w")
    op = Counted()
    loss = op(tanh(x * w)).mean()
    op.runs = 0
    unroll(loss, w)
    assert op.runs == 2
    op.runs = 0
    by_hand = unroll(lambda x: op(tanh(x * w)).mean(), x)
    assert op.runs == 3  # once to compute the loss
    np.testing.assert_allclose(by_hand(np.ones((7, 3)), w)[0], 2 * np.tanh(1.0))
