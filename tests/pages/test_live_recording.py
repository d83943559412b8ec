"""A pass that is shown as it was: its numbers, why nothing can be dragged, and what a browser makes of it."""

import re

import numpy as np
import pytest
from diagrams import STRANGE
from live_pages import frames

from microgradnn import Op, Passes, Tensor, backward_steps, live, nn
from microgradnn.pages.live_recording import CORNER, MOST_TOLD, Recording, corner, most_whole, refuse_unreal
from microgradnn.pages.step_page import page_of
from microgradnn.passes import record


def large(samples=200):
    """A graph with more numbers than a page computes."""
    rng = np.random.default_rng(0)
    x, t = Tensor(rng.normal(size=(samples, 64)), name="x"), Tensor(rng.normal(size=(samples, 10)), name="t")
    return nn.mse_loss(nn.MLP([64, 30, 10], rng=rng)(x), t).named("L")


def weight():
    return Tensor([1.0, 2.0], requires_grad=True, name="w")


def hooked():
    """A pass in which a hook has made a gradient three times as large."""
    h = (weight() * 2).named("h")
    h.register_hook(lambda dh: dh * 3)
    with Passes() as passes:
        h.sum().named("L").backward()
    return backward_steps(passes[-1])


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((20, 20), (20, 20)), ((1000, 64), (10, 7)), ((500,), (7,)), ((50, 50, 50), (3, 10, 7)), ((2, 3, 4, 500), (2, 3, 4, 7))],
)
def test_of_large_arrays_the_beginning_is_kept(shape, expected):
    """Small arrays are whole; of others there is more than is drawn, so that dots show that there is more."""
    x = np.arange(np.prod(shape)).reshape(shape)
    assert corner(x, 400).shape == expected
    assert corner(x, 400).size <= 400
    np.testing.assert_array_equal(corner(x, 400), x[tuple(map(slice, expected))])


def test_as_much_as_a_page_holds_is_there():
    """Arrays are whole while all together have room; of larger ones the first rows and columns, which a note says."""
    small, larger = record(large()), record(large(samples=2000))
    assert most_whole(small, Recording(small, "").nodes) == np.inf
    assert Recording(small, "").notes == []
    cut = Recording(larger, "")
    assert sum(np.size(x["data"]) for x in cut.data["recorded"]["results"].values()) <= MOST_TOLD
    assert cut.notes == [
        "Of arrays of more than 4,000 numbers only the first 10 rows and 7 columns are on this page; print shows all of them."
    ]
    weights, gradient = next((node, dz) for node, dz in larger.gradients.items() if node.name == "hidden.W")
    assert cut.data["recorded"]["results"][f"g{cut.ids[weights]}"]["shape"] == list(gradient.shape)
    assert cut.data["nodes"][cut.ids[larger.output.inputs[0]]]["shape"] == list(CORNER)


def test_all_that_was_recorded_is_there():
    """Values, gradients and contributions are those of the pass; shapes are told whole."""
    recorded = record(large())
    told = Recording(recorded, "why not").data
    results, ids = told["recorded"]["results"], {node: i for i, node in enumerate(Recording(recorded, "").nodes)}
    for node, dz in recorded.gradients.items():
        np.testing.assert_array_equal(results[f"g{ids[node]}"]["data"], np.ravel(dz))
        assert told["nodes"][ids[node]]["whole"] == list(np.shape(node.data))
    for i, each in enumerate(recorded.contributions):
        np.testing.assert_array_equal(results[f"d{i}"]["data"], np.ravel(each.dx))
    assert told["recorded"]["why"] == "why not"


def test_what_is_no_real_number_is_refused():
    """Complex numbers have no place on a page: they are refused, and not shown by their real parts."""
    with pytest.raises(TypeError, match="w is of complex128"):
        refuse_unreal([weight(), Tensor([1j, 2.0], name="w")])


def test_notes_say_what_happened():
    """A hook's change is said."""
    assert Recording(hooked().recorded, "").notes == ["A hook changed the gradient of h after all had come."]


class Branching(Op):
    """x, or −x: a branch that no program can be written of."""

    def forward(self, x):
        return x if x.sum() > 0 else -x

    def dx(self, dz, z, x):
        return dz if x.sum() > 0 else -dz

    vjps = (dx,)


REASONS = [
    (lambda: backward_steps(large()), "31,061 numbers"),
    (hooked, "A hook took part"),
    (lambda: backward_steps((weight() * 2).named("L"), [1.0, 2.0]), "began at an array"),
    (lambda: backward_steps((weight() * 2).sum().named("L"), 3.0), "a gradient that was given"),
    (lambda: backward_steps(Branching()(weight()).sum().named("L")), "A branch is taken"),
]


