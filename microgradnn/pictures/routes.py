"""The ways of the arrows on a wrapped page: level through a gap, up from a leaf, along a lane above a band.

No way runs through a box: lanes above bands are free from left to right, the margins beside them from top to bottom, and below
each head there is nothing before the row of leaves.
"""

from .columns import LEAF_GAP, LEVEL
from .dot_text import line_look
from .layout import Point, line_to, rounded
from .sheet import Way
from .typesetting import line_of

LANE, BAND = 12, 30  # heights of a lane, and of the gap between two bands
AIR = 6  # beside what stands at an arrow
SIDE_STEP = 12  # how far beside a column an arrow goes up or down
EVERYWHERE = (-1.0, float("inf"))
RADIUS, TIP = 9, 9
PORT = 13  # between arrows that meet the same side of a box
THICK = 1.3  # arrows here, beside larger type, to those that Graphviz lays out


def bands_of(bands):
    """dict of int to int: for each column its band."""
    return {i: b for b, band in enumerate(bands) for i in band}


def kind_of(arrow, column_of, row, bands):
    """Which way an arrow takes: "up" from a leaf, "next", "over", "wrap" to the line below, or "down" to another band."""
    tail, head = column_of[arrow.tail], column_of[arrow.head]
    if row.heads[tail] != arrow.tail:
        return "up"
    band_of = bands_of(bands)
    if band_of[tail] == band_of[head]:
        return "next" if head == tail + 1 else "over"  # also back, along a loop
    return "wrap" if head == tail + 1 else "down"


def lanes_of(row, bands):
    """For each band the lanes above it: the arrows, by their places in the row, that run along each of them."""
    column_of, band_of = row.column_of, bands_of(bands)
    lanes = [[] for _ in bands]
    for k, arrow in enumerate(row.arrows):
        kind = kind_of(arrow, column_of, row, bands)
        tail, head = column_of[arrow.tail], column_of[arrow.head]
        if kind == "over":
            _take_lane(
                lanes[band_of[head]], k, (min(tail, head) - 0.5, max(tail, head) + 0.5) if head <= tail else (tail, head)
            )
        elif kind in ("wrap", "down"):
            _take_lane(lanes[band_of[head]], k, EVERYWHERE)
        if kind == "down":
            _take_lane(lanes[band_of[tail]], k, EVERYWHERE)
    return [[[k for k, _ in lane] for lane in found] for found in lanes]


def _take_lane(lanes, k, span):
    """Put an arrow into the first lane that is free along its span."""
    for lane in lanes:
        if all(span[1] <= start or end <= span[0] for _, (start, end) in lane):
            lane.append((k, span))
            return
    lanes.append([(k, span)])


def ways_of(composer):
    """The ways of all arrows of a Composer."""
    return Router(composer).ways()


def widest_label(row, theme):
    """How wide the gap between two boxes is to be, so that what stands at arrows has room there, with air beside it."""
    names = [line for arrow in row.arrows for line in arrow.lines if line.role == "name"]
    return max((line_of([(line.text, theme.ink, "b")]).width + 2 * AIR for line in names), default=0.0)


def labels_of(composer):
    """What stands at arrows to the next box and up from leaves, where there is room: the names of what acts there."""
    marks, column_of = [], composer.row.column_of
    for arrow in composer.row.arrows:
        kind = kind_of(arrow, column_of, composer.row, composer.bands)
        for line in [line for line in arrow.lines if line.role == "name"][:1]:
            block = line_of([(line.text, composer.theme.ink, "b")])
            tail, head = composer.places[arrow.tail], composer.places[arrow.head]
            if kind == "up":
                y = (tail.y + head.y + head.height - block.height) / 2
                marks += block.at(tail.middle.x + TIP, y)
            elif kind == "next" and block.width + AIR < head.x - tail.x - tail.width:
                middle = (tail.x + tail.width + head.x) / 2
                marks += block.at(middle - block.width / 2 - TIP / 3, head.y + LEVEL - block.height - 2)
    return marks


