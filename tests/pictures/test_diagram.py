"""Diagrams: what is saved, in which formats, and what is there without a renderer."""

import html
from xml.etree import ElementTree

import numpy as np
import pytest
from diagrams import picture
from networks import textbook_network

from microgradnn import Tensor, chain_rule
from microgradnn.formulas.brief import visible


def test_paths_that_merge_are_a_sum():
    """Where gradient arrives from several sides, the node shows the terms and their sum."""
    x = Tensor(3.0, requires_grad=True, name="x")
    L = ((x * x).named("a") * (2 * x).named("b")).named("L")
    assert "∂L/∂x = 36 + 18<" in chain_rule(L, x).diagram.source


def test_many_paths():
    """Of many paths the strongest are drawn; the rest is one way with their number and sum."""
    w = Tensor([1.0], requires_grad=True, name="w")
    y = (w * np.arange(1.0, 21)).named("y")
    source = chain_rule((y**2).sum().named("L"), w[0]).diagram.source
    assert source.count("dir=back") == 14  # into and out of each of six elements, and of the rest
    assert "in total 2030" in source  # 2 (1² + 2² + ... + 14²)


@pytest.mark.parametrize("format", ["svg", "png"])
def test_rendered(renderer, format, tmp_path):
    """Both renderers make a picture, with the formulas in it as text."""
    path = picture().with_shape("natural").save(tmp_path / f"picture.{format}")
    content = path.read_bytes()
    if format == "png":
        assert content.startswith(b"\x89PNG")
    else:
        texts = ElementTree.fromstring(content).iter("{http://www.w3.org/2000/svg}text")
        assert "∂o/∂h2= V2" in "".join(text.text for text in texts)


def test_text_needs_no_renderer(without_renderers, tmp_path):
    """Without a renderer, the DOT text and the printed derivation are still there."""
    L, W = textbook_network()
    derivation = chain_rule(L, W[0, 0])
    assert "∂L/∂W₁₁" in str(derivation)
    assert derivation.diagram.save(tmp_path / "picture.dot").read_text(encoding="utf-8") == derivation.diagram.source
    shown = derivation.diagram._repr_mimebundle_()
    assert shown.keys() == {"text/vnd.mermaid", "text/plain"}
    assert "pip install" in shown["text/plain"]


@pytest.mark.parametrize("suffix", ["", ".jpg"])
def test_unknown_formats(suffix, tmp_path):
    """A suffix that says no format is refused, with those that do."""
    with pytest.raises(ValueError, match=r"its suffix should be one of .svg, .png, .pdf, .dot, .html, .mmd"):
        picture().save(tmp_path / f"picture{suffix}")


@pytest.mark.parametrize("name", ["<script>", 'a:b"\\n', "x & y", "line\nbreak", "√", "-> {", "W_0", r"\N \G", "]"])
def test_any_name_is_drawn_as_it_is(name, renderer):
    """Whatever is in a name, it appears in the picture, and nothing else happens."""
    x = Tensor([2.0], requires_grad=True, name=name)
    svg = chain_rule((x * x).sum().named("L"), x[0]).diagram.render("svg").decode()
    assert "<script" not in svg
    assert visible(name) in html.unescape(svg)
