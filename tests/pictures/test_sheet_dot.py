"""Sheets as both renderers draw them: every mark where it is meant to be, text in its size, and nothing added."""

import re

import numpy as np
import pytest
from battery import network
from diagrams import classify

from microgradnn import chain_rule, draw
from microgradnn.graph import whole_graph
from microgradnn.pictures import sheet_dot
from microgradnn.pictures.layout import Point, Rectangle
from microgradnn.pictures.sheet import Cells, Node, Panel, Run, Sheet, Way
from microgradnn.pictures.sheet_dot import sheet_to_dot
from microgradnn.pictures.themes import LIGHT, THEMES

TEXT = r'<text[^>]* x="(\S+)" y="(\S+)"[^>]*font-size="(\S+)"[^>]*>([^<]*)</text>'


def drawn(diagram):
    """The text of an SVG: where each piece begins, its baseline from above, size and letters."""
    svg = diagram.render().decode()
    return svg, [(float(x), diagram.sheet.height + float(y), float(size), text) for x, y, size, text in re.findall(TEXT, svg)]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["source", "RNN", "not finite", "long names"])
def test_text_is_where_it_is_meant_to_be(theme, name, renderer):
    """Each piece of text begins at its x, and its baseline is at its y, to a quarter of a point; sizes are kept."""
    diagram = draw(network(name), theme=theme, shape="slide")
    svg, found = drawn(diagram)
    runs = [mark for mark in diagram.sheet.marks if isinstance(mark, Run)]
    assert len(found) == len(runs)
    for (x, y, size, _), run in zip(found, runs, strict=True):
        assert x == pytest.approx(run.x, abs=0.7)
        assert y == pytest.approx(run.y, abs=0.25)
        assert size == pytest.approx(run.size, abs=0.01)
    assert re.search(r'<svg width="960pt" height="540pt"\s+viewBox="0.00 0.00 960.00 540.00"', svg)
    assert "mark" not in "".join(re.findall(r"<title>.*?</title>", svg))


def test_smallest_type_in_the_file(renderer):
    """In the SVG of the source's slide no line is set smaller than 18 points."""
    scripts = {
        mark.size for mark in draw(network("source"), shape="slide").sheet.marks if isinstance(mark, Run) and mark.is_script
    }
    _, found = drawn(draw(network("source"), shape="slide"))
    assert min(size for _, _, size, _ in found if not any(abs(size - script) < 0.01 for script in scripts)) >= 18


def test_what_a_browser_makes_of_it(browser, tmp_path, renderer):
    """In Chromium, no text of the slides lies over another, and none leaves the slide."""
    L = network("source")
    W = next(node for node in whole_graph(L) if node.name == "W")
    rules = [chain_rule(L, of).diagram.with_shape("slide") for of in (W, W[0, 0])]
    names = ("RNN", "attention", "six layers", "convolution", "residual")
    for diagram in (draw(L, shape="slide"), *rules, *(draw(network(name), shape="slide") for name in names)):
        browser.open(diagram.save(tmp_path / "slide.svg"))
        boxes = np.array(
            browser.run(
                "return [...document.querySelectorAll('text')].map(t => { const r = t.getBBox(), m = t.getCTM();"
                " return [r.x + m.e, r.y + m.f, r.x + r.width + m.e, r.y + r.height + m.f]; })"
            )
        )
        assert len(boxes) > 16
        assert boxes.min() > 0
        size = boxes[:, 3] - boxes[:, 1]
        boxes[:, 1] += 0.22 * size  # what Chromium has above capitals and below the line
        boxes[:, 3] -= 0.2 * size
        a, b = boxes[:, None], boxes[None]
        over = np.all((a[..., :2] + 0.5 < b[..., 2:] - 0.5) & (b[..., :2] + 0.5 < a[..., 2:] - 0.5), axis=-1)
        assert not (over & ~np.eye(len(boxes), dtype=bool)).any()


def test_formats(renderer, tmp_path):
    """A slide is 13.33 × 7.5 inches in each format; its text can be selected in SVG and PDF."""
    diagram = draw(network("source"), shape="slide")
    png = diagram.render("png")
    assert [int.from_bytes(png[i : i + 4], "big") for i in (16, 20)] == pytest.approx([2667, 1500], abs=2)
    if renderer == "dot":
        assert diagram.render("pdf").startswith(b"%PDF")
        boxes = re.findall(rb"/MediaBox \[ (.*?) \]", diagram.render("pdf"))  # newer ones are written compressed
        assert set(boxes) <= {b"0 0 960 540"}


