"""A layout of our own, without a process: boxes in ranks, a rank a column, and no arrow through a box.

Graphviz lays out better, but for some graphs it needs minutes: those whose arrows run across many ranks, such as the weights
of a recurrent network, which every time step uses. This one takes a moment for any graph, and its rules are few:

1. A box stands one rank after the last of those it is computed from; one that is computed from none, just before its first use.
2. The first box of each rank stands on one line, the others below it, near those they are computed from.
3. An arrow to the next rank runs through the gap between both. A longer one goes up in the gap after its tail, along a lane
   above all boxes, which the arrows of one tail share, and down in the gap before its head.

All is thought out from left to right, and then turned into the direction of the picture.
"""

from graphlib import TopologicalSorter
from itertools import accumulate
from typing import NamedTuple

from .layout import Curve, Layout, Point, Rectangle, line_to, rounded
from .metrics import size_of, size_of_lines, size_of_title, width_of

GAP, SPACE, LANE = 44, 22, 14  # points between ranks, between the boxes of a rank, and between lanes
RADIUS = 8  # of the corners of a long arrow
MARGIN = 10  # between a frame and its boxes; above them FRAME_TOP, for its label
FRAME_TOP = 24


def ranks_of(sources):
    """The rank of each box of a graph, from 0: the longest way to it.

    Parameters
    ----------
    sources : dict
        For each box, those it is computed from.

    >>> ranks_of({"x": [], "h": ["x"], "b": [], "o": ["h", "b"]})
    {'x': 0, 'h': 1, 'b': 1, 'o': 2}
    """
    ranks, first_use = {}, {}
    for box in TopologicalSorter(sources).static_order():
        ranks[box] = 1 + max((ranks[source] for source in sources[box]), default=-1)
        for source in sources[box]:
            first_use[source] = min(first_use.get(source, ranks[box]), ranks[box])
    return {box: ranks[box] if found else first_use.get(box, 1) - 1 for box, found in sources.items()}


def lengths_of_arrows(sources):
    """How many ranks all arrows together run across: what it costs Graphviz to lay them out."""
    ranks = ranks_of(sources)
    return sum(ranks[box] - ranks[source] for box, found in sources.items() for source in found)


def sources_of(picture):
    """For each box of a picture, where its arrows come from; loops lead back, and do not count."""
    sources = {box.id: [] for box in picture.boxes}
    for arrow in picture.arrows:
        if arrow.kind != "loop":
            sources[arrow.head].append(arrow.tail)
    return sources


def layout_by_ranks(picture, theme, sizes=None):
    """The Layout of a picture by the rules above; `sizes` are those of what stands in it, if it was set in type elsewhere."""
    turned = picture.direction in ("TB", "BT")
    boxes = sizes.boxes if sizes else {box.id: size_of(box) for box in picture.boxes}
    boxes = {name: size[:: -1 if turned else 1] for name, size in boxes.items()}
    labels = sizes.labels if sizes else [size_of_lines(arrow.lines) for arrow in picture.arrows]
    labels = [size[:: -1 if turned else 1] for size in labels]
    columns = _columns(picture, boxes, labels)
    boxes = _boxes(columns, boxes, sources_of(picture))
    frames = _frames(picture, boxes)
    layout = Layout(0, 0, boxes, _curves(picture, columns, boxes, labels), frames, {}, None)
    if picture.direction != "LR":
        layout = layout.mapped(TURNS[picture.direction])
    names = {frame.id: sizes.frames[frame.id][0] if sizes else width_of(frame.label, 12) for frame in picture.frames}
    labels = {name: Point(frame.x + MARGIN + names[name] / 2, frame.y + 12) for name, frame in layout.frames.items()}
    return layout._replace(labels=labels).on_a_sheet((0, 0) if sizes else size_of_title(picture, theme))


class Columns(NamedTuple):
    """The ranks as columns: of each box its rank; of each rank its left and right border."""

    ranks: dict[str, int]
    left: list[float]
    right: list[float]


def _columns(picture, sizes, labels):
    """Columns as wide as their widest box, with gaps that hold the labels of their arrows."""
    ranks = ranks_of(sources_of(picture))
    count = max(ranks.values(), default=-1) + 1
    widths, gaps = [0.0] * count, [GAP] * count
    for box, rank in ranks.items():
        widths[rank] = max(widths[rank], sizes[box][0])
    for arrow, (width, _) in zip(picture.arrows, labels, strict=True):
        gaps[ranks[arrow.tail]] = max(gaps[ranks[arrow.tail]], GAP + width)
    left = list(accumulate((width + gap for width, gap in zip(widths, gaps, strict=True)), initial=0.0))[:count]
    return Columns(ranks, left, [x + width for x, width in zip(left, widths, strict=True)])


def _boxes(columns, sizes, sources):
    """The first box of each rank on one line, the others below it; what is computed from nothing comes last."""
    boxes = {}
    members = [[] for _ in columns.left]
    for box, rank in columns.ranks.items():
        members[rank].append(box)
    for here, left, right in zip(members, columns.left, columns.right, strict=True):
        height = {box: boxes[sources[box][0]].middle.y if sources[box] else float("inf") for box in here}
        y = None
        for box in sorted(here, key=height.get):
            width, tall = sizes[box]
            y = -tall / 2 if y is None else y
            boxes[box] = Rectangle((left + right - width) / 2, y, width, tall)
            y += tall + SPACE
    return boxes


