"""Frames: one layout for all, in which nothing moves."""

import re
import sys

import numpy as np
import pytest
from networks import small_network

from microgradnn import Tensor, backward_steps
from microgradnn.debugging.slides import frames

pytestmark = pytest.mark.usefixtures("renderer")


def texts_in(svg):
    """Each text of a picture with where it stands; without the title and the numbers that change."""
    found = re.findall(r'<text[^>]* x="(\S+)" y="(\S+)"[^>]*>([^<]*)<', svg)
    return {(text, round(float(y))): float(x) for x, y, text in found if text.strip() and not text.startswith(("step", "∂"))}


def test_nothing_moves(renderer):
    """From frame to frame each box and each lasting text stands where it stood, while numbers come and get longer."""
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    y = (x * np.array([3.0, 1 / 3])).named("y")
    L = ((y * x).sum() + y.sum()).named("L")
    for network in (lambda: L, lambda: small_network()[0]):
        drawn = [svg.decode() for svg in frames(backward_steps(network()), "svg", "light")]
        places = list(map(texts_in, drawn))
        for here in places[1:]:
            assert here.keys() == places[0].keys()
            assert all(abs(here[text] - places[0][text]) < 0.5 for text in here)
        boxes = [re.findall(r'class="node">.*?(?:points|d|cx)="([^"]*)"', svg, re.DOTALL) for svg in drawn]
        assert boxes == [boxes[0]] * len(drawn)
        assert len({re.search('viewBox="[^"]*"', svg)[0] for svg in drawn}) == 1


def test_an_unknown_gradient_is_not_drawn(renderer):
    """A gradient that is not known yet leaves no ink: neither its number nor its name is in the file."""
    x = Tensor(3.0, requires_grad=True, name="x")
    first, *_, last = (svg.decode() for svg in frames(backward_steps((x * x).named("L")), "svg", "dark"))
    assert "∂L/∂x" not in first
    assert "∂L/∂x = 6" in last


def test_one_question_for_all_frames(monkeypatch):
    """The renderer is asked for the layout once, however many frames there are."""
    from microgradnn.pictures import arranging

    asked, ask = [], arranging.run_renderer
    monkeypatch.setattr(arranging, "run_renderer", lambda *args: asked.append(args) or ask(*args))
    L, _ = small_network()
    assert len(list(frames(backward_steps(L), "svg", "light"))) > 5
    assert len(asked) == 1


def scalars():
    """L = (a x)², a = 2 x, x = 3: x gets two contributions."""
    x = Tensor(3.0, requires_grad=True, name="x")
    return (((x * 2).named("a") * x) ** 2).named("L")


def test_frames_are_numbered(tmp_path):
    """One picture before the first step and one after each, numbered; each says its step and has the gradients as of it."""
    steps = backward_steps(scalars())
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
