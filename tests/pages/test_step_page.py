"""The page of the steps: what is in the files.

What a browser makes of the page is tested in test_step_page_browser.py.
"""

import re

import pytest
from networks import small_network
from step_pages import page_of, scalars, steps_of, strange

from microgradnn.errors import RendererError
from microgradnn.pages.step_page import to_notebook
from microgradnn.pictures.render import find_renderer

try:
    find_renderer()
except RendererError:
    pytest.skip("a page needs a Graphviz renderer, and there is none", allow_module_level=True)


@pytest.mark.parametrize("network", [scalars, small_network, strange])
def test_self_contained(network):
    """A page names nothing outside itself but XML's namespaces, forbids the network, and holds no markup of a name."""
    page = page_of(network)
    namespaces = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink", "http://www.w3.org/1998/Math/MathML"}
    assert set(re.findall(r"https?://[^\"' ]*", page)) <= namespaces
    assert not re.search(r"<link(?! rel=\"icon\" href=\"data:,\">)|<iframe|@import|url\(|<script[^>]+src|<b>|<i>|<img", page)
    assert "default-src 'none'" in page and "innerHTML" not in page
    assert len(page) < 300_000


def test_what_cannot_be_saved(tmp_path):
    """Steps are saved as .html or .gif; another suffix, theme or direction is refused, and no file is left."""
    steps = steps_of(scalars)
    with pytest.raises(
        ValueError, match=r"^Cannot tell the format of 'steps\.pdf': its suffix should be one of \.html, \.gif\. "
    ):
        steps.save(tmp_path / "steps.pdf")
    with pytest.raises(ValueError, match=r"^There is no page of steps in the theme 'print'; there are light, dark\.$"):
        steps.save(tmp_path / "steps.html", theme="print")
    with pytest.raises(ValueError, match="direction"):
        steps.save(tmp_path / "steps.html", direction="up")
    with pytest.raises(ValueError, match=r"^There is no picture format 'gif'; there are svg, png, pdf\.$"):
        steps.save_frames(tmp_path / "frames", format="gif")
    assert not list(tmp_path.iterdir())


def test_save(tmp_path):
    """save writes the page and says where; the steps and the gradients are as before."""
    steps = steps_of(scalars)
    assert steps.save(tmp_path / "steps.html") == tmp_path / "steps.html"
    assert (tmp_path / "steps.html").read_text(encoding="utf-8") == page_of(scalars)
    assert all(node.grad is None for node in steps.nodes)


def test_notebook(monkeypatch):
    """In a notebook the steps show the page in a sandboxed frame, whole; without a renderer nothing is raised."""
    steps = steps_of(strange)
    shown = steps._repr_html_()
    assert shown == to_notebook(steps) and shown.startswith("<iframe srcdoc=") and shown.count("<") == 2
    monkeypatch.setattr("microgradnn.pages.step_page.layout_of", lambda *args: (_ for _ in ()).throw(RendererError("none")))
    assert steps._repr_html_() is None
