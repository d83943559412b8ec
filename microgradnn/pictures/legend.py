"""What colours and dashes say in a picture: only what occurs in it, in the words and colours of its theme."""

import numpy as np

from .arrays import is_hatched
from .picture import Line


def legend_of(picture, theme):
    """The legend as a list of (text, colour) pairs, to be written one after the other; empty where nothing is to be said.

    >>> from .picture import Arrow, Box, Picture
    >>> from .themes import THEMES
    >>> boxes = [Box("w", "parameter", [Line("∂L/∂w = −3", "gradient", -3.0)]), Box("L", "output", [Line("L")])]
    >>> arrows = [Arrow("w", "L", contribution=-3.0, kind="gradient")]
    >>> for theme in ("light", "print"):
    ...     legend = legend_of(Picture(boxes=boxes, arrows=arrows, whole="∂L/∂w"), THEMES[theme])
    ...     print("".join(text for text, _ in legend))
    number: < 0   ·   arrow back: its part of ∂L/∂w, < 0 dashed
    arrow back: its part of ∂L/∂w, < 0 dashed
    """
    if not picture.has_legend:
        return []
    parts = legend_for(_numbers(picture), picture.arrows, picture.whole, theme)
    arrays = [item.array for content in _contents(picture) for item in content if not isinstance(item, Line)]
    hatched = [("hatched: < 0", theme.negative if theme.is_coloured else theme.grey)] if any(map(is_hatched, arrays)) else []
    for more in (hatched, _directions(picture, theme)):
        parts += [("   ·   ", theme.grey), *more] if parts and more else more
    return parts


def _directions(picture, theme):
    """Which way arrows run, where no part of a sum says it: forward; and back in frames of steps, where a gradient has gone."""
    if not picture.is_computation or not picture.arrows or any(arrow.contribution is not None for arrow in picture.arrows):
        return []
    has_back = picture.titles or any(arrow.against for arrow in picture.arrows)
    return [("arrows: forward", theme.grey), *([(", back with the gradient", theme.gradient)] if has_back else [])]


def _contents(picture):
    """What stands in the boxes, now and at other times."""
    return [content for box in picture.boxes for content in (box.content, *box.later)]


def legend_for(numbers, arrows, whole, theme):
    """The legend of a picture with these numbers and arrows in the colours of signs."""
    parts = _signs("number: ", numbers, theme, ("> 0", "< 0", "0")) if theme.is_coloured else []
    carried = [arrow.contribution for arrow in arrows if arrow.kind == "gradient" and arrow.contribution is not None]
    if carried:
        parts += [("   ·   ", theme.grey)] if parts else []
        about = f"arrow back: its part of {whole}, " if whole else "arrow back: "
        parts += _signs(about, carried, theme, ("> 0 solid", "< 0 dashed", "0"))
        parts += [(", wide = large", theme.grey)] if len({f"{abs(x):.6g}" for x in carried}) > 1 else []
    return parts


def _numbers(picture):
    """All numbers of a picture that have the colour of their sign."""
    found = [line.number for arrow in picture.arrows for line in arrow.lines if line.number is not None]
    for item in (item for content in _contents(picture) for item in content):
        if isinstance(item, Line):
            found += [] if item.number is None else [item.number]
        elif item.role == "gradient":
            found += np.unique(np.sign(item.array)).tolist()
    return found


def _signs(about, numbers, theme, words):
    """The words for those signs that there are, each in its colour."""
    there = [any(x > 0 for x in numbers), any(x < 0 for x in numbers), any(x == 0 for x in numbers)]
    signs = [(word, theme.of_sign(x)) for word, x, found in zip(words, (1, -1, 0), there, strict=True) if found]
    between = [(", ", theme.grey)]
    return [(about, theme.grey)] * bool(signs) + [
        *[part for i, sign in enumerate(signs) for part in (between if i else []) + [sign]]
    ]
