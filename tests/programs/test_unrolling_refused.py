"""What is not unrolled: the errors."""

import pytest

from microgradnn import Tensor
from microgradnn.programs.unrolling import unroll


def test_arrays_of_another_library():
    """Arrays that are not NumPy's are refused, as the source would be for others."""
    dask_array = pytest.importorskip("dask.array")
    x = Tensor(dask_array.ones(3), requires_grad=True, name="x")
    with pytest.raises(TypeError, match="holds a Array; what is unrolled is NumPy source for NumPy arrays"):
        unroll((x * 2).sum(), [x])


def test_no_loss_no_dependence():
    """The output must be one number, and depend on what its gradient is asked for, which must be something."""
    x, y = (Tensor([1.0, 2.0], requires_grad=True, name=name) for name in "xy")
    with pytest.raises(ValueError, match=r"^unroll takes a loss, which is one number; the output is a Tensor of shape \(2,\)"):
        unroll(x * 2, [x])
    with pytest.raises(ValueError, match="something to differentiate by; wrt is empty"):
        unroll((x * 2).sum(), [])
    with pytest.raises(ValueError, match="does not depend on 'y' of shape"):
        unroll((x * 2).sum(), [y])
    with pytest.raises(RuntimeError, match="nothing to differentiate"):
        unroll(Tensor(1.0) * 2, [x])


def test_what_is_no_tensor():
    """A function, an array or a name in place of a Tensor, and a Tensor twice."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    L = (x * x).sum()
    with pytest.raises(TypeError, match=r"^unroll\(output, wrt\) takes Tensors: .*; the output is array"):
        unroll(x.data, x)
    with pytest.raises(TypeError, match="examples are for a function"):
        unroll(L, x, False, x)
    with pytest.raises(TypeError, match=r"the function should return a loss, a Tensor; it returned 3\.0"):
        unroll(lambda x: 3.0, x)
    for wrong in ("x", [x.data]):
        with pytest.raises(TypeError, match="one of wrt is"):
            unroll(L, wrong)
    with pytest.raises(ValueError, match="given a Tensor twice"):
        unroll(L, [x, x])
