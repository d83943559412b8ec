"""The live page in a browser: what it computes is what Python does, and nothing but numbers moves."""

import os

import numpy as np
import pytest
from battery import lstm
from javascript import cases_of
from live_pages import NETWORKS, Python, attention, batch, frames, home, recurrent, text_of, two_layers
from op_table import TABLE
from random_programs import graph_of_seed
from strategies import is_floating

from microgradnn import Tensor, backward_steps, live, ops
from microgradnn.pages.live_network import Network
from microgradnn.pages.step_page import page_of as steps_page

RANDOM = int(os.environ.get("RANDOM_PAGES", "0"))  # graphs that nobody wrote: RANDOM_PAGES=200 for a long run
LEAVES = "return Object.fromEntries(leafIds.map((id) => [id, [...state.leaves[id].data]]))"
NUMBERS = (
    "return [loss(), ...parameters.flatMap((id) => [...gradientOf(id).data])].map((x) => Number.isFinite(x) ? x : String(x))"
)
PARAMETERS = "return parameters.map((id) => [...state.leaves[id].data])"
TRAIN = """
const [optimiser, rate, count] = arguments;
setOptimiser(optimiser);
training.rate = rate;
for (let i = 0; i < count; i++) update();
"""
UP, DOWN, RIGHT, LEFT, ENTER, ESCAPE = "\ue013", "\ue015", "\ue014", "\ue012", "\ue007", "\ue00c"
PAGE_DOWN, PAGE_UP = "\ue00f", "\ue00e"


def assert_as_in_python(page, python):
    python.put(page.run(LEAVES))
    received, expected = np.array(page.run(NUMBERS), float), python.numbers()
    np.testing.assert_allclose(received, expected, rtol=1e-12, atol=1e-12 * max(1, np.abs(expected).max()))


CHANGE = """
const [seed, count, size] = arguments, movable = leafIds.filter(isMovable);
randomSeed = seed;
for (let i = 0; i < count; i++) {
  const id = movable[Math.floor(random() * movable.length)];
  setNumber(id, Math.floor(random() * state.leaves[id].data.length), size * (2 * random() - 1));
}
"""


def change_some(page, seed, count=20, size=3):
    """Change numbers at random, as a drag does."""
    page.run(CHANGE, seed, count, size)


@pytest.mark.parametrize("network", NETWORKS)
def test_numbers_are_pythons(opened, network):
    """Values and gradients equal Python's to 1e-12: as recorded, after changes, after updates by each optimiser."""
    output = network()
    page, python = opened(text_of(network)), Python(Network(output), output)
    assert_as_in_python(page, python)
    change_some(page, 1)
    assert_as_in_python(page, python)
    page.run("travel(0)")
    for optimiser, rate in (("SGD", 0.01), ("momentum", 0.002), ("Adam", 0.01)):
        count = 100 if network is home or RANDOM else 15
        python.put(page.run(LEAVES))
        page.run(TRAIN, optimiser, rate, count)
        python.train(optimiser, rate, count)
        for W, numbers in zip(python.wanted, page.run(PARAMETERS), strict=True):
            np.testing.assert_allclose(numbers, np.ravel(W.data), rtol=1e-11, atol=1e-12)
        assert_as_in_python(page, python)


@pytest.mark.parametrize("seed", range(RANDOM))
def test_random_graphs_are_pythons(opened, seed):
    """Graphs that nobody wrote: numbers as in Python, and every derivation adds up to the gradient."""
    output = graph_of_seed(seed)
    page, python = opened(live(output).page()), Python(Network(output), output)
    change_some(page, seed + 1, 5, 0.9)
    assert_as_in_python(page, python)
    assert page.run(DERIVATIONS) == []


def pages_of_operations():
    """A loss for each operation of the table of which a program can be written."""
    for name, row in TABLE.items():
        for op, arrays in cases_of(row, 1) if row.is_written and name is not ops.Astype else ():
            leaves = [Tensor(x, requires_grad=is_floating(x), name=f"x{i}") for i, x in enumerate(arrays)]
            z = op(*leaves)
            weights = Tensor(np.linspace(-1, 2, z.size).reshape(z.shape), name="weights")
            yield name.__name__, (z * weights).sum()


