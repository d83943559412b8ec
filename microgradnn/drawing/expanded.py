"""The graph with one element's way opened: what `draw(L, expand=W[0, 0])` returns.

Named tensors stand whole, but those on the way of the element are frames around the scalars that its gradient comes through.
"""

from copy import copy

from ..explaining.cone_picture import ConePainter
from ..explaining.rule_sheet import sheet_of
from ..formulas.labels import label_of
from ..formulas.spelling import spell_made
from ..pictures.natural import fitted, natural_sheet
from ..pictures.picture import Arrow, Box, Frame, Line
from ..pictures.shapes import shape_named
from .contents import shape_text
from .graph_picture import GraphPainter

MOST_PATHS = 4  # whose scalars are drawn


class ExpandedSheet:
    """Composes the picture on a page: from left to right or down, if its type is large enough; else the derivation alone."""

    def __init__(self, rule, paint):
        self.rule, self.paint = rule, paint

    def __call__(self, picture, shape, theme):
        """The Sheet."""
        page = shape_named(shape)
        found = [fitted(natural_sheet(self.paint(direction), theme), page) for direction in ("LR", "TB")]
        sheet, size = max(found, key=_type_of)
        if size >= page.smallest:
            return sheet
        told = copy(self.rule)
        told.notes = [*told.notes, f"all tensors but those on the way are left out, for type of {page.words} or more"]
        return sheet_of(told)(told.diagram.picture, shape, theme)


def _type_of(found):
    return found[1]


def expanded_picture(view, show, rule, direction):
    """The picture of a view with the way of a `ChainRule`'s element opened."""
    return paint_expanded(GraphPainter(view, show, direction), rule)


def paint_expanded(painter, rule):
    """The picture of a GraphPainter's view with the way of a `ChainRule`'s element opened."""
    picture, ids, view = painter.picture, painter.ids, painter.view
    cone = ConePainter(rule, MOST_PATHS, ids, picture)
    opened = {element.tensor for element in cone.elements}
    for node in view.shown:
        if node in opened:
            open_tensor(painter, node, cone)
        else:
            painter.add_node(node)
    for partial in cone.partials:
        cone.add_partial(partial)
    cone.add_rest()
    first = {element.tensor: cone.id_of(element.tensor, element.index) for element in reversed(cone.elements)}
    for node in view.shown:
        for x in view.sources(node):
            if x not in opened:
                picture.arrows.append(Arrow(ids[x], first.get(node) or ids[node], kind="faint"))
    picture.title = cone.title()
    picture.whole = rule.name
    return picture


def open_tensor(painter, node, cone):
    """A tensor as a frame around those of its elements that the strongest paths run through."""
    inside = [element for element in cone.elements if element.tensor is node]
    if not node.shape:
        cone.add_element(inside[0])
        return
    called, made = cone.cone.names[node], spell_made(node)
    parts = [label_of(node.name) or painter.output_name, f"= {made}" if made else "", shape_text(node)]
    # Arrows that run up and down would run through a caption above or below: then it stands beside the elements.
    is_beside = painter.picture.direction in ("TB", "BT")
    caption = "" if is_beside else f"{' '.join(filter(None, parts[:2]))}   {parts[2]}"
    frame = Frame(painter.ids.new(("frame", node), f"frame_{called}"), caption)
    painter.picture.frames.append(frame)
    if is_beside:
        lines = [Line(text, role) for text, role in zip(parts, ("name", "made", "shape"), strict=True) if text]
        painter.picture.boxes.append(
            Box(painter.ids.new(("caption", node), f"caption_{called}"), "operand", lines, frame=frame.id)
        )
    for element in inside:
        cone.add_element(element, frame.id)
    others = sum(element.tensor is node for element in cone.cone.elements) - len(inside)
    if others:
        more = painter.ids.new(("more", node), f"more_{called}")
        line = Line(f"and {others:,} more on other paths", "note")
        painter.picture.boxes.append(Box(more, "note", [line], frame=frame.id))
