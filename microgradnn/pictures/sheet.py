"""A sheet: a picture of a given size, of marks at places of our own; nothing is left to a renderer but to draw it.

Text, panels, brackets and cells are marks, boxes are those which arrows lead between. Lengths are in points, and text in them
too: what is 18 in a sheet of 960 × 540 is 18 pt on a slide of 13.33 × 7.5 inches. x runs to the right, y down.
"""

from typing import Any, NamedTuple

from .layout import Point, Rectangle

PILE = 5.0  # points that a box lies beside the one above it


class Run(NamedTuple):
    """A piece of a line of text, in one style, from x on along its baseline y. Of `style` "b" is bold, "i" italic."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    style: str = ""
    is_script: bool = False  # above or below the line, and smaller than it


class Panel(NamedTuple):
    """A rectangle, filled, framed, or both."""

    place: Rectangle
    fill: str = "transparent"
    border: str = "transparent"
    line: float = 0.0
    rounded: bool = False


class Bracket(NamedTuple):
    """One of the two brackets of a matrix; `tick` is how far its ends reach to the right, or, negative, to the left."""

    x: float
    y: float
    height: float
    tick: float
    colour: str


class Cells(NamedTuple):
    """A map of coloured cells, as rows of colours."""

    place: Rectangle
    colours: tuple[tuple[str, ...], ...]
    border: str


class Node(NamedTuple):
    """A box that arrows may lead to, of the look of its kind."""

    id: str
    place: Rectangle
    kind: str
    card: list[tuple[str, str]]
    line: float = 1.0  # how wide its border is, of what its kind's is beside type of 18 pt


class Way(NamedTuple):
    """An arrow along cubic Bézier curves, as in `Curve`; `tips` is "end", "start" or nothing."""

    tail: str
    head: str
    points: list[Point]
    colour: str
    line: float
    dashed: bool = False
    tips: str = "end"
    tip: float = 8.0  # its length
    card: tuple[tuple[str, str], ...] = ()


class Sheet(NamedTuple):
    """Marks on a page of a size; `type` is the size of its smallest line of text, scripts aside.

    `owners` says of each mark what it belongs to, for pages, which move and hide together what belongs together: "item-3" is
    the box or arrow of that number, "frame-0" a frame, "closed-0" what it shows while it is closed.
    """

    width: float
    height: float
    marks: list[Any]
    background: str
    owners: tuple[str, ...] = ()

    @property
    def type(self):
        """float: the size of the smallest line of text in points; what stands below or above a line is smaller than it."""
        return min((mark.size for mark in self.marks if isinstance(mark, Run) and not mark.is_script), default=float("inf"))


def pile_of(place, theme, step=PILE):
    """What is seen of two more boxes below one."""
    return [
        Panel(Rectangle(place.x + k * step, place.y + k * step, *place[2:]), theme.background, theme.faint, 1.2, True)
        for k in (2, 1)
    ]


def moved(mark, x, y):
    """A mark at another place."""
    if isinstance(mark, (Run, Bracket)):
        return mark._replace(x=mark.x + x, y=mark.y + y)
    if isinstance(mark, Way):
        return mark._replace(points=[Point(point.x + x, point.y + y) for point in mark.points])
    return mark._replace(place=mark.place._replace(x=mark.place.x + x, y=mark.place.y + y))


def scaled(mark, k):
    """A mark k times as large, and as far from the corner."""
    if isinstance(mark, Run):
        return mark._replace(x=mark.x * k, y=mark.y * k, size=mark.size * k)
    if isinstance(mark, Bracket):
        return mark._replace(x=mark.x * k, y=mark.y * k, height=mark.height * k, tick=mark.tick * k)
    if isinstance(mark, Way):
        points = [Point(point.x * k, point.y * k) for point in mark.points]
        return mark._replace(points=points, line=mark.line * k, tip=mark.tip * k)
    larger = mark._replace(place=Rectangle(*(length * k for length in mark.place)))
    return larger._replace(line=mark.line * k) if isinstance(mark, (Panel, Node)) else larger


def enlarged(sheet, k):
    """A sheet k times as large.

    >>> enlarged(Sheet(20, 10, [Run(1, 2, "x", 3, "black")], "white"), 2).marks[0][:4]
    (2, 4, 'x', 6)
    """
    if k == 1:
        return sheet
    marks = [scaled(mark, k) for mark in sheet.marks]
    return sheet._replace(width=sheet.width * k, height=sheet.height * k, marks=marks)
