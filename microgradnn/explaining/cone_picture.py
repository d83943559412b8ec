"""The picture of a chain rule: the loss at one end, the element at the other, a factor on every edge between them.

Gradient flows against the direction of computation, so the arrows point from the loss back to the element. How much of
the gradient flows through an arrow gives its width, the sign its colour; what the derivation does not run through is grey.
"""

import numpy as np

from ..formulas.brief import counted
from ..formulas.formula import with_values
from ..formulas.spelling import spell_made
from ..formulas.symbols import as_formula
from ..formulas.unicode_text import element_name, number, text
from ..pictures.picture import Arrow, Box, Ids, Line, Picture
from .factors import names_in, reasons

MOST_PATHS = 6  # drawn; the others are one dotted way with their number and sum
MOST_NEIGHBOURS = 2  # of an element on the path that are drawn beside it, in grey


def cone_picture(rule, most_paths=MOST_PATHS):
    """The Picture of a `ChainRule`."""
    return ConePainter(rule, most_paths).paint()


class ConePainter:
    """Puts the elements and partials of a cone into a picture, in a fixed order."""

    def __init__(self, rule, most_paths, ids=None, picture=None):
        self.rule, self.cone = rule, rule.cone
        self.ids, self.picture = ids or Ids(), picture or Picture()
        self.paths = rule.paths[:most_paths]
        self.partials = list(dict.fromkeys(partial for path in self.paths for partial in path.partials))
        self.largest = max((abs(partial.contribution) for partial in self.partials), default=1.0)
        ends = {self.cone.source, self.cone.target}
        drawn = ends | {element for partial in self.partials for element in (partial.of, partial.wrt)}
        self.elements = [element for element in self.cone.elements if element in drawn]
        self.arriving = {}  # of each element, what comes to it from each of those that are computed from it
        for of in self.cone.elements:
            for wrt, partial in of.partials.items():
                self.arriving.setdefault(wrt, []).append(of.gradient * partial.value)
        strongest = self.paths[0].elements if self.paths else []
        self.lane = ends | set(strongest)

    def paint(self):
        """Title, elements, partials, and what stands beside them."""
        self.picture.whole = self.rule.name
        self.picture.title = self.title()
        for element in reversed(self.elements):
            self.add_element(element)
        for partial in self.partials:
            self.add_partial(partial)
        self.add_rest()
        if len(self.paths) == 1:
            self._add_operands()
            self._add_neighbours()
        self.picture.notes += [*reasons(self.paths), *self.rule.notes]
        return self.picture

    def title(self):
        """The derivation in one or two lines, above the picture."""
        name, value = self.rule.name, number(self.rule.value)
        if self.rule.paths.total == 1:
            symbolic = self.rule.steps(self.paths[0])[: 2 if len(self.paths[0].partials) > 1 else 1]
            if symbolic == [value]:
                return [f"{name} = {value}"]
            return [f"{name} = {symbolic[0]}", " = ".join(["", *symbolic[1:], value]).lstrip()]
        return [f"{name} = {value}, the sum over {self.rule.paths.total:,} paths"]

    def id_of(self, tensor, index):
        return self.ids.new((tensor, index), self.cone.names[tensor] + "".join(f"_{i}" for i in index))

    def add_element(self, element, frame=None):
        """A scalar that gradient runs through: name and value, how it was made, gradient in the colour of its sign."""
        made = spell_made(element.tensor)
        content = [Line(f"{element.name} = {number(element.value)}", "name")]
        content += [Line(made, "made")] if made and frame is None else []
        content += self._gradient(element)
        kinds = {self.cone.target: "target", self.cone.source: "output"}
        card = [
            ("", element.name + (f" = {made}" if made else "")),
            ("value", number(element.value, 8)),
            (f"∂{self.cone.source.name}/∂{element.name}", number(element.gradient, 8)),
        ]
        box_id = self.id_of(element.tensor, element.index)
        kind = kinds.get(element, "intermediate")
        self.picture.boxes.append(Box(box_id, kind, content, card, frame, lane=element in self.lane))

    def _gradient(self, element):
        """Lines such as ∂L/∂h₁ = −0.8; where gradient arrives from several sides, the sum is on a line of its own."""
        source = self.cone.source
        name = f"∂{source.name}/∂{element.name}"
        if element is source:
            return [Line(f"{name} = 1", "gradient", 1.0)]
        written, total = number(element.gradient), element.gradient
        arriving = self.arriving.get(element, [])
        if 1 < len(arriving) <= 4:
            first, *others = sorted(arriving, key=abs, reverse=True)
            terms = number(first) + "".join(f" {'−' if x < 0 else '+'} {number(abs(x))}" for x in others)
            return [Line(f"{name} = {terms}"), Line(f"= {written}", "gradient", total)]
        of = f", the sum of {len(arriving):,}," if len(arriving) > 4 else ""
        return [Line(f"{name}{of} = {written}", "gradient", total)]

    def add_partial(self, partial):
        """An arrow with its factor: which derivative it is, the formula, the number."""
        formula, value = partial.formula, number(partial.value)
        shown = "" if formula is None else f" = {text(as_formula(formula))}"
        numbers = "" if formula is None else text(with_values(as_formula(formula)))
        lines = [partial.name + shown, f"= {value}"]
        if shown in ("", f" = {value}"):
            lines = [f"{partial.name} = {value}"]
        if formula is not None and len(self.paths) > 1 and (partial.of, partial.wrt) == (self.cone.source, self.cone.target):
            lines[0] = shown.removeprefix(" = ")  # ∂L/∂w is the sum of all paths, of which this is the direct one
        self.picture.arrows.append(
            Arrow(
                self.id_of(partial.wrt.tensor, partial.wrt.index),
                self.id_of(partial.of.tensor, partial.of.index),
                [*(Line(line, "gradient") for line in lines[:-1]), Line(lines[-1], "gradient", partial.value)],
                [
                    (partial.name, " = ".join(dict.fromkeys([*filter(None, [shown.removeprefix(" = "), numbers]), value]))),
                    ("carries", f"{number(partial.contribution)} of {self.rule.name}"),
                ],
                contribution=partial.contribution,
                largest=self.largest,
                kind="gradient",
                against=True,
            )
        )

    def add_rest(self):
        """The paths that are not drawn, as one dotted way with their number and sum."""
        rest = self.rule.paths.total - len(self.paths)
        if rest:
            value = number(self.rule.value - sum(path.value for path in self.paths))
            lines = [Line(counted(rest, "more path"), "note"), Line(f"in total {value}", "note")]
            rest_id = self.ids.new("rest", "rest")
            self.picture.boxes.append(Box(rest_id, "note", lines))
            target, source = (self.id_of(e.tensor, e.index) for e in (self.cone.target, self.cone.source))
            self.picture.arrows.append(Arrow(target, rest_id, kind="rest", against=True))
            self.picture.arrows.append(Arrow(rest_id, source, kind="rest", against=True))

    def _add_neighbours(self):
        """Beside the path, in grey: other elements of its tensors, and how the loss depends on them."""
        on_path = {element.tensor: element.index for element in self.elements}
        waiting = [(tensor, index) for tensor, index in on_path.items() if tensor is not self.cone.tensor]
        for tensor, index in waiting:
            beside_path = on_path[tensor] != index
            for inner, mask in self.cone.dependencies(tensor, index).items():
                if inner not in on_path or (inner is self.cone.tensor and not beside_path):
                    continue  # of W's elements, W₁₂ says most, which leads to the neighbour h₂
                others = [i for i in map(tuple, np.argwhere(mask).tolist()) if i != on_path[inner]]
                others.sort(key=lambda i: -sum(a == b for a, b in zip(i, on_path[inner], strict=True)))
                for other in others[: 1 if beside_path else MOST_NEIGHBOURS]:
                    if (inner, other) not in self.ids:
                        self._add_neighbour(inner, other)
                        waiting.append((inner, other))
                    self.picture.arrows.append(
                        Arrow(self.id_of(inner, other), self.id_of(tensor, index), kind="faint", against=True)
                    )

    def _add_neighbour(self, tensor, index):
        name = element_name(self.cone.names[tensor], index, self.cone.index_base)
        line = Line(f"{name} = {number(float(tensor.numpy()[index]))}")
        self.picture.boxes.append(Box(self.id_of(tensor, index), "neighbour", [line]))

    def _add_operands(self):
        """The other numbers that the factors are made of, such as x₁, dashed: they are used, but get no gradient here."""
        drawn = {element.name for element in self.elements}
        for partial in self.partials:
            for name in names_in(partial.formula):
                written = text(name)
                if written in drawn:
                    continue
                new = ("operand", written) not in self.ids
                operand_id = self.ids.new(("operand", written), f"operand_{written}")
                if new:
                    self.picture.boxes.append(Box(operand_id, "operand", [Line(f"{written} = {number(name.value)}")]))
                of = self.id_of(partial.of.tensor, partial.of.index)
                self.picture.arrows.append(Arrow(operand_id, of, kind="operand"))