@pytest.mark.parametrize(("steps", "reason"), REASONS)
def test_the_steps_are_those_of_the_pass(opened, steps, reason):
    """On the page each step adds what it added; nothing can be dragged or trained, and the page says why."""
    steps = steps()
    page = opened(page_of(steps), "#mode=explore")
    frames(page)
    assert reason in page.find("#why-fixed").text
    assert page.run("return drawn.cells.filter((cell) => cell.movable).length") == 0
    assert not page.find("#tab-train").is_displayed()
    page.run("setMode('train')")
    assert page.run("return state.mode") == "explore"
    page.run("goToStep(forwardSteps + 1)")
    for step in steps:
        page.press("\ue014")
        frames(page)
        assert f", {step.number} of {len(steps)}:" in page.find("#step-title").text
        expected = step.dx if step.new is not None else step.full.sum(0)
        np.testing.assert_array_equal(page.run(CONTRIBUTION), np.ravel(expected))
    gradients = steps.gradients_after(len(steps))
    for node in steps.nodes:
        if node.name and node.op is None:
            cells = page.run(SHOWN, node.name)
            rows = np.atleast_2d(gradients[node])
            assert cells == [page.run("return fixed(arguments[0])", float(rows.flat[0]))]


CONTRIBUTION = """
const step = DATA.steps[state.stepAt - 1];
return [...contribution(step.contribution, step.input).data];
"""
SHOWN = """
const id = boxed.find((id) => nodes[id].name === arguments[0]);
return [document.querySelector(`[data-cell="${id},0"] .gradient`).textContent];
"""


def test_dots_lead_to_the_rest(opened):
    """Of a large matrix a part is shown, with its dots; they lead on to the next part, by click and by key, and round."""
    page = opened(live(large()).page())
    frames(page)
    shown = "return drawn.cells.filter((c) => nodes[c.id].name === 'x').map((c) => [c.value.textContent, c.place])"
    x = np.random.default_rng(0).normal(size=(200, 64))
    (text, place), *_ = page.run(shown)
    assert (text, place) == (page.run("return fixed(arguments[0])", x[0, 0]), 0)
    page.run("const id = boxed.find((id) => nodes[id].name === 'x'); document.querySelector(`[data-dots='${id},0']`).focus()")
    page.press("\ue007")
    frames(page)
    (text, place), *_ = page.run(shown)
    assert (text, place) == (page.run("return fixed(arguments[0])", x[8, 0]), 8 * 64)
    assert "rows 9…16" in page.find("#graph").text
    for _ in range(24):
        page.press(" ")
    frames(page)
    assert page.run(shown)[0][1] == 0


def test_a_recorded_gradient_is_added_up(opened):
    """What a recorded gradient was added up from stands beside it: rules, and what they gave for this number."""
    page = opened(page_of(hooked()), "#mode=explore&at=w.1")
    frames(page)
    assert "it comes from h: 6.000" in page.find("#why").text


def test_a_recording_can_be_asked_about(opened):
    """The quiz works on it: signs and other numbers are told, factors of a derivation that is not there are not."""
    page = opened(page_of(hooked()), "#mode=quiz&at=w.1")
    frames(page)
    assert page.run("return grade('6')[0]") is True
    assert "the sign is not" in page.run("return grade('-6')[1]")
    assert page.run("return grade('17')[0]") is False
    assert not page.find("#goal").is_displayed()


def test_live_shows_what_it_cannot_compute(opened):
    """`live(L)` of an operation that no page can compute is a page as well, which says so."""
    page = opened(live(Branching()(weight()).sum().named("L")).page())
    frames(page)
    assert "A branch is taken" in page.find("#why-fixed").text
    assert "print(chain_rule(L, w[0]))" in page.find("#why").text


def test_strange_names(opened):
    """Names that are markup are shown to the letter, and nothing of them runs."""
    W = Tensor([[1.0, -2.0]], requires_grad=True, name=STRANGE)
    steps = backward_steps((Tensor([[3.0], [4.0]], name="<b>x</b>") @ W).sum().named("L & <i>co</i>"), 2.0)
    page = opened(page_of(steps), "#mode=steps&step=2")
    frames(page)
    assert page.run("return window.hacked") is None
    assert page.run("return document.querySelectorAll('img, main b:not([class]):not(#legend b)').length") == 0
    assert re.sub(r"\s", "", STRANGE[:20]) in re.sub(r"\s", "", page.run("return byId('graph').textContent"))


def test_hundreds_of_steps(opened):
    """A chain of 200 operations can be gone through from end to end; its box in question is in view."""
    w, x = Tensor(0.1, requires_grad=True, name="w"), Tensor(0.5, requires_grad=True, name="x_0")
    for i in range(67):
        x = np.tanh(x + w).named(f"x_{i + 1}")
    steps = backward_steps(x.named("L"), 2.0)
    text = page_of(steps)
    assert len(text) < 1_000_000
    page = opened(text, "#mode=steps")
    page.run("for (let i = 0; i < DATA.steps.length; i += 10) { goToStep(i); draw(); }")
    page.press("\ue010")
    frames(page)
    assert "201 of 201" in page.find("#step-title").text
    page.run("goToStep(DATA.steps.findIndex((step) => step.kind === 'backward' && nodes[step.input].name === 'x_30') + 1)")
    frames(page)
    assert page.run(IS_IN_VIEW)


IS_IN_VIEW = """
const box = document.querySelector(".box.now").getBoundingClientRect(), place = byId("graph").getBoundingClientRect();
return box.left >= place.left && box.right <= place.right;
"""
