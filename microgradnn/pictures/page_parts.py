"""What all pages share: their colours, their policy, the facts about boxes and arrows, and how parts are put into a template.

Text is escaped in three ways for three places: names in HTML by `html.escape`, the SVG by the DOM that writes it
(page_drawing.py), facts as JSON that contains no markup.
"""

import base64
import hashlib
import json
import re
from importlib.resources import files

from .picture import Line
from .themes import theme_named

PAIR = ("light", "dark")  # themes that are one page: it shows either, as the system or the reader chooses
KINDS = ("parameter", "constant", "intermediate", "output", "operation")  # kinds of boxes that a card names


def filled(package, name, parts):
    """A template that stands beside a package's modules, with files and parts, the policy among them, in place of {{names}}."""
    template = re.sub(r"\{\{include (\S+)\}\}", lambda found: _file(package, found[1]), _file(package, name))
    parts = {**parts, "policy": policy_of(template)}
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)  # in one pass: a name may hold {{title}}


def _file(package, name):
    return files(package).joinpath(name).read_text(encoding="utf-8")


def policy_of(template):
    """The content security policy: no network, and no script but the template's own, known by its hash."""
    script = re.search(r"<script>(.*?)</script>", template, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def colours_of(names):
    """The themes as CSS variables. The dark one is for screens only: paper is white."""
    rules = [f":root {{ {_variables(names[0])} }}"]
    if len(names) > 1:
        rules.append(f"@media screen {{ :root[data-theme=dark] {{ {_variables(names[1])} color-scheme: dark; }} }}")
    return "\n".join(rules)


def _variables(name):
    theme = theme_named(name)
    values = {
        "background": theme.background,
        "paper": theme.looks["intermediate"].fill,
        "ink": theme.ink,
        "grey": theme.grey,
        "faint": theme.faint,
        "gradient": theme.gradient,
        "positive": theme.positive,
        "negative": theme.negative,
        "accent": theme.positive,
    }
    return " ".join(f"--{key}: {value};" for key, value in values.items())


def page_items(picture):
    """What the page knows of each box and, after them, of each arrow: its name, kind, card, and what it is joined to.

    `near` holds places in this same list: of a box, its arrows and the boxes at their other ends; of an arrow, its ends. `from`
    holds those that it is computed from: of a box, the arrows to it; of an arrow, the box that it begins at.

    >>> from microgradnn.pictures.picture import Arrow, Box, Picture
    >>> boxes = [Box("x", "parameter", [Line("x = 2")], [("", "x"), ("value", "2.0")]), Box("y", "note", [Line("y")])]
    >>> for item in page_items(Picture(boxes=boxes, arrows=[Arrow("x", "y")])):
    ...     print(item["name"], item["kind"], item["card"], item["near"])
    x parameter [('', 'x'), ('value', '2.0')] [1, 2]
    y  [] [0, 2]
    x → y  [] [0, 1]
    """
    place = {box.id: i for i, box in enumerate(picture.boxes)}
    items = [
        {"name": _name(box), "kind": box.kind if box.kind in KINDS else "", "card": box.card, "near": set(), "from": []}
        for box in picture.boxes
    ]
    for i, arrow in enumerate(picture.arrows, start=len(items)):
        ends = place[arrow.tail], place[arrow.head]
        first, second = reversed(ends) if arrow.against else ends
        name = arrow.card[0][0] if arrow.card and arrow.card[0][0] else f"{items[first]['name']} → {items[second]['name']}"
        items.append({"name": name, "kind": "", "card": arrow.card, "near": set(ends), "from": [ends[0]]})
        items[ends[1]]["from"].append(i)
        for end in ends:
            items[end]["near"].update({i, *ends} - {end})
    return [{**item, "near": sorted(item["near"])} for item in items]


def page_frames(picture):
    """What the page knows of each frame: its label, the frame around it, the boxes in it alone, whether it is closed at first.

    >>> from microgradnn.pictures.picture import Box, Frame, Picture
    >>> frames = [Frame("net", "Net"), Frame("one", "one: Linear", "net")]
    >>> net, one = page_frames(Picture(boxes=[Box("x", "note", []), Box("W", "parameter", [], frame="one")], frames=frames))
    >>> one
    {'label': 'one: Linear', 'parent': 0, 'boxes': [1], 'closed': False}
    """
    place = {frame.id: i for i, frame in enumerate(picture.frames)}
    inside = {frame.id: [i for i, box in enumerate(picture.boxes) if box.frame == frame.id] for frame in picture.frames}
    return [
        {
            "label": frame.label,
            "parent": place.get(frame.parent),
            "boxes": inside[frame.id],
            "closed": frame.closed is not None,
        }
        for frame in picture.frames
    ]


def json_island(data):
    """Data as JSON for a <script> element: nothing in it can end the element or begin a comment.

    >>> json_island(["</script>", "a & b"])
    '["\\\\u003c/script\\\\u003e","a \\\\u0026 b"]'
    """
    text = json.dumps(data, separators=(",", ":"))  # ASCII: also U+2028 and lone surrogates are escaped
    return text.translate({ord(c): f"\\u{ord(c):04x}" for c in "<>&"})


def _name(box):
    """A box in a few words: what its card is headed with, else its first line."""
    headings = [text for label, text in box.card if not label]
    lines = [item.text for item in box.content if isinstance(item, Line)]
    return (headings + lines + [box.id])[0]
