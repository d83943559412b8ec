"""A compiled program as a function of arrays: where they are is written into one list of addresses, and C is called with it."""

import ctypes

import numpy as np

from .blas import find_blas
from .compiler import library_of

LARGE = 2**14  # bytes from which on an array is not copied but handed over as it is
ALIGNED = 64


class Native:
    """A CModule, loaded.

    Parameters
    ----------
    module : CModule
    library : ctypes.PyDLL, optional
        The library that it was compiled to; else it is compiled now.

    Attributes
    ----------
    function : callable
        Called with `argument`, it runs once, on what the addresses say; returns what was wrong, or 0.
    results : list of array
        Where it writes its results to, if they are not handed over.
    """

    def __init__(self, module, library=None):
        self.module = module
        self.library = library or library_of(module.source)
        if module.uses_blas:
            blas = find_blas()
            self.library.use_blas(ctypes.c_void_p(blas.dgemm), ctypes.c_void_p(blas.sgemm))
        first = len(module.parameters)
        self.held = [None] * first  # what the addresses point into must stay alive
        self.seen, self.own = [None] * first, [None] * first  # what was copied in the call before, and where to
        self.results = [aligned(shape, np.dtype(dtype)) for shape, dtype in module.results]
        self.workspace = aligned((module.workspace,), np.dtype(np.int8))
        self.addresses = (ctypes.c_void_p * (first + len(self.results) + 1))()
        for i, array in enumerate([*self.results, self.workspace]):
            self.addresses[first + i] = address_of(array)
        function = self.library["step"]  # by name, it would be the same object for all
        function.restype = ctypes.c_long
        self.argument = ctypes.cast(self.addresses, ctypes.c_void_p)
        self.function = function

    def bind(self, position, array):
        """Let a parameter be this array, whose elements are read, or changed, where they are."""
        self.held[position] = array
        self.addresses[position] = address_of(array)

    def take(self, i, x, may_share=False):
        """Let a parameter be this array, or if it is another kind, or may share memory with what is changed, a copy."""
        own = self.own[i]
        if type(x) is np.ndarray and x.dtype == own.dtype and x.shape == own.shape and is_bindable(x) and not may_share:
            self.bind(i, x)
        else:
            if hasattr(x, "dtype") and not np.can_cast(x.dtype, own.dtype):
                raise TypeError(f"The C was written for {own.dtype}, which cannot hold the numbers of an array of {x.dtype}.")
            np.copyto(own, x)
            self.seen[i] = x
            self.bind(i, own)

    def taking(self, i, names, otherwise, is_checked=False):
        """Lines of Python that hand over x, an argument: they are run in each call, so written out.

        What was handed over the last time is read where it lies. A small array, as of a batch, is copied, which is quicker than
        to find out where it lies; what comes again, is large, or of another kind, is left to `otherwise`. The same array may
        have got another shape, unless the caller has looked at that.
        """
        shape, dtype = self.module.takes[i]
        names |= {"held": self.held, "seen": self.seen, "bind": self.bind, "ndarray": np.ndarray, "float64": np.float64}
        own = self.own[i] = names[f"own{i}"] = aligned(shape, np.dtype(dtype))
        names[f"dtype{i}"] = own.dtype
        is_array = f"type(x) is ndarray and x is not seen[{i}] and x.shape == {shape} and x.dtype is dtype{i}"
        is_number = "type(x) is float64 or " * (shape == () and own.dtype == np.float64)
        reshaped = f"x.ndim != {len(shape)}" if len(shape) < 2 else f"x.shape != {shape}"  # quicker
        return [
            f"    if x is not held[{i}] or {'' if is_checked else f'{reshaped} or '}x.dtype is not dtype{i}:",
            f"        if {is_number}{is_array if own.nbytes < LARGE else False}:",
            f"            own{i}[...] = seen[{i}] = x",
            f"            if held[{i}] is not own{i}: bind({i}, own{i})",
            f"        else: {otherwise}",
        ]

    def another(self):
        """The same with other memory, for another thread."""
        return Native(self.module, self.library)


def is_bindable(array):
    """Whether C can go through an array where it lies."""
    return type(array) is np.ndarray and array.flags.c_contiguous and array.flags.aligned and array.dtype.isnative


def address_of(array):
    """Where the first element of an array is."""
    return array.__array_interface__["data"][0]


def aligned(shape, dtype):
    """An array that begins at the start of a cache line."""
    size = int(np.prod(shape)) * dtype.itemsize
    memory = np.zeros(size + ALIGNED, np.int8)
    start = -address_of(memory) % ALIGNED
    return memory[start : start + size].view(dtype).reshape(shape)
