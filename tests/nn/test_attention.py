"""Attention: masks, heads and blocks; what is equivariant, and what is not once there are positions."""

import numpy as np
import pytest

from microgradnn import Tensor, draw, nn


def test_attention_is_a_weighted_mean(rng):
    """By the formula, with NumPy alone; with equal scores the mean of the values."""
    q, k, v = rng.normal(size=(3, 2, 5, 4))
    scores = q @ k.swapaxes(-1, -2) / 2
    weights = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    assert np.allclose(nn.scaled_dot_product_attention(q, k, v).data, weights @ v)
    assert np.allclose(nn.scaled_dot_product_attention(0 * q, k, v).data, v.mean(axis=1, keepdims=True).repeat(5, axis=1))


def test_masks(rng):
    """Where a query may not look, nothing counts, and gets no gradient; numbers are added; causal is the lower triangle."""
    q, k, v = (Tensor(x, requires_grad=True) for x in rng.normal(size=(3, 4, 2)))
    mask = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 0]], bool)
    z = nn.scaled_dot_product_attention(q, k, v, mask)
    (z * z).sum().backward()
    assert not k.grad[3].any() and not v.grad[3].any() and np.isfinite(q.grad).all()
    added = nn.scaled_dot_product_attention(q, k, v, np.where(mask, 0, -np.inf))
    assert np.allclose(added.data, z.data)
    causal = nn.scaled_dot_product_attention(q, k, v, is_causal=True)
    assert np.allclose(causal.data, nn.scaled_dot_product_attention(q, k, v, np.tril(np.ones((4, 4), bool))).data)
    with pytest.raises(ValueError, match="leaves a query nothing to look at"):
        nn.scaled_dot_product_attention(q, k, v, np.zeros((4, 4), bool))


def test_a_block_is_equivariant_without_positions(rng):
    """Places in another order give the results in that order; with positions, or a causal mask, they do not."""
    block, x, order = nn.TransformerBlock(8, 2, rng=rng), rng.normal(size=(3, 6, 8)), rng.permutation(6)
    assert np.allclose(block(x[:, order]).data, block(x).data[:, order], rtol=1e-10)
    assert not np.allclose(block(x[:, order], is_causal=True).data, block(x, is_causal=True).data[:, order])
    positions = nn.PositionalEncoding(8)
    assert not np.allclose(block(positions(x[:, order])).data, block(positions(x)).data[:, order])


def test_nothing_comes_from_the_future(rng):
    """In a causal block, what comes later changes nothing of what came before."""
    block, x = nn.TransformerBlock(8, 2, rng=rng), rng.normal(size=(1, 5, 8))
    other = x.copy()
    other[:, 3:] += 1
    before, after = (block(values, is_causal=True).data for values in (x, other))
    assert np.array_equal(before[:, :3], after[:, :3]) and not np.allclose(before[:, 3:], after[:, 3:])


def test_one_sequence_looks_at_another(rng):
    """With a key, positions of one sequence look at those of another, of another length."""
    attention = nn.MultiHeadAttention(4, 2, rng=rng)
    assert attention(rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 7, 4))).shape == (2, 3, 4)


def test_a_block_in_a_picture(rng):
    """Its parts are frames, called by where the block keeps them."""
    labels = [frame.label for frame in draw((nn.TransformerBlock(4, 2, rng=rng)(np.ones((1, 2, 4))) ** 2).sum()).picture.frames]
    assert {"TransformerBlock", "attention: MultiHeadAttention", "norm1: LayerNorm", "up: Linear"} <= set(labels)


def test_dropout_and_refusals(rng):
    """In training something is dropped; widths that do not fit are refused."""
    block, x = nn.TransformerBlock(4, 2, dropout=0.5, rng=rng), rng.normal(size=(1, 3, 4))
    assert not np.allclose(block(x).data, block(x).data)
    assert np.allclose(block.eval()(x).data, block(x).data)
    with pytest.raises(ValueError, match="a width of 6 cannot be divided among 4 heads"):
        nn.MultiHeadAttention(6, 4, rng=rng)
    with pytest.raises(ValueError, match="sines and cosines are pairs"):
        nn.sinusoidal_positions(3, 5)
    with pytest.raises(ValueError, match=r"expects an input of shape \(\.\.\., time ≤ 2, 4\)"):
        nn.PositionalEncoding(4, 2)(np.ones((3, 4)))
    with pytest.raises(ValueError, match=r"MultiHeadAttention\(4, heads=2\) expects"):
        nn.MultiHeadAttention(4, 2, rng=rng)(np.ones((3, 5)))
