"""What stands in boxes, set in type: by our own measure, the same for every renderer."""

import numpy as np
import pytest
from colours import contrast
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from microgradnn.pictures.legend import legend_of
from microgradnn.pictures.metrics import width_of
from microgradnn.pictures.picture import Box, Line, Picture, Values
from microgradnn.pictures.sheet import Bracket, Cells, Panel, Run
from microgradnn.pictures.themes import LIGHT, THEMES
from microgradnn.pictures.typesetting import DETAILS, SIZE, broken, in_lines, line_of, matrix_of, pieces_of, set_box

VALUE, GRADIENT = np.array([[1.0, -2.5], [0.0, 10.0]]), np.array([[0.5, 0.0], [-1e-9, 3.0]])
BOX = Box(
    "W",
    "parameter",
    [Line("W", "name"), Line("(2, 2)", "shape"), Values("", VALUE), Values("∂L/∂W", GRADIENT, "gradient")],
)


def texts(block):
    return [mark.text for mark in block.marks if isinstance(mark, Run)]


@given(table=arrays(float, array_shapes(min_dims=2, max_dims=2, max_side=4), elements=st.floats(-99, 99)))
def test_points_stand_below_each_other(table):
    """In each column of a matrix, all numbers end at one place, and have the same decimals; brackets are around all."""
    block = matrix_of(table, lambda x: LIGHT.ink, LIGHT, LIGHT.ink)
    runs = [mark for mark in block.marks if isinstance(mark, Run)]
    runs = runs[len(runs) - table.size :]  # behind a power of ten in front of the matrix
    ends = np.array([run.x + width_of(run.text, run.size) for run in runs]).reshape(table.T.shape)
    assert np.allclose(ends, ends[:, :1])
    left, right = (mark for mark in block.marks if isinstance(mark, Bracket))
    assert left.x < min(run.x for run in runs)
    assert right.x >= ends.max()


def test_a_number_has_the_colour_of_its_unrounded_self():
    """Also of what is written 0.00; the values beside it are in ink."""
    block = set_box(BOX, LIGHT)
    colours = {mark.text: mark.colour for mark in block.marks if isinstance(mark, Run) and "i" in mark.style}
    assert colours["3.00"] == colours["0.50"] == LIGHT.positive
    assert {mark.colour for mark in block.marks if isinstance(mark, Run) and mark.text in ("−2.5", "10.0")} == {LIGHT.ink}
    zeros = [mark.colour for mark in block.marks if isinstance(mark, Run) and mark.text == "0.00" and "i" in mark.style]
    assert zeros == [LIGHT.negative, LIGHT.grey]


def test_value_and_gradient_are_told_apart_four_ways():
    """By place, by the tint behind the gradient, by italics, by its name: so also in black and white."""
    block = set_box(BOX, LIGHT)
    (tint,) = [mark.place for mark in block.marks if isinstance(mark, Panel)]
    for run in (mark for mark in block.marks if isinstance(mark, Run)):
        assert (tint.y < run.y < tint.y + tint.height) == ("i" in run.style)
    assert "∂L/∂W" in texts(block)
    assert sum(isinstance(mark, Bracket) for mark in block.marks) == 4


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("beside", [False, True])
def test_all_is_within_the_box(detail, beside):
    """Whatever a box says, it has room for it, with air around."""
    block = set_box(BOX, LIGHT, detail, beside)
    for mark in block.marks:
        if isinstance(mark, Run):
            assert mark.x > 0 and mark.x + width_of(mark.text, mark.size, "b" in mark.style) < block.width
            assert mark.y - 0.7 * mark.size > 0 and mark.y + 0.2 * mark.size < block.height
        elif not isinstance(mark, Bracket):
            assert mark.place.x >= 0 and mark.place.x + mark.place.width <= block.width
            assert mark.place.y >= 0 and mark.place.y + mark.place.height <= block.height


def test_boxes_that_say_less():
    """From numbers to cells with their range, cells alone, and names: each says less than the one before."""
    shown = {detail: set_box(BOX, LIGHT, detail) for detail in DETAILS}
    assert "10.0" in texts(shown["numbers"])
    assert "−2.5 … 10" in texts(shown["maps"])
    assert texts(shown["cells"]) == ["W"] and sum(isinstance(mark, Cells) for mark in shown["cells"].marks) == 2
    assert texts(shown["names"]) == ["W"] and len(shown["names"].marks) == 1


