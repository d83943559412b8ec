"""The magics, in a kernel as a notebook runs them."""

import nbformat
import pytest
from nbclient import NotebookClient

SETUP = """\
%load_ext microgradnn
import numpy as np
from microgradnn import Tensor, checked
x, W = Tensor([0.5, -1.0], name="x"), Tensor(np.ones((2, 3)), requires_grad=True)
"""

FRAMES = """\
import sys
frames, trace = [], sys.last_traceback
while trace:
    frames.append(trace.tb_frame.f_code.co_filename)
    trace = trace.tb_next
print(any("microgradnn" in file for file in frames), len(frames) > 0)
"""


def cells(*sources):
    """The outputs of cells that run one after the other in a kernel with the extension, after its own."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in (SETUP, *sources)]
    NotebookClient(notebook, timeout=60, allow_errors=True).execute()
    assert notebook.cells[0].outputs == []
    return [cell.outputs for cell in notebook.cells[1:]]


@pytest.fixture(scope="module")
def outputs():
    """All that these tests look at, from one kernel."""
    return cells(
        "%%backprop\nh = (x @ W).tanh()\nL = (h ** 2).sum()",
        "%%backprop --table\nL * 2",
        "%explain W[0, 1]",
        "%explain L, W[0, 0]",
        "%%backprop\n3",
        "%%backprop --fast\nL",
        "%explain",
        "with checked():\n    (x * np.inf * 0).sum()",
        FRAMES,
        "W",
        "1 / 0",
        "%unload_ext microgradnn",
    )


def test_the_steps_of_a_cell(outputs):
    """%%backprop shows the page of the cell's last value; --table prints the steps, with the names of the variables."""
    (page,) = outputs[0]
    assert "<iframe" in page.data.get("text/html", "<iframe") and "backward steps from L" in page.data["text/plain"]
    (table,) = outputs[1]
    assert "∂L/∂h" in table.text or "/∂h" in table.text
    assert "(Cell In[2]:2)" in table.text


def test_explain(outputs):
    """%explain derives an element in what was computed last, or in an output that is named."""
    assert "∂L/∂W₁₂" in outputs[2][0].data["text/plain"] and "text/latex" in outputs[2][0].data
    assert "∂L/∂W₁₁" in outputs[3][0].data["text/plain"]


def test_what_is_wrong_is_said(outputs):
    """A cell that gives no Tensor, an option that there is not, and no element at all."""
    assert "its last line gives 3" in outputs[4][-1].evalue
    assert "takes --prompt or --table" in outputs[5][-1].evalue
    assert "%explain needs an element" in outputs[6][-1].evalue


def test_an_error_names_the_cell(outputs):
    """A NaN is told with the cell that made it, and the traceback, as %debug has it, ends at the user's line."""
    (error,) = outputs[7]
    assert error.ename == "NonFiniteError"
    assert "Cell In[9]:2:" in error.evalue
    assert outputs[8][0].text == "False True\n"


def test_other_things_are_as_ever(outputs):
    """A Tensor shows itself as a table; errors of the user's own are shown as before."""
    assert "<table" in outputs[9][0].data["text/html"]
    assert outputs[10][0].ename == "ZeroDivisionError"
    assert outputs[11] == []
