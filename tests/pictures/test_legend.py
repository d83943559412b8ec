"""The legend: what colours and dashes say, and only of what occurs."""

import pytest
from diagrams import loss_of_a_unit

from microgradnn import backward_steps, chain_rule, draw
from microgradnn.debugging.slides import Film
from microgradnn.graph import whole_graph
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


def said(picture, theme):
    return "".join(text for text, _ in legend_of(picture, THEMES[theme]))


def test_nothing_to_say():
    """Signs are explained only where there are colours, and zero only where it occurs; without arrows no direction is said."""
    picture = draw(loss_of_a_unit()).picture
    assert said(picture, "print") == "arrows: forward"
    assert said(picture, "light") == "number: > 0, < 0   ·   arrows: forward"
    zero = Picture(boxes=[Box("w", "parameter", [Line("∂L/∂w = 0", "gradient", 0.0)])])
    assert said(zero, "light") == "number: 0"
    assert said(zero, "print") == ""


def test_which_way_arrows_run():
    """Forward in a graph, back in a derivation; in a frame of steps both, the latter in the colour of gradients."""
    L = loss_of_a_unit()
    assert said(chain_rule(L, next(node for node in whole_graph(L) if node.name == "w")).diagram.picture, "print").startswith(
        "arrow back: its part of ∂L/∂w"
    )
    legend = legend_of(Film(backward_steps(L), "LR").at(0), THEMES["light"])
    assert legend[-2:] == [("arrows: forward", THEMES["light"].grey), (", back with the gradient", THEMES["light"].gradient)]
