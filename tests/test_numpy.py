"""NumPy's functions, called with Tensors: recorded, with NumPy's values, and gradients that differences confirm.

Operations that are one class are held by test_ops.py; here are all that answer to a NumPy function, among them those that
are written with others (trace is a sum of a diagonal), in the ways that NumPy lets them be called.
"""

from functools import partial
from operator import attrgetter

import numpy as np
import pytest
import statistics_calls
from strategies import (
    assert_gradient,
    fraction,
    invertible,
    numeric_gradients,
    positive,
    positive_definite,
    real,
    symmetric,
    with_values,
)

from microgradnn import Tensor, grad
from microgradnn.graph import NUMPY_FUNCTIONS, OPERATIONS, values_of

SEVERAL = (list, tuple)
ROWS = np.array([[0, 2, 1, 1], [3, 3, 0, 2], [1, 0, 2, 0]])

# For each function the ways to call it: shapes of the arrays, arguments after these, keywords.
# An array is drawn by `real`, unless VALUES names another.
CALLS = {
    np.sum: [((2, 3), (), {}), ((2, 3), (1,), {}), ((2, 3), (), {"axis": (0, 1), "keepdims": True})],
    np.mean: [((2, 3), (), {}), ((2, 3, 2), ((0, 2),), {})],
    np.max: [((2, 3), (), {}), ((2, 3), (), {"axis": -1, "keepdims": True})],
    np.min: [((2, 3), (), {}), ((2, 3), (0,), {})],
    np.prod: [
        ((2, 3), (), {}),
        ((2, 3), (-1,), {}),
        ((2, 3, 2), ((2, 0),), {}),
        ((2, 3, 2), (), {"axis": (0, -1), "keepdims": True}),
        ((2, 2), (), {"keepdims": True}),
        ((), (), {}),
    ],
    np.var: [
        ((2, 3), (), {}),
        ((2, 3), (1,), {"ddof": 1}),
        ((2, 3, 2), ((0, 2),), {"keepdims": True}),
        ((4,), (), {"ddof": 0.5}),
        ((), (), {}),
    ],
    np.std: [
        ((2, 3), (), {}),
        ((2, 3), (1,), {"ddof": 1}),
        ((2, 3, 2), ((0, -1),), {"keepdims": True}),
        ((4,), (), {"ddof": 2}),
    ],
    np.linalg.norm: [
        ((4,), (), {}),
        ((), (), {}),
        ((2, 3, 2), (), {}),
        ((2, 3), (), {"axis": 1}),
        ((2, 3, 2), (), {"axis": (0, 2), "keepdims": True}),
        *(((4,), (p,), {}) for p in (1, 2, 3, 1.5, -1, np.inf, -np.inf)),
        *(((2, 3), (p,), {}) for p in ("fro", 1, -1, np.inf, -np.inf)),
        ((2, 3), (3, -1), {"keepdims": True}),
        ((2, 3, 2), (1, (2, 0)), {}),
        ((2, 3, 2), (np.inf, (-1, 0)), {"keepdims": True}),
        *(((3, 2), (p,), {}) for p in (2, -2, "nuc")),
        ((2, 3, 2), (2, (2, 0)), {}),
        ((2, 3, 2), ("nuc", (0, 1)), {"keepdims": True}),
    ],
    np.linalg.vector_norm: [
        ((4,), (), {}),
        ((2, 3, 2), (), {"ord": 3}),
        ((2, 3), (), {"axis": 0, "ord": 1}),
        ((2, 3, 2), (), {"axis": (0, -1), "keepdims": True, "ord": np.inf}),
    ],
    np.linalg.matrix_norm: [
        ((2, 3), (), {}),
        *(((2, 3, 2), (), {"ord": p}) for p in (1, -1, 2, -2, np.inf, "nuc")),
        ((2, 3, 2), (), {"keepdims": True, "ord": 2}),
    ],
    np.linalg.cond: [
        ((3, 2), (), {}),
        *(((2, 3, 3), (p,), {}) for p in (None, 2, -2)),
        *(((3, 3), (p,), {}) for p in ("fro", 1, np.inf, "nuc")),
    ],
    np.cumsum: [((2, 3), (), {}), ((2, 3), (0,), {}), ((2, 3), (), {"axis": -1}), ((0,), (), {})],
    np.cumprod: [((2, 3), (), {}), ((2, 3), (0,), {}), ((2, 3), (), {"axis": -1}), ((0,), (), {}), ((2, 0), (1,), {})],
    np.reshape: [((2, 3), ((3, 2),), {}), ((2, 3), (-1,), {}), ((2, 6), ((3, 2, -1),), {"order": "F"})],
    np.ravel: [((2, 3), (), {}), ((), (), {}), ((2, 3, 2), (), {"order": "F"})],
    np.transpose: [((2, 3), (), {}), ((2, 3, 2), ((2, 0, 1),), {}), ((2, 3, 2), ((-1, 0, 1),), {})],
    np.swapaxes: [((2, 3, 2), (0, -1), {})],
    np.moveaxis: [((2, 3, 4), (0, -1), {}), ((2, 3, 4), ((0, 1), (-1, 0)), {}), ((2, 3, 4), ([-1], [1]), {})],
    np.broadcast_to: [((3,), ((2, 3),), {})],
    np.expand_dims: [((2, 3), (1,), {}), ((2, 3), ((0, -1),), {})],
    np.squeeze: [((1, 2, 1), (), {}), ((1, 2, 1), (0,), {})],
    np.tile: [
        ((2,), (3,), {}),
        ((2, 3), ((2, 1),), {}),
        ((2,), ((2, 1, 3),), {}),
        ((2, 1, 3), ((2,),), {}),
        ((), (2,), {}),
        ((2,), (0,), {}),
    ],
    np.flip: [((2, 3), (), {}), ((2, 3), (1,), {}), ((2, 3, 2), ((0, -1),), {}), ((), (), {})],
    np.roll: [
        ((5,), (2,), {}),
        ((2, 3), (-1,), {}),
        ((2, 3), (4, 1), {}),
        ((2, 3), ((1, -1), (0, 1)), {}),
        ((2, 3), (1, (0, 1)), {}),
        ((2, 3), (0, 0), {}),
        ((0,), (1,), {}),
    ],
    np.repeat: [((2, 3), (2,), {}), ((2, 3), (2, 1), {}), ((2, 3), ([1, 0, 3],), {"axis": -1}), ((), (3,), {})],
    np.take: [
        ((2, 3), (4,), {}),
        ((2, 3), ([[0, 5], [-1, 0]],), {}),
        ((2, 3), ([2, 0, 2], 1), {}),
        ((2, 3), (-1,), {"axis": 1}),
        ((2, 3, 2), (np.array([[0, 1]]), -2), {}),
    ],
    np.take_along_axis: [
        ((3, 4), (ROWS, 1), {}),
        ((4, 3), (ROWS.T, 0), {}),
        ((3, 4), (), {"indices": ROWS[:, :1], "axis": -1}),
        ((1, 4), (ROWS, 1), {}),
        ((2, 3), (np.array([5, 0, 0]), None), {}),
    ],
    np.sort: [((2, 3), (), {}), ((2, 3), (0,), {}), ((2, 3), (), {"axis": None})],
    np.split: [
        ((4, 3), (2,), {}),
        ((4, 3), (3, 1), {}),
        ((2, 5), ([1, 3],), {"axis": -1}),
        ((4,), ([3, 1, 9],), {}),
        ((4,), (np.array([2]),), {}),
    ],
    np.diagonal: [
        ((3, 3), (), {}),
        ((2, 3), (1,), {}),
        ((3, 2), (-1,), {}),
        ((2, 3), (-1,), {}),
        ((2, 3, 3), (), {"axis1": -1, "axis2": 0}),
        ((2, 3), (5,), {}),
    ],
    np.trace: [((3, 3), (), {}), ((2, 3), (1,), {}), ((2, 3, 3), (0, 1, 2), {})],
    np.tril: [((3, 3), (), {}), ((2, 3, 4), (1,), {}), ((3, 2), (), {"k": -1}), ((3,), (), {})],
    np.triu: [((3, 3), (), {}), ((2, 3, 4), (1,), {}), ((3, 2), (), {"k": -1}), ((3,), (), {})],
    np.pad: [
        ((3,), (1,), {}),
        ((2, 3), ((1, 2),), {}),
        ((2, 3), (((1, 0), (0, 2)),), {"constant_values": 7.5}),
        ((2, 3), (1, "constant"), {}),
        *(((3, 4), (((2, 1), (0, 2)), mode), {}) for mode in ("edge", "reflect", "symmetric", "wrap")),
        ((3,), (4,), {"mode": "reflect"}),
    ],
    np.fliplr: [((2, 3), (), {}), ((2, 3, 2), (), {})],
    np.flipud: [((2, 3), (), {}), ((3,), (), {})],
    np.rot90: [
        *(((2, 3), (k,), {}) for k in (0, 1, 2, 3, -1, 6)),
        ((2, 3, 4), (), {"axes": (1, 2)}),
        ((2, 3, 4), (3, (-1, 0)), {}),
    ],
    np.resize: [((2, 3), ((2, 2),), {}), ((3,), (7,), {}), ((2, 3), ((4, 1, 2),), {})],
    np.array_split: [((5, 2), (3,), {}), ((2, 5), (), {"indices_or_sections": [1, 3], "axis": -1}), ((2,), (3,), {})],
    np.hsplit: [((2, 4), (2,), {}), ((4,), ([1, 3],), {})],
    np.vsplit: [((4, 2), (2,), {}), ((3, 2), ([1],), {})],
    np.dsplit: [((2, 1, 4), (2,), {})],
    **({np.unstack: [((2, 3), (), {}), ((2, 3), (), {"axis": -1})]} if hasattr(np, "unstack") else {}),
    np.partition: [((2, 5), (2,), {}), ((2, 3), (1,), {"axis": 0}), ((2, 3), (3,), {"axis": None}), ((5,), ([1, 3],), {})],
    np.delete: [
        ((4,), (1,), {}),
        ((4,), ([0, -1, 0],), {}),
        ((2, 3), (4,), {}),
        ((3, 4), (slice(None, None, 2),), {"axis": 1}),
        ((3, 2), (np.array([True, False, True]), 0), {}),
        ((4,), ([],), {}),
    ],
    np.trim_zeros: [((3,), (), {}), ((3,), ("b",), {})],
    np.diag: [((3,), (), {}), ((2,), (1,), {}), ((2,), (), {"k": -2}), ((2, 3), (), {}), ((3, 3), (-1,), {}), ((0,), (), {})],
    np.diagflat: [((2, 2), (), {}), ((3,), (-1,), {})],
    np.atleast_1d: [((), (), {}), ((2,), (), {}), ((2, 3), (), {})],
    np.atleast_2d: [((), (), {}), ((2,), (), {}), ((2, 3), (), {}), ((2, 3, 4), (), {})],
    np.atleast_3d: [((), (), {}), ((2,), (), {}), ((2, 3), (), {}), ((2, 3, 4), (), {})],
    np.matrix_transpose: [((2, 3), (), {}), ((2, 3, 4), (), {})],
    np.linalg.matrix_transpose: [((2, 3, 4), (), {})],
    np.rollaxis: [
        *(((2, 3, 4), arguments, {}) for arguments in ((2,), (0, 2), (1, -1), (-2, 3))),
        ((2, 3), (1,), {"start": -1}),
    ],
    np.copy: [((2, 3), (), {}), ((), (), {})],
    np.diff: [
        ((5,), (), {}),
        ((4, 5), (2,), {}),
        ((4, 2), (), {"axis": 0, "n": 3}),
        ((2, 3), (), {"prepend": 1.5}),
        ((2, 3), (2, 0), {"prepend": np.ones((2, 3)), "append": 4}),
        ((2, 3), (0,), {}),
        ((1,), (), {}),
    ],
    np.ediff1d: [((2, 3), (), {}), ((4,), (), {"to_begin": 1.5, "to_end": [2.0, 3.0]}), ((4,), ([2.0],), {})],
    np.amax: [((2, 3), (), {}), ((2, 3), (), {"axis": -1, "keepdims": True})],
    np.amin: [((2, 3), (), {}), ((2, 3), (0,), {})],
    np.sinc: [((2, 3), (), {})],
    np.clip: [
        ((5,), (-0.8, 0.9), {}),
        ((5,), (None, 0.9), {}),
        ((5,), (-0.8,), {"a_max": None}),
        ((5,), (), {"min": -0.8}),
        ((5,), (), {"min": -0.8, "max": 0.9}),
    ],
    np.matrix_transpose: [((2, 3), (), {}), ((2, 1, 3), (), {})],
    np.linalg.matrix_transpose: [((2, 3), (), {})],
    **{f: [((2, 3), (), {}), ((2, 3, 3), (), {"offset": -1})] for f in (np.linalg.diagonal, np.linalg.trace)},
    np.linalg.matrix_power: [((3, 3), (n,), {}) for n in (-2, 0, 1, 2, 5, 7)] + [((2, 2, 2), (3,), {})],
    np.linalg.pinv: [
        ((3, 2), (), {}),
        ((2, 2, 3), (), {}),
        ((2, 2), (), {"rtol": None}),
        ((3, 2), (1e-3,), {}),
        ((3, 2), (), {"rtol": 1e-3}),
    ],
    np.linalg.tensorinv: [((2, 2, 4), (), {}), ((3, 3), (1,), {})],
    np.linalg.qr: [
        ((3, 3), (), {}),
        ((4, 2), (), {}),
        ((2, 4), (), {}),
        ((2, 3, 2), (), {}),
        ((2, 2, 3), ("complete",), {}),
        ((3, 2), (), {"mode": "r"}),
    ],
    np.linalg.eigh: [((3, 3), (), {}), ((2, 3, 3), (), {}), ((3, 3), ("U",), {}), ((3, 3), (), {"UPLO": "l"})],
    np.linalg.eigvalsh: [((3, 3), (), {}), ((2, 3, 3), ("U",), {})],
    np.linalg.svd: [
        ((3, 3), (), {}),
        ((4, 2), (False,), {}),
        ((2, 4), (), {"full_matrices": False}),
        ((2, 3, 2), (False,), {}),
        ((3, 2), (), {"compute_uv": False}),
    ],
    np.linalg.svdvals: [((3, 3), (), {}), ((2, 2, 3), (), {})],
    np.linalg.inv: [((3, 3), (), {}), ((2, 2, 2), (), {})],
    np.linalg.det: [((3, 3), (), {}), ((2, 2, 2), (), {})],
    np.linalg.cholesky: [
        ((3, 3), (), {}),
        ((2, 2, 2), (), {}),
        ((3, 3), (), {"upper": True}),
        ((2, 3, 3), (), {"upper": True}),
    ],
}
TWO = {
    np.append: [((2, 3), (2,), {}), ((2, 3), (1, 3), {"axis": 0}), ((2,), (), {})],
    np.broadcast_arrays: [((2, 3), (3,), {}), ((2, 1), (1, 3), {})],
    np.meshgrid: [
        ((2,), (3,), {}),
        ((2,), (3,), {"indexing": "ij"}),
        ((2,), (3,), {"sparse": True}),
        ((), (2,), {"copy": False}),
    ],
    **{key: [((2, 3), (3, 2), {}), ((3,), (2, 3, 2), {})] for key in (np.matmul, np.linalg.matmul)},
    np.dot: [
        ((3,), (3,), {}),
        ((2, 3), (3, 2), {}),
        ((2, 3), (3,), {}),
        ((3,), (3, 2), {}),
        ((), (2, 3), {}),
        ((2,), (), {}),
        ((2, 2, 3), (4, 3, 2), {}),
        ((3,), (2, 3, 2), {}),
        ((2, 2, 3), (3,), {}),
    ],
    np.outer: [((2,), (3,), {}), ((2, 2), (3, 1), {}), ((), (2,), {})],
    np.linalg.outer: [((2,), (3,), {})],
    np.tensordot: [
        ((2, 3, 2), (3, 2, 4), {}),
        ((2, 3), (4,), {"axes": 0}),
        ((2, 3), (3, 2), {"axes": 1}),
        ((2, 3, 4), (4, 2), {"axes": ([0, -1], [1, 0])}),
        ((2, 3), (2,), {"axes": (0, 0)}),
    ],
    np.linalg.tensordot: [((2, 3, 2), (3, 2, 4), {})],
    np.inner: [((3,), (3,), {}), ((2, 3), (4, 2, 3), {}), ((), (2,), {}), ((2, 3), (3,), {})],
    np.vdot: [((2, 3), (3, 2), {}), ((3,), (3,), {}), ((), (), {})],
    np.kron: [((2, 3), (3, 2), {}), ((2,), (3,), {}), ((2,), (2, 1, 3), {}), ((), (2, 2), {}), ((2, 1, 2), (3,), {})],
    np.cross: [((3,), (3,), {}), ((2, 3), (3,), {}), ((3, 2), (2, 3), {"axisa": 0, "axisc": 0}), ((2, 1, 3), (4, 3), {})],
    np.linalg.cross: [((3, 2), (3, 2), {"axis": 0})],
    np.vecdot: [((2, 3), (3,), {}), ((3, 2), (3, 1), {"axis": 0}), ((3,), (3,), {})],
    np.linalg.vecdot: [((2, 3), (3,), {})],
    **{
        getattr(np, name): [call]
        for name, call in {"matvec": ((2, 4, 3), (3,), {}), "vecmat": ((2, 3), (3, 4), {})}.items()
        if hasattr(np, name)
    },
    np.linalg.tensorsolve: [((2, 2, 4), (2, 2), {}), ((4, 2, 2), (2, 2), {"axes": (0,)})],
    np.linalg.solve: [((3, 3), (3,), {}), ((3, 3), (3, 2), {}), ((2, 3, 3), (3,), {}), ((2, 1, 3, 3), (2, 3, 1), {})],
}
LISTS = {
    np.concatenate: [((2, 3), (4, 3), {}), ((2, 1), (2, 3), {"axis": -1}), ((2, 1), (3,), {"axis": None})],
    np.stack: [((2, 3), (2, 3), {}), ((2, 3), (2, 3), {"axis": -1})],
    np.vstack: [((2,), (2,), {}), ((2, 3), (3,), {}), ((), (1,), {})],
    np.hstack: [((2,), (3,), {}), ((2, 3), (2, 1), {}), ((), (2,), {}), ((2, 1, 2), (2, 3, 2), {})],
    np.dstack: [((2,), (2,), {}), ((2, 3), (2, 3), {}), ((1, 2), (2,), {}), ((2, 1, 2), (2, 1, 3), {})],
    np.column_stack: [((3,), (3,), {}), ((3, 2), (3,), {}), ((), (), {})],
    np.linalg.multi_dot: [
        ((3,), (3, 2), {}),
        ((2, 3), (3, 4), (4,), {}),
        ((2, 5), (5, 1), (1, 4), (4, 3), {}),
        ((3,), (3, 2), (2, 4), (4, 3), (3,), {}),
    ],
}
LEAST_SQUARES = [((4, 2), (4,), {}), ((4, 2), (4, 3), {}), ((2, 3), (2,), {}), ((2, 2), (2, 1), {"rcond": -1})]
INSERTED = [  # shapes of x and of the values; where; along which axis
    ((4,), (), 1, None),
    ((4,), (3,), 1, None),
    ((4,), (3,), [2], None),
    ((4,), (2,), [3, 0], None),
    ((4,), (), [2, 2, -1], None),
    ((4,), (2,), slice(1, 3), None),
    ((2, 3), (2,), [5, 1], None),
    ((2, 3), (3,), 1, 0),
    ((2, 3), (2,), 1, 1),
    ((2, 3), (2, 1), [1], 1),
    ((2, 3), (2, 2), [3, 0], -1),
    ((2, 3), (), -1, 1),
    ((2, 3, 2), (2,), 0, 1),
]
VALUES = {
    **dict.fromkeys((np.arcsin, np.arccos, np.arctanh, np.tan), fraction),
    **dict.fromkeys((np.log, np.log2, np.log10, np.log1p, np.sqrt, np.power, np.float_power), positive),
    np.arccosh: lambda shape, rng, operand=0: 1 + positive(shape, rng, operand),
    np.linalg.inv: invertible,
    np.linalg.det: invertible,
    np.linalg.solve: lambda shape, rng, operand=0: real(shape, rng) if operand else invertible(shape, rng),
    np.linalg.cholesky: positive_definite,
    np.linalg.slogdet: invertible,
    **dict.fromkeys((np.linalg.eigh, np.linalg.eigvalsh), symmetric),
    **dict.fromkeys((np.linalg.cond, np.linalg.pinv, np.linalg.qr, np.linalg.svd, np.linalg.svdvals), with_values),
    np.linalg.matrix_power: invertible,
    np.linalg.multi_dot: lambda shape, rng, operand=0: rng.normal(size=shape),
    np.linalg.lstsq: lambda shape, rng, operand=0: real(shape, rng) if operand else with_values(shape, rng),
}
ELEMENTWISE = {
    f: [(2, 3), (3,)][: f.nin] for f in NUMPY_FUNCTIONS if isinstance(f, np.ufunc) and (f.nout, f.signature) == (1, None)
}


