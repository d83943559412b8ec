"""Questions about steps that several parts ask."""

import numpy as np
import pytest

from microgradnn.compiling.core import element_view, refuse_unfit, users_of
from microgradnn.programs.expression import Expression, Kind

DOUBLE = np.dtype(float)


def step(op, *args, shape=(3,), dtype=DOUBLE, **options):
    return Expression(op, args, options, Kind(shape, np.dtype(dtype), "C"), operation="an_operation")


def test_users():
    """Who uses what, in order."""
    x = step("parameter")
    y = step("tanh", x)
    z = step("add", x, y)
    assert users_of([y, z]) == {x: [y, z], y: [z]}


def test_one_element_is_a_view():
    """x[1, 2] is a place in memory too."""
    x = np.arange(6).reshape(2, 3)
    assert np.may_share_memory(element_view(x, (1, 2)), x)
    assert element_view(x, (..., 1)).tolist() == [1, 4]


@pytest.mark.parametrize("index", [(step("parameter", dtype=bool),), ([True, False, True],)])
def test_masks_are_refused(index):
    """Whether as arrays or as lists."""
    with pytest.raises(TypeError, match="an_operation: an index by a mask"):
        refuse_unfit(step("index", step("parameter"), index=index))


def test_arrays_with_axes_between_them_are_refused():
    """NumPy puts their axes in front."""
    rows = step("parameter", dtype=np.int64)
    with pytest.raises(TypeError, match="other axes between them"):
        refuse_unfit(step("index", step("parameter", shape=(3, 3, 3)), index=(rows, slice(None), rows)))


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble, np.complex128, np.uint8])
def test_types_are_refused(dtype):
    """With those that there are."""
    if np.dtype(dtype) == DOUBLE:
        pytest.skip("long double is double here")
    with pytest.raises(TypeError, match="are not written as C, but those of float64, float32, bool, int64, int32 are"):
        refuse_unfit(step("tanh", step("parameter"), dtype=dtype))
