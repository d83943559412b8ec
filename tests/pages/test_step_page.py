"""The page of the steps, and the frames: what is in the files.

What a browser makes of the page is tested in test_steppage_browser.py.
"""

import functools
import json
import math
import re
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from op_table import TABLE, as_leaves
from strategies import generators

from microgradnn import Tensor, backward_steps
from microgradnn.errors import RendererError
from microgradnn.formulas.brief import brief
from microgradnn.formulas.mathml import RuleWriter, Unwritable, arithmetic, array, gradient, named, to_xml
from microgradnn.ops import elementwise
from microgradnn.pages.arrays import Arrays
from microgradnn.pages.formulas import letters_of
from microgradnn.pages.step_page import to_notebook, to_step_page
from microgradnn.pages.told import Told
from microgradnn.pictures.render import find_renderer
from tests.pictures.test_page import STRANGE
from tests.stepping.test_steps import small_network

try:
    find_renderer()
except RendererError:
    pytest.skip("a page needs a Graphviz renderer, and there is none", allow_module_level=True)

DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def scalars():
    """L = (a x)², a = 2 x, x = 3: x gets two contributions."""
    x = Tensor(3.0, requires_grad=True, name="x")
    return (((x * 2).named("a") * x) ** 2).named("L")


def strange():
    """A network whose tensors are called by markup."""
    W = Tensor([[1.0, -2.0]], requires_grad=True, name=STRANGE)
    return (Tensor([[3.0], [4.0]], name="<b>x</b>") @ W).sum().named("L & <i>co</i>")


def long_chain():
    """500 steps: x ← tanh(x + w), 167 times."""
    w = Tensor(0.1, requires_grad=True, name="w")
    x = Tensor(0.5, requires_grad=True, name="x")
    for _ in range(167):
        x = (x + w).tanh()
    return x.named("L")


@functools.cache
def steps_of(network):
    """The steps of one of the networks above, made once."""
    return backward_steps(network()[0] if network is small_network else network())


@functools.cache
def page_of(network):
    return to_step_page(steps_of(network))


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])


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
    assert shown == [("x", "3"), ("a", "6"), ("(a x)", "18"), ("L", "324")]
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


def test_frames_are_numbered(renderer, tmp_path):
    """One picture before the first step and one after each, numbered; each says its step and has the gradients as of it."""
    steps = steps_of(scalars)
    paths = steps.save_frames(tmp_path / "frames")
    assert [path.name for path in paths] == [f"frame_{i:03d}.svg" for i in range(len(steps) + 1)]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    assert "step 0 of 4: ∂L/∂L = 1" in texts[0]
    seen = [re.findall(r'<text[^>]*fill="(?!none)[^>]*>(∂L/∂x = \d+)<', text) for text in texts]
    assert seen == [[], [], [], ["∂L/∂x = 216"], ["∂L/∂x = 432"]]
    boxes = [re.findall(r'<(?:ellipse|polygon fill="#[^>]*) [^>]*points="[^"]*"|<text[^>]* x="[^"]*"', text) for text in texts]
    assert len({len(found) for found in boxes}) == 1
    assert len({re.search(r'viewBox="[^"]* ([^"]*)"', text)[1] for text in texts}) == 1  # in the middle they lie on each other
    for step, text in zip(steps, texts[1:], strict=True):
        assert f"step {step.number} of {len(steps)}: {step.name} = {step.arithmetic}" in text
    assert all(node.grad is None for node in steps.nodes)