def calls():
    """All of the calls: NumPy's function, the shapes of arrays, and how it or ours of the same name is called with these."""
    for function, ways in [*CALLS.items(), *statistics_calls.CALLS.items()]:
        for shape, arguments, keywords in ways:
            yield function, (shape,), lambda f, x, a=arguments, k=keywords: f(x, *a, **k)
    for function, ways in [*(TWO | LISTS).items(), *statistics_calls.TWO.items()]:
        for *shapes, keywords in ways:
            call = in_a_list if function in LISTS else side_by_side
            yield function, shapes, partial(call, keywords)
    for ufunc, shapes in ELEMENTWISE.items():
        yield ufunc, shapes, lambda f, *xs: f(*xs)
    yield from statistics_calls.others()
    yield np.where, ((2, 3), (3,)), lambda f, x, y: f([True, False, True], x, y)
    yield np.linalg.slogdet, ((2, 3, 3),), lambda f, x: f(x)[1]
    for *shapes, keywords in LEAST_SQUARES:
        yield np.linalg.lstsq, shapes, lambda f, x, y, k=keywords: without_rank(f(x, y, **k))
    for subscripts, *shapes in SUMS_OF_PRODUCTS:
        for optimize in (False, True):
            yield np.einsum, shapes, lambda f, *xs, s=subscripts, o=optimize: f(s, *xs, optimize=o)
    yield np.einsum, ((2, 3), (3, 4)), lambda f, x, y: f(x, [0, 1], y, [1, 2], [0, 2])
    yield np.einsum, ((2, 3, 3),), lambda f, x: f(x, [..., 5, 5])
    yield from calls_with_arguments_in_front()


