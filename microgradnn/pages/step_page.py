"""The page of the steps: the live page, opened at its steps; where the pass is not what the rules give now, as a recording."""

import numpy as np

from ..drawing.graph_diagram import draw
from ..errors import one_of
from ..pictures.picture import DIRECTIONS
from ..pictures.trust import frame
from ..saving.whole_files import write
from .live_page import Live
from .live_steps import contributions_of


def page_of(steps, theme="light"):
    """The HTML text of the page of some steps.

    Parameters
    ----------
    steps : BackwardSteps
    theme : {"light", "dark"}, optional
        A light page follows the reader's system, a dark one starts dark; a button switches.

    Raises
    ------
    ValueError
        If there is no such theme.
    RendererError
        If there is no renderer, or it fails, or takes longer than a minute.
    """
    with steps.at(len(steps)):  # the values as they were then
        return Live.of_pass(steps.recorded, why_fixed(steps)).page(theme, mode="steps")


def why_fixed(steps):
    """Why a pass is shown as it was; "" if the rules give the same now, so that it can go on."""
    if np.shape(steps.output.data) != ():
        return "The pass began at an array: a page computes the gradient of one number."
    if steps.seed != 1:
        return "The pass began with a gradient that was given, and not with 1."
    now, then = contributions_of(steps.output), steps.recorded.contributions
    if len(now) != len(then):
        return "The pass was not complete."
    if not all(np.array_equal(a.dx, b.dx, equal_nan=True) for a, b in zip(now, then, strict=True)):
        return "A hook took part in the pass, so that the rules alone do not give what it gave."
    return ""


def save_page(steps, path, theme, direction):
    """Write the page of some steps. It lays its graph out by its own width, whatever the direction."""
    if direction is not None:
        one_of(DIRECTIONS, direction, "direction")
    write(path, page_of(steps, theme))


def to_notebook(steps):
    """The page in a frame; where the notebook is not trusted, a picture of the graph after the last step."""
    with steps.at(len(steps)):
        picture = draw(steps.output).render()
    return frame(page_of(steps), "Steps", picture)
