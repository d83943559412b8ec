"""Folded pictures on pages: all operations, in frames that begin closed, as the boxes of the folded picture."""

import pytest
from battery import network
from diagrams import texts

from microgradnn import draw
from microgradnn.drawing.opening import MARK


def page_picture(name, **options):
    return draw(network(name), **options).opened()


def labels(picture):
    return [frame.label for frame in picture.frames]


def frame_named(picture, label):
    return next(frame for frame in picture.frames if frame.label == label)


def inside(picture, frame):
    """What stands in a frame and in no inner one: the first line of each box."""
    return [texts(box)[0] for box in picture.boxes if box.frame == frame.id]


def test_named_tensors_open_to_their_operations():
    """Folded by names, each result is a closed frame: its box is that of the folded picture, its operations are within."""
    picture = page_picture("source", fold="names")
    assert labels(picture) == ["h = tanh(x W + b_h)", "o = h V + b_o", "L = (t − o)²"]
    h = frame_named(picture, "h = tanh(x W + b_h)")
    assert inside(picture, h) == ["@", "+", "tanh", "h"]
    folded = next(box for box in draw(network("source"), fold="names").picture.boxes if box.id == "h")
    assert texts(h.closed) == [MARK + "h", *texts(folded)[1:]]
    assert h.closed.content[-1].role == "gradient"


def test_layers_open_to_what_was_called():
    """A closed layer's frame is that of its call, within that of the network, and a loss has one of its own."""
    picture = page_picture("classifier", fold="layers")
    hidden = frame_named(picture, "hidden: Linear")
    assert hidden.closed is not None
    assert hidden.parent == frame_named(picture, "Classifier").id
    assert frame_named(picture, "Classifier").closed is None
    assert inside(picture, hidden) == ["hidden.W", "hidden.b", "affine"]
    assert "log_softmax" in inside(picture, frame_named(picture, "L = cross-entropy"))


def test_groups_with_a_meaning_open():
    """Attention opens to the operations that it was composed of."""
    picture = page_picture("attention", fold="meaning")
    found = inside(picture, frame_named(picture, "O = attention"))
    assert {"transpose", "softmax", "S", "A", "O"} <= set(found)


def test_a_step_that_is_rolled_up_opens_to_all_steps():
    """The rolled step is a frame around the frames of the steps, and what each of them is given."""
    picture = page_picture("RNN", fold="repeats")
    rolled = frame_named(picture, "h_t = tanh(x_t W + h_(t−1) U)")
    steps = [frame for frame in picture.frames if frame.parent == rolled.id]
    assert [frame.label[:3] for frame in steps] == [f"h_{i}" for i in range(1, 6)]
    assert all(frame.closed for frame in (rolled, *steps))
    assert sorted(inside(picture, rolled)) == ["h_0", *(f"x_{i}" for i in range(1, 6))]


@pytest.mark.parametrize("options", [{}, {"fold": "nothing"}, {"fold": "names", "depth": 1}])
def test_nothing_to_open(options):
    """Where nothing is folded, or the picture ends at a depth, the page shows the picture as it is."""
    assert page_picture("unit", **options) is None


def test_too_much_to_be_opened():
    """What would be more than 250 boxes stays folded on a page too."""
    assert page_picture("RNN of 20", fold="names") is not None
    L = network("RNN of 20")
    for _ in range(7):
        L = (L + network("RNN of 20")).tanh()
    assert draw(L, fold="names").opened() is None


def test_nothing_is_lost():
    """Open, the page shows each box and arrow of the unfolded picture."""
    for name, fold in (("source", "names"), ("attention", "meaning"), ("LSTM", "meaning"), ("RNN", "repeats")):
        whole, picture = draw(network(name), fold="nothing").picture, page_picture(name, fold=fold)
        assert [box.id for box in picture.boxes] == [box.id for box in whole.boxes]
        assert [(arrow.tail, arrow.head) for arrow in picture.arrows] == [(arrow.tail, arrow.head) for arrow in whole.arrows]
