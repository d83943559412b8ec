"""The page of the steps, and the frames: what is in the files, and what a browser makes of the page.

The browser tests drive Chromium by Selenium; where either is missing they are skipped, as those of test_page.py.
"""

import ast
import functools
import json
import math
import re
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from op_table import TABLE, as_leaves
from strategies import generators
from test_page import STRANGE, browser
from test_steps import small_network

from microgradnn import Tensor, backward_steps, concatenate
from microgradnn.mathml import RuleWriter, Unwritable, arithmetic, array, gradient, named, to_xml
from microgradnn.ops import elementwise
from microgradnn.render import RendererError, find_renderer
from microgradnn.steppage import to_notebook, to_step_page
from microgradnn.steppage.arrays import Arrays
from microgradnn.steppage.formulas import letters_of
from microgradnn.steppage.told import Told
from microgradnn.steps import brief

__all__ = ["browser"]  # the fixture, which pytest finds by its name here

try:
    find_renderer()
except RendererError:
    pytest.skip("a page needs a Graphviz renderer, and there is none", allow_module_level=True)

LEFT, RIGHT, HOME, END, ENTER, ESCAPE = "\ue012", "\ue014", "\ue011", "\ue010", "\ue007", "\ue00c"

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
    with pytest.raises(ValueError, match=r"^Steps are saved as \.html, a page, or \.gif, .*; 'steps\.pdf' is neither\."):
        steps.save(tmp_path / "steps.pdf")
    with pytest.raises(ValueError, match=r"^A page of steps is light or dark; there is no 'print' one\.$"):
        steps.save(tmp_path / "steps.html", theme="print")
    with pytest.raises(ValueError, match="direction"):
        steps.save(tmp_path / "steps.html", direction="up")
    with pytest.raises(ValueError, match=r"^Frames are svg or png files; there is no format 'gif'\.$"):
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
    monkeypatch.setattr("microgradnn.page.render", lambda *args: (_ for _ in ()).throw(RendererError("none")))
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


# ---- In a browser.


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages that the tests open."""
    folder = tmp_path_factory.mktemp("pages")
    for network in (scalars, small_network, strange, long_chain):
        (folder / f"{network.__name__}.html").write_text(page_of(network), encoding="utf-8")
    return folder


@pytest.fixture
def opened(browser, pages):
    """A function that opens a page at a link; afterwards, nothing was said on the console and nothing else requested."""
    seen = []

    def open_page(network, link=""):
        path = pages / f"{network.__name__}.html"
        seen.append(path.as_uri())
        browser.driver.get("about:blank")
        for kind in ("browser", "performance"):
            browser.driver.get_log(kind)
        browser.driver.get(path.as_uri() + link)
        return browser

    yield open_page
    assert browser.driver.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in browser.driver.get_log("performance")]
    requests = {m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"}
    assert {url.partition("#")[0] for url in requests if not url.startswith("data:")} <= set(seen)


def link_of(page):
    return page.run("return location.hash")


def text_of(page, id):
    return " ".join(page.run(f"return byId('{id}').textContent").split())


def at_box(page, name):
    """The texts in the graph's box of a tensor."""
    texts = "boxes.find((box) => box.name === arguments[0]).texts[0].map((text) => text.textContent)"
    return page.run(f"return {texts}", name)


def test_keys(opened):
    """Arrows, Space, Home, End and the page keys go forth and back; the address follows, and the ends hold."""
    page = opened(scalars)
    assert text_of(page, "count") == "Forward 1 of 4"
    for keys, link in [
        ((RIGHT,), "value=2"),
        ((" ",), "value=3"),
        ((LEFT,), "value=2"),
        ((END,), "step=4"),
        ((RIGHT,), "step=4"),
        (("\ue00e",), "step=3"),  # page up
        (("\ue013",), "step=2"),  # up
        (("\ue015",), "step=3"),  # down
        (("\ue00f",), "step=4"),  # page down
        ((HOME,), "value=1"),
        ((LEFT,), "value=1"),
    ]:
        page.press(*keys)
        assert link_of(page) == f"#{link}", keys
    history = page.run("return history.length")
    page.press(RIGHT, RIGHT)
    assert page.run("return history.length") == history


