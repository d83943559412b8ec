"""The renderers: which one is taken, and what is said where there is none, or it fails."""

import stat
import sys

import pytest

from microgradnn.errors import RendererError
from microgradnn.pictures import render as render_module
from microgradnn.pictures.render import find_renderer
from tests.pictures.test_diagram import picture


def test_pdf(renderer, tmp_path):
    """Graphviz makes a PDF; graphviz-pure cannot, and the message says what can."""
    if renderer == "dot":
        assert picture().save(tmp_path / "picture.pdf").read_bytes().startswith(b"%PDF")
    else:
        with pytest.raises(RendererError, match=r"^graphviz-pure makes no PDF. Save a .svg or .png, or install Graphviz: "):
            picture().save(tmp_path / "picture.pdf")
        assert not (tmp_path / "picture.pdf").exists()


def test_no_renderer(without_renderers, tmp_path, monkeypatch):
    """Without a renderer, the message says how to install one on this system; no file is left behind."""
    monkeypatch.setattr(render_module.platform, "system", lambda: "Darwin")
    with pytest.raises(RendererError) as caught:
        picture().save(tmp_path / "picture.svg")
    assert str(caught.value) == (
        "There is no Graphviz renderer to draw the picture with. Install one:\n"
        '    pip install "microgradnn[render]"\n'
        "    brew install graphviz\n"
        "or name its program in $MICROGRADNN_DOT. The DOT text is there without it: .source, .save('graph.dot')."
    )
    assert not (tmp_path / "picture.svg").exists()


def program(tmp_path, text):
    """An executable Python script that stands for a renderer."""
    path = tmp_path / "renderer"
    path.write_text(f"#!{sys.executable}\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return str(path)


def test_a_renderer_that_does_not_return(tmp_path, monkeypatch):
    """A renderer that takes too long is stopped."""
    monkeypatch.setenv("MICROGRADNN_DOT", program(tmp_path, "import time; time.sleep(60)"))
    monkeypatch.setattr(render_module, "SECONDS", 0.2)
    with pytest.raises(RendererError, match=r"did not finish within 0.2 seconds and was stopped"):
        picture().render()


def test_a_renderer_that_fails(tmp_path, monkeypatch):
    """What a failing renderer says is passed on."""
    monkeypatch.setenv("MICROGRADNN_DOT", program(tmp_path, "import sys; sys.exit('no such luck')"))
    with pytest.raises(RendererError, match=r"could not draw the graph: no such luck"):
        picture().render()


def test_a_renderer_that_is_not_there(monkeypatch):
    """A wrong $MICROGRADNN_DOT is named."""
    monkeypatch.setenv("MICROGRADNN_DOT", "/no/such/program")
    with pytest.raises(RendererError, match=r"Is \$MICROGRADNN_DOT right\?$"):
        picture().render()


def test_the_chosen_renderer_comes_first(monkeypatch):
    """$MICROGRADNN_DOT goes before what is on the path."""
    monkeypatch.setenv("MICROGRADNN_DOT", "my-dot")
    assert find_renderer() == "my-dot"


def test_a_format_that_no_renderer_makes():
    """A picture as bytes is SVG, PNG or PDF; another format is refused by name."""
    with pytest.raises(ValueError, match="There is no picture format 'gif'; there are svg, png, pdf"):
        picture().render("gif")