def test_vectors_keep_their_numbers():
    """Before all numbers become cells, matrices do; a row stands over its gradient, whose name the tint stands for."""
    h, formula = np.array([0.5, -0.25, 1.0]), Line("= tanh(x W)", "made")
    box = Box("h", "intermediate", [Line("h", "name"), formula, Values("", h), Values("∂L/∂h", -h, "gradient")])
    block = set_box(box, LIGHT, "vectors")
    rows = [
        sorted(run.text for run in block.marks if isinstance(run, Run) and ("i" in run.style) == is_gradient)
        for is_gradient in (0, 1)
    ]
    assert rows[1] == ["0.25", "−0.50", "−1.00"] and "0.50" in rows[0] and "∂L/∂h" not in rows[1]
    (tint,) = [mark.place for mark in block.marks if isinstance(mark, Panel)]
    assert tint.y > max(run.y for run in block.marks if isinstance(run, Run) and "i" not in run.style)
    assert any(isinstance(mark, Cells) for mark in set_box(BOX, LIGHT, "vectors").marks)
    assert texts(set_box(box, LIGHT, "bare")) == ["h"] and texts(set_box(box, LIGHT, "formulas"))[1:]


@pytest.mark.parametrize("theme", THEMES)
def test_cells_below_zero_in_greyscale(theme):
    """In every theme each negative cell has a minus that is seen without colours; where cells are too small, it is hatched."""
    look = THEMES[theme]
    for array in (np.array([[1.0, -1.0], [-0.3, 0.0]]), np.where(np.arange(28) < 14, 1.0, -0.6) * np.ones((1, 28, 28))):
        marks = set_box(Box("W", "parameter", [Values("", array)]), look, "cells").marks
        (cells,) = [mark for mark in marks if isinstance(mark, Cells)]
        bars = [mark for mark in marks if isinstance(mark, Panel)]
        assert len(bars) == (2 if array.size == 4 else 28)
        side = cells.place.width / len(cells.colours[0])
        for bar in bars:
            row, column = int((bar.place.y - cells.place.y) / side), int((bar.place.x - cells.place.x) / side)
            assert array.reshape(array.shape[-2:])[row, column] < 0
            assert contrast(bar.fill, cells.colours[row][column]) >= 1.7


def test_hatching_is_said():
    """The legend says what hatching means, where there is any."""
    for side, words in ((28, ["hatched: < 0"]), (4, [])):
        picture = Picture(boxes=[Box("x", "constant", [Values("", -np.ones((1, side, side)))])])
        assert [text for text, _ in legend_of(picture, LIGHT)] == words


def test_real_subscripts():
    """What stands below or above a line is a smaller digit of the same face; names of functions and keywords stay whole."""
    assert pieces_of("W₁₂ᵀ") == [("W", 0), ("12", -1), ("T", 1)]
    assert pieces_of("log_softmax(b_h, keep_dims=True)") == [("log_softmax(b", 0), ("h", -1), (", keep_dims=True)", 0)]
    assert pieces_of("z_6² + h_(t−1) + a_b_c") == [("z", 0), ("6", -1), ("2", 1), (" + h", 0), ("t−1", -1), (" + a_b_c", 0)]
    assert pieces_of("∂L/∂z_1₂") == [("∂L/∂z", 0), ("1,2", -1)]
    line = line_of([("h₁²", LIGHT.ink, "")])
    assert [(mark.text, mark.is_script, mark.size < SIZE) for mark in line.marks] == [
        ("h", False, False),
        ("1", True, True),
        ("2", True, True),
    ]
    assert line.marks[1].y > line.marks[0].y > line.marks[2].y


@given(words=st.lists(st.text("abc+−", min_size=1, max_size=9), max_size=20))
def test_broken_lines_lose_nothing(words):
    """A text in several lines has all its words, in their order."""
    text = " ".join(words)
    assert " ".join(broken(text, 80)).split() == text.split()


def test_what_is_said_of_one_thing_stays_in_a_line():
    """A line is broken at a dot rather than within what stands between two dots, if that fits a line at all."""
    parts = [("folded", "grey"), ("   ·   number: ", "grey"), ("> 0", "blue"), (", ", "grey"), ("< 0", "orange")]
    written = [" ".join(mark.text for mark in line.marks) for line in in_lines(parts, 190)]
    assert written == ["folded", "number: > 0 , < 0"]


def test_no_line_ends_with_what_parts_two_things():
    """Where a line is broken at the dot between two things, the dot goes."""
    parts = [("number: ", "grey"), ("> 0", "blue"), ("   ·   ", "grey"), ("arrow: its part of it", "grey")]
    written = [[mark.text for mark in line.marks] for line in in_lines(parts, 150)]
    assert written == [["number:", "> 0"], ["arrow: its part of it"]]
    assert [mark.text for mark in in_lines(parts, 1000)[0].marks] == ["number:", "> 0", "·", "arrow: its part of it"]
