"""A Diagram as a web page: one file that shows values on hover, pans and zooms, and needs neither network nor library.

The style and the script of the page are in page.html; the drawing, its colours and the cards are put into it.
"""

import html
from dataclasses import replace

from ..formulas.brief import visible
from ..saving.whole_files import write
from .legend import legend_of
from .natural import natural_layout
from .page_drawing import drawing_of
from .page_parts import PAIR, colours_of, filled, json_island, page_frames, page_items
from .stubs import with_stubs
from .themes import theme_named


def to_page(diagram):
    """The HTML text of a diagram's page.

    A light diagram follows the reader's system, a dark one starts dark; a button switches. Other themes stay as they are.

    Raises
    ------
    RendererError
        If there is no renderer, or it fails, or takes longer than a minute.
    """
    picture, theme = with_stubs((diagram.opened and diagram.opened()) or diagram.picture), diagram.theme
    title = " ".join(picture.title) or "Computation graph"
    items = page_items(picture)
    drawn = replace(picture, title=[], notes=[], has_legend=False)  # the page sets these as text, which wraps and stays in view
    layout = natural_layout(drawn, theme_named(theme))
    themes = PAIR if theme in PAIR else (theme,)
    parts = {
        "theme": {"light": "auto", "dark": "dark"}.get(theme, "fixed"),
        "title": html.escape(visible(title)),
        "colours": colours_of(themes),
        "heading": _heading(picture.title or [title]),
        "drawings": "\n".join(drawing_of(drawn, name, layout, items, title) for name in themes),
        "notes": "".join(f"<p>{html.escape(visible(note))}</p>" for note in picture.notes)
        + _legend(picture, theme_named(theme)),
        "items": json_island(items),
        "frames": json_island(page_frames(drawn)),
    }
    return filled(__package__, "page.html", parts)


def save_page(diagram, path):
    """Write the page of a diagram."""
    write(path, to_page(diagram))


def _legend(picture, theme):
    """What colours and dashes say, in the colours of the theme that the page shows."""
    names = {theme.positive: "positive", theme.negative: "negative"} if theme.is_coloured else {}
    parts = [
        f"<span style='color:var(--{names[colour]})'>{html.escape(text)}</span>" if colour in names else html.escape(text)
        for text, colour in legend_of(picture, theme)
    ]
    return f"<p>{''.join(parts)}</p>" if parts else ""


def _heading(lines):
    """The title; where its lines go on with "= …", the equals signs stand below each other."""
    if not any(line.startswith("= ") for line in lines):
        return "".join(f"<span class=line>{html.escape(visible(line))}</span>" for line in lines)
    cells = (f" {line}".partition(" = ") for line in lines)
    return "".join(
        f"<span>{html.escape(visible(left.strip()))} </span><span>{html.escape(visible(f'{eq} {right}'.strip()))}</span>"
        for left, eq, right in cells
    )
