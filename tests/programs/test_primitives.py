"""The primitives: what each of them computes is what NumPy does, and only what NumPy has is one."""

import operator

import numpy as np
import pytest

from microgradnn.programs.primitives import OPERATORS, REDUCTIONS, compute, is_elementwise, is_primitive

x = np.arange(6.0).reshape(2, 3) + 0.5


@pytest.mark.parametrize(
    ("op", "args", "options", "expected"),
    [
        ("index", (x,), {"index": (slice(None), 1)}, x[:, 1]),
        ("part", (np.modf(x),), {"index": 1}, np.floor(x)),
        ("reshape", (x,), {"shape": (3, 2)}, x.reshape(3, 2)),
        ("transpose", (x,), {"axes": (1, 0)}, x.T),
        ("astype", (x,), {"dtype": np.dtype("int64")}, [[0, 1, 2], [3, 4, 5]]),
        ("copy", (x.T,), {}, x.T),
        ("concatenate", (x, x), {"axis": 1}, np.hstack([x, x])),
        ("stack", (x, x), {"axis": 0}, np.array([x, x])),
        ("einsum", (x, x), {"subscripts": "ij,kj->ik"}, x @ x.T),
        ("linalg.inv", (np.diag([2.0, 4.0]),), {}, np.diag([0.5, 0.25])),
        ("maximum.accumulate", (np.array([1.0, 3.0, 2.0]),), {}, [1, 3, 3]),
    ],
)
def test_computed(op, args, options, expected):
    """Each gives NumPy's result of its operands and of its parameters by name, in an array of its own type."""
    assert np.array_equal(compute(op, args, options), expected)


@pytest.mark.parametrize("op", OPERATORS)
def test_operators_are_those_of_python(op):
    """Operators have Python's bits, also where NumPy's function has others, as x**2 and np.power(x, 2) may."""
    whole = op.startswith("bitwise") or op == "invert"
    a = np.array([6, 3]) if whole else np.array([[1.1, 2.3], [3.7, 0.9]])
    args = (a,) if op in ("negative", "invert") else (a, a + 1)
    sign = {"bitwise_and": "and_", "bitwise_or": "or_", "bitwise_xor": "xor", "negative": "neg", "subtract": "sub"}
    sign |= {"multiply": "mul", "divide": "truediv", "floor_divide": "floordiv", "remainder": "mod", "power": "pow"}
    sign |= {"equal": "eq", "not_equal": "ne", "less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge"}
    assert np.array_equal(compute(op, args, {}), getattr(operator, sign.get(op, op))(*args))


def test_statements_change_their_first_operand():
    """What is set or added at an index is changed in place, an index that comes twice adds twice; nothing is returned."""
    a = np.zeros(3)
    assert compute("set", (a, 7), {"index": (slice(1, None),)}) is None
    assert a.tolist() == [0, 7, 7]
    assert compute("add.at", (a, 1), {"index": (np.array([0, 0, 2]),)}) is None
    assert a.tolist() == [2, 7, 8]


def test_what_is_a_primitive():
    """All operators and reductions, what NumPy has by that name, also within a module of its; nothing else."""
    assert all(map(is_primitive, [*OPERATORS, *REDUCTIONS, "full", "tanh", "linalg.inv", "add.at"]))
    assert not any(map(is_primitive, ["softplus", "linalg.softplus", "softplus.at", "tanh.tanh"]))


def test_what_works_element_by_element():
    """A function of elements with one result is elementwise; with two results, along axes, or a sum it is not."""
    assert all(map(is_elementwise, ["tanh", "add", "logaddexp", "isfinite"]))
    assert not any(map(is_elementwise, ["matmul", "modf", "divmod", "sum", "reshape", "where", "no_function"]))
