"""Pictures on pages: twenty networks in all shapes, in type that can be read, with nothing over anything."""

import os

import numpy as np
import pytest
from battery import NETWORKS, assert_sound, layers, network
from diagrams import loss_of_a_unit

from microgradnn import Tensor, draw
from microgradnn.pictures.shapes import SHAPES
from microgradnn.pictures.sheet import Node, Run
from microgradnn.pictures.themes import THEMES

ALL = "deep" in os.environ.get("HYPOTHESIS_PROFILE", "")


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_in_every_shape(name):
    """Type no smaller than the page asks, no text over text, no arrow through text or boxes, all within the page.

    The default looks at each network on a slide and in one more shape, in one of the themes.
    """
    L = network(name)
    others = [shape for shape in SHAPES if shape != "slide"]
    number = list(NETWORKS).index(name)
    shapes = SHAPES if ALL else ("slide", others[number % len(others)])
    for shape in shapes:
        for fold in ("auto", "names", "repeats", "meaning", "nothing") if ALL else ("auto", "names")[: 1 + (shape == "slide")]:
            for theme in THEMES if ALL else ([*THEMES][number % len(THEMES)],):
                assert_sound(draw(L, shape=shape, fold=fold, theme=theme).sheet, SHAPES[shape])


def said(sheet):
    return " ".join(mark.text for mark in sheet.marks if isinstance(mark, Run))


def test_themes_move_nothing():
    """What stands where is the same in every theme, but for the legend."""
    L = network("source")
    sheets = [draw(L, theme=theme, shape="slide").sheet for theme in THEMES]
    places = [[mark.place for mark in sheet.marks if isinstance(mark, Node)] for sheet in sheets]
    assert np.allclose(places[0], places[1])
    assert len(places[2]) == len(places[0])


def test_a_small_network_shows_every_number():
    """The source's network fits a slide with all its numbers, and says that operations are folded."""
    text = said(draw(network("source"), shape="slide").sheet)
    assert "cells" not in text and "left out" not in text
    assert "named tensors only" in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("six layers", "matrices as cells"),
        ("residual", "numbers as cells"),
        ("branches", "formulas are left out"),
        ("RNN of 20", "the same step 20 times, rolled up"),
        ("chain of 50, unnamed", "are not drawn"),
        ("convolution", "layers are one box each"),
    ],
)
def test_what_was_left_out_is_said(name, words):
    """Numbers as cells, names alone, boxes that are not drawn: in the picture, in its words."""
    assert words in said(draw(network(name), shape="slide").sheet)


def test_a_cut_graph_keeps_its_output():
    """What does not fit is what is furthest from the output, and a box says how much it is."""
    sheet = draw(layers(np.random.default_rng(0), 60), shape="slide").sheet
    kinds = {mark.id: mark.kind for mark in sheet.marks if isinstance(mark, Node)}
    assert kinds["L"] == "output"
    assert kinds["further"] == "note"
    assert "z_60" in kinds and "z_1" not in kinds


def test_a_slide_by_itself():
    """What would be a ribbon is a slide, unless another shape or direction is asked for; what is not wide stays as it is."""
    L = network("source")
    assert draw(L).shape == "slide"
    assert draw(L, shape="natural").shape == draw(L, direction="TB").shape == "natural"
    x = Tensor(2.0, requires_grad=True, name="x")
    tall = sum(((x * i).named(f"y_{i}") for i in range(9)), Tensor(0.0)).named("L")
    assert draw(tall, fold="names").shape == "natural"


def test_shapes_that_there_are_not():
    """An unknown shape is refused with those there are, and one for what cannot be wrapped, with the way out."""
    L = loss_of_a_unit()
    with pytest.raises(
        ValueError, match=r"^There is no shape 'poster'; there are auto, natural, slide, square, page, paper\.$"
    ):
        draw(L, shape="poster")
    with pytest.raises(ValueError, match=r"^shape='slide' is for graphs that run from left to right; this one"):
        draw(L, shape="slide", direction="TB")
