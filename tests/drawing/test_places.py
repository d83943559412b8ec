"""Where in the picture of a graph the nodes, operations and arrows are."""

import numpy as np

from microgradnn import Tensor, backward_steps
from microgradnn.drawing.places import Places


def test_items_of_a_step():
    """A step lights the box of its input, the arrow it goes along, and the operation it comes from."""
    x, w = Tensor(3.0, name="x"), Tensor(2.0, requires_grad=True, name="w")
    y = (x * w).named("y")
    places = Places(y, "LR")
    boxes = [box.id for box in places.picture.boxes]
    arrows = [(arrow.tail, arrow.head) for arrow in places.picture.arrows]
    (step,) = backward_steps(y)
    at, along, source = places.lit_step(step)
    assert [boxes[i] for i in at] == ["w"]
    assert [arrows[i - len(boxes)] for i in along] == [("w", "y_multiply"), ("y_multiply", "y")]
    assert [boxes[i] for i in source] == ["y", "y_multiply"]


def test_two_arrows_between_the_same_boxes():
    """Where a tensor is both operands, each position has an arrow of its own."""
    x = Tensor(np.ones(2), requires_grad=True, name="x")
    y = (x * x).named("y")
    places = Places(y, "TB")
    assert places.arrow(y, 0) != places.arrow(y, 1)


def test_what_is_folded_away_belongs_to_what_is_drawn():
    """A node that the picture folds away is shown as the drawn one that was made from it."""
    x = Tensor(1.0, requires_grad=True, name="x")
    z = x
    for _ in range(300):
        z = z.tanh()
    z = z.named("z")
    places = Places(z, "LR")
    assert places.shown_as(z.inputs[0]) is z
    assert places.box_of(z.inputs[0]) == places.box_of(z)
    assert places.arrow(z, 0) is None
