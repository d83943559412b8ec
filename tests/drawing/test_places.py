"""Where in a drawing nodes, operations and arrows are, by their numbers in it: boxes first, then arrows."""

from microgradnn import Tensor, backward_steps
from microgradnn.drawing.places import Places, unique


def places_of(output):
    return Places(output, "LR")


def ends(places, item):
    """From where to where the arrow of that number goes."""
    arrow = places.picture.arrows[item - len(places.picture.boxes)]
    return arrow.tail, arrow.head


def test_boxes_and_arrows_of_a_node():
    """A node has a box, its operation another; arrows lead from its inputs to the operation, and from there to it."""
    x, w = Tensor(3.0, name="x"), Tensor(2.0, requires_grad=True, name="w")
    L = (x * w).named("L")
    places = places_of(L)
    assert places.picture.boxes[places.box_of(L)].id == "L"
    operation = places.picture.boxes[places.operation(L)].id
    assert [ends(places, places.arrow(L, i)) for i in (0, 1)] == [("x", operation), ("w", operation)]
    assert ends(places, places.inner(L)) == (operation, "L")
    assert places.inner(w) is None


def test_two_arrows_between_the_same_two():
    """Where a node is used twice by one operation, each use has its arrow."""
    x = Tensor(3.0, requires_grad=True, name="x")
    L = (x * x).named("L")
    places = places_of(L)
    assert places.arrow(L, 0) != places.arrow(L, 1)
    assert ends(places, places.arrow(L, 0)) == ends(places, places.arrow(L, 1))


def test_a_number_has_no_place():
    """It is not drawn: it has no arrow, and stands with the node that was made from it."""
    x = Tensor(3.0, requires_grad=True, name="x")
    L = (2 * x).named("L")
    places = places_of(L)
    assert places.shown_as(L.inputs[0]) is L
    assert places.arrow(L, 0) is None


def test_what_a_step_lights():
    """The box that gets the gradient, the arrows that it comes by, and where it comes from; no item twice."""
    x = Tensor(3.0, requires_grad=True, name="x")
    L = (x * 2).named("L")
    places = places_of(L)
    boxes, arrows, origins = places.lit_step(backward_steps(L)[0])
    assert boxes == [places.box_of(x)]
    assert arrows == [places.arrow(L, 0), places.inner(L)]
    assert origins == [places.box_of(L), places.operation(L)]


def test_unique():
    """Items come once, in their order; None is none."""
    assert unique([3, None, 1, 3]) == [3, 1]


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
