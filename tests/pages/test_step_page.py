"""The page of the steps: what is in the files.

What a browser makes of the page is tested in test_steppage_browser.py.
"""

import json
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import small_network
from op_table import TABLE, as_leaves
from step_pages import data_of, page_of, scalars, steps_of, strange
from strategies import generators

from microgradnn import Tensor, backward_steps
from microgradnn.errors import RendererError
from microgradnn.formulas.brief import brief
from microgradnn.formulas.formula import Name, Partial
from microgradnn.formulas.mathml import arithmetic, array, mathml, named, to_xml
from microgradnn.ops import elementwise
from microgradnn.pages.arrays import Arrays
from microgradnn.pages.formulas import letters_of
from microgradnn.pages.step_page import to_notebook, to_step_page
from microgradnn.pages.told import Told
from microgradnn.pictures.render import find_renderer

try:
    find_renderer()
except RendererError:
    pytest.skip("a page needs a Graphviz renderer, and there is none", allow_module_level=True)

DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


# ---- The file.


@pytest.mark.parametrize("network", [scalars, small_network, strange])
def test_self_contained(network):
    """A page names nothing outside itself but XML's namespaces, forbids the network, and holds no markup of a name."""
    page = page_of(network)
    namespaces = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink", "http://www.w3.org/1998/Math/MathML"}
    assert set(re.findall(r"https?://[^\"' ]*", page)) <= namespaces
    assert not re.search(r"<link(?! rel=\"icon\" href=\"data:,\">)|<iframe|@import|url\(|<script[^>]+src|<b>|<i>|<img", page)
    assert "default-src 'none'" in page and "innerHTML" not in page
    assert len(page) < 300_000


@pytest.mark.parametrize("network", [scalars, small_network, strange])
def test_positions_are_values_then_steps(network):
    """The data of a page tell each node's value, the upstream gradient, and then exactly the steps of backward_steps."""
    steps, data = steps_of(network), data_of(page_of(network))
    first, positions, arrays = data["first"], data["positions"], data["arrays"]
    assert [p["kind"] for p in positions] == ["value"] * first + ["seed"] + [step.kind for step in steps]
    assert [p["link"] for p in positions[first:]] == [f"step={i}" for i in range(len(steps) + 1)]
    for step, position in zip(steps, positions[first + 1 :], strict=True):
        shown = [None if i is None else arrays[i][1] for i in position["result"]]
        assert shown == [None if x is None else brief(x) for x in (step.old, step.dx, step.new)]
        assert position["formulas"][0] == ["rule", step.rule]
        assert position["says"].startswith(f"{step.name} = {step.arithmetic}")
        where = re.search(r"[₀-₉,]*$", position["ask"]["what"].removeprefix(step.name))[0].translate(DIGITS)
        asked = step.dx if step.new is None else step.new
        numbers = where.split(",") if "," in where else where
        assert position["ask"]["answer"] == asked[tuple(int(i) - 1 for i in numbers)]


def test_values_are_those_of_the_nodes():
    """Forward positions show the nodes oldest first, each with what its operation gave."""
    data = data_of(page_of(scalars))
    shown = [(p["name"], data["arrays"][p["result"][1]][1]) for p in data["positions"][: data["first"]]]
    assert shown == [("x", "3"), ("a", "6"), ("(a · x)", "18"), ("L", "324")]
    numbers = to_xml(data["positions"][2]["formulas"][1][1])
    assert re.sub("<[^>]*>", "", numbers) == "6·3=18"


def test_every_drawn_box_and_arrow_has_its_times():
    """Each box tells its value from one position on and its gradients from others, each arrow when something goes along it."""
    steps, data = steps_of(small_network), data_of(page_of(small_network))
    boxes = {box["name"]: box for box in data["boxes"]}
    h = [(position - data["first"], data["arrays"][i][1]) for position, _, i in boxes["h"]["gradients"]]
    assert h == [(s.number, brief(s.new)) for s in steps if s.input.name == "h" and s.new is not None]
    assert len(h) == 2
    assert boxes["x"]["gradients"] == [] and not boxes["x"]["wants"]
    for forward, backward in (times for _, *times in data["arrows"]):
        assert 0 <= forward < data["first"]
        assert backward is None or data["first"] < backward < len(data["positions"])


