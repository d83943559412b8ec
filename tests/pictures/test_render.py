"""The renderer: which program is taken, and how it is called. What goes wrong with one is tested in test_diagram.py."""

import subprocess

import pytest

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
def test_how_it_is_called(installed, monkeypatch, format, more):
    """It reads the DOT text and writes the picture, without a file in between; a PNG is fine enough for print."""
    installed("dot")
    called = []

    def run(command, input, **options):
        called.append((command, input.decode()))
        return subprocess.CompletedProcess(command, 0, b"drawn", b"")

    monkeypatch.setattr(module.subprocess, "run", run)
    assert render("digraph {ä}", format) == b"drawn"
    assert called == [(["/found/dot", "-q", f"-T{format}", *more], "digraph {ä}")]


@pytest.mark.parametrize(
    ("system", "line"),
    [("Linux", "apt install graphviz "), ("Windows", "winget install graphviz"), ("Plan 9", "https://graphviz.org/download")],
)
def test_how_it_is_installed(monkeypatch, system, line):
    """The way is that of this system; of one that is not known, a page that lists them."""
    monkeypatch.setattr(module.platform, "system", lambda: system)
    assert install_line().startswith(line)
