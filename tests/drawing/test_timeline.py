"""A recurrent network on one baseline: states, what they are given, what acts at the arrows, and how large gradients are."""

import numpy as np
import pytest
from battery import assert_sound, network, recurrent

from microgradnn import Tensor, draw, nn
from microgradnn.drawing.contents import SHOWN
from microgradnn.drawing.timeline import timeline
from microgradnn.drawing.view import View
from microgradnn.graph import whole_graph
from microgradnn.pictures.shapes import SHAPES
from microgradnn.pictures.sheet import Node, Panel, Run
from microgradnn.pictures.themes import LIGHT, THEMES


def sheet_of(L, shape="slide", theme=LIGHT):
    return timeline(View(L, "repeats", None, names_only=False), SHOWN, shape, theme)


def after_backward(L):
    L.backward()
    return L


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["RNN", "LSTM"])
def test_sound(name, theme):
    """In each theme it is a slide like any other: nothing over anything, and type of 18 points or more."""
    assert_sound(sheet_of(network(name), theme=THEMES[theme]), SHAPES["slide"])


def test_states_stand_on_one_line_in_their_order():
    """All states on one baseline from left to right, and below each what it is given."""
    places = {mark.id: mark.place for mark in sheet_of(network("RNN")).marks if isinstance(mark, Node)}
    states, given = ([places[f"{letter}_{i}"] for i in range(1, 6)] for letter in "hx")
    assert len({round(place.y, 3) for place in (places["h_0"], *states, places["L"])}) == 1
    assert [place.x for place in (places["h_0"], *states)] == sorted(place.x for place in (places["h_0"], *states))
    assert all(abs(x.middle.x - h.middle.x) < 1 and x.y > h.y for x, h in zip(given, states, strict=True))
    assert "W" not in places and "U" not in places


def test_bars_are_in_proportion():
    """Above each state there is a bar, as high as its gradient is large, below its number."""
    L = network("RNN")
    sheet = sheet_of(L)
    bars = [mark.place for mark in sheet.marks if isinstance(mark, Panel) and mark.fill == LIGHT.grey]
    sizes = [np.linalg.norm(node.grad) for i in range(1, 6) for node in whole_graph(L) if node.name == f"h_{i}"]
    bars.sort(key=lambda bar: bar.x)
    assert np.allclose([bar.height / bars[-1].height for bar in bars], np.array(sizes) / sizes[-1])
    texts = [mark.text for mark in sheet.marks if isinstance(mark, Run)]
    assert "6.36" in texts and "2.48" in texts


def test_what_acts_stands_at_the_arrows():
    """U at the arrows from state to state, W at those from what is given; where several act, as in an LSTM, none."""
    texts = [mark.text for mark in sheet_of(network("RNN")).marks if isinstance(mark, Run) and mark.style == "b"]
    assert (texts.count("U"), texts.count("W")) == (5, 5)
    assert not {"U", "W"} & {
        mark.text for mark in sheet_of(network("LSTM")).marks if isinstance(mark, Run) and mark.style == "b"
    }


def test_it_is_drawn_by_itself():
    """A recurrent network whose numbers fit no slide is one; longer ones are rolled up, and paper has no room for it."""
    text = [mark.text for mark in draw(network("RNN"), shape="slide").sheet.marks if isinstance(mark, Run)]
    assert ", the size of the gradient at each step" in text
    for L, shape in ((network("RNN of 20"), "slide"), (network("RNN"), "paper")):
        assert sheet_of(L, shape) is None
    assert sheet_of(recurrent(np.random.default_rng(0))) is None  # no gradients yet


def test_whatever_cell(rng):
    """Steps of GRU and LSTM cells have a timeline too; other networks have none."""
    for cell in (nn.GRUCell(2, 3, rng=rng), nn.LSTMCell(2, 3, rng=rng)):
        state = None
        for t in range(1, 5):
            state = cell(Tensor(rng.normal(size=2), name=f"x_{t}"), state)
            h = (state[0] if isinstance(state, tuple) else state).named(f"h_{t}")
        assert sheet_of(after_backward((h**2).sum().named("L"))) is not None
    assert sheet_of(network("six layers")) is None
