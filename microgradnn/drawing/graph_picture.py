"""The recorded graph of tensors and operations as a picture, whole or folded: what `draw(L)` returns.

Parameters have sharp corners and a thick border, constants a dashed one, intermediates round corners; operations are
ellipses. Numbers stand in full where they are few, else as a small heat map. A gradient that has not been computed is
said to be so; it is never shown as 0.
"""

import numpy as np

from ..explaining.cone_picture import SIGNS, ConePainter
from ..formulas.notation import number
from ..formulas.spelling import spell_index, spell_made
from ..graph import PYTHON_NUMBERS
from ..nn.module import title_of
from ..pictures.picture import Arrow, Box, Frame, Ids, Line, Picture, Values

SYMBOLS = {
    "add": "+",
    "subtract": "−",
    "multiply": "×",
    "divide": "÷",
    "matmul": "@",
    "power": "^",
    "negative": "−",
    "sum": "Σ",
}
LETTERS = {"subtract": "xy", "divide": "xy", "matmul": "xy", "power": "xy"}  # where the order of operands matters


class GraphPainter:
    """Puts the nodes of a view into a picture."""

    def __init__(self, view, show, direction):
        self.view, self.show, self.ids = view, show, Ids()
        self.output_name = view.output.name or "L"
        self.picture = Picture(direction=direction, notes=view.notes)
        self.frames = {}  # node -> id of the frame it stands in

    def paint(self, lit=None):
        """Every drawn node with its arrows; modules that are not closed as frames; one step's arrow lit."""
        if not self.view.names_only:
            self._add_frames()
        for node in self.view.shown:
            self._add_node(node)
        for node in self.view.shown:
            self._add_arrows(node)
        if lit is not None:
            self._light(lit)
        return self.picture

    def _light(self, step):
        """Let the arrow of a step stand out, with what flows along it; where it is folded away, the title says the step."""
        self.picture.title = [f"step {step.number} of {len(step.steps)}: {step.name} = {step.arithmetic}"]
        if step.input not in self.ids or step.node not in self.ids:
            return
        head = self.ids[("op", step.node)] if ("op", step.node) in self.ids else self.ids[step.node]
        for arrow in self.picture.arrows:
            if (arrow.tail, arrow.head) == (self.ids[step.input], head):
                arrow.kind, arrow.against, arrow.lines = "gradient", True, [Line(f"d{step.letter}", "gradient")]
                arrow.operand = ""
                return

    def paint_expanded(self, rule):
        """The named tensors, those on the way of one element opened to frames of scalars."""
        cone = ConePainter(rule, most_paths=4, ids=self.ids, picture=self.picture)
        opened = {element.tensor for element in cone.elements}
        for node in self.view.shown:
            if node in opened:
                self._open(node, cone)
            else:
                self._add_node(node)
        for partial in cone.partials:
            cone.add_partial(partial)
        cone.add_rest()
        first = {element.tensor: cone.id_of(element.tensor, element.index) for element in reversed(cone.elements)}
        for node in self.view.shown:
            for x in self.view.sources(node):
                if x not in opened:
                    self.picture.arrows.append(Arrow(self.ids[x], first.get(node) or self.ids[node], kind="faint"))
        self.picture.title = cone.title()
        self.picture.notes.append(SIGNS)
        return self.picture

    def _open(self, node, cone):
        """A tensor as a frame around those of its elements that the strongest paths run through."""
        inside = [element for element in cone.elements if element.tensor is node]
        if not node.shape:
            cone.add_element(inside[0])
            return
        frame = Frame(self.ids.new(("frame", node), f"frame_{cone.cone.names[node]}"), self._caption(node))
        self.picture.frames.append(frame)
        for element in inside:
            cone.add_element(element, frame.id)
        others = sum(element.tensor is node for element in cone.cone.elements) - len(inside)
        if others:
            more = self.ids.new(("more", node), f"more_{cone.cone.names[node]}")
            self.picture.boxes.append(Box(more, "note", [Line(f"and {others:,} more on other paths", "note")], frame=frame.id))

    def _caption(self, node):
        made = spell_made(node)
        return f"{node.name or self.output_name}{f' = {made}' if made else ''}   {_shape(node)}"

    def _add_frames(self):
        """A frame for each call of a module that is not closed, the outer ones first."""
        calls = [call for node in self.view.shown if node not in self.view.closed for call in self.view.calls.get(node, ())]
        calls.sort(key=lambda call: (call.first, -call.last))
        for i, call in enumerate(calls):
            inside = [node for node in self.view.shown if call.contains(node) or node in call.own_parameters()]
            if not inside:
                continue
            outer = next((other for other in reversed(calls[:i]) if other.first < call.first and call.last <= other.last), None)
            frame_id = self.ids.new(("call", call.first), f"module_{title_of(call, outer)}")
            self.picture.frames.append(
                Frame(frame_id, title_of(call, outer), self.ids[("call", outer.first)] if outer else None)
            )
            for node in inside:
                self.frames[node] = frame_id

    def _add_node(self, node):
        frame = self.frames.get(node)
        if node in self.view.closed:
            self._add_closed(node, frame)
            return
        name = node.name or (self.output_name if node is self.view.output else "")
        with_operation = node.op is not None and not self.view.names_only
        if with_operation:
            op_id = self.ids.new(("op", node), f"{name}_{node.op.name}" if name else node.op.name)
            content = [Line(_operation(node), "name"), *([] if name else self._small(node))]
            self.picture.boxes.append(Box(op_id, "operation", content, self._card(node), frame))
        if name or node.op is None or not with_operation:
            tensor_id = self.ids.new(node, name or ("constant" if not node.requires_grad else "tensor"))
            self.picture.boxes.append(Box(tensor_id, self._kind(node), self._content(node, name), self._card(node), frame))
            if with_operation:
                self.picture.arrows.append(Arrow(self.ids[("op", node)], tensor_id))
        else:
            self.ids.same(node, ("op", node))

    def _add_closed(self, node, frame):
        """A whole call of a module as one box."""
        call = self.view.closed[node]
        parameters = [Line(f"{path} {_shape(p)}", "note") for path, p in call.module.named_parameters()]
        content = [Line(title_of(call, None), "name"), *parameters, *self._content(node, node.name or "output")[1:]]
        self.picture.boxes.append(
            Box(self.ids.new(node, title_of(call, None)), "intermediate", content, self._card(node), frame)
        )

    def _add_arrows(self, node):
        head = self.ids[("op", node)] if ("op", node) in self.ids else self.ids[node]
        letters = LETTERS.get(node.op.name, "") if node.op is not None and not self.view.names_only else ""
        sources = node.inputs if ("op", node) in self.ids and node not in self.view.closed else self.view.sources(node)
        for i, x in enumerate(sources):
            if x in self.view.shown:
                self.picture.arrows.append(Arrow(self.ids[x], head, operand=letters[i] if i < len(letters) else ""))
        if node in self.view.cut:
            more = self.ids.new(("cut", node), "further")
            self.picture.boxes.append(Box(more, "note", [Line("…", "note")]))
            self.picture.arrows.append(Arrow(more, head, kind="faint"))

    def _kind(self, node):
        if node is self.view.output:
            return "output"
        if node.op is None:
            return "parameter" if node.requires_grad else "constant"
        return "intermediate"

    def _content(self, node, name):
        """Name and shape, how it was made, value, gradient."""
        lines = [Line(name or "constant", "name")]
        made = spell_made(node) if self.view.names_only else ""
        if made:
            lines.append(Line(f"= {made}", "made"))
        if "shape" in self.show and node.shape:
            lines.append(Line(_shape(node), "note"))
        if "value" in self.show and _is_numeric(node.data):
            lines.append(_scalar_or_values("value", node.data, "value"))
        if "gradient" in self.show and node.requires_grad:
            label = f"∂{self.output_name}/∂{name or '·'}"
            if node.grad is None:
                lines.append(Line(f"{label} not computed", "note"))
            elif _is_numeric(node.grad):
                lines.append(_scalar_or_values(label, node.grad, "gradient"))
        return lines

    def _small(self, node):
        """What stands in the ellipse of an operation whose result has no name."""
        if node.shape:
            return [Line(_shape(node), "note")] if "shape" in self.show else []
        return [line for line in self._content(node, "")[1:] if not (isinstance(line, Line) and line.role == "note")]

    def _card(self, node):
        card = [("", node.name or (_operation(node) if node.op else "constant")), ("shape", _shape(node))]
        if node.op is not None:
            card.append(
                (
                    "operation",
                    f"{node.op!r}: {type(node.op).__doc__.splitlines()[0]}" if type(node.op).__doc__ else repr(node.op),
                )
            )
        if _is_numeric(node.data):
            card.append(("value", _written(node.data)))
        if node.requires_grad:
            card.append(
                (f"∂{self.output_name}/∂{node.name or '·'}", "not computed" if node.grad is None else _written(node.grad))
            )
        return card


