"""Where the values of a parameter left the graph, on their way to a loss that was not computed from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..graph import reachable, whole_graph
from ..source.lines import ASKING, place_of
from .reason import same_values
from .stages import label_of_node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..source.lines import Place
    from .attention import Attention


class Lost(NamedTuple):
    """How a parameter was lost: "left", "unused" or "aside"; the tensor that left, the way, and the line."""

    how: str
    label: str
    way: str
    place: Place | None


def losses_of(parameters: Iterable[Any], output: Any, attention: Attention) -> dict[int, Lost]:
    """Of each parameter that a pass did not come to, how its values got lost in the step before the pass."""
    parameters = list(parameters)
    if not parameters:
        return {}
    constants = [x for x in whole_graph(output) if x.op is None and not x.requires_grad]
    return {id(W): lost_by(W, constants, attention) for W in parameters}


def lost_by(W, constants, attention):
    """How one parameter was lost."""
    left = [departure for departure in attention.departures if departure.node is W or W in reachable(departure.node)]
    meant = [departure for departure in left if departure.way not in ASKING]
    returned = [departure for departure in meant if any(returns_in(departure.node, x) for x in constants)]
    if returned or meant:
        node, way, place = (returned or meant)[-1]
        return Lost("left", label_of_node(node), way, place)
    if W in attention.used:
        return Lost("aside", "", "", place_of(attention.used[W]))
    return Lost("unused", "", "", None)


def returns_in(node, constant):
    """Whether the values of a node came back as a constant, alone or in an array of several."""
    if same_values(node, constant):
        return True
    data = constant.data
    return node.size == 1 and getattr(data, "size", 0) in range(1, 1000) and bool((data == float(node.data.reshape(()))).any())
