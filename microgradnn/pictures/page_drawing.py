"""The drawing of a picture as SVG for a page, in which each shape says which box or arrow it is.

Graphviz draws; this module takes the drawing apart. Nothing of it is written as text, so that no name becomes markup.
"""

from xml.dom import minidom

from ..formulas.brief import visible
from .dot_text import to_dot
from .render import render
from .themes import theme_named


def drawing_of(picture, theme, layout, items, title):
    """The picture in a theme as an <svg> element whose shapes say, by data-item, which of `items` they show."""
    look = theme_named(theme)._replace(background="transparent")  # the page has the colour
    dot = to_dot(picture, look, layout, outputorder="breadthfirst")  # the order in which the keyboard goes through them
    svg = minidom.parseString(render(dot, "svg")).documentElement  # noqa: S318 - our own renderer's
    waiting = {box.id: [i] for i, box in enumerate(picture.boxes)}
    for i, arrow in enumerate(picture.arrows, start=len(picture.boxes)):
        waiting.setdefault(f"{arrow.tail}->{arrow.head}", []).append(i)  # equal arrows come in the order of the DOT text
    frames = {f"cluster_{frame.id}": i for i, frame in enumerate(picture.frames)}
    for group in svg.getElementsByTagName("g"):
        if group.getAttribute("class") == "cluster":
            group.setAttribute("data-frame", str(frames[group.getElementsByTagName("title")[0].firstChild.data]))
    shapes = [group for group in svg.getElementsByTagName("g") if group.getAttribute("class") in ("node", "edge")]
    for group in shapes:
        item = waiting[group.getElementsByTagName("title")[0].firstChild.data].pop(0)
        _mark(group, item, items[item])
        if group.getAttribute("class") == "edge":
            group.parentNode.insertBefore(_wide(group), shapes[0])  # below all shapes, so that it hides none
    _strip(svg)
    _describe(svg, theme, title)
    return svg.toxml()


def _describe(svg, theme, title):
    """Say what the drawing as a whole is; and let its ids be those of no other drawing on the page."""
    for element in [svg, *svg.getElementsByTagName("*")]:
        if element.hasAttribute("id"):
            element.setAttribute("id", f"{theme}-{element.getAttribute('id')}")
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


def _strip(node):
    """Take out comments, and the titles that a browser would show as tooltips over the cards."""
    for child in list(node.childNodes):
        if child.nodeType == child.COMMENT_NODE or child.nodeName == "title":
            node.removeChild(child)
        elif child.nodeType == child.ELEMENT_NODE:
            if child.hasAttribute("xlink:title"):
                child.removeAttribute("xlink:title")
            _strip(child)
