"""A picture as large as it comes, as a Sheet: laid out in one piece, its boxes and labels set in type by ourselves.

Graphviz is told how large the boxes and labels are, and is asked where to put them; where that would take minutes, ranks.py
answers. So a picture has the same type in every shape, and both renderers draw it alike.
"""

from .arranging import layout_of_sizes
from .columns import Setting, blocks_of
from .dot_text import Sizes, line_look
from .layout import Point
from .legend import legend_of
from .sheet import Node, Panel, Sheet, Way, moved, scaled
from .typesetting import SIZE, Block, broken, clipped, in_lines, line_of, stacked

TYPE = 13  # points of text in boxes; other sizes in proportion
TITLE = 23
MARGIN, AIR = 14, 6
TIP = 7
LONGEST_LINE = 90  # letters of a name, and of a line beside an arrow
WIDEST = 900  # points of a line of notes


def natural_sheet(picture, theme):
    """The Sheet of a picture in one piece.

    Raises
    ------
    RendererError
        If Graphviz is asked, and there is no renderer, or it fails, or takes longer than a minute.
    """
    k = TYPE / SIZE
    boxes = blocks_of({box.id: box for box in picture.boxes}, theme, Setting("numbers", beside=False), LONGEST_LINE)
    labels = [_label(arrow, theme, picture.direction) for arrow in picture.arrows]
    frames = {frame.id: line_of([(clipped(frame.label, LONGEST_LINE), theme.grey, "")]) for frame in picture.frames}
    layout = layout_of_sizes(picture, theme, sizes_of(boxes, labels, frames, k))
    header = _header(picture, theme)
    width = max(layout.width, header.width * k) + 2 * MARGIN
    left, top = (width - layout.width) / 2, MARGIN + header.height * k
    marks = _put(header, Point(width / 2, MARGIN + header.height * k / 2), k)
    for name, place in layout.frames.items():
        marks.append(moved(Panel(place, "transparent", theme.faint, 1.0, rounded=True), left, top))
        marks += (
            [moved(mark, left, top) for mark in _put(frames[name], layout.labels[name], k)] if name in layout.labels else []
        )
    for box in picture.boxes:
        place = layout.boxes[box.id]
        marks.append(moved(Node(box.id, place, box.kind, box.card), left, top))
        marks += [moved(mark, left, top) for mark in _put(boxes[box.id], place.middle, k)]
    for arrow, curve, block in zip(picture.arrows, layout.curves, labels, strict=True):
        marks.append(moved(_way(arrow, curve.points, theme), left, top))
        marks += [moved(mark, left, top) for mark in _put(block, curve.label, k)] if curve.label else []
    return Sheet(width, top + layout.height + MARGIN, marks, theme.background)


def sizes_of(boxes, labels, frames, k):
    """How large all blocks will be."""
    return Sizes(
        {name: (block.width * k, block.height * k) for name, block in boxes.items()},
        [(block.width * k, block.height * k) for block in labels],
        {name: (block.width * k, block.height * k) for name, block in frames.items()},
    )


def _put(block, middle, k):
    """The marks of a block, scaled, around a point."""
    x, y = middle.x - block.width * k / 2, middle.y - block.height * k / 2
    return [moved(scaled(mark, k), x, y) for mark in block.marks]


def _label(arrow, theme, direction):
    """The lines beside an arrow, with air between them and the line."""
    lines = []
    for line in arrow.lines:
        before, written = line.parts
        parts = [(clipped(before, LONGEST_LINE), theme.ink, "")]
        parts += [(written, theme.of_sign(line.number), "b")] if line.number is not None else []
        lines.append(line_of(parts))
    block = stacked(lines)
    if not lines:
        return block
    if direction in ("TB", "BT"):
        return Block(block.width + 2 * AIR, block.height, block.at(AIR, 0))
    return Block(block.width, block.height + AIR, block.marks)


def _header(picture, theme):
    """Title, notes and legend, each line in the middle."""
    lines = [line_of([(line, theme.ink, "")], TITLE) for title in picture.title for line in broken(title, WIDEST, TITLE)]
    lines += [line_of([(line, theme.grey, "")]) for note in picture.notes for line in broken(note, WIDEST)]
    lines += in_lines(legend_of(picture, theme), WIDEST)
    width = max((line.width for line in lines), default=0.0)
    centred = [Block(width, line.height, line.at((width - line.width) / 2, 0)) for line in lines]
    return stacked([*centred, Block(0, 16, [])]) if lines else Block(0, 0, [])


def _way(arrow, points, theme):
    colour, style, width = line_look(arrow, theme)
    tip = TIP + width if arrow.kind not in ("operand", "faint") else 0.8 * TIP
    look = {"dashed": style == "dashed", "tips": "start" if arrow.against else "end", "tip": tip}
    return Way(arrow.tail, arrow.head, points, colour, width, card=tuple(arrow.card), **look)
