"""Themes: what they hold, and that what is written in their colours can be read."""

import re

import pytest
from colours import contrast

from microgradnn.pictures.themes import THEMES, theme_named

KINDS = {"parameter", "constant", "intermediate", "output", "target", "operation", "neighbour", "operand", "note"}


@pytest.mark.parametrize("name", THEMES)
def test_text_can_be_read(name):
    """All that is written has a contrast of 4.5 or more with what lies behind it: ground, boxes, the tint of gradients."""
    theme = THEMES[name]
    grounds = {theme.background, theme.tint, *(look.fill for look in theme.looks.values())}
    colours = {
        theme.ink,
        theme.grey,
        theme.positive,
        theme.negative,
        theme.gradient,
        *(look.ink for look in theme.looks.values()),
    }
    assert min(contrast(colour, ground) for colour in colours for ground in grounds) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_signs_are_told_apart(name):
    """Blue is above zero, orange below, and they differ in greyscale as well; where there are no colours, both are ink."""
    theme = THEMES[name]
    if not theme.is_coloured:
        assert theme.positive == theme.negative == theme.ink
        return
    red, _, blue = (int(theme.positive[i : i + 2], 16) for i in (1, 3, 5))
    assert blue > red
    red, _, blue = (int(theme.negative[i : i + 2], 16) for i in (1, 3, 5))
    assert red > blue
    assert contrast(theme.positive, theme.negative) >= 1.7
    assert [theme.heat[0], theme.heat[2]] == [theme.negative, theme.positive]


@pytest.mark.parametrize("name", THEMES)
def test_frames_say_no_sign(name):
    """No box is framed or filled in the colour of a sign, and none is dashed: dashes are for arrows below zero."""
    theme = THEMES[name]
    signs = {theme.positive, theme.negative} if theme.is_coloured else set()
    for look in theme.looks.values():
        assert not {look.border, look.fill, look.ink} & signs
        assert "dash" not in look.style


@pytest.mark.parametrize("name", THEMES)
def test_the_colour_of_a_number_is_its_sign(name):
    """Of its unrounded self: also of what is written as 0.00; zero itself is grey, and what has no sign is in ink."""
    theme = THEMES[name]
    assert theme.of_sign(1e-300) == theme.positive
    assert theme.of_sign(-1e-300) == theme.negative
    assert theme.of_sign(0.0) == theme.of_sign(-0.0) == theme.grey
    assert theme.of_sign(float("nan")) == theme.ink


@pytest.mark.parametrize("name", THEMES)
def test_every_kind_of_box_has_a_look(name):
    """And its colours are written in full."""
    assert THEMES[name].looks.keys() == KINDS
    for look in THEMES[name].looks.values():
        assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in (look.fill, look.border, look.ink))


def test_another_theme_is_refused():
    """The message lists those that there are."""
    assert theme_named("dark") is THEMES["dark"]
    with pytest.raises(ValueError, match=r"^There is no theme 'neon'; there are light, dark, print\.$"):
        theme_named("neon")
