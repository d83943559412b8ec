"""A picture in DOT, to the letter, and with the places of a layout: both renderers draw what the layout says."""

import re

import numpy as np
import pytest
from diagrams import classify, picture

from microgradnn import draw


def bounds(numbers):
    """Left, top, right and bottom of the points in an SVG attribute."""
    found = np.array(re.findall(r"-?[\d.]+", numbers), float).reshape(-1, 2)
    return [*found.min(axis=0), *found.max(axis=0)]


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_drawn_where_the_layout_says(direction, renderer, rng):
    """Boxes, ellipses, frames and the ends of arrows are in the SVG at the places of the layout; y runs up in it."""
    diagram = draw(classify(rng)[1], direction=direction)
    layout, svg = diagram.layout, diagram.render().decode()
    for name, box in {**layout.boxes, **{f"cluster_{name}": frame for name, frame in layout.frames.items()}}.items():
        shape = re.search(rf"<title>{name}</title>(.*?)</g>\n", svg, re.DOTALL)[1]
        ellipse = re.search(r'<ellipse[^>]* cx="(\S+)" cy="(\S+)" rx="(\S+)" ry="(\S+)"', shape)
        if ellipse:
            x, y, across, down = map(float, ellipse.groups())
            drawn = [x - across, y - down, x + across, y + down]
        else:
            drawn = bounds(re.search(r'<(?:polygon|path)[^>]* (?:points|d)="([^"]*)"', shape)[1])
        expected = [box.x, box.y - layout.height, box.x + box.width, box.y + box.height - layout.height]
        assert np.allclose(drawn, expected, atol=0.6), name
    tips = [bounds(points) for points in re.findall(r'class="edge">.*?<polygon[^>]* points="([^"]*)"', svg, re.DOTALL)]
    ends = sorted((curve.points[-1].x, curve.points[-1].y - layout.height) for curve in layout.curves)
    assert len(tips) == len(ends)
    for x, y in ends:
        assert any(left - 3 < x < right + 3 and top - 3 < y < bottom + 3 for left, top, right, bottom in tips)


def test_the_plain_text_has_no_places(rng):
    """What is saved as .dot is for reading, and for Graphviz to lay out: it holds no coordinates."""
    assert not re.search(r"\b(pos|bb|lp|nop2)\b", draw(classify(rng)[1]).source)


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


def test_dot_text_of_the_source_network():
    """The text names each scalar once, with value and gradient, and has a formula and a number on every edge."""
    assert picture().source == EXPECTED_DOT


def test_the_same_derivation_is_the_same_text():
    """Two runs give the same text, so that a picture in git changes only where the derivation did."""
    assert picture().source == picture().source
