"""Recurrent layers: sequences are their cells step by step, gates have the gradients of their papers; pictures and programs."""

import numpy as np
import pytest

from microgradnn import Tensor, chain_rule, draw, nn, unroll

KINDS = {nn.RNN: nn.RNNCell, nn.GRU: nn.GRUCell, nn.LSTM: nn.LSTMCell}


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_is_its_cell_step_by_step(kind, rng):
    """Outputs and state are those of the cell; in two parts, with the state carried over, they are the same."""
    layer, x = kind(3, 4, rng=rng), rng.normal(size=(6, 2, 3))
    outputs, state = layer(x)
    h, cell = None, layer.cells[0]
    for t in range(6):
        h = cell(x[t], h)
        assert np.array_equal(outputs[t].data, (h[0] if kind is nn.LSTM else h).data)
    first, carried = layer(x[:4])
    second, last = layer(x[4:], carried)
    assert np.allclose(np.concatenate([first.data, second.data]), outputs.data, rtol=1e-14)
    for a, b in zip(last, state, strict=True):
        assert np.allclose(a.data, b.data, rtol=1e-14)
    assert np.allclose(layer(x[:, 0])[0].data, outputs.data[:, 0], rtol=1e-14)


def test_lstm_gradients_are_those_of_the_formulas(rng):
    """∂L/∂c flows by the forget gate, and each gate's columns get what its formula says."""
    cell, x, h0, c0 = nn.LSTMCell(3, 2, rng=rng), rng.normal(size=(4, 3)), rng.normal(size=(4, 2)), rng.normal(size=(4, 2))
    c_before = Tensor(c0, requires_grad=True)
    h, c = cell(x, (Tensor(h0), c_before))
    u, v = rng.normal(size=(2, 4, 2))
    ((h * u).sum() + (c * v).sum()).backward()
    z = x @ cell.Wx.data + h0 @ cell.Wh.data + cell.b.data
    i, f, o = (1 / (1 + np.exp(-z[:, k : k + 2])) for k in (0, 2, 6))
    g, s = np.tanh(z[:, 4:6]), np.tanh(f * c0 + i * np.tanh(z[:, 4:6]))
    dc = v + u * o * (1 - s**2)
    dz = np.concatenate([dc * g * i * (1 - i), dc * c0 * f * (1 - f), dc * i * (1 - g**2), u * s * o * (1 - o)], axis=1)
    assert np.allclose(c_before.grad, dc * f, rtol=1e-12)
    assert np.allclose(cell.Wx.grad, x.T @ dz, rtol=1e-12)
    assert np.allclose(cell.Wh.grad, h0.T @ dz, rtol=1e-12)
    assert np.allclose(cell.b.grad, dz.sum(axis=0), rtol=1e-12)


def test_layers_on_top_of_each_other(rng):
    """Two layers are one after the other, and their state has an axis for them."""
    both, x = nn.GRU(3, 4, layers=2, batch_first=True, rng=rng), rng.normal(size=(2, 5, 3))
    one, two = nn.GRU(3, 4, batch_first=True, rng=rng), nn.GRU(4, 4, batch_first=True, rng=rng)
    one.cells, two.cells = both.cells[:1], both.cells[1:]
    outputs, state = both(x)
    assert np.allclose(two(one(x)[0])[0].data, outputs.data) and state.shape == (2, 2, 4)
    assert [name for name, _ in both.named_parameters()][:5] == [
        "cells.0.Wx",
        "cells.0.Wh",
        "cells.0.b",
        "cells.0.bh",
        "cells.1.Wx",
    ]


def test_pictures_derivations_and_programs(rng):
    """A cell is a frame in the picture; a gradient through time is derived; unrolled it gives the same."""
    cell = nn.GRUCell(2, 2, rng=rng)
    h = cell(rng.normal(size=(1, 2)))
    assert "GRUCell" in [frame.label for frame in draw((h * h).sum()).picture.frames]
    layer, x = nn.RNN(2, 2, rng=rng), Tensor(rng.normal(size=(3, 1, 2)), requires_grad=True, name="x")
    outputs, _ = layer(x)
    L = (outputs[-1] ** 2).sum().named("L")
    L.backward()
    W = layer.cells[0].Wh
    assert np.isclose(chain_rule(L, W[0, 1]).value, W.grad[0, 1])
    by_hand = unroll(L, [W])
    named = {name.replace(".", "_"): tensor.data for name, tensor in {"x": x, **dict(layer.named_parameters())}.items()}
    value, (dW,) = by_hand(**{**by_hand.recorded, **named}, h0=np.zeros((1, 2)))
    assert np.isclose(value, L.item()) and np.allclose(dW, W.grad, rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_is_one_box(kind, rng):
    """Folded, it is a single box, whether outputs are used, the state, or both; unfolded, its steps are frames within it."""
    outputs, state = kind(2, 2, rng=rng)(rng.normal(size=(3, 1, 2)))
    h = state[0] if kind is nn.LSTM else state
    for L in ((outputs**2).sum(), (h**2).sum(), (outputs**2).sum() + h.sum()):
        boxes = [box.content[0].text for box in draw(L, fold="modules").picture.boxes]
        assert boxes.count(kind.__name__) == 1 and not any("matmul" in text or "σ" in text for text in boxes)
    frames = [frame.label for frame in draw((outputs**2).sum()).picture.frames]
    assert frames == [kind.__name__, *[f"cells.0: {KINDS[kind].__name__}"] * 3]


def test_refusals(rng):
    """Inputs of another length, no layers, an activation that there is none of."""
    with pytest.raises(ValueError, match=r"LSTM\(3, 4\) expects an input of shape \(time, n, 3\)"):
        nn.LSTM(3, 4, rng=rng)(np.ones((5, 2, 2)))
    with pytest.raises(ValueError, match=r"GRUCell\(3, 4\) expects an input of shape \(\.\.\., 3\)"):
        nn.GRUCell(3, 4, rng=rng)(np.ones((5, 2)))
    with pytest.raises(ValueError, match="one layer or more"):
        nn.RNN(3, 4, layers=0, rng=rng)
    with pytest.raises(ValueError, match="There is no nonlinearity 'selu'; there are tanh, relu"):
        nn.RNNCell(3, 4, nonlinearity="selu", rng=rng)