def calls_with_arguments_in_front():
    """Calls in which conditions, lists or positions stand beside the operands."""
    for *shapes, where, axis in INSERTED:
        yield np.insert, shapes, lambda f, x, y, where=where, axis=axis: f(x, where, y, axis)
    mask, ints = np.array([True, False, True]), np.array([1, 0, 2])
    yield np.compress, ((2, 3),), lambda f, x: f(mask, x, axis=1)
    yield np.compress, ((2, 3),), lambda f, x: f(mask, x)
    yield np.extract, ((2, 3),), lambda f, x: f([mask, ~mask], x)
    for default in (0, 2.5, np.ones((2, 3))):
        yield np.select, ((2, 3), (3,)), lambda f, x, y, default=default: f([mask, [[True], [False]]], [x, y], default)
    yield np.select, ((2, 3), ()), lambda f, x, y: f([mask], [x], default=y)
    yield np.choose, ((3,), (2, 3), (3,)), lambda f, *xs: f(ints, xs)
    yield np.choose, ((3,), (3,)), lambda f, *xs: f(ints, xs, mode="wrap")
    yield np.choose, ((3,), ()), lambda f, *xs: f(ints, xs, mode="clip")
    yield np.block, ((2, 3),), lambda f, x: f([[x, 0 * x], [np.ones((1, 6))]])
    yield np.block, ((2,), ()), lambda f, x, y: f([x, y, 3.0])
    yield np.block, ((1, 2, 2), (3, 2)), lambda f, x, y: f([[x, x], [y, y]])
    yield np.block, ((2,),), lambda f, x: f(x)