def bounds(numbers):
    """Left, top, right and bottom of the points in an SVG attribute."""
    found = np.array(re.findall(r"-?[\d.]+", numbers), float).reshape(-1, 2)
    return [*found.min(axis=0), *found.max(axis=0)]


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_drawn_where_the_sheet_says(direction, renderer, rng):
    """Boxes, ellipses and the ends of arrows are in the SVG at the places of the sheet; y runs up in it."""
    diagram = draw(classify(rng)[1], direction=direction, shape="natural")
    sheet = diagram.sheet
    svg = diagram.render().decode()
    for name, box in {mark.id: mark.place for mark in sheet.marks if isinstance(mark, Node)}.items():
        shape = re.search(rf"<title>{name}</title>(.*?)</g>\n", svg, re.DOTALL)[1]
        ellipse = re.search(r'<ellipse[^>]* cx="(\S+)" cy="(\S+)" rx="(\S+)" ry="(\S+)"', shape)
        if ellipse:
            x, y, across, down = map(float, ellipse.groups())
            drawn = [x - across, y - down, x + across, y + down]
        else:
            drawn = bounds(re.search(r'<(?:polygon|path)[^>]* (?:points|d)="([^"]*)"', shape)[1])
        expected = [box.x, box.y - sheet.height, box.x + box.width, box.y + box.height - sheet.height]
        assert np.allclose(drawn, expected, atol=0.6), name
    tips = [bounds(points) for points in re.findall(r'class="edge">.*?<polygon[^>]* points="([^"]*)"', svg, re.DOTALL)]
    ways = [mark for mark in sheet.marks if isinstance(mark, Way)]
    ends = sorted((way.points[-1].x, way.points[-1].y - sheet.height) for way in ways)
    assert len(tips) == len(ends)
    for x, y in ends:
        assert any(left - 3 < x < right + 3 and top - 3 < y < bottom + 3 for left, top, right, bottom in tips)


def test_strings_are_bounded():
    """However long a text or a card is, no string in DOT is longer than what Graphviz 2.43 reads; backslashes stay."""
    marks = [
        Run(10, 10, "a\\N&b" * 5000, 8, LIGHT.ink, "b"),
        Run(10, 30, 'quote" <b>' * 5000, 8, LIGHT.ink),
        Node("box", Rectangle(0, 0, 10, 10), "parameter", [("value", "9" * 20_000)]),
        Panel(Rectangle(0, 0, 5, 5), "red"),
        Cells(Rectangle(0, 0, 5, 5), (("#ffffff", "#000000"), ("#ffffff", "#ffffff")), "black"),
        Way("box", "box", [Point(0, 0), Point(1, 0), Point(2, 0), Point(30, 0)], "black", 1.0),
    ]
    text = sheet_to_dot(Sheet(100, 100, marks, "white"), "light")
    assert max(map(len, re.findall(r'"(?:[^"\\]|\\.)*"', text))) < 16_384
    assert "a\\\\N&amp;b" in text


def test_each_renderer_is_asked_where_it_sets_a_line(monkeypatch):
    """What one sets lower by 3 points begins so much higher; one whose answer is not understood is taken for the usual one."""
    sheet = Sheet(72, 72, [Run(0, 50, "x", 20, "black")], "white")

    def place(answer):
        asked = []
        monkeypatch.setattr(sheet_dot, "which_renderer", lambda: answer)
        monkeypatch.setattr(sheet_dot, "render", lambda source, format, dpi=0: asked.append(source) or answer)
        sheet_dot.draw_sheet(sheet, "light")
        return float(re.search(r'pos="[\d.]+,([\d.]+)".*label="x', asked[-1])[1])  # upwards

    high = place(b'<svg><text x="0" y="-56">x</text>')
    assert place(b'<svg><text x="0" y="-53">x</text>') - high == pytest.approx(3)
    assert place(b"<svg>") - high == pytest.approx((sheet_dot.BASELINE - 0.8) * 20)
