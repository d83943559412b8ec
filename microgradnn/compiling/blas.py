"""Matrix products by a BLAS that is there already: the one that NumPy brings along, or SciPy's."""

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

PATTERNS = (
    "../numpy.libs/*openblas*",
    "../numpy.libs/*/*openblas*",
    ".dylibs/*openblas*",
    "../scipy_openblas64/lib/*openblas*",
)
SYMBOLS = ("scipy_{}gemm_64_", "{}gemm_64_", "scipy_{}gemm_", "{}gemm_")


class Blas(NamedTuple):
    """Two functions in memory, the type in C of the integers that they take, and on how many threads they run."""

    dgemm: int
    sgemm: int
    integer: str
    threads: int


NONE = Blas(0, 0, "int", 0)


@cache
def find_blas():
    """The Blas of NumPy, else of SciPy, else NONE."""
    return numpy_blas() or scipy_blas() or NONE


def numpy_blas():
    """That which NumPy was shipped with, which it has loaded."""
    package = Path(np.__file__).parent
    for path in (path for pattern in PATTERNS for path in sorted(package.glob(pattern))):
        try:
            library = ctypes.CDLL(str(path))
        except OSError:
            continue
        for symbol in SYMBOLS:
            found = [getattr(library, symbol.format(letter), None) for letter in "ds"]
            if all(found):
                integer = "long long" if "64" in symbol else "int"
                return Blas(*(ctypes.cast(function, ctypes.c_void_p).value for function in found), integer, threads_of(library))
    return None


def threads_of(library):
    """On how many threads OpenBLAS runs; as many as there are processors, if it does not say."""
    for symbol in SYMBOLS:
        counting = getattr(library, f"{symbol.partition('{')[0]}openblas_get_num_threads{symbol.rpartition('gemm_')[2]}", None)
        if counting:
            return counting()
    return os.cpu_count() or 1


def scipy_blas():
    """SciPy's, which hands out its functions to compiled code."""
    try:
        from scipy.linalg import cython_blas
    except ImportError:
        return None
    addresses = []
    for name in ("dgemm", "sgemm"):
        capsule = cython_blas.__pyx_capi__[name]
        api = ctypes.pythonapi
        api.PyCapsule_GetName.restype, api.PyCapsule_GetName.argtypes = ctypes.c_char_p, [ctypes.py_object]
        api.PyCapsule_GetPointer.restype = ctypes.c_void_p
        api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
        signature = api.PyCapsule_GetName(capsule)
        addresses.append(api.PyCapsule_GetPointer(capsule, signature))
    return Blas(*addresses, "long long" if b"64" in signature else "int", os.cpu_count() or 1)
