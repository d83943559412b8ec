"""Pictures in a page: what is asked of the viz.js that the page hands in, and what is said where it is not there, or fails.

Here `dot` stands in for it; tests/test_webassembly.py does the same in a page, where Pyodide is to be had.
"""

import json
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from diagrams import derivation

from microgradnn.errors import RendererError
from microgradnn.pictures.render import render, run_renderer


class Viz:
    """As an instance of @viz-js/viz; it keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def render(self, source, options):
        self.asked.append(options)
        given = [f"-T{options['format']}"]
        for letter, key in (("G", "graphAttributes"), ("E", "edgeAttributes")):
            given += [f"-{letter}{name}={value}" for name, value in options.get(key, {}).items()]
        command = [shutil.which("dot"), "-q", *given]
        done = subprocess.run(command, input=source, capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            return SimpleNamespace(status="failure", errors=[SimpleNamespace(message="syntax error in line 1")])
        return SimpleNamespace(status="success", output=done.stdout, errors=[])


@pytest.fixture
def page(monkeypatch):
    """A page that has handed in its viz.js."""
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setitem(sys.modules, "js", SimpleNamespace(JSON=SimpleNamespace(parse=json.loads)))
    viz = Viz()
    monkeypatch.setitem(sys.modules, "viz", viz)
    return viz


@pytest.mark.skipif(shutil.which("dot") is None, reason="dot is not installed")
def test_a_picture_comes_from_the_page(page):
    """Pictures and layouts come from it, and no process is started for them; a syntax error is told in its words."""
    diagram = derivation()
    svg = diagram.render("svg")
    assert svg.startswith(b"<?xml") and b"tanh" in svg
    layout = json.loads(run_renderer("digraph {a -> b}", "-Tjson0", "-Earrowhead=none", "-Gname=n"))
    assert [box["name"] for box in layout["objects"]] == ["a", "b"]
    assert page.asked[-2:] == [
        {"format": "svg"},
        {"format": "json0", "edgeAttributes": {"arrowhead": "none"}, "graphAttributes": {"name": "n"}},
    ]
    with pytest.raises(RendererError, match="could not draw the graph: syntax error in line 1"):
        render("digraph {", "svg")


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_other_formats_are_refused(page, format):
    """It makes SVG; what else is asked for is refused by name, with what there is."""
    with pytest.raises(RendererError, match=rf"viz.js makes no {format.upper()}. Save a .svg"):
        render("digraph {}", format)


def test_nothing_is_handed_in(monkeypatch):
    """Without it, the message says what the page has to do; outside of a page, a module of that name is not asked."""
    monkeypatch.setattr(shutil, "which", lambda *args, **options: None)
    monkeypatch.delenv("MICROGRADNN_DOT", raising=False)
    monkeypatch.setitem(sys.modules, "viz", Viz())
    with pytest.raises(RendererError, match="pip install"):
        render("digraph {}", "svg")
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setitem(sys.modules, "viz", None)
    with pytest.raises(RendererError, match=r'pyodide.registerJsModule\("viz", await Viz.instance\(\)\)'):
        render("digraph {}", "svg")
