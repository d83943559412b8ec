"""The page of the steps, as HTML text.

The page holds the graph once; which box and which arrow belong to which step, and every text that changes, stand beside it as
JSON. stepper.html's script puts them in by `textContent`, and formulas element by element, so that no name becomes markup.
"""

import html

from ..errors import one_of
from ..pictures.arranging import layout_of
from ..pictures.page_drawing import drawing_of
from ..pictures.page_parts import PAIR, colours_of, filled, json_island, page_items
from ..pictures.themes import theme_named
from ..saving.whole_files import write
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
    layout = layout_of(told.picture, theme_named(theme))
    parts = {
        "theme": {"light": "auto"}.get(theme, theme),
        "title": html.escape(title),
        "colours": colours_of(PAIR),
        "drawings": "\n".join(drawing_of(told.picture, name, layout, items, title, two_way=True) for name in PAIR),
        "notes": "".join(f"<p>{html.escape(note)}</p>" for note in told.notes),
        "data": json_island(told.data()),
    }
    return filled(__package__, "stepper.html", parts)


def save_page(steps, path, theme, direction):
    """Write the page of some steps."""
    write(path, to_step_page(steps, theme, direction))


def to_notebook(steps):
    """The page in a frame of its own, for a notebook: it stays in the saved file, and reaches nothing outside itself."""
    page = html.escape(to_step_page(steps))
    return f'<iframe srcdoc="{page}" sandbox="allow-scripts" style="width:100%;height:640px;border:0" title="Steps"></iframe>'
