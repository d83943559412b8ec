"""The picture of a chain rule: the loss at one end, the element at the other, a factor on every edge between them.

Gradient flows against the direction of computation, so the arrows point from the loss back to the element. The strongest
path carries the colour; other paths are paler; what the derivation does not run through is grey.
"""

import re

import numpy as np

from .diagram import Diagram, escape, new_graph
from .notation import TextStyle, element_name, number, write
from .spelling import spell_made
from .symbols import Symbol

INK, GREY, LIGHT_GREY = "#0f172a", "#64748b", "#cbd5e1"
LIT, PALE, LOSS = "#c2410c", "#ea9a6b", "#1d4ed8"
MOST_PATHS = 6  # drawn; the others are one dotted edge with their number and sum
MOST_NEIGHBOURS = 2  # of an element on the path that are drawn beside it, in grey


def draw_cone(rule):
    """A `Diagram` of a `ChainRule`."""
    return Diagram(_ConePicture(rule).graph)


class _ConePicture:
    """Collects nodes and edges in a fixed order, so that the same derivation is always the same text."""

    def __init__(self, rule):
        self.rule, self.cone = rule, rule.cone
        self.paths = rule.paths[:MOST_PATHS]
        self.strongest = set(self.paths[0].partials) if self.paths else set()
        self.partials = list(dict.fromkeys(partial for path in self.paths for partial in path.partials))
        self.elements = [e for e in self.cone.elements if any(e in (p.of, p.wrt) for p in self.partials)]
        self.elements = self.elements or [self.cone.source, self.cone.target]
        self.ids = {}
        self.graph = new_graph(rankdir="LR", nodesep="0.3", ranksep="0.6", label=self._title(), labelloc="t", fontsize="17")
        for element in reversed(self.elements):
            self._add_element(element)
        for partial in self.partials:
            self._add_partial(partial)
        self._add_rest()
        if len(self.paths) == 1:
            self._add_neighbours()
            self._add_operands()

    def _title(self):
        """The derivation in one or two lines, above the picture."""
        lines = [escape(self.rule.name)]
        if len(self.rule.paths) == 1:
            steps = self.rule._steps(self.paths[0])
            symbolic = steps[:2] if len(self.paths[0].partials) > 1 else steps[:1]
            lines[0] += f" = {escape(symbolic[0])}"
            lines.append(" = ".join(["", *map(escape, symbolic[1:]), number(self.rule.value)]).lstrip())
        else:
            lines[0] += f" = {number(self.rule.value)}, the sum over {len(self.rule.paths):,} paths"
        return "<" + "<BR/>".join(lines) + '<BR/><FONT POINT-SIZE="9"> </FONT>>'

    def _id(self, tensor, index):
        """A node's id in the DOT text: its name where that is a plain word, and always the same in the same graph."""
        key = (tensor, index)
        if key not in self.ids:
            word = re.sub(r"\W", "_", self.cone.names[tensor] + "".join(f"_{i}" for i in index))
            taken = set(self.ids.values())
            self.ids[key] = next(name for name in (word, *(f"{word}__{i}" for i in range(len(taken) + 1))) if name not in taken)
        return self.ids[key]

    def _add_element(self, element):
        """A scalar that gradient runs through: name and how it was made, value, gradient."""
        ends = {self.cone.source: LOSS, self.cone.target: LIT}
        on_strongest = any(element in (p.of, p.wrt) for p in self.strongest) or element in ends
        colour = ends.get(element, LIT if on_strongest else PALE)
        made = spell_made(element.tensor)
        lines = [f'<FONT POINT-SIZE="15">{escape(element.name)} = {number(element.value)}</FONT>']
        if made:
            lines.append(f'<FONT POINT-SIZE="12" COLOR="{GREY}">{escape(made)}</FONT>')
        ink = ends.get(element, LIT)
        lines += [f'<FONT COLOR="{ink}">{line}</FONT>' for line in self._gradient(element)]
        self.graph.node(
            self._id(element.tensor, element.index),
            label=left_aligned(lines),
            color=colour,
            fillcolor={LOSS: "#eff6ff", LIT: "#fff7ed"}.get(ends.get(element), "#ffffff"),
            penwidth="2.2" if element in ends else "1.6",
            fontcolor=INK,
            group="lit" if on_strongest else "",
        )

    def _gradient(self, element):
        """Lines such as ∂L/∂h₁ = −0.8; where gradient arrives from several sides, the sum is on a line of its own."""
        if element is self.cone.source:
            return [f"∂{escape(element.name)}/∂{escape(element.name)} = 1"]
        arriving = [p.of.gradient * p.value for other in self.cone.elements for w, p in other.partials.items() if w is element]
        arriving.sort(key=abs, reverse=True)
        name = f"∂{escape(self.cone.source.name)}/∂{escape(element.name)}"
        if 1 < len(arriving) <= 4:
            terms = number(arriving[0]) + "".join(
                f" {'−' if term < 0 else '+'} {number(abs(term))}" for term in arriving[1:]
            )
            return [f"{name} = {terms}", f"= {number(element.gradient)}"]
        suffix = f" (sum of {len(arriving):,})" if len(arriving) > 4 else ""
        return [f"{name} = {number(element.gradient)}{suffix}"]

    def _add_partial(self, partial):
        """An edge with its factor: what derivative it is, the formula, the number."""
        lit = partial in self.strongest
        colour = LIT if lit else PALE
        formula = partial.formula
        shown = "" if formula is None else f" = {escape(write(formula, TextStyle(index_base=self.cone.index_base)))}"
        value = number(partial.value)
        lines = [escape(partial.name) + shown] + ([] if shown == f" = {value}" else [f"= {value}"])
        self.graph.edge(
            self._id(partial.wrt.tensor, partial.wrt.index),
            self._id(partial.of.tensor, partial.of.index),
            label=left_aligned([*lines, '<FONT POINT-SIZE="3"> </FONT>']),  # air between the number and the line
            fontcolor=LIT,
            color=colour,
            penwidth="3" if lit else "1.8",
            dir="back",
            weight="20" if lit else "2",
        )

    def _add_rest(self):
        """The paths that are not drawn, as one dotted way with their number and sum."""
        rest = len(self.rule.paths) - len(self.paths)
        if rest:
            value = number(self.rule.value - sum(path.value for path in self.paths))
            label = left_aligned([f"{rest:,} more path{'s' * (rest > 1)}", f"in sum {value}"])
            target, source = (self._id(e.tensor, e.index) for e in (self.cone.target, self.cone.source))
            self.graph.node("rest", label=label, color=GREY, fontcolor=GREY, style="rounded,dotted")
            self.graph.edge(target, "rest", color=GREY, style="dotted", penwidth="1.8", dir="back")
            self.graph.edge("rest", source, color=GREY, style="dotted", penwidth="1.8", dir="back")

    def _add_neighbours(self):
        """Beside the path, in grey: other elements of its tensors, and how the loss depends on them."""
        on_path = {element.tensor: element.index for element in self.elements}
        waiting = [(tensor, index) for tensor, index in on_path.items() if tensor is not self.cone.tensor]
        for tensor, index in waiting:
            beside_path = on_path[tensor] != index
            for inner, mask in self.cone.dependencies(tensor, index).items():
                if inner is self.cone.tensor and not beside_path:
                    continue  # of W's elements, W₁₂ says most, which leads to the neighbour h₂
                others = [i for i in map(tuple, np.argwhere(mask).tolist()) if i != on_path[inner]]
                others.sort(key=lambda i: -sum(a == b for a, b in zip(i, on_path[inner], strict=True)))
                for other in others[: 1 if beside_path else MOST_NEIGHBOURS]:
                    if (inner, other) not in self.ids:
                        self._add_neighbour(inner, other)
                        waiting.append((inner, other))
                    self.graph.edge(self._id(inner, other), self._id(tensor, index), color=LIGHT_GREY, dir="back")

    def _add_neighbour(self, tensor, index):
        value = number(float(tensor.numpy()[index]))
        label = f"{escape(element_name(self.cone.names[tensor], index, self.cone.index_base))} = {value}"
        self.graph.node(self._id(tensor, index), label=label, color=LIGHT_GREY, fillcolor="white", fontcolor=GREY)

    def _add_operands(self):
        """The other numbers that the factors are made of, such as x₁, dashed: they are used, but get no gradient here."""
        drawn = {element.name for element in self.elements}
        for partial in self.partials:
            for name in _names_in(partial.formula):
                written = element_name(*name.args, self.cone.index_base)
                key = ("operand", name.args)
                if written in drawn:
                    continue
                if key not in self.ids:
                    self.ids[key] = "operand_" + re.sub(r"\W", "_", written)
                    label = f"{escape(written)} = {number(name.value)}"
                    self.graph.node(self.ids[key], label=label, shape="plain", style="", fontcolor="#475569")
                to = self._id(partial.of.tensor, partial.of.index)
                self.graph.edge(self.ids[key], to, color=GREY, style="dashed", arrowsize="0.5")


def left_aligned(lines):
    """Lines as an HTML-like label. Aligned left, they stay aligned also where the renderer measured with other fonts."""
    return "<" + "".join(f'{line}<BR ALIGN="LEFT"/>' for line in lines) + ">"


def _names_in(x):
    """The names an expression is made of, each once, in order."""
    if not isinstance(x, Symbol):
        return []
    if x.head == "name":
        return [x]
    parts = x.args[1] if x.head == "product" else x.args
    found = {}
    for part in parts:
        for name in _names_in(part):
            found.setdefault(name.args, name)
    return list(found.values())
