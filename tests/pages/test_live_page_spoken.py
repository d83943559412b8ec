"""The live page by ear: names and roles of what can be touched, and what is announced."""

import re

from live_pages import frames, home, text_of

RIGHT = "\ue014"

LABELLED = """
const attributes = ["aria-label", "aria-valuenow", "aria-valuetext"];
return [...document.querySelectorAll('[role=spinbutton]')].map((e) => attributes.every((name) => e.getAttribute(name)));
"""


def tree_of(page):
    """The accessibility tree, as (role, name) of what is not ignored."""
    nodes = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node.get("ignored")]


def test_every_number_has_a_name_and_a_role(opened):
    """What can be changed is a spinbutton with name and value, in a group for its tensor; all buttons have names."""
    page = opened(text_of(home), "#mode=train")
    frames(page)
    told = page.run(LABELLED)
    assert len(told) == 3 + 1 + 9 + 3 + 3 + 1 + 1  # x, t, W, b_h, V, b_o, and the learning rate
    assert all(told)
    found = tree_of(page)
    groups = [name for role, name in found if role == "group"]
    assert {"W, parameter, 3 by 3", "x, given, 3", "h, computed, 3", "L, the loss"} <= set(groups)
    assert all(name for role, name in found if role in ("button", "tab", "spinbutton", "slider", "combobox", "image"))


def test_computed_numbers_are_named_by_what_stands_in_them(opened):
    """h₁ is a button whose name says its value and its gradient, as they are seen."""
    page = opened(text_of(home))
    frames(page)
    names = [re.sub(r" (?=,)", "", name) for role, name in tree_of(page) if role == "button"]
    value, gradient = page.run("return [valueOf(8).data[0], gradientOf(8).data[0]].map((x) => fixed(x))")
    assert f"h 1: {value}, gradient {gradient}" in names


def test_what_is_written_in_formulas_alone_is_named_too(opened):
    """Where a heading or a label is a formula, there is text for tools without MathML; what overflows can be scrolled."""
    page = opened(text_of(home), "#mode=quiz&at=W.1")
    frames(page)
    assert page.run("return byId('equations').firstChild.textContent") == "The network: "
    assert page.run("return byId('answer').getAttribute('aria-label')") == "∂L/∂W₁₁"
    assert page.run("return byId('step-numbers').tabIndex") == 0
    assert ("heading", "Where the gradient of W 1 1 comes from") in tree_of(page)


def test_a_step_tells_its_result(opened):
    """Each step is announced with what it gave; one before a sum gives nothing yet."""
    page = opened(text_of(home), "#mode=steps")
    frames(page)
    page.press(RIGHT)
    frames(page, 4)
    said = "return byId('said').textContent"
    values = page.run("return [...valueOf(DATA.steps[0].node).data].map((x) => fixed(x)).join(', ')")
    assert page.run(said) == f"Forward, 1 of 7: matmul. (x W) is {values}"
    page.run("goToStep(forwardSteps + 1)")
    frames(page, 4)
    assert page.run(said).endswith("The gradient of L is 1.000")
    assert page.find("#step-slider").get_attribute("aria-valuetext").startswith("8 of 18: Now backward.")


def test_a_drag_is_announced(opened):
    """After a number was changed by keys, the loss and its slope are said once."""
    page = opened(text_of(home))
    page.run("document.querySelector('[data-cell=\"2,0\"]').focus()")
    page.press("0", "\ue007")
    frames(page, 4)
    assert re.fullmatch(r"L is [−\d.]+; its slope in W 1 1 is [−\d.]+", page.run("return byId('said').textContent"))