@pytest.mark.skipif(not RANDOM, reason="RANDOM_PAGES=1 opens a page for every operation")
def test_every_operation_has_a_page(opened):
    """For each row of the table of operations the page draws all its modes, and every derivation adds up to the gradient."""
    outputs = dict(pages_of_operations())
    page = opened(live(outputs).page())
    for i in range(len(outputs)):
        page.run("location.hash = arguments[0]", f"network={i + 1}&mode=explore")
        page.driver.refresh()
        assert page.run(DERIVATIONS) == [], list(outputs)[i]
        for mode in ("train", "quiz", "steps"):
            page.run("setMode(arguments[0]); state.stepAt = DATA.steps.length; draw()", mode)


# Those elements whose paths do not add up to the gradient, or with a formula that gives another number than its factor has.
DERIVATIONS = """
const near = (a, b) => Math.abs(a - b) <= 1e-9 * (1 + Math.abs(b)), wrong = [];
for (const id of boxed.filter((id) => nodes[id].graded)) [...valueOf(id).data].forEach((_, place) => {
  const found = coneOf(id, place);
  if (found.tooLarge) return;
  if (!near(found.end.gradient, gradientOf(id).data[place])) wrong.push([id, place, found.end.gradient]);
  const total = found.paths.reduce((sum, path) => sum + path.value, 0);
  if (found.source.count === found.paths.length && !near(total, found.end.gradient)) wrong.push("paths");
});
return wrong;
"""


WITHOUT_FORMULA = """
return parameters.flatMap((id) => [...state.leaves[id].data].map((_, place) => [id, place]))
  .filter((element) => !coneOf(...element).paths[0].factors.every((factor) => formulaOf(factor)));
"""


@pytest.mark.parametrize("network", NETWORKS)
def test_derivations_add_up(opened, network):
    """For every number with a gradient the sum over its paths is the gradient, as recorded and after changes."""
    page = opened(text_of(network))
    assert page.run(DERIVATIONS) == []
    change_some(page, 7)
    assert page.run(DERIVATIONS) == []


def test_formulas_follow(opened):
    """In the source's network every factor has a formula, whose numbers are those of the moment; and it is drawn."""
    page = opened(text_of(home))
    change_some(page, 3)
    frames(page)
    assert page.run(WITHOUT_FORMULA) == []
    said = page.run("return byId('why').innerText.replaceAll('\\u2061', '')")
    assert page.run("return fixed(gradientOf(...state.chosen).data[0])") in said
    assert "✗" not in said


def test_another_branch_has_no_formula(opened):
    """A max that takes another operand than when it was recorded: its old formula is not shown, its number is right."""
    a, b = Tensor(2.0, requires_grad=True, name="a"), Tensor(1.0, requires_grad=True, name="b")
    L = (ops.where(np.array(True), a, b) * ops.relu(b).named("r")).named("L")
    page = opened(live(L).page())
    page.run("setNumber(boxed.find((id) => nodes[id].name === 'b'), 0, -3)")
    assert page.run(DERIVATIONS) == []
    assert "stay as they were recorded" in page.find("main").text


def test_numbers_that_are_none_are_said(opened):
    """Where a drag or a learning rate leads to NaN or ∞, the page says so, and goes on."""
    page = opened(text_of(home))
    page.run("setNumber(0, 0, NaN)")
    for mode in ("explore", "train", "steps", "quiz"):
        page.run("setMode(arguments[0]); state.stepAt = DATA.steps.length", mode)
        frames(page)
    assert "NaN" in page.find("#graph").text
    page.run("setMode('train'); travel(0); training.rate = 10; for (let i = 0; i < 300; i++) update()")
    frames(page)
    assert page.run("return Number.isFinite(loss())") is False
    page.run("travel(0)")
    frames(page)
    assert "NaN" not in page.find("main").text


