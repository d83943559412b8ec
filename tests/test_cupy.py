"""Arrays on a GPU: CuPy's speak NumPy's protocols, so a Tensor may hold them. Skipped where there is no CuPy, or no GPU."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from op_table import TABLE, gradients
from strategies import generators, is_floating

from microgradnn import Tensor, nn, optim

cupy = pytest.importorskip("cupy")
try:
    cupy.cuda.runtime.getDeviceCount()
except cupy.cuda.runtime.CUDARuntimeError as error:
    pytest.skip(f"no GPU: {error}", allow_module_level=True)


@pytest.mark.parametrize("op_class", TABLE)
@settings(max_examples=max(settings.default.max_examples // 5, 1), deadline=None)
@given(data=st.data())
def test_operations(op_class, data):
    """Forward and vjps run unchanged on CuPy's arrays and give NumPy's numbers there, or CuPy says what it lacks."""
    op, arrays = data.draw(TABLE[op_class].cases)
    dz = data.draw(generators).normal(size=np.shape(op(*arrays)))
    leaves = [Tensor(cupy.asarray(x), requires_grad=is_floating(x)) for x in arrays]
    try:
        z = op(*leaves)
        z.backward(cupy.asarray(dz))
    except (TypeError, NotImplementedError) as error:
        pytest.skip(str(error))
    expected = gradients(op, arrays, dz)
    assert isinstance(z.data, cupy.ndarray)
    np.testing.assert_allclose(cupy.asnumpy(z.data), op(*arrays), rtol=1e-9, atol=1e-11)
    for x, dx in zip(leaves, expected, strict=True):
        if dx is not None:
            assert isinstance(x.grad, cupy.ndarray)
            np.testing.assert_allclose(cupy.asnumpy(x.grad), dx, rtol=1e-9, atol=1e-11)


def test_training():
    """A network trained on the GPU goes where it goes on the CPU."""
    rng = np.random.default_rng(0)
    X, T = rng.normal(size=(20, 3)), rng.integers(4, size=20)
    ends = []
    for array in (np.asarray, cupy.asarray):
        network = nn.MLP([3, 8, 4], rng=np.random.default_rng(1))
        for W in network.parameters():
            W.data = array(W.data)
        descent = optim.Adam(network.parameters(), lr=0.05)
        for _ in range(20):
            descent.zero_grad()
            nn.cross_entropy(network(Tensor(array(X))), array(T)).backward()
            descent.step()
        ends.append([W.data for W in network.parameters()])
    for W, there in zip(*ends, strict=True):
        assert isinstance(there, cupy.ndarray)
        np.testing.assert_allclose(cupy.asnumpy(there), W, rtol=1e-9, atol=1e-11)
