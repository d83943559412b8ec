"""The recorded graph of tensors and operations as a `Picture`, whole or folded: boxes, arrows and frames.

Parameters have sharp corners and a thick frame, intermediates round corners, constants no frame; operations are ellipses, at
which arrows arrive in the order of the operands. Numbers stand in full where they are few, else as a small heat map.
"""

from collections import Counter

import numpy as np

from ..formulas.labels import label_of
from ..formulas.roles import columns_among
from ..graph import reachable
from ..nn.module import title_of
from ..pictures.picture import Arrow, Box, Frame, Ids, Line, Picture
from ..watching.changes import note_of_changes
from .contents import Contents, counted, kind_of_leaf, shape_text

MOST_UNCOUNTED = 4  # operations of a closed module whose number is not said
MOST_PARAMETERS = 4  # of a closed module that are listed; then how many numbers they are


class GraphPainter:
    """Puts the nodes of a view into a picture."""

    def __init__(self, view, show, direction):
        self.view, self.ids = view, Ids()
        self.output_name = label_of(view.output.name) or "L"
        self.contents = Contents(self.output_name, show, view.names_only, columns_among(view.nodes))
        leaves = [node for node in view.nodes if node.op is None]
        notes = [*view.notes, *self.contents.of_all(leaves), *note_of_changes(reachable(view.output))]
        self.picture = Picture(direction=direction, notes=notes, is_computation=True)
        self.frames = {}  # node -> id of the frame it stands in

    def paint(self):
        """Every drawn node with its arrows; modules that are not closed as frames."""
        if not self.view.names_only:
            self._add_frames()
        for node in self.view.shown:
            self.add_node(node)
        for node in self.view.shown:
            self._add_arrows(node)
        return self.picture

    def _add_frames(self):
        """A frame for each call of a module that is not closed, the outer ones first."""
        calls = [call for node in self.view.shown for call in self.view.open_calls(node)]
        calls.sort(key=lambda call: (call.first, -call.last))
        for call in calls:
            own = call.own_parameters()
            inside = [node for node in self.view.shown if call.contains(node) or node in own]
            if not inside:
                continue
            outer = self.view.around(call)
            while outer is not None and ("call", outer.first) not in self.ids:
                outer = self.view.around(outer)
            frame_id = self.ids.new(("call", call.first), f"module_{title_of(call, outer)}")
            parent = self.ids[("call", outer.first)] if outer else None
            self.picture.frames.append(Frame(frame_id, title_of(call, outer), parent))
            for node in inside:
                self.frames[node] = frame_id

    def add_node(self, node):
        """A node: its operation, and a box for the tensor where that has a name, or no operation is drawn."""
        if node in self.view.closed:
            self._add_closed(node)
            return
        if node in self.view.meant:
            self._add_meant(node)
            return
        frame, card = self.frames.get(node), self.contents.card(node)
        name = label_of(node.name) or (self.output_name if node is self.view.output else "")
        with_operation = node.op is not None and (not self.view.names_only or node in self.view.opened)
        if with_operation:
            op_id = self.ids.new(("op", node), f"{name}_{node.op.name}" if name else node.op.name)
            self.picture.boxes.append(Box(op_id, "operation", self.contents.of_operation(node, name), card, frame))
        if with_operation and not name:
            self.ids.same(node, ("op", node))
            return
        tensor_id = self.ids.new(node, name or ("constant" if not node.requires_grad else "tensor"))
        self.picture.boxes.append(Box(tensor_id, self._kind(node), self.contents.of_tensor(node, name), card, frame))
        if with_operation:
            self.picture.arrows.append(Arrow(self.ids[("op", node)], tensor_id))

    def _add_closed(self, node):
        """A whole call of a module as one box."""
        call = self.view.closed[node]
        result = self.contents.of_tensor(node, label_of(node.name) or "output")[1:]
        content = [Line(title_of(call, self.view.around(call)), "name"), *self._what_is_in(call), *result]
        box_id = self.ids.new(node, title_of(call, None))
        self.picture.boxes.append(Box(box_id, "intermediate", content, self.contents.card(node), self.frames.get(node)))

    def _what_is_in(self, call):
        """Lines on what is in a closed call: its parameters, or, where they are many, its modules; and how much of each."""
        parameters = list(call.module.named_parameters())
        lines = [Line(f"{path} {shape_text(p)}", "shape") for path, p in parameters]
        made_in_it = Counter(type(each.module).__name__ for each in self.view.nesting.directly_in(call))
        if made_in_it and len(lines) > MOST_PARAMETERS:
            lines = [Line(name if count == 1 else f"{name} × {count:,}", "shape") for name, count in made_in_it.items()]
        if len(parameters) > 1 or (parameters and "parameters" in self.contents.show):
            count = sum(int(np.size(p.data)) for _, p in parameters)
            lines = [*lines[:MOST_PARAMETERS], Line(counted(count, "parameter"), "note")]
        operations = self.view.operations_in(call)
        return [*lines, Line(counted(operations, "operation"), "note")] if operations > MOST_UNCOUNTED else lines

    def _add_meant(self, node):
        """A group of operations with a name of its own, and the derivative that a person writes for it."""
        meaning = self.view.meant[node]
        name = label_of(node.name) or (self.output_name if node is self.view.output else "")
        content = [Line(name, "name"), Line(f"= {meaning.name}", "made")] if name else [Line(meaning.name, "name")]
        rule = meaning.rule.replace("∂L", f"∂{self.output_name}").replace("∂x", f"∂{label_of(meaning.inputs[0].name) or 'x'}")
        rule = rule.replace("∂y", f"∂{name or 'y'}")
        content += [*(Line(part, "note") for part in rule.splitlines()), *self.contents.of_tensor(node, name or "·")[1:]]
        content = [
            item
            for item in content
            if not (isinstance(item, Line) and item.role == "made" and item.text != f"= {meaning.name}")
        ]
        box_id = self.ids.new(node, name or meaning.name)
        card = [*self.contents.card(node), (meaning.name, rule.replace("\n", ", "))]
        self.picture.boxes.append(Box(box_id, self._kind(node), content, card, self.frames.get(node)))

    def _add_arrows(self, node):
        head = self.ids[("op", node)] if ("op", node) in self.ids else self.ids[node]
        is_open = not self.view.names_only and ("op", node) in self.ids and node not in self.view.closed
        sources = node.inputs if is_open else self.view.sources(node)
        sources = [self.view.stands_for.get(x, x) for x in sources]
        shown = [x for x in sources if x in self.view.shown]
        self.picture.arrows += [Arrow(self.ids[x], head, self.contents.of_arrow(x)) for x in shown]
        if node in self.view.cut:
            key = ("cut", None if self.view.rest else node)
            if key not in self.ids:
                content = self.contents.of_rest(self.view.rest) if self.view.rest else [Line("…", "note")]
                self.picture.boxes.append(Box(self.ids.new(key, "further"), "note", content))
            self.picture.arrows.append(Arrow(self.ids[key], head, kind="faint"))

    def _kind(self, node):
        if node is self.view.output:
            return "output"
        if node.op is None:
            return kind_of_leaf(node)
        return "intermediate"


def light(painter, step):
    """Let the arrow of a step stand out, with what flows along it; where it is folded away, the title says the step."""
    picture, ids = painter.picture, painter.ids
    picture.title = [f"step {step.number} of {len(step.steps)}: {step.name} = {step.arithmetic}"]
    if step.input not in ids or step.node not in ids:
        return
    head = ids[("op", step.node)] if ("op", step.node) in ids else ids[step.node]
    for arrow in picture.arrows:
        if (arrow.tail, arrow.head) == (ids[step.input], head):
            arrow.kind, arrow.against, arrow.lines = "gradient", True, [Line(f"d{step.letter}", "gradient")]
            return
