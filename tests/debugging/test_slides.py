"""Frames: one layout for all, in which nothing moves."""

import re
import sys

import numpy as np
import pytest
from battery import assert_sound
from networks import small_network

from microgradnn import Tensor, backward_steps
from microgradnn.debugging.slides import Film, frames, sheets
from microgradnn.pictures.shapes import SHAPES
from microgradnn.pictures.sheet import Node, Run, Way
from microgradnn.pictures.themes import LIGHT

pytestmark = pytest.mark.usefixtures("renderer")


def scalars():
    """L = (a x)², a = 2 x, x = 3: x gets two contributions."""
    x = Tensor(3.0, requires_grad=True, name="x")
    return (((x * 2).named("a") * x) ** 2).named("L")


def vectors():
    """A network whose gradients get longer as they grow."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    y = (x * np.array([3.0, 1 / 3])).named("y")
    return ((y * x).sum() + y.sum()).named("L")


def said(sheet):
    """All that stands in a sheet."""
    return " ".join(mark.text for mark in sheet.marks if isinstance(mark, Run))


def said_below(sheet):
    """What stands in it below its title."""
    return " ".join(mark.text for mark in sheet.marks if isinstance(mark, Run) and mark.size < 1.2 * sheet.type)


def lasting(sheet):
    """Where its boxes are, and each text that is neither title nor about a gradient."""
    boxes = [mark.place for mark in sheet.marks if isinstance(mark, Node)]
    runs = [mark for mark in sheet.marks if isinstance(mark, Run) and not mark.style and mark.size < 1.2 * sheet.type]
    return boxes, {(mark.text, round(mark.x, 2), round(mark.y, 2)) for mark in runs}


@pytest.mark.parametrize("direction", [None, "TB", "LR"])
@pytest.mark.parametrize("network", [scalars, vectors, lambda: small_network()[0]])
def test_nothing_moves(network, direction, renderer):
    """From frame to frame each box and each lasting text stands where it stood, while numbers come and get longer."""
    drawn = [*sheets(backward_steps(network()), LIGHT, direction)]
    boxes, texts = lasting(drawn[0])
    for sheet in drawn[1:]:
        assert lasting(sheet)[0] == boxes
        assert texts <= lasting(sheet)[1]
        assert (sheet.width, sheet.height) == (drawn[0].width, drawn[0].height)


def test_frames_are_slides(renderer):
    """Without a direction each frame is a slide of 16:9, in type of 18 points or more, with nothing over anything."""
    for network in (scalars, lambda: small_network()[0]):
        for sheet in sheets(backward_steps(network()), LIGHT):
            assert_sound(sheet, SHAPES["slide"])


def test_an_unknown_gradient_is_not_drawn(renderer):
    """A gradient that is not known yet leaves no ink: neither its number nor its name is in the file."""
    x = Tensor(3.0, requires_grad=True, name="x")
    steps = backward_steps((x * x).named("L"))
    first, *_, last = (svg.decode() for svg in frames(steps, "svg", "dark"))
    assert "∂L/∂x" not in first
    assert "∂L/∂x" in last
    assert "∂L/∂x = 6" in said([*sheets(steps, LIGHT)][-1])


def test_arrows_that_a_gradient_has_gone_along_stay_coloured(renderer):
    """The arrow of the step is wide, those of the steps before it are coloured, and the others are not."""
    steps = backward_steps(scalars())
    for count, sheet in enumerate(sheets(steps, LIGHT)):
        ways = [mark for mark in sheet.marks if isinstance(mark, Way)]
        coloured = [way for way in ways if way.colour == LIGHT.gradient]
        widest = max((way.line for way in coloured), default=0)
        assert bool(coloured) == (count > 0)
        assert all(way.tips == ("start" if way in coloured else "end") for way in ways)
        assert count < 2 or any(way.line < widest for way in coloured)


def test_a_step_within_a_box_is_on_its_way(renderer):
    """Where operations are folded, a step among them lights the arrows that its gradient will leave by."""
    x = Tensor([0.5, -1.2, 0.3], name="x")
    W = Tensor(np.arange(9.0).reshape(3, 3) / 9, requires_grad=True, name="W")
    V = Tensor([0.3, -0.1, 0.2], requires_grad=True, name="V")
    h = (x @ W).tanh().named("h")
    L = ((Tensor(1.0, name="t") - (h @ V).named("o")) ** 2).named("L")
    steps = backward_steps(L)
    film = Film(steps, "LR", "names")
    lit = [[(arrow.tail, arrow.head) for arrow in film.at(i).arrows if arrow.kind == "gradient"] for i in range(len(steps) + 1)]
    assert lit[1] == lit[2] == [("o", "L")]  # through the power, and through the difference
    assert [("W", "h")] in lit[4:]


def test_one_question_for_all_frames(monkeypatch):
    """The renderer is asked for the layout once, however many frames there are; for slides not at all."""
    from microgradnn.pictures import arranging

    asked, ask = [], arranging.run_renderer
    monkeypatch.setattr(arranging, "run_renderer", lambda *args: asked.append(args) or ask(*args))
    L, _ = small_network()
    assert len(list(sheets(backward_steps(L), LIGHT, "TB"))) > 5
    assert len(asked) == 1
    assert len(list(sheets(backward_steps(L), LIGHT))) > 5
    assert len(asked) == 1


def test_frames_are_numbered(tmp_path):
    """One picture before the first step and one after each, numbered; each says its step and has the gradients as of it."""
    steps = backward_steps(scalars())
    paths = steps.save_frames(tmp_path / "frames")
    assert [path.name for path in paths] == [f"frame_{i:03d}.svg" for i in range(len(steps) + 1)]
    texts = [re.sub("<[^>]*>", "", path.read_text(encoding="utf-8")) for path in paths]
    assert "step 0 of 4: ∂L/∂L = 1" in texts[0]
    below = [said_below(sheet) for sheet in sheets(steps, LIGHT)]
    assert [("216" in text, "432" in text) for text in below] == [(False, False)] * 3 + [(True, False), (False, True)]
    for step, text in zip(steps, texts[1:], strict=True):
        assert f"step {step.number} of {len(steps)}: {step.name} = {step.arithmetic}" in text
    assert all(node.grad is None for node in steps.nodes)


def test_frames_for_wide_slides(tmp_path):
    """In a direction they are as large as they come: wide from left to right. One that there is not leaves no folder behind."""
    size = {}
    for direction in ("TB", "LR"):
        first = backward_steps(scalars()).save_frames(tmp_path / direction, direction=direction)[0].read_text(encoding="utf-8")
        size[direction] = [float(x) for x in re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', first).groups()]
    assert size["LR"][0] > size["LR"][1]
    assert size["TB"][0] < size["TB"][1]
    with pytest.raises(ValueError, match="There is no direction 'up'; there are LR, RL, TB, BT"):
        backward_steps(scalars()).save_frames(tmp_path / "up", direction="up")
    assert not (tmp_path / "up").exists()


def test_animation(tmp_path):
    """An animated GIF has all frames, of one size; without Pillow, an error says what to install."""
    image = pytest.importorskip("PIL.Image")
    with image.open(backward_steps(scalars()).save(tmp_path / "steps.gif")) as picture:
        assert picture.n_frames == len(backward_steps(scalars())) + 1
    sys.modules["PIL"], kept = None, sys.modules["PIL"]
    try:
        with pytest.raises(ImportError, match="pip install pillow"):
            backward_steps(scalars()).save(tmp_path / "more.gif")
    finally:
        sys.modules["PIL"] = kept