class Router:
    """Finds the ways one after the other."""

    def __init__(self, composer):
        self.composer, self.row, self.places = composer, composer.row, composer.places
        self.column_of, self.band_of = self.row.column_of, bands_of(composer.bands)
        self.kinds = [kind_of(arrow, self.column_of, self.row, composer.bands) for arrow in self.row.arrows]
        self.ports = self._ports()
        self.tracks = {}  # margin -> how many arrows go down in it

    def ways(self):
        """list of Way."""
        found = []
        for k, (arrow, kind) in enumerate(zip(self.row.arrows, self.kinds, strict=True)):
            colour, style, width = line_look(arrow, self.composer.theme)
            points = getattr(self, f"_{kind}")(k, arrow)
            look = {"dashed": style == "dashed", "tips": "start" if arrow.against else "end", "tip": TIP + width}
            found.append(Way(arrow.tail, arrow.head, points, colour, THICK * width, card=tuple(arrow.card), **look))
        return found

    def _ports(self):
        """For arrows that meet the top or the bottom of a box, where: by arrow and end."""
        sides = {}
        for k, (arrow, kind) in enumerate(zip(self.row.arrows, self.kinds, strict=True)):
            if kind == "up":
                sides.setdefault((arrow.head, "bottom"), []).append((k, "head"))
            if kind in ("over", "down"):
                sides.setdefault((arrow.tail, "top right"), []).append((k, "tail"))
            if kind in ("over", "down"):
                sides.setdefault((arrow.head, "top left"), []).append((k, "head"))
        ports = {}
        for (name, side), ends in sides.items():
            xs = self._bottom_ports(name, ends) if side == "bottom" else self._top_ports(name, side, len(ends))
            for end, x in zip(ends, xs, strict=True):
                ports[end] = self._on_border(name, x, side == "bottom")
        return ports

    def _bottom_ports(self, name, ends):
        """Above the leaves that the arrows come from, but within the box, and not too near to each other."""
        box, inset = self.places[name], self._inset(name)
        xs = [self.places[self.row.arrows[k].tail].middle.x for k, _ in ends]
        low, high = box.x + inset, box.x + box.width - inset
        gap = min(PORT, (high - low) / max(1, len(xs) - 1))
        order, placed = sorted(range(len(xs)), key=xs.__getitem__), {}
        for n, i in enumerate(order):
            least = placed[order[n - 1]] + gap if n else low
            placed[i] = max(least, min(xs[i], high - gap * (len(order) - 1 - n)))
        return [placed[i] for i in range(len(xs))]

    def _top_ports(self, name, side, count):
        box, inset = self.places[name], self._inset(name)
        step = min(PORT, (box.width / 2 - inset) / count)
        if side == "top left":
            return [box.x + inset + step * i for i in range(count)]
        return [box.x + box.width - inset - step * i for i in range(count)]

    def _inset(self, name):
        """How far from the corners of a box arrows stay."""
        return 0.3 * self.places[name].width if self.composer.is_round(name) else min(16.0, 0.25 * self.places[name].width)

    def _on_border(self, name, x, at_bottom):
        """The point of a box's border at x: of an ellipse, on its arc; beside the border, which is a line of some width."""
        box = self.places[name]
        half = box.height / 2
        if self.composer.is_round(name):
            half *= (1 - (2 * (x - box.middle.x) / box.width) ** 2) ** 0.5
        return Point(x, box.middle.y + half + 1 if at_bottom else box.middle.y - half - 1)

    def _level_of(self, name):
        """How high level arrows meet a box."""
        box = self.places[name]
        return box.middle.y if self.composer.is_round(name) or box.height < 2 * LEVEL else box.y + LEVEL

    def _start(self, arrow):
        box = self.places[arrow.tail]
        return Point(box.x + box.width + 1, self._level_of(arrow.tail))

    def _end(self, arrow):
        return Point(self.places[arrow.head].x - 1, self._level_of(arrow.head))

    def _lane(self, k, band):
        """How high the lane of an arrow above a band is."""
        lanes = self.composer.lanes[band]
        n = next(i for i, lane in enumerate(lanes) if k in lane)
        return self.composer.tops[band] - LANE * (n + 1)

    def _next(self, k, arrow):
        """Level through the gap; where both boxes are not equally high, an S within it."""
        start, end = self._start(arrow), self._end(arrow)
        if abs(start.y - end.y) < 1:
            return [start, *line_to(start, end)]
        column = self.column_of[arrow.head]
        leave, arrive = Point(self.composer.right[column - 1], start.y), Point(self.composer.left[column], end.y)
        half = (arrive.x - leave.x) / 2
        bend = [Point(leave.x + half, leave.y), Point(arrive.x - half, arrive.y), arrive]
        return [start, *line_to(start, leave), *bend, *line_to(arrive, end)]

    def _over(self, k, arrow):
        """Up, along the lane above the band, and down."""
        start, end = self.ports[k, "tail"], self.ports[k, "head"]
        lane = self._lane(k, self.band_of[self.column_of[arrow.head]])
        return rounded([start, Point(start.x, lane), Point(end.x, lane), end], RADIUS)

    def _wrap(self, k, arrow):
        """From the end of a line to the beginning of the next."""
        start, end = self._start(arrow), self._end(arrow)
        band = self.composer.bands[self.band_of[self.column_of[arrow.tail]]]
        names = [name for i in band for name in (self.row.heads[i], *self.row.leaves[i])]
        right = max(self.places[name].x + self.places[name].width for name in names) + SIDE_STEP
        left = self.composer.left[self.column_of[arrow.head]] - SIDE_STEP
        lane = self._lane(k, self.band_of[self.column_of[arrow.head]])
        corners = [Point(right, start.y), Point(right, lane), Point(left, lane), Point(left, end.y)]
        return rounded([start, *corners, end], RADIUS)

    def _down(self, k, arrow):
        """Up from the tail, along lanes to the nearer margin and down in it, and along a lane to above the head."""
        start, end = self.ports[k, "tail"], self.ports[k, "head"]
        first, last = (self._lane(k, self.band_of[self.column_of[name]]) for name in (arrow.tail, arrow.head))
        at_left = start.x + end.x < self.composer.width
        self.tracks[at_left] = self.tracks.get(at_left, -1) + 1
        x = (
            SIDE_STEP - 5 - 3 * (self.tracks[at_left] % 3)
            if at_left
            else self.composer.width - 7 + 3 * (self.tracks[at_left] % 3)
        )
        return rounded([start, Point(start.x, first), Point(x, first), Point(x, last), Point(end.x, last), end], RADIUS)

    def _up(self, k, arrow):
        """From a leaf to below its box, within the gap between both rows, and straight up to it."""
        leaf, end = self.places[arrow.tail], self.ports[k, "head"]
        start = Point(leaf.middle.x, leaf.y - 1)
        if abs(start.x - end.x) < 1:
            return [start, *line_to(start, end)]
        below = min(start.y, max(end.y, start.y - LEAF_GAP))
        bend = (start.y - below) / 2
        curve = [start, Point(start.x, start.y - bend), Point(end.x, below + bend), Point(end.x, below)]
        return curve if below - end.y < 1 else [*curve, *line_to(curve[-1], end)]
