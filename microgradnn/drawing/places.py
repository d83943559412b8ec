"""Where in the picture of the graph the nodes, operations and arrows are, and which of them stand out when."""

from ..graph import PYTHON_NUMBERS
from .graph_picture import GraphPainter
from .view import View


class Places:
    """Where in the drawing the nodes, operations and arrows are."""

    def __init__(self, output, direction, show=("shape",), fold="auto"):
        view = View(output, fold, None, names_only=False)
        painter = GraphPainter(view, show, direction)
        self.contents = painter.contents
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

    def on_the_way(self, step):
        """The arrows that a step's gradient will go along next, where the step is within what is drawn as one box."""
        head = self.head_of(step.node)
        if step.input in self.view.shown or step.input.op is None or head is None:
            return []
        ends = [(self.ids[x], head) for x in self.view.sources_of(step.input) if x.requires_grad and x in self.ids]
        return [self.arrows[each][0] for each in ends if each in self.arrows]

    def lit_step(self, step):
        boxes = [self.box_of(step.input)]
        return (
            unique(boxes),
            unique([self.arrow(step.node, step.position), self.inner(step.node), *self.on_the_way(step)]),
            unique(x for x in (self.box_of(step.node), self.operation(step.node)) if x not in boxes),
        )


def unique(items):
    """The items that are there, each once, in their order."""
    return list(dict.fromkeys(item for item in items if item is not None))
