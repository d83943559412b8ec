"""A picture as large as it comes, as a Sheet: laid out in one piece, its boxes and labels set in type by ourselves.

Graphviz is told how large the boxes and labels are, and is asked where to put them; where that would take minutes, ranks.py
answers. So a picture has the same type in every shape, and both renderers draw it alike.
"""

from .arranging import layout_of_sizes
from .columns import Setting, blocks_of
from .dot_text import Sizes, line_look
from .layout import Point, Rectangle
from .legend import legend_of
from .sheet import PILE, Node, Panel, Sheet, Way, moved, pile_of, scaled
from .stubs import with_stubs
from .typesetting import DETAILS, SIZE, Block, broken, clipped, in_lines, line_of, stacked, titles_of

TYPE = 13  # points of text in boxes; other sizes in proportion
TITLE = 23
MARGIN, AIR = 14, 6
TIP = 7
LONGEST_LINE = 90  # letters of a name, and of a line beside an arrow
WIDEST = 900  # points of a line of notes
SETTING = Setting("numbers", beside=False)


def natural_sheet(picture, theme, layout=None, on_page=False):
    """The Sheet of a picture in one piece; a Layout that was made of it before is kept to.

    For a page, `on_page`, what its frames show while they are closed is there too, over what is in them: "closed-0".

    Raises
    ------
    RendererError
        If Graphviz is asked, and there is no renderer, or it fails, or takes longer than a minute.
    """
    return Natural(picture, theme, layout, on_page).sheet()


def natural_layout(picture, theme):
    """The Layout that a picture in one piece has; see `natural_sheet`."""
    return Natural(picture, theme).layout


def fitted(sheet, page):
    """A sheet in the middle of a page, as large as fits, and how large its text in boxes is then, in points."""
    k = min(page.width / sheet.width, page.height / sheet.height, page.largest / TYPE)
    height = sheet.height * k if page.shrinks else page.height
    left, top = (page.width - sheet.width * k) / 2, (height - sheet.height * k) / 2
    marks = [moved(scaled(mark, k), left, top) for mark in sheet.marks]
    return sheet._replace(width=page.width, height=height, marks=marks), k * TYPE


class Natural:
    """A picture, set in type and laid out. Each mark is noted with what it belongs to."""

    def __init__(self, picture, theme, layout=None, on_page=False):
        picture = with_stubs(picture)
        self.picture, self.theme, self.on_page = picture, theme, on_page
        self.k = k = TYPE / SIZE
        self.boxes = blocks_of({box.id: box for box in picture.boxes}, theme, SETTING, LONGEST_LINE)
        self.labels = [_label(arrow, theme, picture.direction) for arrow in picture.arrows]
        self.frames = {frame.id: line_of([(clipped(frame.label, LONGEST_LINE), theme.grey, "")]) for frame in picture.frames}
        self.layout = layout or layout_of_sizes(picture, theme, sizes_of(self.boxes, self.labels, self.frames, k))
        self.header = _header(picture, theme)
        self.width = max(self.layout.width, self.header.width * k) + 2 * MARGIN
        self.left, self.top = (self.width - self.layout.width) / 2, MARGIN + self.header.height * k
        self.marks = []

    def sheet(self):
        """The Sheet: title and notes, frames, boxes, arrows."""
        middle = Point(self.width / 2, MARGIN + self.header.height * self.k / 2)
        self.marks += [(mark, "") for mark in _put(self.header, middle, self.k)]
        self._add_frames()
        for i, box in enumerate(self.picture.boxes):
            self._add_box(box, f"item-{i}")
        for i, arrow in enumerate(self.picture.arrows):
            self._add_arrow(i, arrow, f"item-{len(self.picture.boxes) + i}")
        for i, frame in enumerate(self.picture.frames if self.on_page else ()):
            self._add_closed(f"closed-{i}", frame)
        marks, owners = zip(*self.marks, strict=True) if self.marks else ((), ())
        return Sheet(self.width, self.top + self.layout.height + MARGIN, list(marks), self.theme.background, owners)

    def _add(self, owner, *marks):
        """Put marks where the layout has its things."""
        self.marks += [(moved(mark, self.left, self.top), owner) for mark in marks]

    def _add_frames(self):
        numbers = {frame.id: i for i, frame in enumerate(self.picture.frames)}
        for name, place in self.layout.frames.items():
            owner = f"frame-{numbers[name]}"
            self._add(owner, Panel(place, "transparent", self.theme.faint, 1.0, rounded=True))
            if name in self.layout.labels:
                self._add(owner, *_put(self.frames[name], self.layout.labels[name], self.k))

    def _add_closed(self, owner, frame):
        """What a frame shows while it is closed: as much as there is room for where it is open."""
        if frame.closed is None or frame.id not in self.layout.frames:
            return
        place, box = self.layout.frames[frame.id], frame.closed
        for detail in DETAILS:
            block = blocks_of({box.id: box}, self.theme, Setting(detail, beside=False), LONGEST_LINE)[box.id]
            width, height = block.width * self.k, block.height * self.k
            if width <= place.width and height <= place.height:
                break
        x, y = place.middle.x - width / 2, place.middle.y - height / 2
        self._add(owner, Node(box.id, Rectangle(x, y, width, height), box.kind, []), *_put(block, place.middle, self.k))

    def _add_box(self, box, owner):
        place = self.layout.boxes[box.id]
        if box.is_pile:
            self._add("", *pile_of(place, self.theme, PILE * self.k))
        self._add(owner, Node(box.id, place, box.kind, box.card))
        self._add(owner, *_put(self.boxes[box.id], place.middle, self.k))

    def _add_arrow(self, i, arrow, owner):
        curve = self.layout.curves[i]
        self._add(owner, _way(arrow, curve.points, self.theme))
        if curve.label:
            self._add(owner, *_put(self.labels[i], curve.label, self.k))


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
    lines = titles_of(picture, theme, WIDEST, TITLE)
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