def _shape(node):
    """(3, 4), and the dtype if it is not the usual one."""
    dtype = "" if str(node.dtype) == "float64" else f" {node.dtype}"
    return f"({', '.join(map(str, node.shape))}{',' if len(node.shape) == 1 else ''}){dtype}"


def _operation(node):
    """What an operation's ellipse says: its symbol, its parameters, and operands that are plain numbers."""
    op = node.op
    if op.name == "getitem":
        return f"[{spell_index(op.index)}]"
    parameters = ", ".join(f"{key}={value}" for key, value in getattr(op, "__dict__", {}).items() if _is_brief(value))
    written = f"{SYMBOLS.get(op.name, op.name)}{f' {parameters}' if parameters else ''}"
    numbers = [(i, x.data) for i, x in enumerate(node.inputs) if type(x.data) in PYTHON_NUMBERS]
    if len(numbers) == 1 and len(node.inputs) == 2:
        i, value = numbers[0]
        return f"{number(value)} {written}" if i == 0 else f"{written} {number(value)}"
    return written


def _is_brief(parameter):
    """Whether an operation's parameter is worth a word: a number, a tuple of numbers, a name; not an index, nor a default."""
    if isinstance(parameter, tuple):
        return all(isinstance(part, int) for part in parameter)
    return isinstance(parameter, (int, float, str)) and parameter is not False


def _is_numeric(data):
    return isinstance(data, (np.ndarray, np.generic)) and data.dtype.kind in "biuf"


def _scalar_or_values(label, array, role):
    if np.ndim(array) == 0:
        return Line(f"= {number(float(array))}" if role == "value" else f"{label} = {number(float(array))}", role)
    return Values("" if role == "value" else label, np.asarray(array), role)


def _written(array):
    return np.array2string(np.asarray(array), precision=4, threshold=200, edgeitems=3, separator=", ", max_line_width=120)
