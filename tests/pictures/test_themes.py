"""Themes: what they hold, and that what is written in their colours can be read."""

import re

import pytest

from microgradnn.pictures.themes import THEMES, theme_named

KINDS = {"parameter", "constant", "intermediate", "output", "target", "operation", "neighbour", "operand", "note"}


def luminance(colour):
    """The relative luminance of a colour, as WCAG 2 defines it."""
    parts = [int({"white": "#ffffff"}.get(colour, colour)[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """From 1, the same, to 21, black on white; WCAG asks 4.5 of text."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_text_can_be_read(name):
    """All that is written in a box or at an arrow has a contrast of 4.5 or more; what is said beside it in grey, of 4.3."""
    theme = THEMES[name]
    for look in theme.looks.values():
        assert contrast(theme.grey, look.fill) >= 4.3, look
        for colour in (theme.positive, theme.negative, theme.gradient):
            assert contrast(colour, look.fill) >= 4.5, (look, colour)
    for colour in (theme.ink, theme.grey, theme.positive, theme.negative):
        assert contrast(colour, theme.background) >= 4.5, colour


@pytest.mark.parametrize("name", THEMES)
def test_signs_are_told_apart(name):
    """Positive and negative have two colours, or patterns where there are no colours."""
    theme = THEMES[name]
    assert theme.patterns == (theme.positive == theme.negative)
    assert len({*theme.heat}) == 3 or theme.patterns


@pytest.mark.parametrize("name", THEMES)
def test_every_kind_of_box_has_a_look(name):
    """And its colours are written in full."""
    assert THEMES[name].looks.keys() == KINDS
    for look in THEMES[name].looks.values():
        assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in (look.fill, look.border, look.ink))


def test_a_slide_is_the_light_one_enlarged():
    """Only the sizes differ."""
    assert THEMES["slide"]._replace(scale=1.0) == THEMES["light"]


def test_another_theme_is_refused():
    """The message lists those that there are."""
    assert theme_named("dark") is THEMES["dark"]
    with pytest.raises(ValueError, match=r"^There is no theme 'neon'; there are light, dark, print, slide\.$"):
        theme_named("neon")
