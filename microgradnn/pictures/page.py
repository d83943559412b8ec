"""A Diagram as a web page: one file that shows values on hover, pans and zooms, and needs neither network nor library.

Graphviz draws; this module takes the drawing apart to say which shape in it is which box or arrow, and puts drawing and
cards into page.html, where the style and the script are. Text is escaped here, in three ways for three places: names
in HTML by `html.escape`, the SVG by the DOM that writes it, the cards as JSON that contains no markup.
"""

import base64
import hashlib
import html
import json
import re
from dataclasses import replace
from importlib.resources import files
from xml.dom import minidom

from ..formulas.brief import visible
from .dot_text import to_dot
from .picture import Line
from .render import render
from .themes import theme_named

PAIR = ("light", "dark")  # themes that are one page: it shows either, as the system or the reader chooses
KINDS = ("parameter", "constant", "intermediate", "output", "operation")  # kinds of boxes that a card names


def to_page(diagram):
    """The HTML text of a diagram's page.

    A light diagram follows the reader's system, a dark one starts dark; a button switches. Other themes stay as they are.

    Raises
    ------
    RendererError
        If there is no renderer, or it fails, or takes longer than a minute.
    """
    picture, theme = diagram.picture, diagram.theme
    title = " ".join(picture.title) or "Computation graph"
    items = page_items(picture)
    drawing = replace(picture, title=[], notes=[])  # the page sets these two as text, which wraps and stays in view
    themes = PAIR if theme in PAIR else (theme,)
    template = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    parts = {
        "theme": {"light": "auto", "dark": "dark"}.get(theme, "fixed"),
        "policy": _policy(template),
        "title": html.escape(visible(title)),
        "colours": _colours(themes),
        "heading": _heading(picture.title or [title]),
        "drawings": "\n".join(_drawing(drawing, name, items, title) for name in themes),
        "notes": "".join(f"<p>{html.escape(visible(note))}</p>" for note in picture.notes),
        "items": json_island(items),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)  # in one pass: a name may hold {{title}}


def save_page(diagram, path):
    """Write the page of a diagram."""
    path.write_text(to_page(diagram), encoding="utf-8")


def page_items(picture):
    """What the page knows of each box and, after them, of each arrow: its name, kind, card, and what it is joined to.

    `near` holds places in this same list: of a box, its arrows and the boxes at their other ends; of an arrow, its ends.

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
        {"name": _name(box), "kind": box.kind if box.kind in KINDS else "", "card": box.card, "near": set()}
        for box in picture.boxes
    ]
    for i, arrow in enumerate(picture.arrows, start=len(items)):
        ends = place[arrow.tail], place[arrow.head]
        first, second = reversed(ends) if arrow.against else ends
        name = arrow.card[0][0] if arrow.card and arrow.card[0][0] else f"{items[first]['name']} → {items[second]['name']}"
        items.append({"name": name, "kind": "", "card": arrow.card, "near": set(ends)})
        for end in ends:
            items[end]["near"].update({i, *ends} - {end})
    return [{**item, "near": sorted(item["near"])} for item in items]


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


def _policy(template):
    """The content security policy: no network, and no script but the template's own, known by its hash."""
    script = re.search(r"<script>(.*?)</script>", template, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def _colours(names):
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
        "accent": theme.negative,
        "scale": f"{theme.scale:g}",
    }
    return " ".join(f"--{key}: {value};" for key, value in values.items())


def _heading(lines):
    """The title; where its lines go on with "= …", the equals signs stand below each other."""
    if not any(line.startswith("= ") for line in lines):
        return "".join(f"<span class=line>{html.escape(visible(line))}</span>" for line in lines)
    cells = (f" {line}".partition(" = ") for line in lines)
    return "".join(
        f"<span>{html.escape(visible(left.strip()))} </span><span>{html.escape(visible(f'{eq} {right}'.strip()))}</span>"
        for left, eq, right in cells
    )


