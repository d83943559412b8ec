"""Frames: one layout for all, in which nothing moves. What is in the files is tested in pages/test_step_page.py, too."""

import re

import numpy as np

from microgradnn import Tensor, backward_steps
from microgradnn.stepping.frames import frames
from tests.stepping.test_steps import small_network


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