def test_large_arrays_are_cut():
    """Cards hold all values, but of very large arrays the edges only, so that a page stays light."""
    arrays = Arrays()
    assert [arrays(np.arange(2000.0)), arrays(np.arange(2000.0)), arrays(np.arange(2.0))] == [0, 0, 1]
    assert "..." not in arrays.written()[0][3]
    arrays(np.arange(1e6))
    assert "..." in arrays.written()[2][3] and len(json.dumps(arrays.written())) < 100_000


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
    assert (tmp_path / "steps.html").read_text(encoding="utf-8") == page_of(scalars)
    assert all(node.grad is None for node in steps.nodes)


def test_no_steps():
    """The page of a parameter alone has its value and the upstream gradient."""
    data = data_of(to_step_page(backward_steps(Tensor(2.0, requires_grad=True, name="x"))))
    assert [p["kind"] for p in data["positions"]] == ["value", "seed"]


def test_notebook(monkeypatch):
    """In a notebook the steps show the page in a sandboxed frame, whole; without a renderer nothing is raised."""
    steps = steps_of(strange)
    shown = steps._repr_html_()
    assert shown == to_notebook(steps) and shown.startswith("<iframe srcdoc=") and shown.count("<") == 2
    monkeypatch.setattr("microgradnn.pages.step_page.layout_of", lambda *args: (_ for _ in ()).throw(RendererError("none")))
    assert steps._repr_html_() is None


# ---- Formulas.


def test_a_further_contribution_is_no_equation():
    """What a later step brings is only added to a gradient: the page does not say that it is this gradient."""
    titles = [[title for title, _ in step["formulas"]] for step in data_of(page_of(scalars))["positions"]]
    assert titles[-1] == ["rule", "in this graph, added to what is there", "in numbers"]
    assert titles[-2] == ["rule", "in this graph", "in numbers"]


def test_names_and_arrays_as_formulas():
    """Names have their subscripts and Greek letters; small arrays are matrices, large ones no formula; text is escaped."""
    assert to_xml(named("lambda")) == "<mi>λ</mi>" and to_xml(named("b_h")) == "<msub><mi>b</mi><mi>h</mi></msub>"
    assert to_xml(named("<b>")) == "<mtext>&lt;b&gt;</mtext>"
    assert (
        to_xml(mathml(Partial(Name("L"), Name("h"))))
        == "<mfrac><mrow><mo>∂</mo><mi>L</mi></mrow><mrow><mo>∂</mo><mi>h</mi></mrow></mfrac>"
    )
    assert to_xml(array(np.eye(2))).count("<mtr>") == 2
    assert array(np.zeros((5, 5))) is None and array(np.zeros((1, 1, 1))) is None
    assert re.sub("<[^>]*>", "", to_xml(arithmetic(6.0, -2.0, 4.0))) == "6+(−2)=4"
    large = np.zeros((9, 9))
    assert arithmetic(large, large, large) is None


class Same:
    """Stands for an operation in a rule on scalars, where there are no axes to spread along."""

    def __init__(self, op):
        self.__dict__.update(getattr(op, "__dict__", {}))
        self.with_axes = lambda dz: dz


@pytest.mark.parametrize("row", [row for op, row in TABLE.items() if op.__name__ != "Scatter"])  # draw() cannot label it
@settings(max_examples=5)
@given(data=st.data())
def test_formulas_in_numbers_are_true(row, data):
    """Where a step's rule is shown in numbers, the rule does give that number for those; every operation can be told."""
    op, arrays = data.draw(row.cases)
    z = op(*as_leaves(arrays))
    steps = backward_steps(z, data.draw(generators).normal(size=z.shape)) if z.requires_grad else []
    positions = Told(steps).data()["positions"] if z.requires_grad else []
    json.dumps(positions)
    for step, position in zip(steps, positions[len(positions) - len(steps) :], strict=True):
        for label, formula in position["formulas"]:
            if label.startswith("in numbers"):
                index = tuple(int(i) - 1 for i in re.findall(r"\d+", label))
                letters = dict(zip(letters_of(step.node), (x.data for x in step.node.inputs), strict=True))
                names = {"dz": step.dz, "z": step.node.data, **letters}
                fitting = {k: np.asarray(x) for k, x in names.items() if np.shape(x) in ((), step.dx.shape)}
                names = {k: x[index if x.ndim else ()] for k, x in fitting.items()}
                rule = step.rule.partition(" = ")[2]
                given_by_rule = eval(rule, {"np": np, "math": math, "self": Same(step.op), **vars(elementwise), **names})
                np.testing.assert_allclose(given_by_rule, step.dx[index], rtol=1e-12)
                assert to_xml(formula).endswith(f"<mo>=</mo><mn>{brief(step.dx[index])}</mn></mrow></math>")
