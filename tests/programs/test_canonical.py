"""NumPy's ways of saying one thing are one primitive."""

import numpy as np
import pytest

from microgradnn.programs.recorder import Recorder

SPELLINGS = {
    "sum of columns": [
        lambda x: x.sum(axis=0),
        lambda x: x.sum(0),
        lambda x: x.sum(axis=(0,)),
        lambda x: np.sum(x, axis=-2),
        lambda x: np.sum(x, 0, keepdims=False),
        np.add.reduce,
        lambda x: np.add.reduce(x, axis=0),
    ],
    "sum": [lambda x: x.sum(), lambda x: x.sum(axis=(1, 0)), lambda x: np.sum(x, None), lambda x: np.add.reduce(x, axis=None)],
    "max": [lambda x: x.max(axis=-1), lambda x: np.max(x, 1), lambda x: np.amax(x, 1), lambda x: np.maximum.reduce(x, axis=1)],
    "cumsum": [lambda x: x.cumsum(axis=0), lambda x: np.cumsum(x, -2), np.add.accumulate],
    "transpose": [
        lambda x: x.T,
        lambda x: x.mT,
        np.transpose,
        lambda x: x.transpose(),
        lambda x: x.transpose(1, 0),
        lambda x: x.transpose((1, 0)),
        lambda x: x.swapaxes(0, 1),
        lambda x: np.swapaxes(x, -1, -2),
        lambda x: np.moveaxis(x, 0, 1),
        lambda x: x.T.T.T,
    ],
    "itself": [lambda x: x, lambda x: x.T.T, lambda x: x[:], lambda x: x[...], lambda x: x.astype(float), lambda x: x * 1],
    "reshape": [lambda x: x.reshape(3, 2), lambda x: x.reshape((3, 2)), lambda x: np.reshape(x, (3, 2))],
    "one row": [lambda x: x.ravel(), np.ravel, lambda x: x.reshape(-1)],
    "new axis": [lambda x: np.expand_dims(x, 2), lambda x: np.expand_dims(x, -1), lambda x: np.expand_dims(x, (2,))],
    "concatenate": [
        lambda x: np.concatenate([x, x]),
        lambda x: np.concatenate((x, x), 0),
        lambda x: np.concatenate([x, x], -2),
    ],
    "stack": [lambda x: np.stack([x, x], axis=2), lambda x: np.stack((x, x), -1)],
    "row": [lambda x: x[1], lambda x: x[1,]],
    "operators": [lambda x: x @ x.T + 1, lambda x: np.add(np.matmul(x, x.T), 1)],
    "absolute": [abs, np.abs, np.absolute],
    "ones": [np.ones_like, lambda x: np.ones_like(x.T).T, lambda x: np.broadcast_to(np.ones_like(x), (2, 3))],
}


@pytest.mark.parametrize("spellings", SPELLINGS.values(), ids=SPELLINGS)
def test_one_primitive(spellings):
    """However it is spelled, it is one Expression, and of the value that NumPy gives."""
    array = np.arange(6.0).reshape(2, 3)
    recorder = Recorder(resized=lambda array: array)
    x = recorder.parameter(array)
    made = [spelling(x) for spelling in spellings]
    assert {id(z.expression) for z in made} == {id(made[0].expression)}
    for z, spelling in zip(made, spellings, strict=True):
        np.testing.assert_array_equal(z.array, spelling(array), strict=True)


def test_what_a_primitive_says():
    """A primitive has its operands, and its parameters by name: axes counted from the front, without what is so anyway."""
    recorder = Recorder(resized=lambda array: array)
    x = recorder.parameter(np.ones((2, 3, 4)))
    for z, op, options in [
        (x.sum(axis=(-1, 0), keepdims=True), "sum", {"axis": (0, 2), "keepdims": True}),
        (np.moveaxis(x, 0, -1), "transpose", {"axes": (1, 2, 0)}),
        (np.einsum("ijk->i", x, optimize=False), "einsum", {"subscripts": "ijk->i"}),
        (np.pad(x, 1, constant_values=2.0), "pad", {"pad_width": 1, "constant_values": 2.0}),
        (x[0, ..., 1:], "index", {"index": (0, slice(None), slice(1, None))}),
        (np.linalg.inv(x[:, :2, :2] + np.eye(2)), "linalg.inv", {}),
    ]:
        assert (z.expression.op, z.expression.options) == (op, options)


def test_an_operator_with_parameters_is_none():
    """np.multiply with where= or dtype= is not the operator *, which has none of them."""
    recorder = Recorder(resized=lambda array: array)
    x = recorder.parameter(np.ones(3, np.float32))
    z = np.multiply(x, 2, dtype=np.float64)
    assert z.expression.op == "multiply.__call__"
    assert z.dtype == np.float64
    assert (-z).expression.op == "negative"