def test_frames_for_wide_slides(tmp_path):
    """Frames may run from left to right, and are wider than high then; another direction leaves no folder behind."""
    size = {}
    for direction in ("TB", "LR"):
        first = steps_of(scalars).save_frames(tmp_path / direction, direction=direction)[0].read_text(encoding="utf-8")
        size[direction] = [float(x) for x in re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', first).groups()]
    assert size["LR"][0] > size["LR"][1]
    assert size["TB"][0] < size["TB"][1]
    with pytest.raises(ValueError, match="There is no direction 'up'; there are LR, RL, TB, BT"):
        steps_of(scalars).save_frames(tmp_path / "up", direction="up")
    assert not (tmp_path / "up").exists()


def test_animation(tmp_path):
    """An animated GIF has all frames, of one size; without Pillow, an error says what to install."""
    image = pytest.importorskip("PIL.Image")
    with image.open(steps_of(scalars).save(tmp_path / "steps.gif")) as picture:
        assert picture.n_frames == len(steps_of(scalars)) + 1
    sys.modules["PIL"], kept = None, sys.modules["PIL"]
    try:
        with pytest.raises(ImportError, match="pip install pillow"):
            steps_of(scalars).save(tmp_path / "more.gif")
    finally:
        sys.modules["PIL"] = kept


# ---- Formulas.


@pytest.mark.parametrize(
    ("rule", "written"),
    [
        ("dz * (1 - z * z)", "dz·(1−z·z)"),
        ("-dz * x", "−dz·x"),
        ("dz * n * x ** (n - (n != 0))", "dz·2·x"),
        ("dz * (x > 0)", "dz·[x>0]"),
        ("np.where(x > y, dz, 0)", "where(x>y,dz,0)"),
        ("x.swapaxes(-1, -2) @ dz", "xT·dz"),
        ("dz[..., None] * y if dz.ndim else dz * y", "dz·y"),
        ("x[:, None] * dz[..., None, :]", "xT·dz"),
        ("self.with_axes(dz) * np.ones_like(x)", "dz·1"),
        ("dz * np.exp(-x)", "dz·e−x"),
        ("dz / (1 + x)", "dz1+x"),
    ],
)
def test_rules_as_formulas(rule, written):
    """A rule is a formula in the names of the graph; plain numbers in it are worked out."""
    names = {letter: ("mi", letter) for letter in ("dz", "z", "x", "y")}
    values = dict.fromkeys(names, np.float64(0.5))
    assert re.sub("<[^>]*>", "", to_xml(RuleWriter(names, {**values, "n": 2})(rule))).replace("&gt;", ">") == written


@pytest.mark.parametrize(
    "rule", ["dz / ties", "dz[self.index]", "Tanh.dx(dz, …)", "lambda: dz", "dz % 2", "not dz", "dz * (0 < dz < 1)"]
)
def test_rules_that_stay_python(rule):
    """What is better read as Python is not written as a formula."""
    with pytest.raises(Unwritable):
        RuleWriter({"dz": ("mi", "dz")}, {"dz": np.float64(1)})(rule)


def test_a_number_that_there_is_not_stays_a_fraction():
    """Plain numbers that cannot be divided are written as they stand."""
    written = RuleWriter({"dz": ("mi", "dz")}, {"dz": np.float64(1), "n": 0})("dz * (1 / n)")
    assert "<mfrac><mn>1</mn><mn>0</mn></mfrac>" in to_xml(written)


def test_a_further_contribution_is_no_equation():
    """What a later step brings is only added to a gradient: the page does not say that it is this gradient."""
    titles = [[title for title, _ in step["formulas"]] for step in data_of(page_of(scalars))["positions"]]
    assert titles[-1] == ["rule", "in this graph, added to what is there", "in numbers"]
    assert titles[-2] == ["rule", "in this graph", "in numbers"]


def test_names_and_arrays_as_formulas():
    """Names have their subscripts and Greek letters; small arrays are matrices, large ones no formula; text is escaped."""
    assert to_xml(named("lambda")) == "<mi>λ</mi>" and to_xml(named("b_h")) == "<msub><mi>b</mi><mi>h</mi></msub>"
    assert to_xml(named("<b>")) == "<mtext>&lt;b&gt;</mtext>"
    assert to_xml(gradient("L", "h")) == "<mfrac><mrow><mo>∂</mo><mi>L</mi></mrow><mrow><mo>∂</mo><mi>h</mi></mrow></mfrac>"
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