def side_by_side(keywords, function, *xs):
    return function(*xs, **keywords)


def in_a_list(keywords, function, *xs):
    return function(xs, **keywords)


def without_rank(results):
    """What `lstsq` gives, but for the rank, a plain number."""
    solution, residuals, rank, s = results
    assert rank == np.sum(s > 1e-9)
    return [solution, residuals, s] if residuals.size else [solution, s]


SUMS_OF_PRODUCTS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ji", (2, 3)),
    (" i j -> j i ", (2, 3)),
    ("ij->", (2, 3)),
    ("ij->j", (2, 3)),
    ("ii", (3, 3)),
    ("ii->i", (3, 3)),
    ("iji->j", (3, 2, 3)),
    ("iii->i", (2, 2, 2)),
    ("iijj->ij", (2, 2, 3, 3)),
    ("ii,ij->j", (3, 3), (3, 2)),
    ("i,j->ij", (2,), (3,)),
    ("i,i", (3,), (3,)),
    ("i,i->i", (3,), (3,)),
    (",ij->ij", (), (2, 3)),
    ("ij,ij->ij", (1, 3), (2, 3)),
    ("ij,ij->j", (1, 3), (2, 3)),
    ("ij,ij->", (2, 1), (1, 3)),
    ("ij,kj->ik", (2, 1), (2, 3)),
    ("ij,jk,kl->il", (2, 3), (3, 2), (2, 4)),
    ("ij,jk,ki->", (2, 3), (3, 2), (2, 2)),
    ("...i->...", (2, 3, 2)),
    ("...ij,...jk->...ik", (2, 2, 3), (3, 2)),
    ("i...,i...->...", (3, 2), (3, 1)),
    ("...ii->...i", (2, 3, 3)),
    ("...,...", (2, 3), (3,)),
    ("b...i,ij->b...j", (2, 2, 3), (3, 2)),
    ("ij...,jk...->ik...", (2, 3), (3, 2)),
]


