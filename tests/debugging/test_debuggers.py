"""break_on where `breakpoint()` would do nothing. In an editor's debugger: test_debugpy.py."""

import builtins
import io
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from microgradnn import Tensor, break_on
from microgradnn.debugging import debuggers


def in_a_notebook(monkeypatch, typed):
    """Let Python look as in a kernel without a debugger, where these lines are typed at the prompt; returns what it writes."""

    def debugpy_breakpointhook(*args):
        pytest.fail("it would do nothing")

    monkeypatch.setattr(sys, "breakpointhook", debugpy_breakpointhook)
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    monkeypatch.setattr(debuggers, "is_connected", lambda: False)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    lines = iter(typed)
    monkeypatch.setattr(builtins, "input", lambda prompt: next(lines))
    return sys.stdout


def test_in_a_notebook_the_prompt_opens(monkeypatch):
    """Without a debugger break_on opens our prompt, which goes on from the very contribution."""
    written = in_a_notebook(monkeypatch, ["dy", "back", "continue"])
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    stop = break_on(x, when=lambda step: step.position == 1)
    (x * x).sum().backward()
    stop.remove()
    lines = written.getvalue().splitlines()
    assert lines[0].startswith(" 3  (2,)    ∂L/∂x")
    assert lines[1] == "array([1., 2.])"
    assert lines[2].startswith(" 2  (2,)    ∂L/∂x")
    assert np.array_equal(x.grad, [2, 4])


def test_quit_in_a_notebook(monkeypatch):
    """`quit` ends the cell, not the kernel; the next pass stops again."""
    in_a_notebook(monkeypatch, ["quit", "quit"])
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    stop = break_on(op="multiply")
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            (x * 2).sum().backward()
    stop.remove()
    assert x.grad is None


def test_a_notebook_that_takes_no_input():
    """Where nobody can type, as when a notebook is run as a whole, break_on says so, and the pass goes on."""
    setup = "from microgradnn import Tensor, break_on\nx = Tensor([1.0], requires_grad=True, name='x')\nstop = break_on(x)"
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(text) for text in (setup, "(x * 2).sum().backward()\nx.grad")]
    NotebookClient(notebook, timeout=60).execute()
    told, value = notebook.cells[1].outputs
    assert "∂L/∂x" in told.text and "the prompt cannot open, as this front end of the notebook takes no input" in told.text
    assert value.data["text/plain"] == "array([2.])"


def test_other_hooks_are_left_alone():
    """Python's own hook, and another's, are called as ever; nobody is connected here."""
    assert not debuggers.is_connected() and not debuggers.is_hidden(sys._getframe())
    assert not debuggers.needs_prompt() or "debugpy" in sys.modules


def test_asking_changes_nothing():
    """Where debugpy was imported, and nothing more, Python's hook stays what it is."""
    pytest.importorskip("debugpy")
    code = (
        "import sys, debugpy; before = sys.breakpointhook\n"
        "from microgradnn.debugging import debuggers\n"
        "print(debuggers.is_connected(), debuggers.is_hidden(sys._getframe()), sys.breakpointhook is before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["False", "False", "True"], done.stderr
