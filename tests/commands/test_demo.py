"""`demo`: the question's derivations and picture, and its network."""

import pytest

from microgradnn.commands import demo, main
from microgradnn.commands.demo import weight_of
from microgradnn.commands.networks import NETWORKS, source_network


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
    L = source_network()
    W = weight_of(L, "W")
    L.backward()
    named = {}
    nodes = [L]
    for node in nodes:
        named[node.name] = node.data
        nodes += node.inputs
    expected = 2 * named["V"][0] * (named["t"] - named["o"]) * named["x"][0] * (named["h"][0] ** 2 - 1)
    assert W.grad[0, 0] == pytest.approx(expected, rel=1e-12)


def test_the_demos_page(monkeypatch, tmp_path, capsys):
    """Without a name, the demo saves picture and live page, with all networks; it opens the page where somebody looks."""
    opened = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo, "NETWORKS", dict(list(NETWORKS.items())[:2]))
    monkeypatch.setattr(demo.webbrowser, "open", opened.append)
    assert main(["demo"]) == 0
    assert "saved live.html" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dL_dW11.svg", "live.html"]
    assert opened == []
    monkeypatch.setattr(demo.sys.stdout, "isatty", lambda: True, raising=False)
    demo.show_live()
    assert opened == [(tmp_path / "live.html").as_uri()]
