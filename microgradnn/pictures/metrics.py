"""How large text and boxes are, without a renderer: by the widths of Helvetica's letters, which Arial and others share."""

from unicodedata import east_asian_width

from ..formulas.aligned import aligned
from .arrays import MOST_CELLS, is_small, table_of, told_of
from .dot_labels import ON_TINT, SIZES
from .legend import legend_of
from .picture import Line

LETTERS = "0123456789 !\"#$%&'()*+,-./:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"
ROMAN = (
    "556 556 556 556 556 556 556 556 556 556 278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 278 278 "
    "584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 "
    "667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 "
    "278 556 500 722 500 500 500 334 260 334 584"
)
BOLD = (
    "556 556 556 556 556 556 556 556 556 556 278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 333 333 "
    "584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 667 944 "
    "667 667 611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 "
    "333 611 556 778 556 556 500 389 280 389 584"
)
SIGNS = (
    dict.fromkeys("−×", 584)
    | dict.fromkeys("÷±≈≤≥", 549)
    | dict.fromkeys("→←…", 1000)
    | {"∞": 713, "⊙": 838, "·": 333, "∂": 494, "√": 549, "Σ": 618, "′": 188, "″": 354}
)
SCRIPTS = dict.fromkeys("₀₁₂₃₄₅₆₇₈₉₊₋²³¹⁰⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾ᵀ", 360)
WIDTHS = {  # thousandths of the size, by Adobe's metrics of Helvetica; of all other letters OTHER, of Chinese ones 1000
    bold: dict(zip(LETTERS, map(int, widths.split()), strict=True)) | SIGNS | SCRIPTS
    for bold, widths in ((False, ROMAN), (True, BOLD))
}
OTHER = 620


def width_of(text, size=13, bold=False):
    """The width of a line of text in points.

    >>> width_of("W = 12", 10), width_of("W = 12", 10, bold=True)
    (31.96, 31.96)
    """
    widths = WIDTHS[bold]
    wide = (widths.get(letter) or (1000 if east_asian_width(letter) in "WF" else OTHER) for letter in text)
    return round(sum(wide) * size / 1000, 2)


def widest(texts):
    """The widest of some lines of text."""
    return max(texts, key=width_of)


def size_of_texts(texts):
    """Width and height of lines below each other, from pairs of text and size."""
    return max((width_of(*text) for text in texts), default=0.0), sum(1.2 * size + 2 for _, size in texts)


def size_of_lines(lines):
    """Width and height of the lines beside an arrow."""
    return size_of_texts([(line.text, 12) for line in lines])


def size_of_title(picture, theme):
    """Width and height of title, notes and legend, with the space below them."""
    texts = [(line, 17) for line in picture.title] + [(note, SIZES["note"]) for note in picture.notes]
    legend = "".join(text for text, _ in legend_of(picture, theme))
    width, height = size_of_texts(texts + [(legend, SIZES["note"])] * bool(legend))
    return width, height + 24 if height else 0.0


def size_of(box):
    """Width and height of a box: rather too large than too small, as the renderer may have another font."""
    lines = [item for item in box.content if isinstance(item, Line)]
    arrays = [item for item in box.content if not isinstance(item, Line)]
    sizes = [size_of_texts([(line.text, SIZES.get(line.role, 13))]) for line in lines]
    sizes += [_size_of_numbers(item) for item in arrays if is_small(item.array)]
    maps = [_size_of_map(item) for item in arrays if not is_small(item.array)]  # they stand side by side
    sizes += [(sum(width + 8 for width, _ in maps) + 8, max(height for _, height in maps) + 16)] if maps else []
    on_tint = sum(1 if isinstance(item, Line) else 2 for item in box.content if item.role == "gradient")
    width = 1.05 * max((width for width, _ in sizes), default=0.0) + 20 + (2 * ON_TINT if on_tint else 0)
    height = 1.05 * sum(height for _, height in sizes) + 12 + 2 * ON_TINT * on_tint
    return (width * 1.42, height * 1.42) if box.kind == "operation" else (width, height)  # an ellipse around them


def _size_of_numbers(item):
    """Width and height of a small array between its brackets, below what it is called."""
    written = aligned(table_of(item.array, item.column))
    columns = [max(width_of(text, 11) for text in column) for column in zip(*written.texts, strict=True)]
    width = sum(columns) + 8 * (len(columns) + 2) + width_of(written.factor, 11)
    label = size_of_texts([(item.label, 13)] * bool(item.label))
    return max(width, label[0]), label[1] + len(written.texts) * (1.2 * 11 + 8)


def _size_of_map(item):
    """Width and height of a heat map, with the lines above it."""
    down, across = (min(n, MOST_CELLS) * 7 + 4 for n in table_of(item.array).shape)
    width, height = size_of_texts([(item.label or "value", 11), *((line, 10) for line in told_of(item.array))])
    return max(width, across), height + down