def _curves(picture, columns, boxes, labels):
    """The ways of the arrows, which end below each other at their heads."""
    lanes = _lanes(picture, columns)
    top = min((box.y for box in boxes.values()), default=0)
    round_ones = {box.id for box in picture.boxes if box.kind == "operation"}
    ends = _ends(picture, boxes)
    curves = []
    for i, (arrow, (_, tall)) in enumerate(zip(picture.arrows, labels, strict=True)):
        tail, head = boxes[arrow.tail], boxes[arrow.head]
        start = Point(tail.x + tail.width + 1, tail.middle.y)  # beside the border, which is a line of some width
        end = Point(_left_border(head, ends[i], arrow.head in round_ones) - 1, ends[i])
        after, before = columns.ranks[arrow.tail], columns.ranks[arrow.head]
        exit_x, entry_x = columns.right[after], columns.left[before]
        if before == after + 1:
            way = _through_gap(start, exit_x, entry_x, end)
        else:
            lane, part = lanes[arrow.tail], GAP * (lanes[arrow.tail] + 1) / (max(lanes.values()) + 2)
            y = top - LANE * (lane + 2)
            way = _along_lane(start, exit_x + part, y, entry_x - GAP + part, end)
        label = Point((exit_x + entry_x) / 2, (start.y + end.y) / 2 - tall / 2 - 4) if arrow.lines else None
        curves.append(Curve(way, label))
    return curves


def _ends(picture, boxes):
    """For each arrow how high it ends: below each other at the left of their heads, in the order of their tails."""
    ends = {}
    arriving = {}
    for i, arrow in enumerate(picture.arrows):
        arriving.setdefault(arrow.head, []).append(i)
    for head, arrows in arriving.items():
        arrows.sort(key=lambda i: boxes[picture.arrows[i].tail].middle.y)
        for k, i in enumerate(arrows, start=1):
            ends[i] = boxes[head].y + boxes[head].height * (0.2 + 0.6 * k / (len(arrows) + 1))
    return ends


def _left_border(box, y, is_round):
    """Where the left border of a box is at a height."""
    if not is_round:
        return box.x
    return box.middle.x - box.width / 2 * (1 - (2 * (y - box.middle.y) / box.height) ** 2) ** 0.5


def _lanes(picture, columns):
    """For each tail of an arrow that skips a rank, the number of its lane: the lowest that is free as far as it is needed."""
    ranks, reach = columns.ranks, {}
    for arrow in picture.arrows:
        if ranks[arrow.head] > ranks[arrow.tail] + 1:
            reach[arrow.tail] = max(reach.get(arrow.tail, 0), ranks[arrow.head])
    lanes, free_from = {}, []
    for tail in sorted(reach, key=ranks.get):
        lane = next((i for i, free in enumerate(free_from) if free <= ranks[tail]), len(free_from))
        free_from[lane : lane + 1] = [reach[tail]]
        lanes[tail] = lane
    return lanes


def _through_gap(start, exit_x, entry_x, end):
    """Level to the gap, an S through it, and level to the head."""
    leave, arrive, half = Point(exit_x, start.y), Point(entry_x, end.y), (entry_x - exit_x) / 2
    bend = [Point(exit_x + half, start.y), Point(entry_x - half, end.y), arrive]
    return [start, *line_to(start, leave), *bend, *line_to(arrive, end)]


def _along_lane(start, up_x, lane_y, down_x, end):
    """Up, along, and down, with rounded corners."""
    corners = [start, Point(up_x, start.y), Point(up_x, lane_y), Point(down_x, lane_y), Point(down_x, end.y), end]
    return rounded(corners, RADIUS)


def _frames(picture, boxes):
    """Frames around their boxes; not those which would hold others too."""
    frames = {}
    for frame in picture.frames:
        inside = {box.id for box in picture.boxes if frame.id in frames_of(box.frame, picture)}
        if not inside:
            continue
        left, top = min(boxes[box].x for box in inside) - MARGIN, min(boxes[box].y for box in inside) - FRAME_TOP
        right = max(boxes[box].x + boxes[box].width for box in inside) + MARGIN
        bottom = max(boxes[box].y + boxes[box].height for box in inside) + MARGIN
        around = Rectangle(left, top, right - left, bottom - top)
        if not any(around.meets(box) for name, box in boxes.items() if name not in inside):
            frames[frame.id] = around
    return frames


def frames_of(frame_id, picture):
    """A frame and all that it is in."""
    parents = {frame.id: frame.parent for frame in picture.frames}
    while frame_id is not None:
        yield frame_id
        frame_id = parents[frame_id]


def _to_the_left(point):
    return Point(-point.x, point.y)


def _downwards(point):
    return Point(point.y, point.x)


def _upwards(point):
    return Point(point.y, -point.x)


TURNS = {"RL": _to_the_left, "TB": _downwards, "BT": _upwards}
