"""The stages of a graph: where parameters weigh what comes in, and where it is bent; the places at which health is measured.

Two nodes of one pass are the same stage if the same operation was fed by the same parameters: so the steps of a recurrent
network are one stage, which is there many times, and the layers of a deep one are many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..formulas.labels import label_of
from ..formulas.spelling import spell, spell_made
from ..graph import Node

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ..annotations import Array

WEIGHING = {"matmul", "affine", "conv2d", "einsum"}
RESHAPING = {"reshape", "transpose", "broadcast_to", "expand_dims", "swapaxes", "moveaxis", "squeeze", "astype"}
RANGES = {
    "tanh": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "relu": (0.0, np.inf),
    "leaky_relu": (-np.inf, np.inf),
    "elu": (-1.0, np.inf),
    "softplus": (0.0, np.inf),
    "softmax": (0.0, 1.0),
    "log_softmax": (-np.inf, 0.0),
}  # of the operations that bend what comes in: from where to where they go
LONGEST_LABEL = 40
MOST_NUMBERS = 10_000  # of one array that are looked at


class Stage(NamedTuple):
    """The nodes of one stage in one pass, oldest first."""

    key: Hashable
    op: str
    nodes: list[Node]
    parameters: tuple[Node, ...]


def stages_of(nodes: list[Node]) -> list[Stage]:
    """The stages among the nodes of a pass, which are given oldest first.

    >>> from microgradnn import Tensor
    >>> from microgradnn.graph import reachable
    >>> W, h = Tensor([[0.5]], requires_grad=True, name="W"), Tensor([[1.0]])
    >>> for t in range(3):
    ...     h = (h @ W).tanh()
    >>> [(stage.op, len(stage.nodes)) for stage in stages_of(list(reachable(h))[::-1])]
    [('matmul', 3), ('tanh', 3)]
    """
    fed_by: dict[Node, frozenset[Node]] = {}
    stages: dict[Hashable, Stage] = {}
    for node in nodes:
        op = node.op
        if op is None:
            continue
        own = [x for x in map(unshaped, node.inputs) if x.op is None and x.requires_grad]
        if op.name in WEIGHING:
            feeding = frozenset(own)
        else:
            further = [fed_by.get(x, frozenset()) for x in node.inputs if x.op is not None and x.op.name not in RANGES]
            feeding = frozenset(own).union(*further)
        fed_by[node] = feeding
        if op.name in RANGES or (op.name in WEIGHING and own):
            key = (op.name, *sorted(map(id, feeding)))
            if key not in stages:
                stages[key] = Stage(key, op.name, [], tuple(sorted(feeding, key=lambda x: x.birth)))
            stages[key].nodes.append(node)
    return list(stages.values())


def unshaped(node: Any) -> Any:
    """What a node is made from by changing its axes alone: of W.T, W; of any other node, itself."""
    while node.op is not None and node.op.name in RESHAPING:
        node = node.inputs[0]
    return node


def label_of_node(node: Any) -> str:
    """What a message calls a node: by its name, else by how it was made.

    >>> from microgradnn import Tensor
    >>> x, W = Tensor([1.0], name="x", requires_grad=True), Tensor([[2.0]], name="W")
    >>> label_of_node(x @ W), label_of_node(Tensor([1.0, 2.0]))
    ('x W', 'a tensor of shape (2,)')
    """
    if node.name:
        return label_of(node.name)
    made = spell_made(node) if node.op is not None else ""
    if made and "…" not in made and len(made) <= LONGEST_LABEL:
        return made
    if node.op is not None:
        inner = [spell(x) for x in node.inputs if isinstance(x, Node) and x.name]
        return f"{node.op.name}({', '.join(inner)})" if inner else f"{node.op.name} of shape {node.shape}"
    return f"a tensor of shape {node.shape}"


def label_of_stage(stage):
    """What a stage is called: by one of its nodes that has a name, else by how the first was made."""
    return label_of_node(next((node for node in reversed(stage.nodes) if node.name), stage.nodes[0]))


def is_array(x: Any) -> bool:
    """Whether something is one of NumPy's arrays of floating-point numbers; others are perhaps not computed yet."""
    return isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind == "f"


def some_of(array: Array) -> Array:
    """The numbers of an array in one row; of a large one, some of them, evenly spread."""
    flat = np.asarray(array).reshape(-1)
    return flat if flat.size <= MOST_NUMBERS else flat[:: -(-flat.size // MOST_NUMBERS)]


def length_of(array: Array) -> float:
    """The Euclidean norm of an array, as one vector; in double precision, which float32 would overflow."""
    flat = np.asarray(array).reshape(-1)
    return float(np.sqrt(np.dot(flat, flat))) if flat.dtype == float else float(np.linalg.norm(flat.astype(float)))
