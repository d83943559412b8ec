"""Native functions: addresses, and memory that each has of its own."""

import numpy as np
from compilers import needs_compiler, source_of

from microgradnn import Tensor
from microgradnn.compiling.native import Native, address_of, aligned


def test_aligned_arrays():
    """They begin where a line of the cache does, whatever their type, and may be empty."""
    for shape, dtype in (((3, 5), float), ((7,), np.float32), ((), bool), ((0, 2), float)):
        array = aligned(shape, np.dtype(dtype))
        assert array.shape == shape
        assert array.dtype == dtype
        assert address_of(array) % 64 == 0 or array.size == 0


@needs_compiler
def test_bound_arrays_are_read_where_they_lie():
    """What is changed in place is seen in the next call; another Native of the module has its own results."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    native = Native(source_of((x * x).sum()).module)
    array, other = np.array([1.0, 2.0]), native.another()
    native.bind(0, array)
    other.bind(0, np.array([5.0, 0.0]))
    assert native.function(native.argument) == other.function(other.argument) == 0
    assert native.results[0] == 5
    array[0] = 3
    native.function(native.argument)
    assert native.results[0] == 13
    assert native.results[1].tolist() == [6, 4]
    assert other.results[0] == 25


@needs_compiler
def test_how_arguments_are_handed_over():
    """A small array is copied the first time, and left to be bound if it comes again; so is what is large, or another kind."""
    for shape, copied in (((3,), True), ((), True), ((3000,), False)):
        x = Tensor(np.ones(shape), requires_grad=True, name="x")
        native, names = Native(source_of((x * x).sum()).module), {}
        exec("\n".join(["def hand_over(x):", *native.taking(0, names, "return False"), "    return True"]), names)
        hand_over, array = names["hand_over"], np.full(shape, 2.0)
        assert hand_over(array) == copied
        assert not hand_over(array)
        native.bind(0, array)
        assert hand_over(array)
        native.function(native.argument)
        assert native.results[0] == 4 * array.size
        assert not hand_over(array.astype(int))
        assert not hand_over(np.ones((*shape, 2)))
        assert not hand_over(array.tolist())
