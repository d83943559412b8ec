"""`demo`: the question's derivations and picture, and its network."""

import pytest

from microgradnn.commands import main
from microgradnn.commands.demo import source_network


def test_demo(monkeypatch, tmp_path, capsys):
    """The demo derives both gradients, and saves the picture under the name that is asked for."""
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "-o", "now.dot"]) == 0
    printed = capsys.readouterr().out
    assert "∂L/∂W₁₁ = ∂L/∂o · ∂o/∂h₁ · ∂h₁/∂W₁₁" in printed
    assert "∂L/∂W₁₂ = ∂L/∂o · ∂o/∂h₂ · ∂h₂/∂W₁₂" in printed
    assert printed.count("✓") == 4 and "✗" not in printed
    assert [path.name for path in tmp_path.iterdir()] == ["now.dot"]
    assert main(["demo", "-o", "now.jpeg"]) == 2


def test_the_demo_agrees_with_the_sources_formula():
    """∂L/∂W₁₁ of the demo's network is 2 V₁ (t − o) x₁ (h₁² − 1), as the answer to the question says."""
    L, W = source_network()
    L.backward()
    named = {}
    nodes = [L]
    for node in nodes:
        named[node.name] = node.data
        nodes += node.inputs
    expected = 2 * named["V"][0] * (named["t"] - named["o"]) * named["x"][0] * (named["h"][0] ** 2 - 1)
    assert W.grad[0, 0] == pytest.approx(expected, rel=1e-12)
