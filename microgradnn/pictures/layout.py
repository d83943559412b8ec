"""Where the boxes, arrows and frames of a picture are: `Layout`, rectangles and curves and nothing else.

A layout is made once, by Graphviz (arranging.py) or by ourselves (ranks.py), and drawn many times: in two themes of a page, in
all frames of an animation. So what stands in the boxes may change, and nothing moves. Lengths are in points, 72 to the inch;
x runs to the right, y down, from the upper left corner.
"""

from itertools import pairwise
from typing import NamedTuple


class Point(NamedTuple):
    """A place."""

    x: float
    y: float


class Rectangle(NamedTuple):
    """A rectangle, by its upper left corner and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self):
        """Point: where its diagonals cross."""
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    @property
    def corners(self):
        """list of Point: the upper left and the lower right corner."""
        return [Point(self.x, self.y), Point(self.x + self.width, self.y + self.height)]

    def meets(self, other):
        """Whether the two have points in common."""
        apart_in_x = self.x + self.width <= other.x or other.x + other.width <= self.x
        return not (apart_in_x or self.y + self.height <= other.y or other.y + other.height <= self.y)


class Curve(NamedTuple):
    """The way of one arrow, from the border of its tail to that of its head, whichever of the two its tips are at.

    `points` are those of cubic Bézier curves, one after the other: a start, then two control points and an end for each.
    `label` is the middle of the text beside it.
    """

    points: list[Point]
    label: Point | None = None


class Layout(NamedTuple):
    """Where everything in a picture is.

    Attributes
    ----------
    width, height : float
        Its size.
    boxes : dict of str to Rectangle
        By the ids of the boxes.
    curves : list of Curve
        In the order of the picture's arrows.
    frames : dict of str to Rectangle
        By the ids of the frames.
    labels : dict of str to Point
        The middles of the frames' labels.
    title : Point or None
        The middle of title and notes.
    """

    width: float
    height: float
    boxes: dict[str, Rectangle]
    curves: list[Curve]
    frames: dict[str, Rectangle]
    labels: dict[str, Point]
    title: Point | None

    def mapped(self, move):
        """The layout with each of its points where a function puts it, such as turned or moved; its size is as before."""

        def moved(rectangle):
            (a, b), (c, d) = map(move, rectangle.corners)
            return Rectangle(min(a, c), min(b, d), abs(a - c), abs(b - d))

        def moved_if(point):
            return None if point is None else move(point)

        return self._replace(
            boxes={name: moved(box) for name, box in self.boxes.items()},
            curves=[Curve(list(map(move, way)), moved_if(label)) for way, label in self.curves],
            frames={name: moved(frame) for name, frame in self.frames.items()},
            labels={name: move(label) for name, label in self.labels.items()},
            title=moved_if(self.title),
        )

    def on_a_sheet(self, title_size):
        """The layout on a sheet of the right size, its upper left corner at 0, 0, below a title of this width and height."""
        points = [corner for place in [*self.boxes.values(), *self.frames.values()] for corner in place.corners]
        points += [point for curve in self.curves for point in curve.points]
        points = points or [Point(0, 0)]
        left, top = min(point.x for point in points), min(point.y for point in points)
        wide, tall = max(point.x for point in points) - left, max(point.y for point in points) - top
        width, height = max(wide, title_size[0]), tall + title_size[1]

        def moved(point):
            return Point(point.x - left + (width - wide) / 2, point.y - top + title_size[1])

        middle = Point(width / 2, title_size[1] / 2) if title_size[1] else None
        return self.mapped(moved)._replace(width=width, height=height, title=middle)


def line_to(start, end):
    """The two control points of a straight line, and its end."""
    return [Point(start.x + (end.x - start.x) * k / 3, start.y + (end.y - start.y) * k / 3) for k in (1, 2, 3)]


def rounded(corners, radius):
    """A curve along level and upright lines from corner to corner, the corners rounded.

    >>> len(rounded([Point(0, 0), Point(10, 0), Point(10, 10)], 4))
    10
    """
    points = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        enter, leave = _towards(corner, before, radius), _towards(corner, after, radius)
        points += [*line_to(points[-1], enter), corner, corner, leave]
    return [*points, *line_to(points[-1], corners[-1])]


def _towards(corner, other, radius):
    """The point on the way from a corner to another where its rounding ends."""
    length = abs(other.x - corner.x) + abs(other.y - corner.y)  # one of them is 0
    share = min(radius, length / 2) / (length or 1)
    return Point(corner.x + (other.x - corner.x) * share, corner.y + (other.y - corner.y) * share)


def shortened(points, length, at_end=True):
    """A curve that stops `length` before its end (or begins as far after its start): there is the tip of its arrow.

    >>> line = [Point(0, 0), Point(4, 0), Point(8, 0), Point(12, 0)]
    >>> [round(point.x, 3) for point in shortened(line, 3)]
    [0, 3.0, 6.0, 9.0]
    """
    if not at_end:
        return shortened(points[::-1], length)[::-1]
    tip = points[-1]
    while len(points) > 4 and _distance(points[-4], tip) < length:
        points = points[:-3]
    far, near = 0.0, 1.0  # how much of the last Bézier curve is kept: bisected
    for _ in range(30):
        kept = (far + near) / 2
        far, near = (kept, near) if _distance(_first_part(points[-4:], kept)[-1], tip) > length else (far, kept)
    return [*points[:-4], *_first_part(points[-4:], far)]


def _distance(a, b):
    return ((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5


def _first_part(points, t):
    """The first part of a Bézier curve, up to parameter t, by de Casteljau's construction."""
    first = [points[0]]
    while len(points) > 1:
        points = [Point(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t) for a, b in pairwise(points)]
        first.append(points[0])
    return first
