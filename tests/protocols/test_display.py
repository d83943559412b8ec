"""What a Tensor looks like, in text, in a notebook and in debuggers."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from microgradnn import Tensor
from microgradnn.protocols.display import MOST, Children, colour, range_text, tensor_html


def test_a_large_tensor_in_a_line():
    """Range, NaN and inf, and whether there is a gradient, with its range."""
    values = np.linspace(-2, 3, 100)
    values[[3, 4, 5]] = np.nan, np.inf, -np.inf
    assert repr(Tensor(values, name="x")) == "Tensor(shape=(100,), -2 … 3, 1 NaN, 2 inf, name='x')"
    W = Tensor(np.ones((10, 10)), requires_grad=True, name="W")
    assert repr(W) == "Tensor(shape=(10, 10), 1 … 1, name='W', requires_grad=True, grad not computed)"
    (W * np.arange(10.0)).sum().backward()
    assert repr(W).endswith("requires_grad=True, grad 0 … 9)")
    assert repr(W * 2).endswith("op=multiply, grad not computed)")


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.full(3, np.nan), "3 NaN"),
        (np.array([True, False]), "False … True"[:0] + "0 … 1"),
        (np.array([1j]), ""),
        (np.zeros(0), ""),
        (np.broadcast_to(1.0, MOST + 1), ""),
    ],
)
def test_ranges(array, text):
    """Of what is no number no range; of very many elements none either, as it would take long."""
    assert range_text(array) == text


def test_in_a_notebook():
    """Values and gradient side by side; what has no gradient yet says so, and no number is shown for it."""
    W = Tensor([[1.0, -2.0], [0.0, np.nan]], requires_grad=True, name="W<1>")
    html = tensor_html(W)
    page = ElementTree.fromstring(html)
    assert [cell.text for cell in page.iter("td")] == ["1", "−2", "0", "nan"]
    assert "W&lt;1&gt;" in html and "gradient not computed" in html and "−2 … 1, 1 NaN" in html
    (W * 2).sum().backward()
    page = ElementTree.fromstring(tensor_html(W))
    assert [cell.text for cell in page.iter("td")][4:] == ["2"] * 4


def test_large_ones_are_coloured_cells():
    """Above twelve rows or columns cells without numbers; of very many every so many, which is said."""
    page = ElementTree.fromstring(tensor_html(Tensor(np.random.default_rng(0).normal(size=(20, 30)))))
    assert len([*page.iter("td")]) == 600
    assert "every" not in tensor_html(Tensor(np.ones((20, 30))))
    html = tensor_html(Tensor(np.ones((500, 100))))
    assert "every 8. row, every 2. column" in html and html.count("<td") <= 64 * 64
    assert "(20,)" in tensor_html(Tensor(np.ones(20)))


def test_what_has_no_table():
    """One number, three axes, and what is not in memory show as text."""
    assert tensor_html(Tensor(1.0)) is None
    assert tensor_html(Tensor(np.ones((2, 2, 2)))) is None
    assert tensor_html(Tensor(np.ones((0, 2)))) is None


def test_colours():
    """Blue above zero, orange below, grey at zero, stronger when larger; what is no number is outlined."""
    assert colour(1.0, 1.0).startswith("background:rgba(31,119,180") and colour(-1.0, 1.0).startswith(
        "background:rgba(230,120,20"
    )
    strengths = [float(re.search(r",([\d.]+)\)", colour(x, 2.0))[1]) for x in (0.1, 1.0, 2.0)]
    assert strengths == sorted(strengths)
    assert "outline" in colour(np.nan, 1.0) and "128" in colour(0.0, 1.0)


def test_children_in_a_debugger():
    """Values, gradient, operation and inputs: no methods, and no T within T."""
    x = Tensor([1.0], requires_grad=True)
    children = Children()
    assert children.can_provide(Tensor, "Tensor") and not children.can_provide(np.ndarray, "ndarray")
    assert [*children.get_dictionary(x)] == ["data", "grad"]
    assert [*children.get_dictionary(x * 2)] == ["data", "grad", "op", "inputs"]
    assert children.resolve(x, "data") is x.data


def test_pydevd_is_told():
    """Where debugpy is there first, as in VS Code, it shows these children."""
    pytest.importorskip("debugpy")
    code = (
        "import debugpy.server.api; from _pydevd_bundle.pydevd_xml import get_type\n"
        "from microgradnn import Tensor; import microgradnn.tensor as t; t.tell_pydevd()\n"
        "print(sorted(get_type(Tensor([1.0]))[2].get_dictionary(Tensor([1.0]))))"
    )
    done = subprocess.run([sys.executable, "-Xfrozen_modules=off", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "['data']", done.stderr
