"""Pictures as rows of columns: what is computed in a line, what it is made with below it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from microgradnn import Tensor, draw, nn
from microgradnn.pictures.columns import MOST_LEAVES, in_order, row_of
from microgradnn.pictures.picture import Line


def test_results_in_a_line_leaves_below():
    """The first operand begins the line; the other leaves hang below what they feed."""
    x, W, b = (Tensor(np.ones(2), requires_grad=True, name=name) for name in "xWb")
    row = row_of(draw(((x * W).named("h") + b).named("y"), fold="names").picture)
    assert row.heads == ["x", "h", "y"]
    assert row.leaves == [[], ["W"], ["b"]]
    assert [(arrow.tail, arrow.head) for arrow in row.arrows] == [("x", "h"), ("W", "h"), ("h", "y"), ("b", "y")]


def test_stubs():
    """A leaf that feeds several boxes has a stub with its name below each of the others, so that no arrow runs far."""
    h, W = Tensor(1.0, requires_grad=True, name="h_0"), Tensor(2.0, requires_grad=True, name="W")
    for i in (1, 2, 3):
        h = (h * W).named(f"h_{i}")
    row = row_of(draw(h, fold="names").picture)
    stubs = [name for names in row.leaves for name in names if name.startswith("stub")]
    assert len(stubs) == 2
    assert all(row.boxes[stub].content == [Line("W", "name")] and row.boxes[stub].kind == "operand" for stub in stubs)
    assert len(row.arrows) == 6


def test_too_many_leaves():
    """Of many leaves of a box a few are drawn, and how many more there are; another box may have room for those."""
    leaves = [Tensor(float(i), requires_grad=True, name=f"w_{i}") for i in range(15)]
    total = leaves[0]
    for leaf in leaves[1:]:
        total = total + leaf
    row = row_of(draw((total.named("s") * leaves[14]).named("L"), fold="names").picture)
    assert row.heads == ["w_0", "s", "L"]
    assert len(row.leaves[1]) == MOST_LEAVES
    assert row.boxes[row.leaves[1][-1]].content == [Line("… 6 more", "name")]
    assert row.leaves[2] == ["w_14"]
    assert {arrow.tail for arrow in row.arrows} <= row.boxes.keys()


@given(
    wanted=st.lists(st.floats(-50, 250), min_size=1, max_size=8),
    widths=st.lists(st.floats(1, 20), min_size=8, max_size=8),
)
def test_in_order(wanted, widths):
    """Boxes keep their order, lie apart and within the room, if there is enough of it."""
    widths = widths[: len(wanted)]
    room = sum(widths) + 5 * len(widths)
    places = in_order(sorted(wanted), widths, 5, room)
    assert places[0] >= 0
    assert places[-1] + widths[-1] <= room + 1e-9
    for i in range(1, len(places)):
        assert places[i] >= places[i - 1] + widths[i - 1] + 5 - 1e-9


def test_layers_of_two_blocks_are_told_apart():
    """As a row has no frames, layers of one name say which block they are in; others keep the name that they have."""
    blocks = [nn.Sequential(nn.Linear(2, 2), nn.Tanh()) for _ in range(2)]
    L = nn.Sequential(*blocks, nn.Linear(2, 1))(Tensor([1.0, 2.0], name="x")).sum()
    row = row_of(draw(L, fold="layers", shape="slide").picture)
    names = [row.boxes[head].content[0].text for head in row.heads]
    assert names[:6] == ["x", "0.0: Linear", "0.1: Tanh", "1.0: Linear", "1.1: Tanh", "2: Linear"]
