"""Gradients of single samples add up to those of the batch; who pulls a weight most is told and drawn."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from microgradnn import contributors, nn, per_sample_grads


def test_they_add_up(rng):
    """Their mean is the gradient of the mean loss, for layers of every kind; no .grad is touched."""
    network = nn.Sequential(nn.Conv2d(1, 2, 2, rng=rng), nn.Tanh(), nn.Flatten(), nn.Linear(8, 3, rng=rng))
    x, y = rng.normal(size=(5, 1, 3, 3)), rng.integers(0, 3, 5)
    grads = per_sample_grads(network, nn.cross_entropy, x, y)
    assert all(parameter.grad is None for parameter in network.parameters())
    nn.cross_entropy(network(x), y).backward()
    for name, parameter in network.named_parameters():
        assert grads[name].shape == (5, *parameter.shape)
        np.testing.assert_allclose(grads[name].mean(axis=0), parameter.grad, rtol=1e-12, atol=1e-15)
    with pytest.raises(ValueError, match="there are 5 inputs and 4 targets"):
        per_sample_grads(network, nn.cross_entropy, x, y[:4])


def test_who_pulls(rng, tmp_path):
    """The strongest come first, with their side; of many, ten are shown and the rest is counted; the picture has bars."""
    network = nn.Linear(2, 1, rng=rng)
    x, y = rng.normal(size=(30, 2)), rng.normal(size=(30, 1))
    who = contributors(network, nn.mse_loss, x, y, network.W[-1, 0])
    expected = 2 * (network(x).data - y)[:, 0] * x[:, 1]
    np.testing.assert_allclose(who.pulls, expected, rtol=1e-12)
    assert who.order[0] == np.abs(expected).argmax() and who.shares.sum() == pytest.approx(1)
    lines = str(who).splitlines()
    assert lines[0].startswith("Who pulls W[1, 0]: the gradient is ") and "20 more samples" in lines[-1]
    assert ("raises it" in lines[2]) == (expected[who.order[0]] < 0)
    picture = ET.fromstring(who.save(tmp_path / "who.svg").read_text(encoding="utf-8"))
    bars = [bar.get("class") for bar in picture.iter("{http://www.w3.org/2000/svg}rect")][1:]
    assert bars == ["above" if pull > 0 else "below" for pull in expected[who.order[:10]]]
    assert "20 more samples" in list(picture.iter("{http://www.w3.org/2000/svg}text"))[-1].text
    assert contributors(network, nn.mse_loss, x, y, network.b[0]).label == "b[0]"


def test_what_is_no_element(rng):
    """A whole matrix, and what is no parameter of the network."""
    network = nn.Linear(2, 1, rng=rng)
    for element in (network.W, network.W[0], network.W * 2, nn.Linear(2, 1, rng=rng).W[0, 0]):
        with pytest.raises(ValueError, match="one element of a parameter of the network"):
            contributors(network, nn.mse_loss, np.ones((1, 2)), np.ones((1, 1)), element)
