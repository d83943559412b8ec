"""The drawing in a page: shapes that say which item they are, the same in each theme and from each renderer."""

import re
import shutil
import sysconfig

import pytest
from diagrams import derivation, page_of, strange

from microgradnn.errors import RendererError
from microgradnn.pictures.page import to_page
from microgradnn.pictures.render import find_renderer

try:
    find_renderer()
except RendererError:
    pytest.skip("a page needs a Graphviz renderer, and there is none", allow_module_level=True)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
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


@pytest.mark.parametrize("diagram", [derivation, strange])
def test_the_two_themes_are_one_layout(diagram, renderer):
    """The two drawings of a page have all shapes and texts in the same places: a switch of colours moves nothing."""
    page = to_page(diagram())
    drawings = re.findall(r'<svg[^>]*class="(?:light|dark)".*?</svg>', page, re.DOTALL)
    assert len(drawings) == 2
    places = [re.findall(r' (?:points|d|x|y|cx|rx|viewBox)="[^"]*"', svg) for svg in drawings]
    assert places[0] == places[1]
