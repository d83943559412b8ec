"""The page of the steps: the live page, opened at its steps, and how it is saved and shown."""

import pytest
from live_pages import home, text_of

from microgradnn import Passes, Tensor, backward_steps, live
from microgradnn.errors import RendererError
from microgradnn.pages.step_page import page_of, to_notebook, why_fixed
from microgradnn.pictures.render import find_renderer

try:
    find_renderer()
except RendererError:
    pytest.skip("a page needs a Graphviz renderer, and there is none", allow_module_level=True)


def weight():
    return Tensor([1.0, 2.0], requires_grad=True, name="w")


def test_what_cannot_be_saved(tmp_path):
    """Steps are saved as .html or .gif; another suffix, theme or direction is refused, and no file is left."""
    steps = backward_steps(home())
    with pytest.raises(
        ValueError, match=r"^Cannot tell the format of 'steps\.pdf': its suffix should be one of \.html, \.gif\. "
    ):
        steps.save(tmp_path / "steps.pdf")
    with pytest.raises(ValueError, match=r"^There is no live page in the theme 'print'; there are light, dark\.$"):
        steps.save(tmp_path / "steps.html", theme="print")
    with pytest.raises(ValueError, match="direction"):
        steps.save(tmp_path / "steps.html", direction="up")
    with pytest.raises(ValueError, match=r"^There is no picture format 'gif'; there are svg, png, pdf\.$"):
        steps.save_frames(tmp_path / "frames", format="gif")
    assert not list(tmp_path.iterdir())


def test_save(tmp_path):
    """save writes the live page, opened at its steps, and says where; the gradients are as before."""
    steps = backward_steps(home())
    assert steps.save(tmp_path / "steps.html") == tmp_path / "steps.html"
    text = (tmp_path / "steps.html").read_text(encoding="utf-8")
    assert text == live(steps.output).page(mode="steps") != text_of(home)
    assert all(node.grad is None for node in steps.nodes)


def test_notebook(monkeypatch):
    """In a notebook the steps show the page in a sandboxed frame, whole; without a renderer nothing is raised."""
    steps = backward_steps(home())
    shown = steps._repr_html_()
    assert shown == to_notebook(steps)
    assert shown.count("<iframe srcdoc=") == shown.count("<img") == 1
    monkeypatch.setattr(
        "microgradnn.pages.live_layout.run_renderer", lambda *args: (_ for _ in ()).throw(RendererError("none"))
    )
    assert steps._repr_html_() is None


def test_a_frame_in_a_notebook(browser, opened_file, tmp_path):
    """In the sandboxed frame of a notebook the page works, its menu too, though it cannot change the address there."""
    path = tmp_path / "notebook.html"
    head = "<!doctype html><meta charset=utf-8><link rel=icon href='data:,'>"
    menu = live({"one": home(), "other": (weight() ** 2).sum().named("L")})
    path.write_text(head + to_notebook(backward_steps(home())) + menu._repr_html_(), encoding="utf-8")
    page = opened_file(path)
    try:
        page.driver.switch_to.frame(0)
        page.find("#next").click()
        assert page.find("#step-title").text == "Forward, 1 of 7: matmul"
        page.driver.switch_to.default_content()
        page.driver.switch_to.frame(1)
        page.run("byId('networks').value = 2; byId('networks').onchange()")
        assert page.run("return nodes[parameters[0]].name") == "w"
    finally:
        page.driver.switch_to.default_content()


def test_a_pass_can_go_on_if_the_rules_give_the_same():
    """A loss and a seed of 1: all can be dragged. Another seed, an array, a hook: the pass as it was, and why."""
    assert why_fixed(backward_steps((weight() * 2).sum())) == ""
    assert "given" in why_fixed(backward_steps((weight() * 2).sum(), 3.0))
    assert "array" in why_fixed(backward_steps(weight() * 2, [1.0, 2.0]))
    h = weight() * 2
    h.register_hook(lambda dh: dh * 3)
    with Passes() as passes:
        h.sum().backward()
    assert "hook" in why_fixed(backward_steps(passes[-1]))


def test_a_parameter_alone_has_a_page():
    """The page of a parameter alone has its value and the upstream gradient."""
    assert '"kind":"seed"' in page_of(backward_steps(Tensor(2.0, requires_grad=True, name="x")))


def test_a_pass_that_was_kept_shows_what_was_true_then():
    """A weight that has changed since is on the page as it was, and is on the graph as it is now."""
    w = weight()
    with Passes() as passes:
        (w * w).sum().backward()
    w.data = w.data + 5
    page = page_of(backward_steps(passes[-1]))
    assert '"start":[1.0,2.0]' in page
    assert w.data.tolist() == [6.0, 7.0]
