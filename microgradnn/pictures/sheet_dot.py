"""A Sheet in Graphviz's language: every mark a node at its place, every arrow with its way; Graphviz only draws.

Text is aligned left in a node that begins where the text does: so that depends on no renderer's idea of how wide letters are.
Its size is the node's, which may be any, where those in HTML-like labels are whole numbers. It is at the top of its node: from
there to its baseline it is a part of its size that is each renderer's own, and that it is asked for.
"""

import html
import re
from functools import cache
from itertools import repeat
from math import ceil

from ..formulas.brief import visible
from .dot_text import FONT, tooltip_of
from .layout import Point, shortened
from .metrics import width_of
from .render import DPI, render, which_renderer
from .sheet import Panel, Run, Sheet, Way, enlarged
from .themes import theme_named

BASELINE = 0.9  # how far below the top of its node renderers set a line, of its size: graphviz-pure; Graphviz 2 0.8, 14 0.95
LONGEST = 1000  # letters of a label


def draw_sheet(sheet, theme, format="svg", dpi=DPI, larger=1.0):
    """A sheet as the first renderer there is draws it, as bytes; `render` says what is raised."""
    return render(sheet_to_dot(sheet, theme, larger, _baseline_of(which_renderer())), format, dpi)


@cache
def _baseline_of(renderer):
    """How far below the top of its node a renderer sets a line, of its size; it is asked to draw one."""
    asked = Sheet(72, 72, [Run(0, 0, "x", 20, "black")], "white")
    drawn = render(sheet_to_dot(asked, "light", baseline=0), "svg")
    found = re.search(rb'<text[^>]* y="(-?[\d.]+)"', drawn)  # from the lower edge, down
    return (72 + float(found[1])) / 20 if found else BASELINE


def sheet_to_dot(sheet, theme, larger=1.0, baseline=BASELINE):
    """The DOT text of a sheet, in the looks of a theme.

    A node as large as the sheet is not seen: from its nodes Graphviz computes how large a picture is. All may be written so
    many times `larger`, to be reduced again when it is drawn: where Graphviz draws pixels, it rounds the widths of letters.
    `baseline` is how far below the top of its node the renderer sets a line, of its size.
    """
    sheet = enlarged(sheet, larger)
    writer = SheetWriter(sheet, theme_named(theme) if isinstance(theme, str) else theme, larger, baseline)
    owned = list(zip(sheet.marks, sheet.owners or repeat(""), strict=False))
    for is_way in (False, True):
        for mark, owner in owned:
            if isinstance(mark, Way) == is_way:
                writer.write(mark, owner)
    return writer.text()


