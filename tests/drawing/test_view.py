"""Which nodes are shown: all but numbers, or those that a fold leaves, and what each is computed from then."""

import pytest

from microgradnn import Tensor, nn, tanh
from microgradnn.drawing.view import View


def chain():
    """L = tanh(2 x)², of which only x, h and L have names."""
    x = Tensor([0.5, 1.0], requires_grad=True, name="x")
    h = (2 * x).tanh().named("h")
    return x, h, (h * h).sum().named("L")


def shown(view):
    """The names of what is shown, or of the operations that made it."""
    return [node.name or node.op.name for node in view.shown]


def test_numbers_are_not_shown():
    """Plain numbers among the operands are no nodes of the picture."""
    *_, L = chain()
    assert shown(View(L, "nothing", None, names_only=False)) == ["x", "multiply", "h", "multiply", "L"]


def test_folded_by_names():
    """What has no name is left out, and what is shown is computed from what is shown."""
    x, h, L = chain()
    view = View(L, "names", None, names_only=False)
    assert shown(view) == ["x", "h", "L"]
    assert (view.sources(L), view.sources(h), view.sources(x)) == ([h], [x], [])


def test_a_limited_depth():
    """Nodes that are further from the output than so many operations are left out, and counted in a note."""
    *_, L = chain()
    view = View(L, "nothing", 2, names_only=False)
    assert shown(view) == ["h", "multiply", "L"]
    assert view.notes == ["2 more, further from the output, are not drawn"]
    assert [node.name for node in view.cut] == ["h"]


def test_a_closed_module(rng):
    """A call of a module stands for all that it computed, and for its own parameters; what goes in stays."""
    layer, x = nn.Linear(2, 3, rng=rng), Tensor([0.5, 1.0], name="x")
    o = layer(x)
    view = View(tanh(o).sum().named("L"), layer, None, names_only=False)
    assert [call.module for call in view.closed.values()] == [layer]
    assert layer.W not in view.shown and layer.b not in view.shown
    assert view.sources(o) == [x]


def test_a_node_that_is_used_twice_is_one_source():
    """h · h is computed from one h."""
    _, h, L = chain()
    view = View(L, "nothing", None, names_only=False)
    assert view.sources(L.inputs[0]) == [h]


def test_other_folds_are_refused():
    """A fold is one of four words, or modules."""
    *_, L = chain()
    for wrong in ("all", [3], -1):
        with pytest.raises(
            ValueError,
            match="^fold is one of auto, nothing, names, repeats, meaning, layers, modules, a Module, a list of Modules, or",
        ):
            View(L, wrong, None, names_only=False)
