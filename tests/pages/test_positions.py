"""What a page of steps tells: positions one after the other, values first, then the backward pass."""

import re

import pytest
from networks import small_network
from step_pages import data_of, page_of, scalars, steps_of, strange

from microgradnn import Tensor, backward_steps
from microgradnn.errors import RendererError
from microgradnn.formulas.brief import brief
from microgradnn.formulas.mathml import to_xml
from microgradnn.pages.step_page import to_step_page
from microgradnn.pictures.render import find_renderer

try:
    find_renderer()
except RendererError:
    pytest.skip("a page needs a Graphviz renderer, and there is none", allow_module_level=True)


DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


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
    h = [(position - data["first"], data["arrays"][i][1]) for position, i in boxes["h"]["gradients"]]
    assert h == [(s.number, brief(s.new)) for s in steps if s.input.name == "h" and s.new is not None]
    assert len(h) == 2
    assert boxes["x"]["gradients"] == [] and not boxes["x"]["wants"]
    for forward, backward in (times for _, *times in data["arrows"]):
        assert 0 <= forward < data["first"]
        assert backward is None or data["first"] < backward < len(data["positions"])


def test_no_steps():
    """The page of a parameter alone has its value and the upstream gradient."""
    data = data_of(to_step_page(backward_steps(Tensor(2.0, requires_grad=True, name="x"))))
    assert [p["kind"] for p in data["positions"]] == ["value", "seed"]
