"""The page of the steps, as HTML text: the live page where there can be one, else the page of stepper.html.

The latter holds the graph once; which box and which arrow belong to which step, and every text that changes, stand beside it as
JSON. stepper.html's script puts them in by `textContent`, and formulas element by element, so that no name becomes markup.
"""

import html

import numpy as np

from ..drawing.graph_diagram import draw
from ..errors import one_of
from ..pictures.natural import natural_layout
from ..pictures.page_drawing import drawing_of
from ..pictures.page_parts import PAIR, colours_of, filled, json_island, page_items
from ..pictures.themes import theme_named
from ..pictures.trust import frame
from ..saving.whole_files import write
from .live_network import contributions_of
from .live_page import Live
from .positions import Positions


def to_step_page(steps, theme="light", direction="TB"):
    """The HTML text of the page of some steps.

    Parameters
    ----------
    steps : BackwardSteps
    theme : {"light", "dark"}, optional
        A light page follows the reader's system, a dark one starts dark; a button switches.
    direction : {"LR", "RL", "TB", "BT"}, optional
        Which way the computation runs in the graph.

    Raises
    ------
    ValueError
        If there is no such theme.
    RendererError
        If there is no renderer, or it fails, or takes longer than a minute.
    """
    one_of(PAIR, theme, "page of steps in the theme")
    with steps.at(0):  # the values as they were then
        told = Positions(steps, direction)
    title = f"{told.title}, step by step"
    items = page_items(told.picture)
    layout = natural_layout(told.picture, theme_named(theme))
    parts = {
        "theme": {"light": "auto"}.get(theme, theme),
        "title": html.escape(title),
        "colours": colours_of(PAIR),
        "drawings": "\n".join(drawing_of(told.picture, name, layout, items, title, with_steps=True) for name in PAIR),
        "notes": "".join(f"<p>{html.escape(note)}</p>" for note in told.notes),
        "data": json_island(told.data()),
    }
    return filled(__package__, "stepper.html", parts)


def page_of(steps, theme="light", direction=None):
    """The HTML text that steps are saved as: the live page, opened at its steps, if there is one for this pass.

    There is none for a large graph, for a rule that cannot be written as JavaScript, or where the pass is not what the rules
    give now: it began with another gradient, or a hook took part. Then it is the page of the steps alone.
    """
    one_of(PAIR, theme, "page of steps in the theme")
    direction = direction or "TB"
    if direction in ("LR", "TB"):
        with steps.at(0):
            found = live_of(steps)
            if found is not None:
                return found.page(theme, mode="steps")
    return to_step_page(steps, theme, direction)


def live_of(steps):
    """The live page of a pass, or None."""
    if np.shape(steps.seed) != () or steps.seed != 1:
        return None
    try:
        now, then = contributions_of(steps.output), steps.recorded.contributions
        same = len(now) == len(then) and all(np.array_equal(a.dx, b.dx, equal_nan=True) for a, b in zip(now, then, strict=True))
        return Live(steps.output) if same else None
    except (TypeError, ValueError):
        return None


def save_page(steps, path, theme, direction):
    """Write the page of some steps."""
    write(path, page_of(steps, theme, direction))


def to_notebook(steps):
    """The page in a frame; where the notebook is not trusted, a picture of the graph after the last step."""
    with steps.at(len(steps)):
        picture = draw(steps.output).render()
    return frame(page_of(steps), "Steps", picture)
