"""Where in the picture of the graph the nodes, operations and arrows are, and which of them stand out when."""

from ..graph import PYTHON_NUMBERS
from ..pictures.picture import Line
from .graph_picture import GraphPainter
from .view import View


class Places:
    """Where in the drawing the nodes, operations and arrows are. The boxes have room for the longest text they will show."""

    def __init__(self, output, direction, show=("shape",)):
        view = View(output, "auto", None, names_only=False)
        painter = GraphPainter(view, show, direction)
        self.view, self.ids, self.picture = view, painter.ids, painter.paint()
        self.drawn = [node for node in view.shown if type(node.data) not in PYTHON_NUMBERS]
        self.items = {box.id: i for i, box in enumerate(self.picture.boxes)}
        self.owner = {}
        for node in reversed(view.nodes):  # youngest first: what is folded away belongs to a drawn node made from it
            for x in node.inputs:
                if x not in view.shown:
                    self.owner.setdefault(x, node if node in view.shown else self.owner.get(node, node))
        self.arrows = {}
        for i, arrow in enumerate(self.picture.arrows, start=len(self.picture.boxes)):
            self.arrows.setdefault((arrow.tail, arrow.head), []).append(i)

    def add_line(self, node):
        """Put a line for a gradient into a node's box, and return it."""
        line = Line("", "gradient")
        self.picture.boxes[self.items[self.ids[node]]].content.append(line)
        return line

    def shown_as(self, node):
        """The drawn node that a node is, or belongs to."""
        return node if node in self.view.shown else self.owner.get(node, node)

    def box_of(self, node):
        node = self.shown_as(node)
        return self.items[self.ids[node]] if node in self.ids else None

    def head_of(self, node):
        """The id at which arrows into a node end: its operation's."""
        node = self.shown_as(node)
        for key in (("op", node), node):
            if key in self.ids:
                return self.ids[key]
        return None

    def arrow(self, node, position):
        """The arrow from an input of a node to it; of several between the same two, the one of that position."""
        x, head = self.shown_as(node.inputs[position]), self.head_of(node)
        if x not in self.ids or head is None or x is self.shown_as(node):
            return None
        same = self.arrows.get((self.ids[x], head), [])
        before = sum(other is node.inputs[position] for other in node.inputs[:position])
        return same[min(before, len(same) - 1)] if same else None

    def inner(self, node):
        """The arrow from a node's operation to its own box, if it has both."""
        node = self.shown_as(node)
        return self.arrows.get((self.ids["op", node], self.ids[node]), [None])[0] if ("op", node) in self.ids else None

    def operation(self, node):
        head = self.head_of(node)
        return None if head is None else self.items[head]

    def lit_step(self, step):
        boxes = [self.box_of(step.input)]
        return (
            unique(boxes),
            unique([self.arrow(step.node, step.position), self.inner(step.node)]),
            unique(x for x in (self.box_of(step.node), self.operation(step.node)) if x not in boxes),
        )


def unique(items):
    """The items that are there, each once, in their order."""
    return list(dict.fromkeys(item for item in items if item is not None))
