"""A Picture in Mermaid's language, which GitHub and many wikis draw where they find it in a text.

Mermaid lays it out and chooses the type; lines of text, colours and the direction of the arrows are kept, heat maps are not.
"""

import html

import numpy as np

from ..formulas.unicode_text import number
from .arrays import told_of
from .dot_text import line_look
from .picture import Values
from .themes import LIGHT

SHAPES = {
    "parameter": ('["', '"]'),
    "target": ('["', '"]'),
    "constant": ('[/"', '"/]'),
    "output": ('(["', '"])'),
    "operation": ('(["', '"])'),
}
CLASSES = {  # colours of the light theme that can be read on dark ground too, as all text is within boxes
    kind: f"fill:{look.fill},stroke:{look.border},stroke-width:{max(look.width, 1):g}px,color:{look.ink}"
    for kind, look in LIGHT.looks.items()
}


def to_mermaid(picture):
    """The Mermaid text of a picture.

    >>> from microgradnn.pictures.picture import Arrow, Box, Line, Picture
    >>> boxes = [Box("x", "parameter", [Line("x = 2")]), Box("y", "output", [Line("y = x²")])]
    >>> print(to_mermaid(Picture(boxes=boxes, arrows=[Arrow("x", "y", [Line("2 x")])])))
    flowchart LR
        x["x = 2"]
        y(["y = x²"])
        x -- "2 x" --> y
        classDef parameter fill:#ffffff,stroke:#0f172a,stroke-width:2.2px,color:#0f172a
        classDef output fill:#ffffff,stroke:#0f172a,stroke-width:2.2px,color:#0f172a
        class x parameter
        class y output
    <BLANKLINE>
    """
    lines = [f"flowchart {picture.direction}"]
    if picture.title:
        lines = ["---", f"title: {_quoted(' '.join(picture.title))}", "---", *lines]
    lines += _frame_lines(picture, None, "    ")
    for arrow in picture.arrows:
        start, end = (arrow.head, arrow.tail) if arrow.against else (arrow.tail, arrow.head)
        text = "<br/>".join(_escape(line.text) for line in arrow.lines)
        label = f' -- "{text}" --> ' if text else " --> "
        lines.append(f"    {start}{label}{end}")
    return "\n".join([*lines, *_looks(picture)]) + "\n"


def _looks(picture):
    """The looks of the kinds of boxes, and of the arrows that carry parts of a sum: by sign, dashed below zero."""
    kinds = {}
    for box in picture.boxes:
        kinds.setdefault(box.kind, []).append(box.id)
    lines = [f"    classDef {kind} {CLASSES[kind]}" for kind in kinds]
    lines += [f"    class {','.join(ids)} {kind}" for kind, ids in kinds.items()]
    for i, arrow in enumerate(picture.arrows):
        colour, style, width = line_look(arrow, LIGHT)
        if arrow.kind == "gradient":
            dashes = ",stroke-dasharray:6 4" if style == "dashed" else ""
            lines.append(f"    linkStyle {i} stroke:{colour},stroke-width:{width:.3g}px{dashes}")
    return lines


def _frame_lines(picture, frame_id, indent):
    lines = [indent + _box(box) for box in picture.boxes if box.frame == frame_id]
    for frame in picture.frames:
        if frame.parent == frame_id:
            inner = _frame_lines(picture, frame.id, indent + "    ")
            lines += [f'{indent}subgraph {frame.id}["{_escape(frame.label)}"]', *inner, f"{indent}end"]
    return lines


def _box(box):
    opening, closing = SHAPES.get(box.kind, ('("', '")'))
    text = "<br/>".join(_escape(_text(item)) for item in box.content)
    return f"{box.id}{opening}{text}{closing}"


def _text(item):
    """A line, or an array in a few words."""
    if not isinstance(item, Values):
        return item.text
    array = np.asarray(item.array, dtype=float)
    few = 0 < array.size <= 4
    return f"{item.label} {', '.join(number(x, 3) for x in array.ravel()) if few else ', '.join(told_of(array))}"


def _escape(text):
    """Text within Mermaid's quotes: # begins its entities, so a # of the text becomes one too.

    >>> _escape('a "b" & #quot;')
    'a #quot;b#quot; #amp; #35;quot;'
    """
    visible = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return html.escape(visible.replace("#", "#35;")).replace("&#x27;", "'").replace("&", "#")


def _quoted(text):
    return '"' + "".join(c if c.isprintable() else " " for c in text).replace("\\", "\\\\").replace('"', '\\"') + '"'