WATCH_SHIFTS = """
window.shifts = 0;
const add = (list) => { for (const entry of list.getEntries()) shifts += entry.value; };
new PerformanceObserver(add).observe({ type: 'layout-shift' });
"""
RECTANGLES = """
return [...document.querySelectorAll('.box, .circle, .cell .hit, .chain > *, h2, table, #slope svg, button')]
  .map((e) => e.getBoundingClientRect()).map((r) => [r.x, r.y + r.height / 2, r.width].map((v) => Math.round(v)).join());
"""


def mouse(page, kind, x, y):
    """What the mouse does, its left button held."""
    event = {"type": f"mouse{kind}", "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}
    page.driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)


@pytest.mark.parametrize("network", [home, batch, recurrent])
def test_a_drag_moves_numbers_alone(opened, network):
    """The chosen number is dragged through 0: it changes by 0.01 a pixel, all follow, nothing moves, no sign in a formula."""
    page = opened(text_of(network))
    frames(page, 4)
    before, start = page.run(RECTANGLES), page.run("return state.leaves[state.chosen[0]].data[state.chosen[1]]")
    x, y = page.middle(f"[data-cell='{page.run('return state.chosen.join()')}']")
    mouse(page, "Pressed", x, y)
    frames(page, 4)
    page.run(WATCH_SHIFTS)
    for step in (20, -45, 130, -60, 200):
        x += step
        mouse(page, "Moved", x, y)
        frames(page)
        assert page.run(RECTANGLES) == before
    assert page.run("return shifts") == 0
    mouse(page, "Released", x, y)
    frames(page)
    assert page.run("return state.leaves[state.chosen[0]].data[state.chosen[1]]") == pytest.approx(start + 2.45)
    python = Python(Network(output := network()), output)
    assert_as_in_python(page, python)


def test_a_computed_number_says_what_to_change(opened):
    """Dragged, or typed over, a computed number stays as it is, and names the leaves that it is computed from."""
    page = opened(text_of(home))
    frames(page)
    before = page.run("return fixed(valueOf(8).data[0])")
    assert not page.find("#computed").is_displayed()
    x, y = page.middle("[data-cell='8,0']")
    for kind, by in (("Pressed", 0), ("Moved", 30), ("Released", 30)):
        mouse(page, kind, x + by, y)
    assert page.find("#computed").text == "h is computed from x, W and bₕ: change those"
    page.run("byId('computed').hidden = true")
    page.run("document.querySelector('[data-cell=\"8,0\"]').focus()")
    page.press("5")
    assert page.find("#computed").is_displayed()
    assert page.run("return fixed(valueOf(8).data[0])") == before


def test_what_requires_no_gradient_says_so(opened):
    """A given number has no derivation, and the panel says why; the loss along it is drawn, without a tangent."""
    page = opened(text_of(home))
    page.find("[data-cell='0,0']").click()
    frames(page)
    assert page.find("#why p").text.startswith("x requires no gradient")
    assert page.run("return [plot.curve, plot.tangent].map((e) => e.getAttribute('d') !== '')") == [True, False]
    along = float(page.run("return plot.rows[4].children[1].textContent"))
    assert along == pytest.approx(page.run("return slopeBy(0, 0, 6e-6)"), abs=1e-3)
    assert not page.find("#differences .limit").is_displayed()
    page.find("[data-cell='2,0']").click()
    frames(page)
    assert page.find("#differences .limit").is_displayed()


def test_undo_and_redo(opened):
    """Ctrl+Z takes a drag back, with Shift it comes again."""
    page = opened(text_of(home))
    start = page.run(LEAVES)
    page.run("setNumber(2, 0, 5); record('edit'); setNumber(2, 1, 6); record('edit')")
    after = page.run(LEAVES)
    page.find("#undo").click()
    page.find("#undo").click()
    assert page.run(LEAVES) == start
    page.find("#redo").click()
    page.find("#redo").click()
    assert page.run(LEAVES) == after


def test_keys_change_a_number(opened):
    """↑ and ↓ by a tenth; digits open a field, and Escape leaves the number as it was; → goes to the next."""
    page = opened(text_of(home))
    number = "return state.leaves[2].data[0]"
    start = page.run(number)
    page.run("document.querySelector('[data-cell=\"2,0\"]').focus()")
    page.press(UP, UP, DOWN)
    assert page.run(number) == pytest.approx(start + 0.1)
    page.press("-", "1", "/", "4", ENTER)
    assert page.run(number) == -0.25
    page.press("9", ESCAPE)
    assert page.run(number) == -0.25
    page.press(RIGHT)
    assert page.run("return document.activeElement.dataset.cell") == "2,1"
    assert page.run("return document.activeElement.getAttribute('role')") == "spinbutton"


