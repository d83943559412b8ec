"""The drawing of a picture as SVG for a page, in which each shape says which box or arrow it is.

Graphviz draws the marks of a sheet, each on its own; this module puts together what belongs together. Nothing of it is written
as text, so that no name becomes markup.
"""

from xml.dom import minidom

from ..formulas.brief import visible
from .dot_text import FONT
from .natural import TYPE, natural_sheet
from .sheet_dot import draw_sheet
from .themes import theme_named

USUAL = f"{TYPE:.2f}"  # the size of most texts


def drawing_of(picture, theme, layout, items, title):
    """The picture in a theme as an <svg> element whose shapes say, by data-item, which of `items` they show."""
    sheet = natural_sheet(picture, theme_named(theme), layout, on_page=True)
    drawn = draw_sheet(sheet._replace(background="transparent"), theme_named(theme))  # the page has the colour
    svg = minidom.parseString(drawn).documentElement  # noqa: S318 - our own renderer's
    owned = _put_together(svg)
    whole = next(group for group in svg.getElementsByTagName("g") if group.getAttribute("class") == "graph")
    for owner in [name for name in owned if name.startswith("frame-")]:
        frame = whole.appendChild(owned[owner])
        frame.setAttribute("class", "cluster")
        frame.setAttribute("data-frame", owner.removeprefix("frame-"))
    above = whole.appendChild(svg.ownerDocument.createElement("g"))  # over the wide lines, which hide nothing
    for item in _in_order(picture):
        group = above.appendChild(owned[f"item-{item}"])
        _mark(group, item, items[item])
        if item >= len(picture.boxes):
            whole.insertBefore(_wide(group), above)
            if not items[item]["card"]:  # the keyboard does not go there: it need not stand in order, and lies below boxes
                whole.insertBefore(group, above)
    for owner in [name for name in owned if name.startswith("closed-")]:
        closed = above.appendChild(owned[owner])
        _mark_border(closed)
        for key, value in {"class": "folded away", "data-fold": owner.removeprefix("closed-")}.items():
            closed.setAttribute(key, value)
    _strip(svg)
    _describe(svg, theme, title)
    return svg.toxml()


def _put_together(svg):
    """What belongs together, each in one group: the marks of a box or an arrow, by their owner's name."""
    owned = {}
    for group in sorted(svg.getElementsByTagName("g"), key=_is_no_edge):  # an arrow's label comes into the arrow's group
        kind, _, owner = group.getAttribute("class").partition(" ")
        if not owner:
            continue
        if owner not in owned:
            group.setAttribute("class", kind)
            owned[owner] = group
            continue
        _strip(group)
        group.parentNode.removeChild(group)
        for child in list(group.childNodes):
            owned[owner].appendChild(child)
    return owned


def _is_no_edge(group):
    return not group.getAttribute("class").startswith("edge")


def _in_order(picture):
    """The boxes and arrows in the order in which the keyboard goes through them: an arrow when both its ends are there."""
    place = {box.id: i for i, box in enumerate(picture.boxes)}
    waiting = {}
    for item, arrow in enumerate(picture.arrows, start=len(picture.boxes)):
        waiting.setdefault(max(place[arrow.tail], place[arrow.head]), []).append(item)
    return [item for box in range(len(picture.boxes)) for item in (box, *waiting.get(box, ()))]


def _describe(svg, theme, title):
    """Say what the drawing as a whole is; and let its ids be those of no other drawing on the page."""
    for element in svg.getElementsByTagName("*"):
        if element.hasAttribute("id"):
            element.setAttribute("id", f"{theme}-{element.getAttribute('id')}")
        if element.tagName == "text":
            _shorten(element)
        elif element.getAttribute("stroke") == "transparent":
            for key in ("stroke", "stroke-width"):
                if element.hasAttribute(key):
                    element.removeAttribute(key)
    width, height = svg.getAttribute("viewBox").split()[2:]
    for key, value in {
        "width": width,
        "height": height,
        "font-family": FONT,
        "font-size": USUAL,
        "class": theme,
        "role": "graphics-document",
        "aria-roledescription": "graph",
        "aria-label": visible(title),
    }.items():
        svg.setAttribute(key, value)


def _shorten(text):
    """Leave out of a text's attributes what it inherits from the drawing."""
    for key, value in (("font-family", None), ("text-anchor", "start"), ("xml:space", None), ("font-size", USUAL)):
        if text.hasAttribute(key) and value in (None, text.getAttribute(key)):
            text.removeAttribute(key)


def _mark(group, place, item):
    """Say which item a shape shows; if that has a card, let the keyboard reach it."""
    group.setAttribute("data-item", str(place))
    _mark_border(group)
    if item["card"]:
        group.setAttribute("tabindex", "0")
        group.setAttribute("role", "button")
        group.setAttribute("aria-label", visible(item["name"]))


def _mark_border(group):
    """Say which shape of a box is the box itself, and not what stands in it."""
    borders = [each for each in group.getElementsByTagName("*") if each.tagName in ("polygon", "path", "ellipse")]
    for border in borders[:1]:
        border.setAttribute("class", "border")


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
        if child.nodeType == child.COMMENT_NODE or child.nodeName == "title" or child.nodeValue == "\n":
            node.removeChild(child)
        elif child.nodeType == child.ELEMENT_NODE:
            if child.hasAttribute("xlink:title"):
                child.removeAttribute("xlink:title")
            _strip(child)
