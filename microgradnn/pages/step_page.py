"""The page of the steps, as HTML text.

The page holds the graph once; which box and which arrow belong to which step, and every text that changes, stand beside it as
JSON. stepper.html's script puts them in by `textContent`, and formulas element by element, so that no name becomes markup.
"""

import html
import re
from importlib.resources import files

from ..pictures.page import PAIR, _colours, _drawing, _policy, json_island, page_items
from .told import Told


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
    if theme not in PAIR:
        raise ValueError(f"A page of steps is light or dark; there is no {theme!r} one.")
    with steps.at(0):  # the values as they were then
        told = Told(steps, direction)
    template = files(__package__).joinpath("stepper.html").read_text(encoding="utf-8")
    title = f"{told.title}, step by step"
    items = page_items(told.picture)
    parts = {
        "theme": {"light": "auto"}.get(theme, theme),
        "policy": _policy(template),
        "title": html.escape(title),
        "colours": _colours(PAIR),
        "drawings": "\n".join(_drawing(told.picture, name, items, title, two_way=True) for name in PAIR),
        "notes": "".join(f"<p>{html.escape(note)}</p>" for note in told.notes),
        "data": json_island(told.data()),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)


def save_page(steps, path, theme, direction):
    """Write the page of some steps."""
    path.write_text(to_step_page(steps, theme, direction), encoding="utf-8")


def to_notebook(steps):
    """The page in a frame of its own, for a notebook: it stays in the saved file, and reaches nothing outside itself."""
    page = html.escape(to_step_page(steps))
    return f'<iframe srcdoc="{page}" sandbox="allow-scripts" style="width:100%;height:640px;border:0" title="Steps"></iframe>'