def _drawing(picture, theme, items, title, two_way=False):
    """The picture in a theme as an <svg> element whose shapes say, by data-item, which of `items` they show.

    With `two_way`, arrows have a second head at the other end, of the class "tail", for what flows back.
    """
    look = theme_named(theme)._replace(background="transparent")  # the page has the colour
    dot = to_dot(picture, look, outputorder="breadthfirst")  # the order in which the keyboard goes through them
    svg = minidom.parseString(render(dot, "svg")).documentElement  # noqa: S318 - our own renderer's
    waiting = {box.id: [i] for i, box in enumerate(picture.boxes)}
    for i, arrow in enumerate(picture.arrows, start=len(picture.boxes)):
        waiting.setdefault(f"{arrow.tail}->{arrow.head}", []).append(i)  # equal arrows come in the order of the DOT text
    shapes = [group for group in svg.getElementsByTagName("g") if group.getAttribute("class") in ("node", "edge")]
    for group in shapes:
        item = waiting[group.getElementsByTagName("title")[0].firstChild.data].pop(0)
        _mark(group, item, items[item])
        if group.getAttribute("class") == "edge":
            group.parentNode.insertBefore(_wide(group), shapes[0])  # below all shapes, so that it hides none
            if two_way:
                group.appendChild(_tail(group))
    _strip(svg)
    for element in [svg, *svg.getElementsByTagName("*")]:
        if element.hasAttribute("id"):
            element.setAttribute("id", f"{theme}-{element.getAttribute('id')}")  # the page may hold two drawings
    width, height = svg.getAttribute("viewBox").split()[2:]
    for key, value in {
        "width": width,
        "height": height,
        "class": theme,
        "role": "graphics-document",
        "aria-roledescription": "graph",
        "aria-label": visible(title),
    }.items():
        svg.setAttribute(key, value)
    return svg.toxml()


def _mark(group, place, item):
    """Say which item a shape shows; if that has a card, let the keyboard reach it."""
    group.setAttribute("data-item", str(place))
    if item["card"]:
        group.setAttribute("tabindex", "0")
        group.setAttribute("role", "button")
        group.setAttribute("aria-label", visible(item["name"]))


def _wide(group):
    """An invisible line as an arrow's, but wide enough to point at."""
    wide = group.getElementsByTagName("path")[0].cloneNode(False)
    if wide.hasAttribute("stroke-dasharray"):
        wide.removeAttribute("stroke-dasharray")
    looks = {"class": "wide", "stroke": "transparent", "stroke-width": "16", "data-item": group.getAttribute("data-item")}
    for key, value in looks.items():
        wide.setAttribute(key, value)
    return wide


def _tail(group):
    """An arrowhead at the tail of an arrow, and a line in place of the head that it has."""
    points = _points(group.getElementsByTagName("path")[0].getAttribute("d"))
    tip, end = points[0], points[-1]
    along = (points[1] - tip) / (abs(points[1] - tip) or 1)
    head = max(_points(group.getElementsByTagName("polygon")[0].getAttribute("points")), key=lambda corner: abs(corner - end))
    tail = group.ownerDocument.createElement("g")
    tail.setAttribute("class", "tail")
    for name, key, prefix, corners in (
        ("polygon", "points", "", (tip, tip + along * (7 + 2.5j), tip + along * (7 - 2.5j))),
        ("path", "d", "M", (end, head)),
    ):
        shape = tail.appendChild(group.ownerDocument.createElement(name))
        shape.setAttribute(key, prefix + " ".join(f"{corner.real:.1f},{corner.imag:.1f}" for corner in corners))
    return tail


def _points(text):
    """The points of an SVG path or polygon, as complex numbers."""
    numbers = list(map(float, re.findall(r"-?[\d.]+", text)))
    return [complex(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]


def _strip(node):
    """Take out comments, and the titles that a browser would show as tooltips over the cards."""
    for child in list(node.childNodes):
        if child.nodeType == child.COMMENT_NODE or child.nodeName == "title":
            node.removeChild(child)
        elif child.nodeType == child.ELEMENT_NODE:
            if child.hasAttribute("xlink:title"):
                child.removeAttribute("xlink:title")
            _strip(child)
