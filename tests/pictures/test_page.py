"""The HTML page of a diagram: what is in the file. What a browser makes of it is tested in test_page_browser.py."""

import json
import re
import shutil
import sysconfig

import pytest
from diagrams import STRANGE, derivation, page_of, strange

from microgradnn.errors import RendererError
from microgradnn.pictures.page import json_island, to_page
from microgradnn.pictures.render import find_renderer

try:
    find_renderer()
except RendererError:
    pytest.skip("a page needs a Graphviz renderer, and there is none", allow_module_level=True)


def cards_of(page):
    return json.loads(re.search(r'<script type="application/json" id="items">(.*?)</script>', page, re.DOTALL)[1])


@pytest.mark.parametrize("theme", ["light", "dark", "print", "slide"])
@pytest.mark.parametrize("diagram", [derivation, strange])
def test_self_contained(diagram, theme):
    """A page names nothing outside itself, but for the SVG's namespaces, and forbids the network."""
    page = page_of(diagram, theme)
    assert set(re.findall(r"https?://[^\"' ]*", page)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"<link(?! rel=\"icon\" href=\"data:,\">)|<iframe|@import|url\(|<script[^>]+src", page)
    assert "default-src 'none'" in page


def test_no_placeholder_left():
    """Each placeholder of the template is filled, and one that stands in a name is not."""
    assert "{{" not in page_of(derivation)
    assert set(re.findall(r"\{\{\w+\}\}", page_of(strange))) == {"{{title}}"}
    assert "{{title}}" in STRANGE


def test_cards_in_the_file():
    """The JSON in the page holds the card of each box, then of each arrow, as they are in the picture."""
    for diagram in (derivation, strange):
        picture = diagram().picture
        found = [item["card"] for item in cards_of(page_of(diagram))]
        assert found == [[list(pair) for pair in x.card] for x in (*picture.boxes, *picture.arrows)]


def test_neighbours_in_the_file():
    """A box is joined to its arrows and the boxes at their other ends, an arrow to its two ends."""
    assert [item["near"] for item in cards_of(page_of(strange))] == [
        [1, 3, 4],
        [0, 2, 3, 4, 5],
        [1, 5],
        [0, 1],
        [0, 1],
        [1, 2],
    ]


def test_names_in_the_file():
    """A box is called by its card's heading or its first line; an arrow by its card, or by its ends as it points."""
    names = [item["name"] for item in cards_of(page_of(derivation))]
    assert names[:5] == ["W₁₁", "h₁ = tanh(x W)", "o = h V + 0.5", "L = (t − o)²", "t = 1"]
    assert names[9:13] == ["∂L/∂o", "∂o/∂h₁", "∂h₁/∂W₁₁", "t = 1 → L = (t − o)²"]
    assert "o = h V + 0.5 → h₂ = 0" in names


def test_json_holds_no_markup():
    """JSON in the page has none of the characters that end a script or a line of it, and says the same."""
    data = ["<!-- </script>", "a & b", "\u2028\u2029", "\udc80", 'quote " \\ \n', "∂"]
    text = json_island(data)
    assert json.loads(text) == data
    assert not set("<>&\u2028\u2029\n") & set(text) and text.isascii()


@pytest.mark.parametrize("theme", ["light", "dark", "print", "slide"])
def test_drawings(theme):
    """Light and dark pages hold both drawings, others their own; ids are unique, and nothing shows a tooltip of its own."""
    page = page_of(derivation, theme)
    drawings = re.findall(r"<svg[^>]*graphics-document.*?</svg>", page, re.DOTALL)
    assert len(drawings) == (2 if theme in ("light", "dark") else 1)
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    for drawing in drawings:
        assert "<?xml" not in drawing and "<!" not in drawing and "<title" not in drawing and "xlink:title" not in drawing
        assert len(re.findall(r'class="node" data-item="\d+"', drawing)) == len(derivation().picture.boxes)
        assert len(re.findall(r'class="edge" data-item="\d+"', drawing)) == len(derivation().picture.arrows)


def test_renderers_agree(monkeypatch):
    """Drawn by dot or by graphviz-pure, the same shapes are marked as the same items."""
    found = {}
    for name in ("dot", "graphviz-pure"):
        program = shutil.which(name) or shutil.which(name, path=sysconfig.get_path("scripts"))
        if not program:
            pytest.skip(f"{name} is not installed")
        monkeypatch.setenv("MICROGRADNN_DOT", program)
        page = to_page(strange())
        found[name] = sorted(re.findall(r'<g id="[\w-]+" class="(?:node|edge)" data-item="\d+"', page))
    assert found["dot"] == found["graphviz-pure"]


def test_save(tmp_path):
    """Saved as .html, a diagram is its page."""
    path = derivation().save(tmp_path / "page.html")
    assert path.read_text(encoding="utf-8") == page_of(derivation)


def test_no_renderer(monkeypatch, tmp_path):
    """Without a renderer there is no page, but the error that says so, and no file."""
    monkeypatch.setattr("microgradnn.pictures.page.layout_of", lambda *args: (_ for _ in ()).throw(RendererError("none")))
    with pytest.raises(RendererError):
        derivation().save(tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("diagram", [derivation, strange])
def test_the_two_themes_are_one_layout(diagram, renderer):
    """The two drawings of a page have all shapes and texts in the same places: a switch of colours moves nothing."""
    page = to_page(diagram())
    drawings = re.findall(r'<svg[^>]*class="(?:light|dark)".*?</svg>', page, re.DOTALL)
    assert len(drawings) == 2
    places = [re.findall(r' (?:points|d|x|y|cx|rx|viewBox)="[^"]*"', svg) for svg in drawings]
    assert places[0] == places[1]