def several(z):
    """What a call returned, as a list or a tuple of arrays."""
    return z if isinstance(z, (list, tuple)) else [z]


def labelled():
    """The calls with their names, for the report of pytest."""
    return [pytest.param(*call, id=f"{call[0].__name__}-{'-'.join(map(str, call[1]))}") for call in calls()]


@pytest.mark.parametrize(("function", "shapes", "call"), labelled())
def test_values_and_gradients(function, shapes, call, rng):
    """A NumPy function of Tensors gives NumPy's values, as a recorded Tensor, whose gradients agree with differences."""
    values = VALUES.get(function, real)
    arrays = [values(shape, rng, i) for i, shape in enumerate(shapes)]
    leaves = [Tensor(x, requires_grad=True) for x in arrays]
    z, expected = call(function, *leaves), call(function, *arrays)
    pieces = several(z)
    weights = [rng.normal(size=piece.shape) for piece in pieces]
    assert type(z) is (type(expected) if len(pieces) > 1 else Tensor)
    for piece, array in zip(pieces, several(expected), strict=True):
        assert type(piece) is Tensor and piece.requires_grad
        assert piece.shape == array.shape
        np.testing.assert_allclose(piece.data, array, rtol=1e-13, atol=1e-14)

    def projected(*arrays):
        return sum(np.sum(w * piece) for w, piece in zip(weights, several(call(function, *arrays)), strict=True))

    firsts = grad(sum((w * piece).sum() for w, piece in zip(weights, pieces, strict=True)), leaves)
    for i, (dx, dx_expected) in enumerate(zip(firsts, numeric_gradients(projected, arrays), strict=True)):
        assert_gradient(f"{function.__name__}: operand {i}", dx, dx_expected, "central differences")