def test_zoom_keys(opened):
    """Plus and minus make the graph larger and smaller, 0 shows the whole of it, and again as it was."""
    page = opened(small_network)
    width = "return stage.querySelector('svg.light').getBoundingClientRect().height"
    before = page.run(width)
    page.press("+")
    assert page.run(width) > before
    page.press("-", "-")
    assert page.run(width) < before
    page.press("0")
    assert page.run(width) <= page.run("return stage.clientHeight")
    page.press("0")
    assert page.run(width) == before


def test_buttons_and_slider(opened):
    """The four buttons and the slider move too; the slider's keys take one step, not two."""
    page = opened(scalars)
    for button, link in [("next", "value=2"), ("last", "step=4"), ("back", "step=3"), ("first", "value=1")]:
        page.find(f"#{button}").click()
        assert link_of(page) == f"#{link}"
    assert page.find("#first").get_attribute("disabled")
    page.run("const s = byId('slider'); s.value = 6; s.dispatchEvent(new Event('input'))")
    assert link_of(page) == "#step=2"
    page.run("byId('slider').focus()")
    page.press(RIGHT)
    assert link_of(page) == "#step=3"
    assert page.run("return byId('slider').getAttribute('aria-valuetext')") == "Backward 3 of 4"
    assert page.run("return Number(byId('slider').max)") == 4 + 1 + 4 - 1


def test_deep_links(opened):
    """A link opens the page at its step; a changed address goes there; one that there is not changes nothing."""
    page = opened(scalars, "#step=4")
    assert text_of(page, "count") == "Backward 4 of 4"
    for link, count in [("value=2", "Forward 2 of 4"), ("step=0", "Backward 0 of 4"), ("step=77", "Backward 0 of 4")]:
        page.run("location.hash = arguments[0]", link)
        time.sleep(0.05)
        assert text_of(page, "count") == count


@pytest.mark.parametrize("network", [scalars, small_network])
def test_what_each_step_shows(opened, network):
    """At each step the page shows the rule, the operands and old + dx = new of backward_steps, and the graph its total."""
    page, steps = opened(network, "#step=0"), steps_of(network)
    for step in steps:
        page.press(RIGHT)
        assert text_of(page, "count") == f"Backward {step.number} of {len(steps)}"
        assert step.rule in text_of(page, "formulas")
        if "dz" in step.rule:
            assert brief(step.dz) in text_of(page, "operands")
        numbers = [x for x in (step.old, step.dx, step.new) if x is not None][: 3 if step.old is not None else 1]
        shown = re.findall(r"[−\d.·⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", text_of(page, "result"))
        formula = page.run("return [...byId('result').querySelectorAll('mn')].map((mn) => mn.textContent)")
        expected = [brief(v) for x in numbers for v in np.ravel(x)]
        assert (formula == expected) if formula else set(expected) <= set(shown)
        assert step.arithmetic in text_of(page, "says")
        lit = page.run("return positions[state.at].lit[1].map((i) => shapesOf(i)[0].classList.contains('lit'))")
        assert lit and all(lit)
    assert page.run("return document.querySelectorAll('svg.light .node.waiting').length") == 0


def test_graph_fills(opened):
    """A box is pale and empty before its value, then shows it, then the gradient so far, then the whole."""
    page = opened(scalars, "#value=1")
    states = {}
    for link in ("value=1", "value=2", "step=2", "step=3", "step=4"):
        page.run("location.hash = arguments[0]", link)
        time.sleep(0.05)
        states[link] = at_box(page, "a"), at_box(page, "x")
    assert states == {
        "value=1": (["", ""], ["3", ""]),
        "value=2": (["6", ""], ["3", ""]),
        "step=2": (["6", "∂L/∂a = 108"], ["3", ""]),
        "step=3": (["6", "∂L/∂a = 108"], ["3", "∂L/∂x = 216"]),
        "step=4": (["6", "∂L/∂a = 108"], ["3", "∂L/∂x = 432"]),
    }
    assert text_of(page, "result") == "216+216=432"


