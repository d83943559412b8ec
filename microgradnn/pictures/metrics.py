"""How large text and boxes are, without a renderer: by the widths of Helvetica's letters, which Arial and others share."""

from ..formulas.unicode_text import number
from .dot_labels import MOST_CELLS, SIZES, is_small, table_of
from .picture import Line

NARROW = dict.fromkeys("ijl'|", 222) | dict.fromkeys("ftI !,./:;[]\\·", 278) | dict.fromkeys("r()-", 333)
WIDE = dict.fromkeys("mM", 833) | dict.fromkeys("wACDGHKNOQRUVXY&", 722) | dict.fromkeys("BEPS", 667) | {"W": 944, "@": 1015}
SIGNS = dict.fromkeys("+−=<>×÷", 584) | dict.fromkeys("→←…", 1000) | dict.fromkeys("₀₁₂₃₄₅₆₇₈₉²³", 360) | {"%": 889}
WIDTHS = {**NARROW, **WIDE, **SIGNS}  # thousandths of the size; of all other letters and digits about OTHER
OTHER = 556


def width_of(text, size=13):
    """The width of a line of text in points.

    >>> width_of("W = 12", 10)
    31.96
    """
    return round(sum(WIDTHS.get(letter, OTHER) for letter in text) * size / 1000, 2)


def widest(texts):
    """The widest of some lines of text."""
    return max(texts, key=width_of)


def size_of_texts(texts):
    """Width and height of lines below each other, from pairs of text and size."""
    return max((width_of(*text) for text in texts), default=0.0), sum(1.2 * size + 2 for _, size in texts)


def size_of_lines(lines, theme):
    """Width and height of the lines beside an arrow."""
    return size_of_texts([(line.text, 12 * theme.scale) for line in lines])


def size_of_title(picture, theme):
    """Width and height of title and notes, with the space below them."""
    texts = [(line, 17 * theme.scale) for line in picture.title] + [(note, 11 * theme.scale) for note in picture.notes]
    width, height = size_of_texts(texts)
    return width, height + 24 * theme.scale if texts else 0.0


def size_of(box, theme):
    """Width and height of a box: rather too large than too small, as the renderer may have another font."""
    lines = [item for item in box.content if isinstance(item, Line)]
    arrays = [item for item in box.content if not isinstance(item, Line)]
    sizes = [size_of_texts([(line.text, SIZES.get(line.role, 13) * theme.scale)]) for line in lines]
    numbers = [item for item in arrays if is_small(item.array)]
    sizes += [_size_of_numbers(numbers, theme)] if numbers else []
    maps = [_size_of_map(item, theme) for item in arrays if not is_small(item.array)]  # they stand side by side
    sizes += [(sum(width + 8 for width, _ in maps) + 8, max(height for _, height in maps) + 16)] if maps else []
    width = 1.05 * max((width for width, _ in sizes), default=0.0) + 20
    height = 1.05 * sum(height for _, height in sizes) + 12
    return (width * 1.42, height * 1.42) if box.kind == "operation" else (width, height)  # an ellipse around them


def _size_of_numbers(items, theme):
    """Width and height of the numbers of small arrays, which stand in common columns, and of what stands in front of them."""
    rows = [[number(x, 3) for x in row] for item in items for row in table_of(item.array)]
    size, count = 11 * theme.scale, max(map(len, rows))
    columns = [max(width_of(row[i], size) for row in rows if i < len(row)) for i in range(count)]
    label = max(width_of(item.label, size) for item in items)
    return label + sum(columns) + 8 * (count + 1), len(rows) * (1.2 * size + 8)


def _size_of_map(item, theme):
    """Width and height of a heat map, with the two lines above it."""
    down, across = (min(n, MOST_CELLS) * round(7 * theme.scale) + 4 for n in table_of(item.array).shape)
    width, height = size_of_texts([(item.label or "value", 11 * theme.scale), ("−0.0012 … −0.0034", 10 * theme.scale)])
    return max(width, across), height + down