def test_every_numpy_function_is_called():
    """No function that answers for Tensors is left out above."""
    assert {function for function, _, _ in calls()} == {*NUMPY_FUNCTIONS} - {np.astype}


@pytest.mark.parametrize(("function", "shapes", "call"), labelled())
def test_on_arrays_operations_are_numpys(function, shapes, call, rng):
    """Our function of the same name, on plain arrays, returns plain arrays."""
    values = VALUES.get(function, real)
    arrays = [values(shape, rng, i) for i, shape in enumerate(shapes)]
    z, expected = call(NUMPY_FUNCTIONS[function], *arrays), call(function, *arrays)
    for piece, array in zip(several(z), several(expected), strict=True):
        assert isinstance(piece, (np.ndarray, np.generic))
        np.testing.assert_allclose(piece, array, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(("function", "shapes", "call"), labelled())
def test_of_complex_tensors_values_are_numpys(function, shapes, call, rng):
    """Without gradients, a NumPy function of complex Tensors and our own of complex arrays give NumPy's values, or refuse."""
    values = VALUES.get(function, real)
    arrays = [values(shape, rng, i) + 0.3j * real(shape, rng) for i, shape in enumerate(shapes)]
    try:
        expected = call(function, *arrays)
    except (TypeError, np.exceptions.ComplexWarning):  # NumPy has no value either, or not all of it
        return
    for ours, operands in ((function, list(map(Tensor, arrays))), (NUMPY_FUNCTIONS[function], arrays)):
        try:
            z = call(ours, *operands)
        except TypeError as error:
            assert "complex" in str(error)
            continue
        for piece, array in zip(several(z), several(expected), strict=True):
            np.testing.assert_allclose(values_of(piece), array, rtol=1e-12, atol=1e-13)
            assert function is np.linalg.cond or np.result_type(values_of(piece)) == np.result_type(array)  # complex before 2.3


WAYS = list(calls())


def whole_numbers(dtype, shape, rng):
    """Any numbers of this type; of int64, those with a square."""
    least, most = (
        (0, 1) if dtype is bool else (-1000, 1000) if dtype is np.int64 else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    )
    return rng.integers(least, most, size=shape, endpoint=True, dtype=dtype)


def is_close(z, expected):
    """Whether what a call gave is what was expected, to the precision of this."""
    kind = np.result_type(expected)
    tolerance = np.finfo(kind).resolution * 10 if kind.kind == "f" else 1e-12
    return np.shape(z) == np.shape(expected) and np.allclose(values_of(z), expected, tolerance, tolerance, equal_nan=True)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function", [f for f in NUMPY_FUNCTIONS if f is not np.astype], ids=attrgetter("__name__"))
def test_of_whole_numbers_values_are_numpys(function, rng):
    """Of whole numbers and booleans the value is NumPy's, or refused; or as of floats, where NumPy's wraps around."""
    for _, shapes, call in (way for way in WAYS if way[0] is function):
        for dtype in (np.uint8, np.int8, np.int64, bool):
            arrays = [whole_numbers(dtype, shape, rng) for shape in shapes]
            try:
                expected, z = call(function, *arrays), call(function, *map(Tensor, arrays))
            except (TypeError, ValueError, np.linalg.LinAlgError):  # refused, by NumPy or here
                continue
            except OverflowError:  # NumPy's, of an initial=-3 for uint8
                assert dtype is np.uint8
                continue
            if not all(map(is_close, several(z), several(expected))):
                as_floats = call(function, *[x.astype(float) for x in arrays])
                assert all(map(is_close, several(z), several(as_floats))), (shapes, arrays, z, expected)


IN_THEIR_OWN_TYPE = {np.trapezoid, np.gradient, np.interp, np.insert}  # NumPy's values, too: differences, what is put in


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function", {f: 0 for f, shapes, _ in WAYS if len(shapes) > 1 and f not in IN_THEIR_OWN_TYPE})
@pytest.mark.parametrize("dtype", [np.float16, np.int8, np.uint8, bool], ids=attrgetter("__name__"))
def test_what_is_coarse_makes_nothing_else_coarse(function, dtype, rng):
    """One operand in half precision, or of small whole numbers: values and the others' gradients are doubles all the same."""
    values = VALUES.get(function, real)
    for _, shapes, call in (way for way in WAYS if way[0] is function and len(way[1]) > 1):
        arrays = [values(shape, rng, i) for i, shape in enumerate(shapes)]
        for at, array in enumerate(arrays):
            coarse = (array * 2).astype(dtype)
            try:
                received, expected = (outcomes(call, function, arrays, at, x) for x in (coarse, coarse.astype(float)))
            except (TypeError, ValueError, np.linalg.LinAlgError):  # refused: a matrix is singular, or NumPy has no half there
                continue
            for x, y in zip(received, expected, strict=True):
                np.testing.assert_allclose(x, y, rtol=1e-11, atol=1e-11)


def outcomes(call, function, arrays, at, array):
    """The values and the gradients of the other operands, if there is another array in one place."""
    tensors = [Tensor(array) if i == at else Tensor(x, requires_grad=True) for i, x in enumerate(arrays)]
    pieces = [z for z in several(call(function, *tensors)) if z.requires_grad]
    sum((z * (1 + np.arange(z.size)).reshape(z.shape)).sum() for z in pieces).backward()
    return [*(z.data for z in pieces), *(x.grad for x in tensors if x.grad is not None)]


def test_numpys_keywords():
    """The keywords that NumPy has beside ours, and operands that are plain numbers."""
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    assert np.transpose(x, axes=(1, 0)).shape == np.reshape(x, shape=(3, 2)).shape == (3, 2)
    np.einsum(",ij->i", 2.0, x).sum().backward()
    np.testing.assert_array_equal(x.grad, np.full((2, 3), 2.0))


@pytest.mark.parametrize("name", ["sum", "mean", "max", "var", "cumsum", "norm", "transpose", "tanh"])
def test_a_number_alone_is_taken(name):
    """A Python number, as NumPy does: it comes back as NumPy's, which has a shape."""
    function = np.linalg.norm if name == "norm" else getattr(np, name)
    np.testing.assert_array_equal(OPERATIONS[name](3), function(3), strict=True)


X = Tensor(np.ones((2, 3)), requires_grad=True, name="x")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: X.prod(axis=5), np.exceptions.AxisError, "prod: axis 5 is out of bounds"),
        (lambda: X.var(axis=5), np.exceptions.AxisError, "var.* cannot be computed for x = 'x' of shape"),
        (lambda: X.cumsum(5), np.exceptions.AxisError, "cumsum.* cannot be computed for x = 'x' of shape"),
        (lambda: X.flip(2), np.exceptions.AxisError, "flip: axis 2"),
        (lambda: X.roll(1, 2), np.exceptions.AxisError, "roll: axis 2"),
        (lambda: X.repeat(2, 2), np.exceptions.AxisError, "repeat: axis 2"),
        (lambda: X.moveaxis(0, 2), np.exceptions.AxisError, "destination: axis 2"),
        (lambda: X.moveaxis((0, 1), 0), ValueError, "moveaxis: 2 axes to move, but 1 places"),
        (lambda: X.split(2, axis=1), ValueError, "an axis of length 3 has no 2 equal pieces"),
        (lambda: np.vsplit(X[0], 3), ValueError, "vsplit cuts what has 2 axes or more; it was given a Tensor of shape .3,."),
        (lambda: np.array_split(X, 0), ValueError, "array_split: there are no 0 pieces"),
        (lambda: np.resize(X, -1), ValueError, "no length can be negative"),
        (lambda: np.rot90(X, axes=(0, 0)), ValueError, "rot90"),
        (lambda: np.diag(X[None]), ValueError, "diag takes a row or a matrix; it was given a Tensor of shape"),
        (lambda: np.diff(X, -1), ValueError, "n is -1"),
        (lambda: np.diff(X[0, 0]), np.exceptions.AxisError, "diff: axis -1"),
        (lambda: np.select([X > 0], [X, X]), ValueError, "as many choices as conditions; there are 2 and 1"),
        (lambda: np.select([[1, 0, 0]], [X]), TypeError, "a condition is an array of booleans"),
        (lambda: np.choose([0, 2, 0], [X, X]), ValueError, "invalid entry in choice array"),
        (lambda: np.block([[X], X]), ValueError, "nested equally deep; here some are 1 deep and some 2"),
        (lambda: np.block([[X], []]), ValueError, "an empty list has nothing to join"),
        (lambda: np.insert(X, [0, 1], np.ones((2, 3)), 1), ValueError, r"insert: values of shape \(2, 3\).*room for \(2, 2\)"),
        (lambda: np.insert(X, 4, 0, axis=1), IndexError, "index 4 is out of bounds"),
        (lambda: np.delete(X, 4, axis=1), IndexError, "index 4 is out of bounds"),
        (lambda: np.matrix_transpose(X[0]), ValueError, "need two axes or more"),
        (lambda: X.reshape(3, 2, order="K"), ValueError, r"reshape.order='K'.: there are 'C'.*and 'F'"),
        (lambda: X.flatten("A"), ValueError, "ravel.order='A'.: there are 'C'"),
        (lambda: np.trim_zeros(X), ValueError, "trim_zeros.*'x' of shape .2, 3.: it takes one row"),
        (lambda: np.meshgrid(X, indexing="ji"), ValueError, "there are 'xy' and 'ij'"),
        (lambda: X.split(2, axis=2), np.exceptions.AxisError, "split: axis 2"),
        (lambda: X.pad((1, 2, 3)), ValueError, r"pad: the widths \(1, 2, 3\) do not fit x, which has 2 axes"),
        (
            lambda: X.norm("nuc", axis=0),
            ValueError,
            "norm.ord='nuc'. over 1 axes is not one that microgradnn can differentiate",
        ),
        (lambda: X.norm(3), ValueError, "norm.ord=3. over 2 axes"),
        (lambda: X.take(6), IndexError, "index 6 is out of bounds"),
        (lambda: X.take_along_axis([0]), ValueError, "x has 2 axes and the indices have 1"),
        (lambda: np.einsum("ij", X, X), ValueError, "is for 1 operands, and there are 2"),
        (lambda: np.einsum("ij->k", X), ValueError, "each letter of the result must be one of the operands'"),
        (lambda: np.einsum("ij->ii", X), ValueError, "each letter of the result must be one of the operands', once"),
        (lambda: np.einsum("ijk->k", X), ValueError, "an operand with 2 axes needs 2 letters, or '...'"),
        (lambda: np.einsum("i...->i", X), ValueError, "must be in the result"),
        (lambda: np.einsum("ii->i", X), ValueError, "'i' stands twice at one operand, for axes of lengths 2 and 3"),
        (lambda: np.einsum("ij,jk->ik", X, X), ValueError, "einsum.* cannot be computed for x1 = 'x' of shape"),
        (X.inv, np.linalg.LinAlgError, "inv cannot be computed for x = 'x' of shape .*must be square"),
        (lambda: np.linalg.solve(np.ones((2, 2)), X), np.linalg.LinAlgError, "solve cannot be computed.*Singular matrix"),
        (lambda: np.dot(X, X), ValueError, "matmul cannot be computed"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, message):
    """The message names the operation, the operand or its shape, and NumPy's kind of error stays."""
    with pytest.raises(error, match=message):
        call()


