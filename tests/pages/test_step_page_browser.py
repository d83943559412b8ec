"""The page of the steps: what a browser makes of it. Without Chromium or Selenium skipped, as test_page_browser.py is."""

import ast
import re
import time

import numpy as np
import pytest
from diagrams import STRANGE
from networks import small_network
from step_pages import data_of, long_chain, page_of, scalars, steps_of, strange

from microgradnn import Tensor, backward_steps, concatenate
from microgradnn.formulas.brief import brief
from microgradnn.pages.step_page import to_notebook, to_step_page

LEFT, RIGHT, HOME, END, ENTER, ESCAPE = "\ue012", "\ue014", "\ue011", "\ue010", "\ue007", "\ue00c"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages that the tests open."""
    folder = tmp_path_factory.mktemp("pages")
    for network in (scalars, small_network, strange, long_chain):
        (folder / f"{network.__name__}.html").write_text(page_of(network), encoding="utf-8")
    return folder


@pytest.fixture
def opened(opened_file, pages):
    """A function that opens the page of a network at a link."""
    return lambda network, link="": opened_file(pages / f"{network.__name__}.html", link)


def link_of(page):
    return page.run("return location.hash")


def text_of(page, id):
    return " ".join(page.run(f"return byId('{id}').textContent").split())


def at_box(page, name):
    """What stands in the graph's box of a tensor."""
    shape = "shapesOf(boxes.find((box) => box.name === arguments[0]).item)[0]"
    seen = "(text) => text.getClientRects().length"
    return page.run(
        f"return [...{shape}.querySelectorAll('text')].filter({seen}).map((text) => text.textContent).join(' ')", name
    )


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
        "value=1": ("a", "x = 3"),
        "value=2": ("a = 6", "x = 3"),
        "step=2": ("a = 6 ∂L/∂a = 108", "x = 3"),
        "step=3": ("a = 6 ∂L/∂a = 108", "x = 3 ∂L/∂x so far = 216"),
        "step=4": ("a = 6 ∂L/∂a = 108", "x = 3 ∂L/∂x = 432"),
    }
    assert text_of(page, "result") == "216+216=432"


def test_arrows_point_where_it_flows(opened):
    """Forward, an arrow's head is at its end; where a gradient flows back or has done so, at its beginning."""
    page = opened(scalars, "#value=2")
    shown = """
        const heads = [...document.querySelectorAll("svg.light .edge polygon")];
        return heads.filter((head) => head.getClientRects().length).map((head) => head.closest(".tail") !== null);
    """
    assert set(page.run(shown)) == {False}
    page.run("location.hash = 'step=4'")
    time.sleep(0.05)
    assert set(page.run(shown)) == {True}


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
    page.run("byId('stage').style.scrollBehavior = 'auto'")  # what is clicked on next does not scroll away meanwhile
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
    assert (
        brief(step.dx) not in page.run("return byId('panel').innerText + byId('says').innerText")
        and at_box(page, "x") == "x = 3 ∂L/∂x = ?"
    )
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
    assert at_box(page, "x") == "x = 3 ∂L/∂x so far = 216"
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
    assert visible[:80] in page.run("return stage.textContent").replace("\u00a0", " ")  # a box shows the beginning of it
    page.run("openBox(boxes.find((box) => box.name.startsWith('</script>')))")
    assert page.run("return window.hacked") is None
    assert page.run("return document.querySelectorAll('img, b, i').length") == 0


def test_hundreds_of_steps(opened):
    """200 steps make a page of a megabyte at most, that can be gone through from end to end."""
    assert len(steps_of(long_chain)) == 201
    page = opened(long_chain)
    assert len(page_of(long_chain)) < 1_200_000
    page.run("for (let i = 0; i < positions.length; i += 10) go(i);")
    page.press(END)
    assert text_of(page, "count") == "Backward 201 of 201"


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
        assert browser.find("#step-title").text == "Forward, 1 of 3: multiply"
    finally:
        browser.driver.switch_to.default_content()
    opened(scalars)


def test_concatenated_inputs(opened):
    """A tensor that is an operation's input twice has an arrow for each, and each step lights its own."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    data = data_of(to_step_page(backward_steps(concatenate([x, x]).sum().named("L"))))
    lit = [tuple(p["lit"][1]) for p in data["positions"] if p["kind"] == "vjp"]
    assert len(set(lit)) == len(lit) == 3
