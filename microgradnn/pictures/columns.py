"""A picture as a row of columns: what was computed stands in the order in which it was made, what it is made with below it.

A row of columns can be wrapped like words into lines. So that no arrow runs far through others, a leaf stands below the first
box that it feeds, or near to that, as all leaves of a line stand in a row of their own; where it feeds others as well, they
have a stub of their own, a box with its name.
"""

import math
from collections import Counter
from dataclasses import replace
from typing import NamedTuple

from .arrays import is_small
from .picture import Arrow, Box, Line
from .ranks import frames_of, sources_of
from .stubs import stub_of
from .typesetting import LONGEST_NAME, Block, set_box

MOST_LEAVES = 9  # of one box that are drawn
FARTHEST = 5  # columns that an arrow between results may cross; beyond, there is a stub
GAP, LEAF_GAP, BESIDE = 32, 25, 14  # between columns, between a box and its leaves, between leaves
LEVEL = 20  # how far below the top of a box level arrows meet it; half of the height of the lowest box


class Row(NamedTuple):
    """Boxes by their ids; the heads of the columns, the leaves of each, and the arrows that are drawn.

    `all` has the boxes of the picture, also those that are not drawn.
    """

    all: dict[str, Box]
    boxes: dict[str, Box]
    heads: list[str]
    leaves: list[list[str]]
    arrows: list[Arrow]

    @property
    def column_of(self):
        """dict of str to int: for each box its column."""
        return {name: i for i, head in enumerate(self.heads) for name in (head, *self.leaves[i])}


def row_of(picture):
    """The Row of a picture, whose boxes come in the order in which they were computed."""
    boxes = {box.id: box for box in told_apart(picture)}
    sources = sources_of(picture)
    feeds = {source for found in sources.values() for source in found}
    arriving = {}
    for arrow in picture.arrows:
        if arrow.kind != "loop":
            arriving.setdefault(arrow.head, []).append(arrow)
    row, place = Row(boxes, dict(boxes), [], [], []), {}
    for name in list(boxes):
        if not sources[name] and name in feeds:
            continue
        if not row.heads and sources[name] and not sources[sources[name][0]]:
            _add_column(row, place, sources[name][0])
        _add_column(row, place, name)
        for arrow in arriving.get(name, ()):
            _add_arrow(row, place, arrow, is_leaf=not sources[arrow.tail])
        _count_leaves(row, place)
    row.arrows.extend(arrow for arrow in picture.arrows if arrow.kind == "loop")
    return row


def told_apart(picture):
    """The boxes of a picture; as no frames are drawn in a row, those of one name say where in these they are: 0.up: Linear."""
    names = Counter(_name_of(box) for box in picture.boxes if box.kind != "operation")
    labels = {frame.id: frame.label for frame in picture.frames}

    def placed(box):
        around = reversed(list(frames_of(box.frame, picture)))
        path = [place for place, sign, _ in (labels[frame].partition(": ") for frame in around) if sign]
        if names[_name_of(box)] < 2 or not path or box.kind == "operation":
            return box
        first, *others = box.content
        return replace(box, content=[replace(first, text=".".join([*path, first.text])), *others])

    return list(map(placed, picture.boxes))


def _name_of(box):
    return box.content[0].text if box.content and isinstance(box.content[0], Line) else ""


def _add_column(row, place, head):
    place[head] = len(row.heads)
    row.heads.append(head)
    row.leaves.append([])


def _add_arrow(row, place, arrow, is_leaf):
    """An arrow to the head of the last column: from a new leaf below it, from a box before it, or from a stub."""
    here = len(row.heads) - 1
    if is_leaf and arrow.tail not in place:
        place[arrow.tail] = here
        row.leaves[here].append(arrow.tail)
        row.boxes[arrow.tail] = row.all[arrow.tail]  # also if it was one of too many of an earlier box
    far = 1 if is_leaf else FARTHEST if row.all[arrow.tail].kind != "operation" else math.inf  # "+" says not which + it is
    near = here - place[arrow.tail] <= far
    if not near or (is_leaf and place[arrow.tail] == here - 1 and arrow.tail in row.leaves[here - 1]):
        stub = _stub_of(row, arrow.tail)
        row.leaves[here].append(stub)
        arrow = replace(arrow, tail=stub)
    row.arrows.append(arrow)