ARRAYS = [np.array(2.0), np.array([0.0, 2.0, 0.0]), np.zeros(0), np.arange(6.0).reshape(2, 3), np.arange(24.0).reshape(2, 3, 4)]
ONE_OF_EACH = (np.atleast_1d, np.atleast_2d, np.atleast_3d, np.fliplr, np.flipud, np.rot90, np.diag, np.diagflat, np.diff)
GRID = {  # each argument with each array
    **dict.fromkeys((*ONE_OF_EACH, np.ediff1d, np.ravel, np.copy, np.matrix_transpose), ((),)),
    **dict.fromkeys((np.split, np.array_split), tuple((n, axis) for n in (-1, 0, 1, 2, 4) for axis in (0, 1, -1))),
    **dict.fromkeys((np.hsplit, np.vsplit, np.dsplit, np.rollaxis), tuple((n,) for n in (-4, -1, 0, 1, 2, 3, 4))),
    **dict.fromkeys((np.diag, np.diff, np.partition), tuple((n,) for n in (-1, 0, 1, 2, 3))),
    np.swapaxes: ((0, 1), (0, -1), (2, -2)),
    np.take: ((2,), (5, 0), (-1, 1)),
    np.delete: tuple((obj, axis) for obj in (0, -1, 5, [], [0, 0], slice(0, 2), [True, False]) for axis in (None, 0, 1)),
    np.insert: tuple(
        (obj, values, axis)
        for obj in (0, -1, 5, [], [0, 0], [1], slice(0, 2))
        for values in (0.5, [1.0, 2.0], [[1.0], [2.0]], np.ones((2, 2)), [])
        for axis in (None, 0, 1)
    ),
    np.append: tuple((values, axis) for values in (0.5, [1.0, 2.0, 3.0], np.ones((2, 1))) for axis in (None, 0, 1)),
}


