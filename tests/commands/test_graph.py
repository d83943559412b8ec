"""`graph`: a script's graph as text, as a picture, of one element, and files that cannot be written."""

from pathlib import Path

import pytest

from microgradnn.commands import main


@pytest.mark.parametrize("suffix", ["dot", "mmd"])
def test_graph_as_text(script, suffix, capsys):
    """The graph of the loss is written as its suffix says, its tensors called as the variables; the script ends there."""
    assert main(["graph", script(), "-o", f"now.{suffix}"]) == 0
    assert capsys.readouterr().out == f"saved now.{suffix}\n"
    text = Path(f"now.{suffix}").read_text(encoding="utf-8")
    assert "loss" in text and "w" in text
    assert "∂loss/∂w" in text
    assert "not computed" not in text


@pytest.mark.parametrize("suffix", ["svg", "png", "html"])
def test_graph_as_a_picture(script, suffix, renderer):
    """Pictures and pages are written as well."""
    assert main(["graph", script(), "-o", f"now.{suffix}", "--theme", "dark", "--fold", "names"]) == 0
    assert Path(f"now.{suffix}").stat().st_size > 500


def test_graph_of_an_element(script, capsys):
    """--of draws the chain rule of one element; an expression that is none is a mistake of the command, without a traceback."""
    assert main(["graph", script(), "-o", "w.dot", "--of", "w[0]"]) == 0
    assert "∂loss/∂w₁" in Path("w.dot").read_text(encoding="utf-8")
    assert main(["graph", script(), "-o", "w.dot", "--of", "nothing[0]"]) == 2
    assert "--of 'nothing[0]': NameError" in capsys.readouterr().err


def test_graph_of_a_script_that_never_goes_back(script, capsys):
    """Without a backward pass, the Tensor computed last is drawn; without any, the command says so."""
    text = "from microgradnn import Tensor\nx = Tensor(2.0, requires_grad=True)\nfirst = x * x\nlast = first * 3\n"
    assert main(["graph", script(text), "-o", "now.dot"]) == 0
    assert "last" in Path("now.dot").read_text(encoding="utf-8")
    assert main(["graph", script("x = 1"), "-o", "now.dot"]) == 1
    assert "holds no recorded Tensor" in capsys.readouterr().err


@pytest.mark.parametrize("file", ["now.jpeg", "now", "nowhere/now.svg"])
def test_files_that_cannot_be_written(script, file, capsys):
    """An unknown suffix and a missing folder are refused before the script runs."""
    assert main(["graph", script(), "-o", file]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and len(captured.err.splitlines()) == 1


def test_without_a_renderer(script, monkeypatch, capsys):
    """Where a picture needs a renderer and there is none, the command says how to install one; demo goes on without."""
    monkeypatch.setattr("shutil.which", lambda *args, **options: None)
    monkeypatch.delenv("MICROGRADNN_DOT", raising=False)
    assert main(["graph", script(), "-o", "now.svg"]) == 1
    assert 'pip install "microgradnn[render]"' in capsys.readouterr().err
    assert main(["demo"]) == 0
    assert "No picture: There is no Graphviz renderer" in capsys.readouterr().out
    monkeypatch.setenv("MICROGRADNN_DOT", "no-such-program")
    assert main(["graph", script(), "-o", "now.svg"]) == 1
    assert "could not be run" in capsys.readouterr().err