class SheetWriter:
    """Writes marks down one after the other."""

    def __init__(self, sheet, theme, larger, baseline):
        self.sheet, self.theme, self.larger, self.baseline, self.owner = sheet, theme, larger, baseline, ""
        self.lines, self.count = [], 0

    def text(self):
        """str: the whole graph."""
        width, height = self.sheet.width, self.sheet.height
        head = {"layout": "nop2", "bb": f"0,0,{width:.2f},{height:.2f}", "pad": 0, "margin": 0, "outputorder": "nodesfirst"}
        zoom = 1 / self.larger
        head["viewport"] = f"{width * zoom:.2f},{height * zoom:.2f},{zoom:.6g},{width / 2:.2f},{height / 2:.2f}"
        page = _attributes({**self._place(0, 0, width, height), "shape": "box", "style": "invis"})
        lines = [
            f"graph [{_attributes(head | {'bgcolor': self.sheet.background})}]",
            f'node [fixedsize=true fontname="{FONT}" label="" labelloc=t margin=0]',
            f'"mark 0" [{page}]',
            *self.lines,
        ]
        return "digraph {\n" + "".join(f"\t{line}\n" for line in lines) + "}\n"

    def write(self, mark, owner=""):
        """Write one mark, and what it belongs to, as the class that it has in an SVG."""
        self.owner = owner
        getattr(self, f"_write_{type(mark).__name__}")(mark)

    def _node(self, x, y, width, height, name=None, **attributes):
        """A node with its upper left corner at x, y."""
        self.count += name is None
        written = _attributes({**self._place(x, y, width, height), **attributes, **self._owned()})
        self.lines.append(f"{_quoted(name or f'mark {self.count}')} [{written}]")

    def _owned(self):
        return {"class": self.owner} if self.owner else {}

    def _place(self, x, y, width, height):
        middle = f"{x + width / 2:.2f},{self.sheet.height - y - height / 2:.2f}"
        return {"pos": middle, "width": f"{width / 72:.4f}", "height": f"{height / 72:.4f}"}

    def _write_Run(self, run):
        width = ceil(1.4 * width_of(run.text, run.size, "b" in run.style) + run.size)
        height = 2 * ceil(0.625 * run.size)  # even: half of it is a whole number, to which Graphviz 2 rounds places in tables
        y = run.y - self.baseline * run.size
        label = _styled(run, width, height) if run.style else f"{_plain(run.text)}\\l"  # renderers may measure wider than we do
        self._node(run.x, y, width, height, shape="plaintext", label=label, fontsize=f"{run.size:.2f}", fontcolor=run.colour)

    def _write_Panel(self, panel):
        look = {"fillcolor": panel.fill, "color": panel.border, "penwidth": f"{panel.line:.2f}"}
        style = "rounded,filled" if panel.rounded else "filled"
        self._node(*panel.place, shape="box", style=style, **look)

    def _write_Bracket(self, bracket):
        x, y, height, tick, colour = bracket
        line = abs(tick) * 0.32
        left, width = min(x, x + tick), abs(tick)
        upright = x if tick > 0 else x - line
        for place in ((upright, y, line, height), (left, y, width, line), (left, y + height - line, width, line)):
            self._node(*place, shape="box", style="filled", fillcolor=colour, penwidth="0")

    def _write_Cells(self, cells):
        x, y, width, height = cells.place
        side = height / len(cells.colours)
        for i, row in enumerate(cells.colours):
            more = 0.4 if i + 1 < len(cells.colours) else 0  # so that no gap is seen between rows
            fill = (
                {"style": "striped", "fillcolor": ":".join(row)}
                if len(set(row)) > 1
                else {"style": "filled", "fillcolor": row[0]}
            )
            self._node(x, y + i * side, width, side + more, shape="box", penwidth="0", **fill)
        self._write_Panel(Panel(cells.place, "transparent", cells.border, 0.8))

    def _write_Node(self, node):
        look = self.theme.looks[node.kind]
        attributes = {"shape": "none" if look.shape == "plain" else look.shape, "style": look.style or "invis"}
        paint = {"fillcolor": look.fill, "color": look.border, "penwidth": f"{look.width * node.line:.3g}"}
        self._node(*node.place, node.id, **attributes, **paint, tooltip=(tooltip_of(node.card).replace("&", "&amp;") or " "))

    def _write_Way(self, way):
        look = {"pos": self._way(way), "color": way.colour, "penwidth": f"{way.line:.3g}", "arrowsize": f"{way.tip / 10:.3g}"}
        look |= {"style": "dashed"} if way.dashed else {}
        look |= {"dir": "back"} if way.tips == "start" else {} if way.tips else {"dir": "none"}
        look |= {"tooltip": tooltip_of(way.card).replace("&", "&amp;")} if way.card else {}
        self.lines.append(f"{_quoted(way.tail)} -> {_quoted(way.head)} [{_attributes(look | self._owned())}]")

    def _way(self, way):
        """A curve and the tip of its arrow as Graphviz writes them."""
        points, mark = way.points, ""
        if way.tips:
            at_end = way.tips == "end"
            tip = points[-1] if at_end else points[0]
            points = shortened(points, way.tip, at_end)
            near = points[-1] if at_end else points[0]
            over = (
                0.5 * way.line / (abs(tip.x - near.x) + abs(tip.y - near.y) or 1)
            )  # Graphviz 2's tips run on beyond the point
            tip = Point(tip.x + (near.x - tip.x) * over, tip.y + (near.y - tip.y) * over)
            mark = f"{'e' if at_end else 's'},{tip.x:.2f},{self.sheet.height - tip.y:.2f} "
        return mark + " ".join(f"{point.x:.2f},{self.sheet.height - point.y:.2f}" for point in points)


def without_names(svg):
    """An SVG without the names of its marks, which a browser would show when the pointer is on them."""
    return re.sub(rb"(<!-- mark \d+ -->\n|<title>mark \d+</title>\n?)", b"", svg)


def _attributes(attributes):
    return " ".join(f"{key}={value if str(value).startswith('<<') else _quoted(value)}" for key, value in attributes.items())


def _styled(run, width, height):
    """A bold or italic piece of text as an HTML-like label, at the left of a cell."""
    text = html.escape(visible(run.text)[:LONGEST]).replace("]", "&#93;").replace("\\", "\\\\")
    for tag in run.style.upper():
        text = f"<{tag}>{text}</{tag}>"
    cell = f'<TD ALIGN="LEFT" VALIGN="TOP" FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}">{text}</TD>'
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{cell}</TR></TABLE>>'


def _quoted(text):
    return '"' + str(text).replace('"', '\\"') + '"'


def _plain(text):
    """Text as a label has it: Graphviz reads backslashes in it, and entities such as &lt;.

    >>> _plain("a & b"), _plain("\\\\N")
    ('a &amp; b', '\\\\\\\\N')
    """
    return visible(text)[:LONGEST].replace("\\", "\\\\").replace("&", "&amp;")
