"""A folded picture for a page, on which what is folded can be opened in place: all operations, in frames that begin closed.

A frame stands around what one box of the folded picture stands for, and has that box, to be shown while it is closed.
"""

from dataclasses import replace

from ..graph import PYTHON_NUMBERS
from ..pictures.picture import Frame, Line
from .graph_picture import GraphPainter
from .view import MOST_NODES, View

MARK = "▸ "  # before the name of what can be opened


def opened(painter, show, depth, repeats=(), boxes=()):
    """The Picture of all that a GraphPainter's folded one stands for; None if nothing is folded, or too much to be opened.

    `repeats` are the Repeats that were rolled up in it, and `boxes` those that it had before.
    """
    groups = groups_of(painter)
    if not groups or depth is not None or any(len(repeat.steps[0]) > 1 for repeat in repeats):
        return None
    view = View(painter.view.output, "nothing", None, names_only=False)
    if len(view.shown) > MOST_NODES:
        return None
    whole = _Opened(painter, GraphPainter(view, show, painter.picture.direction), boxes or painter.picture.boxes)
    return whole.picture(groups, repeats)


def groups_of(painter):
    """dict of Node to set of Node: for each result that is one box, what that stands for."""
    view, owned, groups = painter.view, set(), {}
    for node in view.shown:
        if node.op is None:
            continue
        inside, waiting = {node}, list(node.inputs)
        while waiting:
            x = waiting.pop()
            if x in inside or x in view.shown or x in owned or type(x.data) in PYTHON_NUMBERS:
                continue
            inside.add(x)
            waiting.extend(x.inputs)
        owned |= inside
        if len(inside) > 1 or ("op", node) not in painter.ids:
            groups[node] = inside
    return groups


class _Opened:
    """Puts frames around the groups in the picture of all operations."""

    def __init__(self, folded, whole, boxes):
        self.folded, self.whole = folded, whole
        self.boxes = {box.id: box for box in boxes}

    def picture(self, groups, repeats):
        """The Picture."""
        whole = self.whole
        whole.paint()
        if self.folded.view.names_only:  # it has frames of its own, which may lie across those of modules
            whole.picture.frames.clear()
            whole.frames.clear()
            for box in whole.picture.boxes:
                box.frame = None
        for node, inside in groups.items():
            self._close(node, inside)
        for repeat in repeats:
            self._close_steps(repeat)
        whole.picture.notes = self.folded.picture.notes
        return whole.picture

    def _close(self, node, inside):
        """A frame around a group, or that of the module's call that it is."""
        whole, box = self.whole, self.boxes[self.folded.ids[node]]
        call = self.folded.view.closed.get(node)
        of_call = whole.ids[("call", call.first)] if call and ("call", call.first) in whole.ids else None
        around = next((frame for frame in whole.picture.frames if frame.id == of_call), None)
        if around is None:
            around = self._frame(node, box, whole.frames.get(node))
            self._put(inside, around)
        around.closed = _closed(around, box)

    def _frame(self, key, box, parent=None):
        """A new frame with the name of a box."""
        frame = Frame(self.whole.ids.new(("group", key), f"group_{box.id}"), _name(box), parent)
        self.whole.picture.frames.append(frame)
        return frame

    def _put(self, nodes, frame):
        """Let the boxes of some nodes stand in a frame."""
        ids = {self.whole.ids[key] for x in nodes for key in (("op", x), x) if key in self.whole.ids}
        for each in self.whole.picture.boxes:
            each.frame = frame.id if each.id in ids else each.frame

    def _close_steps(self, repeat):
        """A frame around all steps of a Repeat, and what each of them is given, with the box that they are rolled up to."""
        ids, results = self.folded.ids, [step[-1] for step in repeat.steps]
        box = next(box for box in self.folded.picture.boxes if box.id == ids[results[-1]])
        around = self._frame("steps of " + box.id, box)
        around.closed = _closed(around, box)
        inner = {self.whole.ids["group", node] for node in results if ("group", node) in self.whole.ids}
        for frame in self.whole.picture.frames:
            frame.parent = around.id if frame.id in inner else frame.parent
        self._put(repeat.given(self.folded.view), around)


def _closed(frame, box):
    """A box as a frame shows it while it is closed."""
    return replace(box, id=f"closed {frame.id}", content=_marked(box.content), frame=None)


def _name(box):
    """What a frame around what a box stands for is called: h = tanh(x W)."""
    lines = [item.text for item in box.content if isinstance(item, Line) and item.role in ("name", "made")]
    return " ".join(lines[:2])


def _marked(content):
    """What stands in a box, with a mark before its name."""
    first, *others = content
    return [replace(first, text=MARK + first.text), *others] if isinstance(first, Line) else content
