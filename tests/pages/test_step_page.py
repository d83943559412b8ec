"""The page of the steps: what is in the files.

What a browser makes of the page is tested in test_step_page_browser.py.
"""

import re

import pytest
from networks import small_network
from step_pages import page_of, scalars, steps_of, strange

from microgradnn import Passes, Tensor, backward_steps, live
from microgradnn.errors import RendererError
from microgradnn.pages.step_page import live_of, to_notebook
from microgradnn.pages.step_page import page_of as page_of_steps
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
    assert (tmp_path / "steps.html").read_text(encoding="utf-8") == live(steps.output).page(mode="steps")
    assert all(node.grad is None for node in steps.nodes)


def test_notebook(monkeypatch):
    """In a notebook the steps show the page in a sandboxed frame, whole; without a renderer nothing is raised."""
    steps = steps_of(strange)
    shown = steps._repr_html_()
    assert shown == to_notebook(steps) and shown.count("<iframe srcdoc=") == shown.count("<img") == 1
    monkeypatch.setattr(
        "microgradnn.pages.live_layout.run_renderer", lambda *args: (_ for _ in ()).throw(RendererError("none"))
    )
    assert steps._repr_html_() is None


def weight():
    return Tensor([1.0, 2.0], requires_grad=True, name="w")


def hooked():
    w = weight()
    h = (w * 2).named("h")
    h.register_hook(lambda dh: dh * 3)
    with Passes() as passes:
        h.sum().backward()
    return backward_steps(passes[-1])


def test_where_there_is_no_live_page():
    """Another upstream gradient, a hook, a direction that it has not: the page of the steps alone."""
    assert live_of(backward_steps((weight() * 2).sum())) is not None
    assert live_of(backward_steps((weight() * 2).sum(), 3.0)) is None
    assert live_of(backward_steps(weight() * 2, [1.0, 2.0])) is None
    assert live_of(hooked()) is None
    steps = steps_of(scalars)
    assert page_of_steps(steps, direction="RL") != page_of_steps(steps, direction="LR") == page_of_steps(steps)


def test_a_pass_that_was_kept_shows_what_was_true_then():
    """A weight that has changed since is on the page as it was, and is on the graph as it is now."""
    w = weight()
    with Passes() as passes:
        (w * w).sum().backward()
    w.data = w.data + 5
    page = page_of_steps(backward_steps(passes[-1]))
    assert '"start":[1.0,2.0]' in page
    assert w.data.tolist() == [6.0, 7.0]
