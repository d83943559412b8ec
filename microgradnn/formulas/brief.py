"""Arrays in a few characters, and text with what cannot be seen made visible."""

import numpy as np

from .unicode_text import number

FEW = 6  # elements that a line shows as numbers


def brief(array, digits=4, most=FEW):
    """An array in a few characters: its numbers if they are few, else its range; of what has no order, its type.

    >>> brief(np.array([0.5, -2.0])), brief(np.arange(100.0)), brief(np.float64(3)), brief(np.array([["a"]]))
    ('[0.5, −2]', '0 … 99', '3', '<U1')
    """
    array = np.asarray(array)
    if array.size == 0:
        return "empty"
    if array.dtype.kind not in "biufc":
        return str(array.dtype)
    if array.ndim == 0:
        return number(array.item(), digits)
    if array.size > most:
        return f"{number(array.min(), digits)} … {number(array.max(), digits)}"
    rows = array.reshape(-1, array.shape[-1]).tolist()
    return "; ".join(", ".join(number(x, digits) for x in row) for row in rows).join("[]")


def in_box(array):
    """An array as a box of the graph shows it.

    >>> in_box(np.array([0.12345, 2])), in_box(np.arange(10.0))
    ('[0.123, 2]', '0 … 9')
    """
    return brief(array, digits=3, most=3)


def counted(count, noun):
    """A number of things, in the plural unless there is one.

    >>> counted(1, "path"), counted(2000, "path"), counted(0, "more contribution")
    ('1 path', '2,000 paths', '0 more contributions')
    """
    return f"{count:,} {noun}{'s' * (count != 1)}"


def index_text(index):
    """The index of an element as it stands behind a name; nothing for a number's.

    >>> index_text((0, 1)), index_text(())
    ('[0, 1]', '')
    """
    return f"[{', '.join(map(str, index))}]" if index else ""


def visible(text):
    """Text with what cannot be seen written as Python writes it: a line break as \\n."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
