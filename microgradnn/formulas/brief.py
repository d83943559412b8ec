"""Arrays in a few characters, and text with what cannot be seen made visible."""

import numpy as np

from .notation import number

MOST_IN_A_BOX = 3  # elements that a box of the graph shows


def in_box(x):
    """An array in a box of the graph: few numbers, of three digits, else their range.

    >>> in_box(np.array([0.12345, 2])), in_box(np.arange(10.0))
    ('[0.123, 2]', '0 … 9')
    """
    x = np.asarray(x)
    if x.dtype.kind not in "biuf" or x.size == 0:
        return brief(x) if x.size == 0 else str(x.dtype)
    if x.size > MOST_IN_A_BOX or x.ndim > 1:
        return f"{number(x.min(), 3)} … {number(x.max(), 3)}"
    written = ", ".join(number(v, 3) for v in x.ravel().tolist())
    return written if x.ndim == 0 else f"[{written}]"


FEW = 6  # elements that a line shows as numbers


def brief(array):
    """An array in a few characters: its numbers if they are few, else its range.

    >>> brief(np.array([0.5, -2.0])), brief(np.arange(100.0)), brief(np.float64(3))
    ('[0.5, −2]', '0 … 99', '3')
    """
    array = np.asarray(array)
    if array.ndim == 0:
        return number(array.item())
    if array.size == 0:
        return "empty"
    if array.size > FEW:
        return f"{number(array.min())} … {number(array.max())}"
    numbers = [number(x) for x in array.ravel().tolist()]
    rows = [numbers[i : i + array.shape[-1]] for i in range(0, len(numbers), array.shape[-1])]
    return "; ".join(", ".join(row) for row in rows).join("[]")


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
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
