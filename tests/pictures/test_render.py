"""The renderer: which program is taken, and how it is called. And what is said where there is none, or it fails."""

import os
import stat
import sys
import time
from pathlib import Path

import pytest
from diagrams import derivation

from microgradnn.errors import RendererError
from microgradnn.pictures import render as module
from microgradnn.pictures.render import find_renderer, install_line, render


@pytest.fixture
def installed(monkeypatch):
    """A function that says which programs there are on the path, and which beside Python."""
    monkeypatch.delenv("MICROGRADNN_DOT", raising=False)

    def install(*on_path, beside=()):
        def which(name, path=None):
            return f"/found/{name}" if name in (on_path if path is None else beside) else None

        monkeypatch.setattr(module.shutil, "which", which)

    return install


@pytest.mark.parametrize(
    ("on_path", "beside", "found"),
    [
        (("dot", "graphviz-pure"), (), "dot"),
        (("graphviz-pure",), (), "graphviz-pure"),
        ((), ("graphviz-pure",), "graphviz-pure"),
    ],
)
def test_dot_comes_before_graphviz_pure(installed, on_path, beside, found):
    """Graphviz itself, else pip's renderer, which is found beside Python where no environment is active."""
    installed(*on_path, beside=beside)
    assert find_renderer() == f"/found/{found}"


@pytest.mark.parametrize(("format", "more"), [("svg", []), ("png", ["-Gdpi=200"]), ("pdf", [])])
def test_how_it_is_called(tmp_path, monkeypatch, format, more):
    """It reads the DOT text and writes the picture; a PNG is fine enough for print."""
    writes = "import sys; b = {'-Tsvg': '<svg', '-Tpng': '\\x89PNG', '-Tpdf': '%PDF'}[sys.argv[2]]"
    writes += "; sys.stdout.buffer.write((b + repr(sys.argv[1:]) + sys.stdin.buffer.read().decode()).encode('latin1'))"
    monkeypatch.setenv("MICROGRADNN_DOT", program(tmp_path, writes))
    assert render("digraph {ä}", format).decode("latin1").endswith(f"{['-q', f'-T{format}', *more]}digraph {{ä}}")


@pytest.mark.parametrize(
    ("system", "line"),
    [("Linux", "apt install graphviz "), ("Windows", "winget install graphviz"), ("Plan 9", "https://graphviz.org/download")],
)
def test_how_it_is_installed(monkeypatch, system, line):
    """The way is that of this system; of one that is not known, a page that lists them."""
    monkeypatch.setattr(module.platform, "system", lambda: system)
    assert install_line().startswith(line)


def test_pdf(renderer, tmp_path):
    """Graphviz makes a PDF; graphviz-pure cannot, and the message says what can."""
    if renderer == "dot":
        assert derivation().save(tmp_path / "picture.pdf").read_bytes().startswith(b"%PDF")
    else:
        with pytest.raises(RendererError, match=r"^graphviz-pure makes no PDF. Save a .svg or .png, or install Graphviz: "):
            derivation().save(tmp_path / "picture.pdf")
        assert not (tmp_path / "picture.pdf").exists()


def test_no_renderer(without_renderers, tmp_path, monkeypatch):
    """Without a renderer, the message says how to install one on this system; no file is left behind."""
    monkeypatch.setattr(module.platform, "system", lambda: "Darwin")
    with pytest.raises(RendererError) as caught:
        derivation().save(tmp_path / "picture.svg")
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
    monkeypatch.setattr(module, "SECONDS", 0.2)
    with pytest.raises(RendererError, match=r"did not finish within 0.2 seconds and was stopped"):
        derivation().render()


def test_what_a_renderer_has_started_ends_with_it(tmp_path, monkeypatch):
    """A renderer's own child does not live on after the time limit."""
    child = tmp_path / "child"
    start = f"import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); open({str(child)!r}, 'w').write(str(p.pid)); time.sleep(60)"  # noqa: E501
    monkeypatch.setenv("MICROGRADNN_DOT", program(tmp_path, start))
    monkeypatch.setattr(module, "SECONDS", 1.5)
    with pytest.raises(RendererError, match="it hangs, or the graph is too large"):
        derivation().render()
    for _ in range(100):
        try:
            os.kill(int(child.read_text()), 0)
        except ProcessLookupError:
            return
        if "State:\tZ" in Path(f"/proc/{child.read_text()}/status").read_text():
            return  # ended, and nobody has asked how
        time.sleep(0.05)
    raise AssertionError("the child is still there")


def test_a_renderer_that_floods(tmp_path, monkeypatch):
    """One that writes without end is stopped, and that is what is said."""
    monkeypatch.setenv("MICROGRADNN_DOT", program(tmp_path, "import sys\nwhile True: sys.stdout.write('<svg' * 100000)"))
    monkeypatch.setattr(module, "MOST_BYTES", 10**7)
    with pytest.raises(RendererError, match=r"wrote more than 10 MB and was stopped: this is no picture"):
        derivation().render()


def test_a_renderer_that_draws_nothing(tmp_path, monkeypatch):
    """What is no picture of the kind asked for is not believed."""
    monkeypatch.setenv("MICROGRADNN_DOT", program(tmp_path, "print('hello')"))
    with pytest.raises(RendererError, match=r"wrote no SVG; it begins with 'hello"):
        derivation().with_shape("slide").render()


def test_a_renderer_that_fails(tmp_path, monkeypatch):
    """What a failing renderer says is passed on."""
    monkeypatch.setenv("MICROGRADNN_DOT", program(tmp_path, "import sys; sys.exit('no such luck')"))
    with pytest.raises(RendererError, match=r"could not draw the graph: no such luck"):
        derivation().render()


def test_a_renderer_that_is_not_there(monkeypatch):
    """A wrong $MICROGRADNN_DOT is named."""
    monkeypatch.setenv("MICROGRADNN_DOT", "/no/such/program")
    with pytest.raises(RendererError, match=r"Is \$MICROGRADNN_DOT right\?$"):
        derivation().render()


def test_the_chosen_renderer_comes_first(monkeypatch):
    """$MICROGRADNN_DOT goes before what is on the path."""
    monkeypatch.setenv("MICROGRADNN_DOT", "my-dot")
    assert find_renderer() == "my-dot"


def test_a_format_that_no_renderer_makes():
    """A picture as bytes is SVG, PNG or PDF; another format is refused by name."""
    with pytest.raises(ValueError, match="There is no picture format 'gif'; there are svg, png, pdf"):
        derivation().render("gif")


def test_a_graphviz_without_neato(tmp_path, monkeypatch):
    """Where Graphviz was installed without its engine for boxes that have their places, the message says what is missing."""
    says = """import sys; sys.stderr.write('Error: Layout type: "nop2" not recognized. Use one of: dot'); sys.exit(1)"""
    monkeypatch.setenv("MICROGRADNN_DOT", program(tmp_path, says))
    with pytest.raises(RendererError, match="came without its engine neato"):
        render("digraph {}", "svg")


@pytest.mark.parametrize(
    ("name", "format", "sent"), [("graphviz-pure", "png", "ʘ"), ("graphviz-pure", "svg", "⊙"), ("dot", "png", "⊙")]
)
def test_a_letter_that_a_font_has_not(installed, monkeypatch, name, format, sent):
    """The PNGs of graphviz-pure have a font without ⊙, and get the letter that looks like it; text stays as it is."""
    installed(name)
    monkeypatch.setattr(module, "run_renderer", lambda source, *options: source)
    assert render("a ⊙ b", format) == f"a {sent} b"
