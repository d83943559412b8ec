"""The HTML page of a diagram: what is in the file. What a browser makes of it is tested in test_page_browser.py."""

import re

import pytest
from diagrams import derivation, page_of, strange

from microgradnn.errors import RendererError
from microgradnn.pictures.render import find_renderer

try:
    find_renderer()
except RendererError:
    pytest.skip("a page needs a Graphviz renderer, and there is none", allow_module_level=True)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("diagram", [derivation, strange])
def test_self_contained(diagram, theme):
    """A page names nothing outside itself, but for the SVG's namespaces, and forbids the network."""
    page = page_of(diagram, theme)
    assert set(re.findall(r"https?://[^\"' ]*", page)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"<link(?! rel=\"icon\" href=\"data:,\">)|<iframe|@import|url\(|<script[^>]+src", page)
    assert "default-src 'none'" in page


def test_save(tmp_path):
    """Saved as .html, a diagram is its page."""
    path = derivation().save(tmp_path / "page.html")
    assert path.read_text(encoding="utf-8") == page_of(derivation)


def test_no_renderer(monkeypatch, tmp_path):
    """Without a renderer there is no page, but the error that says so, and no file."""
    monkeypatch.setattr("microgradnn.pictures.page.natural_layout", lambda *args: (_ for _ in ()).throw(RendererError("none")))
    with pytest.raises(RendererError):
        derivation().save(tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


def test_the_legend_is_text_of_the_page():
    """What colours and dashes say stands below the drawing, in the colours of the theme that the reader has chosen."""
    page = page_of(derivation)
    footer = re.search("<footer>(.*?)</footer>", page, re.DOTALL)[1]
    assert "<span style='color:var(--negative)'>&lt; 0 dashed</span>" in footer
    assert page.count("0 dashed") == 1
