"""How pictures look: the shades of both signs, sizes, patterns; what gets which, dot_text.py and dot_labels.py decide.

Colours are told apart by the colour-blind too: vermilion raises, blue lowers (Okabe and Ito, 2008, darkened for text).
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

    `positive` and `negative` colour arrows, and lines in boxes of the chain rule, by what they do to the output: raise or
    lower it; `heat` colours the cells of arrays by the numbers in them. Where `patterns` is set, negative arrows are dashed
    as well. On pages, `negative` is also the colour of what can be pressed. `scale` multiplies all sizes of type.
    """

    background: str
    ink: str
    grey: str
    faint: str
    positive: str
    negative: str
    gradient: str
    heat: tuple[str, str, str]  # colours of the most negative number, of zero, and of the most positive one
    looks: dict[str, Look]
    patterns: bool = False
    scale: float = 1.0


def _looks(ink, grey, faint, paper, parameter, constant, output, target):
    """One look a kind, from (fill, border) pairs."""
    return {
        "parameter": Look("box", "filled", *parameter, 2.0, ink),
        "constant": Look("box", "rounded,dashed,filled", *constant, 1.0, ink),
        "intermediate": Look("box", "rounded,filled", paper, grey, 1.2, ink),
        "output": Look("box", "rounded,filled", *output, 2.2, ink),
        "target": Look("box", "filled", *target, 2.4, ink),
        "operation": Look("ellipse", "filled", paper, grey, 1.0, ink),
        "neighbour": Look("box", "rounded,filled", paper, faint, 1.0, grey),
        "operand": Look("plain", "", paper, faint, 0, grey),
        "note": Look("box", "rounded,dotted,filled", paper, grey, 1.2, grey),
    }


LIGHT = Theme(
    background="white",
    ink="#0f172a",
    grey="#64748b",
    faint="#94a3b8",
    positive="#c2410c",
    negative="#1d4ed8",
    gradient="#9a3412",
    heat=("#1d4ed8", "#ffffff", "#c2410c"),
    looks=_looks(
        ink="#0f172a",
        grey="#64748b",
        faint="#94a3b8",
        paper="#ffffff",
        parameter=("#fff7ed", "#c2410c"),
        constant=("#f8fafc", "#94a3b8"),
        output=("#f1f5f9", "#0f172a"),
        target=("#fff7ed", "#c2410c"),
    ),
)

DARK = Theme(
    background="#0f172a",
    ink="#f1f5f9",
    grey="#a3b1c6",
    faint="#64748b",
    positive="#fb923c",
    negative="#7cb3ff",
    gradient="#fdba74",
    heat=("#60a5fa", "#1e293b", "#fb923c"),
    looks=_looks(
        ink="#f1f5f9",
        grey="#a3b1c6",
        faint="#64748b",
        paper="#1e293b",
        parameter=("#3b2416", "#fb923c"),
        constant=("#1e293b", "#64748b"),
        output=("#334155", "#f1f5f9"),
        target=("#3b2416", "#fb923c"),
    ),
)

PRINT = Theme(
    background="white",
    ink="#000000",
    grey="#404040",
    faint="#808080",
    positive="#000000",
    negative="#000000",
    gradient="#000000",
    heat=("#606060", "#ffffff", "#606060"),
    looks=_looks(
        ink="#000000",
        grey="#404040",
        faint="#808080",
        paper="#ffffff",
        parameter=("#ffffff", "#000000"),
        constant=("#ffffff", "#707070"),
        output=("#ffffff", "#000000"),
        target=("#ffffff", "#000000"),
    ),
    patterns=True,
)

THEMES = {"light": LIGHT, "dark": DARK, "print": PRINT, "slide": LIGHT._replace(scale=1.5)}


def theme_named(name):
    """The theme of that name; ValueError, with those there are, for another."""
    return THEMES[one_of(THEMES, name, "theme")]