def _count_leaves(row, place):
    """Of many leaves of the last column, let the first few stand, and a box that says how many more there are."""
    leaves, head = row.leaves[-1], row.heads[-1]
    if len(leaves) <= MOST_LEAVES:
        return
    gone = set(leaves[MOST_LEAVES - 1 :])
    more = f"stub {len(row.boxes)}, more of {head}"
    row.boxes[more] = Box(more, "note", [Line(f"… {len(gone):,} more", "name")])
    row.leaves[-1] = [*leaves[: MOST_LEAVES - 1], more]
    row.arrows[:] = [arrow for arrow in row.arrows if arrow.tail not in gone or arrow.head != head]
    row.arrows.append(Arrow(more, head))
    for name in gone:
        del row.boxes[name]
        place.pop(name, None)  # another box may have room for it


def _stub_of(row, name):
    """A new box with nothing but another one's name."""
    stub = stub_of(row.all[name], f"stub {len(row.boxes)} of {name}")
    row.boxes[stub.id] = stub
    return stub.id


class Setting(NamedTuple):
    """One way to set the boxes of a row: how much they say, and whether gradients stand beside the values or below."""

    detail: str
    beside: bool


def blocks_of(boxes, theme, setting, longest=LONGEST_NAME):
    """What stands in each box, set in type, by the ids of the boxes; names have at most so many letters."""
    return {name: _block_of(box, theme, setting, longest) for name, box in boxes.items()}


def _block_of(box, theme, setting, longest):
    """What stands in a box, in the middle of it; where it stands does not depend on what else stands there at other times."""
    block, *others = contents_of(box, theme, setting, longest)
    inner = max(each.width for each in (block, *others)), max(each.height for each in (block, *others))
    width, height = inner[0], max(inner[1], 2 * LEVEL)
    if theme.looks[box.kind].shape == "ellipse":
        width, height = max(1.3 * width, height), 1.3 * height if height > 2 * LEVEL else height
    return Block(width, height, block.at((width - inner[0]) / 2, (height - inner[1]) / 2))


def contents_of(box, theme, setting, longest=LONGEST_NAME):
    """What stands in a box now, and what does at other times, each as wide as the widest of them."""
    boxes = [replace(box, content=content, later=[]) for content in (box.content, *box.later)]
    arrays = [item for each in boxes for item in each.content if not isinstance(item, Line)]
    beside = setting.beside and box.kind == "parameter" and any(is_small(item.array) for item in arrays)
    blocks = [set_box(each, theme, setting.detail, beside, longest) for each in boxes]
    widest = max(block.width for block in blocks)
    if all(block.width == widest for block in blocks):
        return blocks
    return [set_box(each, theme, setting.detail, beside, longest, widest) for each in boxes]


def widths_of(row, blocks):
    """For each column how wide its head is, and its leaves together, with the gap behind them."""
    heads = [blocks[name].width for name in row.heads]
    leaves = [sum(blocks[name].width + BESIDE for name in names) for names in row.leaves]
    return list(zip(heads, leaves, strict=True))


def in_order(wanted, widths, gap, room):
    """Where boxes of these widths begin: each as near as can be to where it is wanted, none over another, all in the room.

    >>> in_order([0, 5, 90], [10, 10, 10], 2, 95)
    [0, 12, 85]
    """
    places, end = [], -gap
    for want, width in zip(wanted, widths, strict=True):
        places.append(max(want, end + gap))
        end = places[-1] + width
    limit = room
    for i in reversed(range(len(places))):
        places[i] = max(0, min(places[i], limit - widths[i]))
        limit = places[i] - gap
    return places
