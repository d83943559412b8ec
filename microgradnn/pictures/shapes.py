"""What a picture is made for: a slide, a paper, a page, a square; how large that is, and how small its type may be."""

from dataclasses import replace
from typing import Final, NamedTuple

from ..errors import one_of
from .ranks import layout_by_ranks


class Shape(NamedTuple):
    """A page to fill: width and height in points, sizes of type, and whether a page may be less high than that."""

    width: float
    height: float
    smallest: float  # type, in points
    largest: float
    margin: float
    shrinks: bool

    @property
    def words(self):
        """str: how small the type may be, for messages."""
        return f"{self.smallest:g} pt"


SHAPES = {
    "slide": Shape(960, 540, 18, 24, 24, shrinks=False),  # 13.33 × 7.5 inches, 16:9
    "square": Shape(540, 540, 16, 22, 20, shrinks=False),  # 7.5 × 7.5 inches
    "page": Shape(468, 660, 10, 13, 6, shrinks=True),  # the text of a page, 6.5 × 9.2 inches
    "paper": Shape(241, 420, 8, 10, 3, shrinks=True),  # one column of two, 3.35 inches wide
}
NATURAL: Final = "natural"  # no page: as large as it comes
WIDEST = 2.2  # width by height beyond which a picture is wrapped into a slide by itself
TALLEST = 6000  # points of height beyond which it is, too: 83 inches


def shape_named(name):
    """The shape of that name; ValueError, with those there are, for another."""
    return SHAPES[one_of(SHAPES, name, "shape")]


def is_unwieldy(picture, theme):
    """Whether a picture, laid out in ranks, would be a ribbon, or higher than anybody would scroll."""
    layout = layout_by_ranks(replace(picture, arrows=[arrow for arrow in picture.arrows if arrow.kind != "loop"]), theme)
    return layout.width > WIDEST * layout.height or layout.height > TALLEST
