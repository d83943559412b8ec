"""The legend: what colours and dashes say, and only of what occurs."""

import pytest
from diagrams import loss_of_a_unit

from microgradnn import draw
from microgradnn.pictures.legend import legend_of
from microgradnn.pictures.picture import Arrow, Box, Line, Picture
from microgradnn.pictures.themes import THEMES


@pytest.mark.parametrize("name", THEMES)
def test_the_legend_shows_its_own_colours(name):
    """Words about a sign are in the colour that the theme gives it; no legend names a colour, so that it is true in all."""
    theme = THEMES[name]
    arrows = [Arrow("a", "b", contribution=x, kind="gradient") for x in (1.0, -2.0, 0.0)]
    legend = legend_of(Picture(boxes=[Box("a", "output", []), Box("b", "output", [])], arrows=arrows), theme)
    words = dict(legend)
    assert words["> 0 solid"] == theme.positive
    assert words["< 0 dashed"] == theme.negative
    assert words["0"] == theme.grey
    assert not any(colour in text for text in words for colour in ("blue", "orange", "vermilion", "black"))


def test_nothing_to_say():
    """Without colours and without parts of a sum there is no legend, and where zero does not occur it is not explained."""
    picture = draw(loss_of_a_unit()).picture
    assert legend_of(picture, THEMES["print"]) == []
    assert [text for text, _ in legend_of(picture, THEMES["light"])] == ["number: ", "> 0", ", ", "< 0"]
    zero = Picture(boxes=[Box("w", "parameter", [Line("∂L/∂w = 0", "gradient", 0.0)])])
    assert [text for text, _ in legend_of(zero, THEMES["light"])] == ["number: ", "0"]