def test_a_link_holds_the_situation(opened):
    """Mode, step, the chosen number and all numbers that are not as recorded are in the address, and come back from it."""
    page = opened(text_of(home))
    page.run("setNumber(2, 4, 1.25); setNumber(0, 1, -0.5); state.chosen = [2, 4]; goToStep(9)")
    frames(page)
    link, leaves = page.run("return location.hash"), page.run(LEAVES)
    page = opened(text_of(home), link)
    assert page.run(LEAVES) == leaves
    assert page.run("return [state.mode, state.stepAt, ...state.chosen]") == ["steps", 9, 2, 4]


def test_steps_show_what_is_there_so_far(opened):
    """Values come one after the other, then gradients; a presenter's clicker goes on; at the end all are those of explore."""
    page = opened(text_of(two_layers), "#mode=steps")
    frames(page)
    gradients = "return [...document.querySelectorAll('#graph .gradient')].map((e) => e.textContent)"
    assert set(page.run(gradients)) == {"·"}
    page.press(PAGE_DOWN, PAGE_DOWN, PAGE_UP)
    assert page.run("return state.stepAt") == 1
    page.run("goToStep(DATA.steps.length)")
    frames(page)
    end = page.run(gradients)
    page.run("setMode('explore')")
    frames(page)
    assert page.run(gradients) == end


def test_sums_are_steps_of_their_own(opened):
    """The gradient of a bias that was added to every sample comes in two steps; links count as `backward_steps` does."""
    output = batch()
    steps = backward_steps(output)
    (number,) = [step.number for step in steps if step.kind == "sum" and step.input.name == "b"]
    page = opened(steps_page(steps), f"#step={number - 1}")
    frames(page)
    bias = (
        "return document.querySelector(`[data-cell='${boxed.find((id) => nodes[id].name === 'b')},0'] .gradient`).textContent"
    )
    assert page.run(bias) == "·"
    assert "before the sum" in page.find("#step-numbers").text
    page.press(RIGHT)
    frames(page)
    assert page.run("return location.hash").startswith(f"#mode=steps&step={number}&")
    assert page.run(bias) != "·"


def test_numbers_are_large_when_presented(opened):
    """At 1920 × 1080, values in the graph are at least 24 pixels high in type, and it is as wide as the page."""
    page = opened(text_of(home))
    size = {"width": 1920, "height": 1080, "deviceScaleFactor": 1, "mobile": False}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        page.run("present()")
        frames(page, 4)
        assert page.run(TYPE_SIZE) >= 24
        assert page.run("return document.documentElement.scrollHeight <= innerHeight")
        assert page.run("return byId('graph').getBoundingClientRect().width") > 1800
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


TYPE_SIZE = """
const svg = document.querySelector("#graph svg"), scale = svg.getScreenCTM().a;
return Math.min(...[...svg.querySelectorAll(".value:not(.long)")].map((e) => parseFloat(getComputedStyle(e).fontSize) * scale));
"""


def test_two_weights_are_compared(opened):
    """W₁₂ after W₁₁: the first stays in one line, and what differs is said: V₁ and h₁, as the question's answer has it."""
    page = opened(text_of(home))
    page.run("choosing(...numberNamed('W.1')); choosing(...numberNamed('W.2'))")
    frames(page)
    assert "What differs: V₁, h₁ before, V₂, h₂ now." in page.find("#why").text
    page.run("choosing(...numberNamed('V.1'))")
    frames(page)
    assert "What differs" not in page.find("#why").text