def outcome(call, *args):
    """What a call gives, or that it is refused."""
    try:
        return call(*args)
    except (ValueError, TypeError, IndexError, ZeroDivisionError, AttributeError):
        return "refused"


@pytest.mark.parametrize("function", GRID, ids=lambda function: function.__name__)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_numpy_refuses_is_refused_and_nothing_else(function, dtype):
    """Arguments of all kinds, also those that do not fit: NumPy's value, shape and dtype, or an error where it has one."""
    for array in ARRAYS:
        for args in GRID[function]:
            x = array.astype(dtype)
            z, expected = outcome(function, Tensor(x, requires_grad=True), *args), outcome(function, x, *args)
            if isinstance(expected, str) or isinstance(z, str):
                assert z is expected, (array.shape, args)
                continue
            for piece, right in zip(several(z), several(expected), strict=True):
                np.testing.assert_array_equal(piece.data, right)
                assert piece.dtype == right.dtype, (array.shape, args)


def test_every_operation_answers_to_its_numpy_name():
    """An operation with the name of a NumPy function is what that function calls."""
    for name, function in OPERATIONS.items():
        for module in (np, np.linalg):
            named = getattr(module, name, None)
            if callable(named) and not (module is np.linalg and hasattr(np, name)):
                assert NUMPY_FUNCTIONS.get(named) is function or name == "astype", name
