"""BLAS: found in NumPy, and called by its address."""

import ctypes

import numpy as np
import pytest

from microgradnn.compiling.blas import NONE, find_blas


def test_the_product_of_two_matrices(rng):
    """What is found multiplies matrices, with whole numbers of the type that it says."""
    blas = find_blas()
    if blas is NONE:
        pytest.skip("it is not there")
    integer = {"long long": ctypes.c_longlong, "int": ctypes.c_int}[blas.integer]
    function = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 13)(blas.dgemm)
    x, y, z = rng.normal(size=(3, 4)), rng.normal(size=(4, 5)), np.zeros((3, 5))
    sign, numbers = ctypes.create_string_buffer(b"N"), [np.array(1.0), np.array(0.0)]
    sizes = {n: ctypes.byref(integer(n)) for n in (3, 4, 5)}
    one, zero = (number.ctypes.data for number in numbers)
    pointers = y.ctypes.data, x.ctypes.data, z.ctypes.data
    function(
        sign, sign, sizes[5], sizes[3], sizes[4], one, pointers[0], sizes[5], pointers[1], sizes[4], zero, pointers[2], sizes[5]
    )
    np.testing.assert_allclose(z, x @ y)


def test_what_is_found_is_found_once():
    """It is looked for once in a process."""
    assert find_blas() is find_blas()