def test_cards(opened):
    """A click on a box, or Enter, opens a card with all values as they are at this step; Escape closes it; rows have theirs."""
    page = opened(small_network, "#step=6")
    page.run("shapesOf(boxes.find((box) => box.name === 'h').item)[0].focus()")
    page.press(ENTER)
    assert page.run("return byId('card').open")
    texts = page.run("return [...byId('card').querySelectorAll('pre')].map((pre) => pre.textContent)")
    values = [ast.literal_eval(re.sub(r"\s", "", text)) for text in texts]
    step = steps_of(small_network)[5]
    assert step.input.name == "h"
    assert np.allclose(values[0], step.input.data) and np.allclose(values[1], step.new)
    assert text_of(page, "card-name") == "h = tanh(x W + b)"
    page.press(ESCAPE)
    assert not page.run("return byId('card').open")
    page.find("svg.light g.node:has(ellipse)").click()
    assert page.run("return byId('card').open")
    page.find("#card button").click()
    page.find("#operands button").click()
    assert text_of(page, "card-name") == steps_of(small_network).gradient_name(step.node)


def test_quiz(opened):
    """The quiz hides a step's numbers everywhere; a wrong answer is told so, a right one shows them; keys go on."""
    page = opened(scalars, "#step=3")
    page.press("q")
    assert page.run("return document.activeElement.id") == "answer"
    step = steps_of(scalars)[2]
    assert text_of(page, "question") == "∂L/∂x = ?"
    assert brief(step.dx) not in page.run("return document.body.innerText") and at_box(page, "x") == ["3", "?"]
    assert brief(step.dx) not in text_of(page, "says")
    for wrong in ("1", "two"):
        page.run("byId('answer').value = arguments[0]", wrong)
        page.press(ENTER)
        assert page.run("return byId('verdict').className") == "wrong"
        assert text_of(page, "verdict").startswith("Not yet" if wrong == "1" else "That is not a number")
        assert text_of(page, "question") and brief(step.dx) not in text_of(page, "result")
    page.run("byId('answer').value = '217'")  # within one percent
    page.press(ENTER)
    assert text_of(page, "verdict") == "Right: ∂L/∂x = 216." and text_of(page, "result") == "216"
    assert at_box(page, "x") == ["3", "∂L/∂x = 216"]
    page.run("byId('answer').value = ''")
    page.press(RIGHT)
    assert link_of(page) == "#step=4"
    assert text_of(page, "result") == "The numbers of this step are hidden.old216"
    page.find("#show").click()
    assert text_of(page, "verdict") == "∂L/∂x = 432." and text_of(page, "result") == "216+216=432"
    page.find("#quiz").click()
    assert page.run("return byId('ask').hidden")


def test_quiz_of_arrays_and_values(opened):
    """Of an array, one element is asked; values are asked too, but not those that are given."""
    page = opened(small_network, "#step=8")
    page.press("q")
    assert text_of(page, "question") == "∂L/∂V₂ = ?"
    page.run("location.hash = 'value=1'")
    time.sleep(0.05)
    assert page.run("return byId('ask').hidden")


@pytest.mark.parametrize(
    ("typed", "answer", "right"),
    [
        ("0.5", 0.5, True),
        ("1/2", 0.5, True),
        ("0,503", 0.5, True),
        ("0.51", 0.5, False),
        ("−3e2", -300, True),
        ("", 0, False),
        ("0", 0, True),
        ("0.001", 0, False),
        ("1/2/3", 0.1667, False),
        ("nan", "nan", True),
        ("-inf", "-inf", True),
        ("∞", "inf", True),
        ("1", "nan", False),
    ],
)
def test_answers(opened, typed, answer, right):
    """Within one percent is right; fractions, decimal commas, true minus signs, NaN and infinity are understood."""
    assert opened(scalars).run("return isRight(parse(arguments[0]), arguments[1])", typed, answer) is right


