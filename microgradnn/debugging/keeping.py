"""A backward pass in a file: `save run.pass` at the prompt writes it, `microgradnn debug run.pass` opens it.

The file is a pickle, of which only arrays, and nodes and operations of this package are read: another thing in it is refused,
as reading it could run any code.
"""

import pickle
from pathlib import Path

from ..formulas.labels import Labelled
from ..graph import Node, Number, Op
from ..passes import Pass
from ..protocols.copying import blank, last_of, packed
from ..saving.whole_files import whole_file
from ..source.lines import line_of, note_lines
from ..watching.changes import changed_now
from ..watching.observers import Contribution

MARK = b"microgradnn pass 1\n"
OTHERS = {  # what a pickle of arrays asks for, beside this package
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
    ("builtins", "slice"),
    ("builtins", "complex"),
    ("builtins", "bool"),
}
REBUILDING = {  # and of this package, beside nodes and operations
    (blank.__module__, "blank"),
    (last_of.__module__, "last_of"),
    (changed_now.__module__, "changed_now"),
}
DAMAGED = (pickle.UnpicklingError, EOFError, AttributeError, ImportError, LookupError, TypeError, ValueError)


def save_pass(recorded, path):
    """Write a pass to a file; returns its path.

    Raises ValueError if an operation of the user's own is in it, which could not be read again.
    """
    nodes = [node for node in recorded.values if not isinstance(node, Number)]
    foreign = sorted({type(node.op).__name__ for node in nodes if node.op and not is_ours(type(node.op).__module__)})
    if foreign:
        raise ValueError(f"the pass goes through operations of your own ({', '.join(foreign)}), which a file cannot hold")
    number_of = {node: i for i, node in enumerate(nodes)}
    state = {
        "output": recorded.output,
        "nodes": [packed(node) for node in nodes],
        "values": [recorded.values[node] for node in nodes],
        "gradients": [(number_of[node], dz) for node, dz in recorded.gradients.items()],
        "expected": [number_of[node] for node in recorded.expected],
        "contributions": [(number_of[c.node], *c[1:]) for c in recorded.contributions],
        "lines": [line_of(node) for node in nodes],
        "rest": {name: getattr(recorded, name) for name in ("number", "seed", "stopped_by", "line", "nbytes")},
    }
    with whole_file(path) as file:
        file.write(MARK)
        pickle.dump(state, file, protocol=4)
    return path


def open_pass(path):
    """The pass that a file holds; ValueError if it holds none."""
    with Path(path).open("rb") as file:
        if file.read(len(MARK)) != MARK:
            raise ValueError(f"{path} holds no pass: `save` at the prompt writes one")
        try:
            return pass_of(Reading(file).load())
        except DAMAGED as error:
            raise ValueError(f"{path} is damaged, or of another version: {error}") from None


def pass_of(state):
    """The pass that was written down."""
    nodes, recorded = state["nodes"], object.__new__(Pass)
    recorded.output = state["output"]
    recorded.values = dict(zip(nodes, state["values"], strict=True))
    recorded.values |= {x: x.data for node in nodes for x in node.inputs if x not in recorded.values}
    recorded.gradients = {nodes[i]: dz for i, dz in state["gradients"]}
    recorded.expected = [nodes[i] for i in state["expected"]]
    recorded.contributions = [Contribution(nodes[i], *rest) for i, *rest in state["contributions"]]
    for name, value in state["rest"].items():
        setattr(recorded, name, value)
    note_lines(dict(zip(nodes, state["lines"], strict=True)))
    return recorded


class Reading(pickle.Unpickler):
    """Reads arrays, nodes and operations, and nothing else."""

    def find_class(self, module, name):
        """What the pickle names, if it may."""
        if (module, name) in OTHERS or (module == "numpy.dtypes" and name.endswith("DType")):
            return super().find_class(module, name)
        if is_ours(module) and "." not in name:
            found = super().find_class(module, name)
            made = isinstance(found, type) and issubclass(found, (Node, Number, Op, Labelled))
            if made or (module, name) in REBUILDING:
                return found
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def is_ours(module):
    """Whether a module is one of this package's."""
    return module.partition(".")[0] == __name__.partition(".")[0]
