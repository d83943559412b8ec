"""Steps that are repeated, rolled up: found from the graph, by whatever names; and what is not repeated stays."""

import numpy as np
import pytest
from battery import leaf, network
from diagrams import texts

from microgradnn import Tensor, draw, nn
from microgradnn.drawing.repeats import repeats_in
from microgradnn.drawing.view import View
from microgradnn.pictures.picture import Values


def names_of(L):
    """The names in the steps of each repeat of a graph."""
    found = repeats_in(View(L, "repeats", None, names_only=False))
    return [[[node.name for node in step] for step in repeat.steps] for repeat in found]


def test_a_recurrent_network():
    """Five steps are one box with the general formula, how often, and the gradient at each; the loop leads back to it."""
    picture = draw(network("RNN"), fold="repeats").picture
    (box,) = [box for box in picture.boxes if texts(box)[0] == "h_t"]
    assert texts(box)[1:3] == ["= tanh(x_t W + h_(t−1) U)", "× 5"]
    (sizes,) = [item.array for item in box.content if isinstance(item, Values)]
    assert sizes.shape == (5,)
    loops = [arrow for arrow in picture.arrows if arrow.kind == "loop"]
    assert [(arrow.tail, arrow.head) for arrow in loops] == [(box.id, box.id)]
    assert {texts(box)[0] for box in picture.boxes} == {"x_t", "W", "U", "h_0", "h_t", "V", "L"}


def test_steps_of_several_results(rng):
    """What two named results do, step after step, is one step of two; an LSTM cell, whose gates have names too, is one."""
    assert names_of(network("LSTM")) == [[[f"h_{t}"] for t in (1, 2, 3)]]
    W, V, b = leaf(rng, 2, 2, name="W"), leaf(rng, 2, 2, name="V"), Tensor(np.ones(2), name="b_0")
    for t in range(1, 5):
        a = (b @ W).tanh().named(f"a_{t}")
        b = (a @ V).tanh().named(f"b_{t}")
    assert names_of(b.sum().named("L")) == [[[f"a_{t}", f"b_{t}"] for t in range(1, 5)]]


def test_an_lstm_is_rolled_up_from_its_first_step(rng):
    """Which begins with h and c, where the others go on from one box: all five are one, with the sizes of all gradients."""
    cell, state = nn.LSTMCell(2, 3, rng=rng), None
    for t in range(1, 6):
        state = cell(Tensor(rng.normal(size=2), name=f"x_{t}"), state)
        state[0].named(f"h_{t}")
    L = state[0].sum().named("L")
    L.backward()
    (box,) = [box for box in draw(L, fold="repeats").picture.boxes if box.is_pile]
    assert texts(box)[:4] == ["h_t", "= LSTM cell", "× 5", "∂c′/∂c = diag(f)"]
    assert box.content[-1].array.shape == (5,)


@pytest.mark.parametrize("name", ["six layers", "branches", "attention", "source", "residual", "chain of 20"])
def test_what_is_not_repeated(name):
    """Layers with weights of their own, branches beside each other, and functions without a parameter are no steps of one."""
    assert names_of(network(name)) == []


def test_names_may_be_anything():
    """Steps are found by what they do; names that do not differ in a number are the first and the last."""
    h, W = Tensor(np.ones(2), name="start"), Tensor(np.eye(2), requires_grad=True, name="W")
    for name in ("a", "b", "c", "d"):
        h = (h @ W).tanh().named(name)
    picture = draw(h.sum().named("L"), fold="repeats").picture
    assert "a … d" in {texts(box)[0] for box in picture.boxes}


def test_a_large_one_is_rolled_up_by_itself():
    """A recurrent network of twenty steps, which fits no slide, is rolled up on it, with all its numbers."""
    sheet = draw(network("RNN of 20"), shape="slide").sheet
    text = " ".join(mark.text for mark in sheet.marks if hasattr(mark, "text"))
    assert "the same step 20 times, rolled up" in text
    assert "left out" not in text