def test_dark(opened):
    """The page follows the system; the button and its key switch, and one drawing is shown at a time."""
    page = opened(scalars)
    shown = "return [...stage.children].filter((svg) => svg.getClientRects().length).map((svg) => svg.classList[0])"
    assert page.run(shown) == ["light"]
    page.press("d")
    assert page.run(shown) == ["dark"] and page.run("return byId('theme').getAttribute('aria-pressed')") == "true"
    page.find("#theme").click()
    assert page.run(shown) == ["light"]
    emulate = "Emulation.setEmulatedMedia"
    page.driver.execute_cdp_cmd(emulate, {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    try:
        assert opened(scalars).run(shown) == ["dark"]
    finally:
        page.driver.execute_cdp_cmd(emulate, {"features": []})


def test_for_screen_readers(opened):
    """Buttons, fields and boxes have names; each move is told in a live region; motion stops where the system asks."""
    page = opened(small_network, "#step=7")
    controls = page.driver.find_elements("css selector", "button, input, svg.light .node[role]")
    assert all(control.accessible_name for control in controls if control.is_displayed())
    assert text_of(page, "says") == f"Backward 7 of 13: ∂L/∂h = {steps_of(small_network)[6].arithmetic}, through matmul"
    assert page.run("return byId('says').getAttribute('role')") == "status"
    label = "return shapesOf(boxes.find((box) => box.name === arguments[0]).item)[0].getAttribute('aria-label')"
    assert [page.run(label, name) for name in "hWx"] == ["h: gradient complete", "W: gradient pending", "x: no gradient"]
    page.press("\ue004")
    assert page.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    motion = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", motion)
    try:
        assert page.run("return getComputedStyle(document.querySelector('svg.light .edge.lit path')).animationName") == "none"
    finally:
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_strange_names(opened):
    """Names that are markup are shown to the letter, in the graph, the derivation and the cards, and nothing of them runs."""
    page = opened(strange)
    page.press(END)
    visible = STRANGE.replace("\u2028", r"\u2028")
    assert visible in text_of(page, "title")
    assert visible in page.run("return stage.textContent").replace("\u00a0", " ")
    page.run("openBox(boxes.find((box) => box.name.startsWith('</script>')))")
    assert page.run("return window.hacked") is None
    assert page.run("return document.querySelectorAll('img, b, i').length") == 0


def test_five_hundred_steps(opened):
    """500 steps make a page of a few megabytes at most, made in seconds; a move takes a few milliseconds."""
    assert len(steps_of(long_chain)) == 501
    started = time.perf_counter()
    assert len(to_step_page(steps_of(long_chain))) < 3_000_000
    assert time.perf_counter() - started < 15
    page = opened(long_chain)
    milliseconds = page.run(
        "const start = performance.now(); for (let i = 0; i < positions.length; i += 10) go(i);"
        "return (performance.now() - start) / (positions.length / 10)"
    )
    assert milliseconds < 100
    page.press(END)
    assert text_of(page, "count") == "Backward 501 of 501"


def test_narrow_windows(opened):
    """In a narrow window the graph is above the derivation, and nothing is wider than the window."""
    page = opened(small_network, "#step=7")
    size = page.driver.get_window_size()
    page.driver.set_window_size(500, 800)
    try:
        assert page.run("return document.documentElement.scrollWidth <= innerWidth")
        assert page.run("return byId('panel').getBoundingClientRect().top >= stage.getBoundingClientRect().bottom - 1")
    finally:
        page.driver.set_window_size(size["width"], size["height"])


def test_a_frame_in_a_notebook(opened, browser, pages):
    """In the sandboxed frame of a notebook the page works, though it cannot change the address there."""
    path = pages / "notebook.html"
    head = "<!doctype html><meta charset=utf-8><link rel=icon href='data:,'>"
    path.write_text(head + to_notebook(steps_of(scalars)), encoding="utf-8")
    browser.open(path)
    frame = browser.find("iframe")
    browser.driver.switch_to.frame(frame)
    try:
        browser.find("#next").click()
        assert browser.find("#count").text == "Forward 2 of 4"
    finally:
        browser.driver.switch_to.default_content()
    opened(scalars)


def test_concatenated_inputs(opened):
    """A tensor that is an operation's input twice has an arrow for each, and each step lights its own."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    data = data_of(to_step_page(backward_steps(concatenate([x, x]).sum().named("L"))))
    lit = [tuple(p["lit"][1]) for p in data["positions"] if p["kind"] == "vjp"]
    assert len(set(lit)) == len(lit) == 3
