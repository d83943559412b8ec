"""How pictures look: what colour a sign has, what look a kind of box; what gets which, dot_text.py and dot_labels.py decide.

A colour says one thing: the sign of a number. Blue is above zero, orange below, grey is zero, as in TensorFlow's Playground;
frames and values are in neither. The two are told apart by the colour-blind (Okabe and Ito, 2008) and, as blue is the darker
one on light ground and the lighter one on dark ground, in greyscale. And never by colour alone: numbers have their minus, and
arrows below zero are dashed in every theme; nothing else is.
"""

from typing import NamedTuple

from ..errors import one_of


class Look(NamedTuple):
    """How one kind of box looks."""

    shape: str
    style: str
    fill: str
    border: str
    width: float
    ink: str


class Theme(NamedTuple):
    """A set of looks.

    `positive` and `negative` are the colours of numbers, and of arrows by what they add to a sum; `grey` is that of zero, and
    of what is said beside. `tint` lies behind gradients. `gradient` is the colour of arrows along which a gradient flows that
    has no one sign, such as an array. `heat` colours the cells of arrays: the most negative number, zero, the most positive.
    On pages, `positive` is also the colour of what can be pressed.
    """

    background: str
    ink: str
    grey: str
    faint: str
    positive: str
    negative: str
    gradient: str
    tint: str
    heat: tuple[str, str, str]
    looks: dict[str, Look]

    @property
    def is_coloured(self):
        """bool: whether signs have colours; in print they have not."""
        return self.positive != self.negative

    def of_sign(self, x):
        """The colour of a number: that of the sign of its unrounded self; ink for what has none, such as NaN."""
        return self.positive if x > 0 else self.negative if x < 0 else self.grey if x == 0 else self.ink


def _looks(ink, grey, faint, paper, given):
    """One look a kind: learned is a thick sharp frame, computed a thin round one, given a plate without a frame."""
    return {
        "parameter": Look("box", "filled", paper, ink, 2.2, ink),
        "constant": Look("box", "rounded,filled", given, given, 0.0, ink),
        "intermediate": Look("box", "rounded,filled", paper, grey, 1.2, ink),
        "output": Look("box", "rounded,filled", paper, ink, 2.2, ink),
        "target": Look("box", "filled", paper, ink, 2.6, ink),
        "operation": Look("ellipse", "filled", paper, grey, 1.0, ink),
        "neighbour": Look("box", "rounded,filled", paper, faint, 1.0, grey),
        "operand": Look("plain", "", paper, faint, 0, grey),
        "note": Look("box", "rounded,filled", paper, faint, 1.0, grey),
    }


LIGHT = Theme(
    background="white",
    ink="#0f172a",
    grey="#475569",
    faint="#94a3b8",
    positive="#1a36a8",
    negative="#c2410c",
    gradient="#6d28d9",
    tint="#edf2f8",
    heat=("#c2410c", "#ffffff", "#1a36a8"),
    looks=_looks(ink="#0f172a", grey="#475569", faint="#94a3b8", paper="#ffffff", given="#f1f3f6"),
)

DARK = Theme(
    background="#0f172a",
    ink="#f1f5f9",
    grey="#b3c0d3",
    faint="#64748b",
    positive="#b4d7ff",
    negative="#fb8028",
    gradient="#c4b5fd",
    tint="#2a3950",
    heat=("#fb8028", "#1e293b", "#b4d7ff"),
    looks=_looks(ink="#f1f5f9", grey="#b3c0d3", faint="#64748b", paper="#182338", given="#26334a"),
)

PRINT = Theme(
    background="white",
    ink="#000000",
    grey="#404040",
    faint="#808080",
    positive="#000000",
    negative="#000000",
    gradient="#000000",
    tint="#ececec",
    heat=("#606060", "#ffffff", "#606060"),
    looks=_looks(ink="#000000", grey="#404040", faint="#808080", paper="#ffffff", given="#f4f4f4"),
)

THEMES = {"light": LIGHT, "dark": DARK, "print": PRINT}


def theme_named(name):
    """The theme of that name; ValueError, with those there are, for another."""
    return THEMES[one_of(THEMES, name, "theme")]