def test_strange_names_are_text(opened):
    """A tensor's name is never markup, on the page or in its script."""
    name = "</script><b onclick='x'>&lt;*/\n"
    w = Tensor([1.0, 2.0], requires_grad=True, name=name)
    page = opened(live(((w * w).named("<i>").sum()).named("L--><!--")).page())
    assert page.run(DERIVATIONS) == []
    assert page.run("return document.querySelectorAll('main b[onclick], main i').length") == page.run(
        "return document.querySelectorAll('.swatch, .bar').length"
    )


def test_arrow_keys_are_for_the_steps_after_a_click(opened):
    """Who opens the steps with a pointer goes through them by the arrow keys."""
    page = opened(text_of(home))
    page.find("#tab-steps").click()
    page.press(RIGHT)
    assert page.run("return [state.mode, state.stepAt]") == ["steps", 1]


PATHS = "return coneOf(...state.chosen).paths.map((path) => [wayText(path), path.value])"


def test_paths_stay_where_they_are_while_a_number_is_dragged(opened):
    """The strongest path comes first; during a drag each stays where it was, and afterwards they are in order again."""
    page = opened(text_of(two_layers))
    frames(page)
    before = [way for way, _ in page.run(PATHS)]
    page.run("document.documentElement.classList.add('scrubbing'); setNumber(...numberNamed('V.1'), 0.001)")
    during = page.run(PATHS)
    assert [way for way, _ in during] == before
    assert abs(during[0][1]) < abs(during[1][1])
    page.run("document.documentElement.classList.remove('scrubbing'); forgetPartials()")
    assert [way for way, _ in page.run(PATHS)] == before[::-1]


def test_stubs_lead_to_their_numbers(opened):
    """A click on the name of a weight that is used again chooses its first number, and shows it."""
    page = opened(live(lstm(np.random.default_rng(5))).page())
    page.run(
        "byId('graph').scrollLeft = 1e6; const stub = [...document.querySelectorAll('.stub')].at(-1); stub.focus();"
        "stub.dispatchEvent(new MouseEvent('click', { bubbles: true }));"
    )
    frames(page)
    name = page.run("return document.activeElement.querySelector('.name').textContent")
    assert page.run("return nodes[state.chosen[0]].name.replace('_', '')") == name
    seen, box = page.run("return [byId('graph'), drawn.boxes[state.chosen[0]]].map((x) => x.getBoundingClientRect().toJSON())")
    assert seen["left"] <= box["left"] < box["right"] <= seen["right"]


def test_what_has_no_numbers_says_so(opened):
    """An empty array says that it is empty, and is not what is explained; NaN is written as such, and no power of it."""
    empty, w = Tensor(np.zeros((0, 2)), requires_grad=True, name="E"), Tensor([1.0, np.nan], requires_grad=True, name="w")
    page = opened(live(((empty @ w).sum() + w.sum()).named("L")).page())
    frames(page)
    assert "empty, 0 × 2" in page.find("#graph").text
    assert page.run("return nodes[state.chosen[0]].name") == "w"
    assert "NaN" in page.find("#differences").text and "NaN·" not in page.find("body").text
    written = page.run("return [1e-30, -2.5e7, 0.125, 1e6, 123456].map(short)")
    assert written == ["10⁻³⁰", "−2.5·10⁷", "0.125", "10⁶", "123456"]


def test_a_large_loss_is_rounded(opened):
    """A central difference of a large loss, whose rounding it shows, is not said to be wrong; a wrong one still is."""
    w = Tensor([2.0, 1e6], requires_grad=True, name="w")
    page = opened(live((w * [1.0, 100.0]).sum().named("L")).page())
    frames(page)
    assert page.find(".checks").text.count("✓") == 3
    assert page.run("return rounding(1) < 2e-2 && rounding(1) > 1e-6")
    assert opened(text_of(home)).run("return rounding(1) < 1e-8")


def test_formulas_go_on_in_the_next_line_on_a_phone(opened):
    """Nothing scrolls sideways on a phone, presented or not: long sums and products are broken before their signs."""
    for network in (attention, recurrent):
        page = opened(text_of(network))
        size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
        page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        page.run("dispatchEvent(new Event('resize'))")
        for _ in range(2):
            frames(page, 3)
            wide = "return ['why', 'graph'].map(byId).filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.id)"
            assert page.run(wide) == []
            page.press("p")
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
