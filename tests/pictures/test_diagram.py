"""Diagrams: the DOT text, what is saved, and what is there without a renderer."""

import html

import numpy as np
import pytest
from networks import textbook_network

from microgradnn import Tensor, chain_rule
from microgradnn.formulas.brief import visible

EXPECTED_DOT = """digraph {
	graph [bgcolor=white nodesep=0.3 pad=0.3 rankdir=LR ranksep=0.6]
	graph [outputorder=edgesfirst]
	graph [fontcolor="#0f172a" fontname="Helvetica,Arial,sans-serif" fontsize=17 labelloc=t]
	node [fontname="Helvetica,Arial,sans-serif" fontsize=13 height=0 margin="0.12,0.06" width=0]
	edge [arrowsize=0.7 fontname="Helvetica,Arial,sans-serif" fontsize=12]
	graph [label=<<FONT POINT-SIZE="17" COLOR="#0f172a">∂L/∂W₁₂ = ∂L/∂o · ∂o/∂h₂ · ∂h₂/∂W₁₂</FONT><BR/><FONT POINT-SIZE="17" COLOR="#0f172a">= −2(t − o) · V₂ · x₁(1 − h₂²) = 10</FONT><BR/><FONT POINT-SIZE="4" COLOR="#0f172a"> </FONT><BR/><FONT POINT-SIZE="11" COLOR="#64748b">vermilion: ∂L/∂W₁₂ &gt; 0</FONT><BR/><FONT POINT-SIZE="9" COLOR="#0f172a"> </FONT>>]
	W_0_1 [label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="15" COLOR="#0f172a">W₁₂ = 0</FONT></TD></TR><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="13" COLOR="#c2410c">∂L/∂W₁₂ = 10</FONT></TD></TR></TABLE>> color="#c2410c" fillcolor="#fff7ed" fontcolor="#0f172a" group=lane ordering=in penwidth=2.4 shape=box style=filled tooltip="W₁₂
value: 0
∂L/∂W₁₂: 10"]
	h_1 [label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="15" COLOR="#0f172a">h₂ = 0</FONT></TD></TR><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="12" COLOR="#64748b">tanh(x W)</FONT></TD></TR><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="13" COLOR="#c2410c">∂L/∂h₂ = 5</FONT></TD></TR></TABLE>> color="#64748b" fillcolor="#ffffff" fontcolor="#0f172a" group=lane ordering=in penwidth=1.2 shape=box style="rounded,filled" tooltip="h₂ = tanh(x W)
value: 0
∂L/∂h₂: 5"]
	o [label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="15" COLOR="#0f172a">o = 0.5</FONT></TD></TR><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="12" COLOR="#64748b">h V + 0.5</FONT></TD></TR><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="13" COLOR="#c2410c">∂L/∂o = −1</FONT></TD></TR></TABLE>> color="#64748b" fillcolor="#ffffff" fontcolor="#0f172a" group=lane ordering=in penwidth=1.2 shape=box style="rounded,filled" tooltip="o = h V + 0.5
value: 0.5
∂L/∂o: −1"]
	L [label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="15" COLOR="#0f172a">L = 0.25</FONT></TD></TR><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="12" COLOR="#64748b">(t − o)²</FONT></TD></TR><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="13" COLOR="#0f172a">∂L/∂L = 1</FONT></TD></TR></TABLE>> color="#0f172a" fillcolor="#f1f5f9" fontcolor="#0f172a" group=lane ordering=in penwidth=2.2 shape=box style="rounded,filled" tooltip="L = (t − o)²
value: 0.25
∂L/∂L: 1"]
	operand_t [label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="13" COLOR="#64748b">t = 1</FONT></TD></TR></TABLE>> color="#94a3b8" fillcolor="#ffffff" fontcolor="#64748b" penwidth=0 shape=plain style="" tooltip=" "]
	operand_V [label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="13" COLOR="#64748b">V₂ = −5</FONT></TD></TR></TABLE>> color="#94a3b8" fillcolor="#ffffff" fontcolor="#64748b" penwidth=0 shape=plain style="" tooltip=" "]
	operand_x [label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="13" COLOR="#64748b">x₁ = 2</FONT></TD></TR></TABLE>> color="#94a3b8" fillcolor="#ffffff" fontcolor="#64748b" penwidth=0 shape=plain style="" tooltip=" "]
	h_0 [label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="13" COLOR="#64748b">h₁ = 0</FONT></TD></TR></TABLE>> color="#94a3b8" fillcolor="#ffffff" fontcolor="#64748b" penwidth=1 shape=box style="rounded,filled" tooltip=" "]
	W_0_0 [label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="13" COLOR="#64748b">W₁₁ = 0</FONT></TD></TR></TABLE>> color="#94a3b8" fillcolor="#ffffff" fontcolor="#64748b" penwidth=1 shape=box style="rounded,filled" tooltip=" "]
	o -> L [label=<<FONT POINT-SIZE="12" COLOR="#c2410c">∂L/∂o = −2(t − o)</FONT><BR ALIGN="LEFT"/><FONT POINT-SIZE="12" COLOR="#c2410c">= −1</FONT><BR ALIGN="LEFT"/><FONT POINT-SIZE="3" COLOR="#c2410c"> </FONT><BR ALIGN="LEFT"/>> color="#c2410c" dir=back labeltooltip="∂L/∂o: −2(t − o) = −2(1 − 0.5) = −1
carries: 10 of ∂L/∂W₁₂" penwidth=3.5 tooltip="∂L/∂o: −2(t − o) = −2(1 − 0.5) = −1
carries: 10 of ∂L/∂W₁₂" weight=21]
	h_1 -> o [label=<<FONT POINT-SIZE="12" COLOR="#c2410c">∂o/∂h₂ = V₂</FONT><BR ALIGN="LEFT"/><FONT POINT-SIZE="12" COLOR="#c2410c">= −5</FONT><BR ALIGN="LEFT"/><FONT POINT-SIZE="3" COLOR="#c2410c"> </FONT><BR ALIGN="LEFT"/>> color="#c2410c" dir=back labeltooltip="∂o/∂h₂: V₂ = −5
carries: 10 of ∂L/∂W₁₂" penwidth=3.5 tooltip="∂o/∂h₂: V₂ = −5
carries: 10 of ∂L/∂W₁₂" weight=21]
	W_0_1 -> h_1 [label=<<FONT POINT-SIZE="12" COLOR="#c2410c">∂h₂/∂W₁₂ = x₁(1 − h₂²)</FONT><BR ALIGN="LEFT"/><FONT POINT-SIZE="12" COLOR="#c2410c">= 2</FONT><BR ALIGN="LEFT"/><FONT POINT-SIZE="3" COLOR="#c2410c"> </FONT><BR ALIGN="LEFT"/>> color="#c2410c" dir=back labeltooltip="∂h₂/∂W₁₂: x₁(1 − h₂²) = 2(1 − 0²) = 2
carries: 10 of ∂L/∂W₁₂" penwidth=3.5 tooltip="∂h₂/∂W₁₂: x₁(1 − h₂²) = 2(1 − 0²) = 2
carries: 10 of ∂L/∂W₁₂" weight=21]
	operand_t -> L [arrowsize=0.5 color="#64748b" penwidth=1 style=dashed]
	operand_V -> o [arrowsize=0.5 color="#64748b" penwidth=1 style=dashed]
	operand_x -> h_1 [arrowsize=0.5 color="#64748b" penwidth=1 style=dashed]
	h_0 -> o [arrowsize=0.5 color="#94a3b8" dir=back penwidth=1]
	W_0_0 -> h_0 [arrowsize=0.5 color="#94a3b8" dir=back penwidth=1]
}
"""


def picture():
    L, W = textbook_network()
    return chain_rule(L, W[0, 1]).diagram


def test_dot_text_of_the_source_network():
    """The text names each scalar once, with value and gradient, and has a formula and a number on every edge."""
    assert picture().source == EXPECTED_DOT


def test_the_same_derivation_is_the_same_text():
    """Two runs give the same text, so that a picture in git changes only where the derivation did."""
    assert picture().source == picture().source


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
    path = picture().save(tmp_path / f"picture.{format}")
    content = path.read_bytes()
    if format == "png":
        assert content.startswith(b"\x89PNG")
    else:
        assert "∂o/∂h₂ = V₂" in content.decode()


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
