"""Matrix products by a BLAS that is there already: the one that NumPy brings along."""

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
    """The Blas that NumPy was shipped with, which it has loaded, else NONE."""
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
    return NONE


def threads_of(library):
    """On how many threads OpenBLAS runs; as many as there are processors, if it does not say."""
    for symbol in SYMBOLS:
        counting = getattr(library, f"{symbol.partition('{')[0]}openblas_get_num_threads{symbol.rpartition('gemm_')[2]}", None)
        if counting:
            return counting()
    return os.cpu_count() or 1
