"""What a Tensor looks like: in a line of text, in a notebook, and in a debugger that opens it."""

import sys

import numpy as np

FEW = 40  # elements that text shows one by one
MOST = 10_000_000  # elements that are looked through for their range: more would take long where a debugger shows every local
MOST_IN_TABLE = 12  # rows, and columns, of which a notebook shows every number
MOST_IN_MAP = 64  # rows, and columns, that a notebook shows as coloured cells; of more, every so many


def tensor_text(x):
    """What `repr` says: the elements if they are few, else shape, range, NaN and inf, and whether there is a gradient."""
    after = [] if x.name is None else [f"name={x.name!r}"]
    if x.op is not None:
        after.append(f"op={x.op.name}")
    elif x.requires_grad:
        after.append("requires_grad=True")
    in_memory = isinstance(x.data, (np.ndarray, np.generic))
    if in_memory and x.dtype != np.float64:
        after.append(f"dtype={x.dtype}")
    if not in_memory:
        values = repr(x.data)
    elif x.size <= FEW:
        values = np.array2string(np.asarray(x.data), precision=4, separator=", ", prefix="Tensor(")
    else:
        values = f"shape={x.shape}"
        after = [*filter(None, [range_text(x.data)]), *after, *filter(None, [gradient_text(x)])]
    return f"Tensor({', '.join([values, *after])})"


def gradient_text(x):
    """Whether a large Tensor has a gradient, and its range."""
    if not x.requires_grad:
        return ""
    return "grad not computed" if x.grad is None else f"grad {range_text(np.asarray(x.grad))}".rstrip()


def short(x):
    """A number in four digits."""
    return f"{x:.4g}"


def range_text(array, number=short):
    """Least and largest number, and how many are none; nothing of numbers without order, or of very many.

    >>> range_text(np.array([1.0, np.nan, -3.0, np.inf]))
    '-3 … 1, 1 NaN, 1 inf'
    """
    array = np.asarray(array)
    if array.dtype.kind not in "biuf" or not 0 < array.size <= MOST:
        return ""
    finite, parts = array, []
    if array.dtype.kind == "f":
        good = np.isfinite(array)
        if not good.all():
            finite, nans = array[good], int(np.isnan(array).sum())
            parts = [f"{count} {what}" for count, what in ((nans, "NaN"), (array.size - finite.size - nans, "inf")) if count]
    span = [f"{number(finite.min().item())} … {number(finite.max().item())}"] if finite.size else []
    return ", ".join(span + parts)


# In a notebook


def tensor_html(x):
    """A Tensor for a notebook: values, and beside them the gradient; numbers if they are few, else coloured cells.

    None, so that the notebook shows the text, of what is not in memory, is one number, or has no or more than two axes' worth.
    """
    data = x.data
    if not isinstance(data, np.ndarray) or data.dtype.kind not in "biuf" or not 1 <= data.ndim <= 2 or not data.size:
        return None
    name = escaped(x.name) if x.name else "Tensor"
    made = "" if x.op is None else f" by {escaped(x.op.name)}"
    parts = [block(f"<b>{name}</b> {data.shape} {data.dtype}{made}", data)]
    if x.requires_grad and x.grad is None:
        parts.append("<div><small>gradient not computed</small></div>")
    elif x.requires_grad:
        parts.append(block(f"gradient of <b>{name}</b>", np.asarray(x.grad)))
    return f'<div style="display:flex;gap:2em;flex-wrap:wrap;align-items:flex-start">{"".join(parts)}</div>'


def block(title, array):
    """A title, the range, and the cells of an array."""
    told = range_text(array, lambda number: short(number).replace("-", "−"))
    cells = array.reshape(-1, array.shape[-1])
    rows = table_rows(cells) if max(cells.shape) <= MOST_IN_TABLE else map_rows(cells)
    return (
        f'<div><div>{title}</div><div><small>{told}</small></div><table style="border-collapse:collapse">{rows}</table></div>'
    )


def table_rows(cells):
    """Rows with every number, each on the colour of its sign and size."""
    largest = largest_of(cells)
    return rows_of([[number_cell(x, largest) for x in row] for row in cells])


def map_rows(cells):
    """Rows of coloured cells without numbers; where there are too many, every so many, and a word of it."""
    down, along = (-(-length // MOST_IN_MAP) for length in cells.shape)
    largest = largest_of(cells)
    rows = rows_of([[coloured_cell(x, largest) for x in row] for row in cells[::down, ::along]])
    if max(down, along) == 1:
        return rows
    return f'{rows}<caption style="caption-side:bottom"><small>every {down}. row, every {along}. column</small></caption>'


def rows_of(cells):
    """Cells as rows of a table."""
    return "".join(f"<tr>{''.join(row)}</tr>" for row in cells)


def number_cell(x, largest):
    """A number on its colour."""
    text = short(x.item()).replace("-", "−")
    return f'<td style="text-align:right;padding:.1em .5em;{colour(x, largest)}">{text}</td>'


def coloured_cell(x, largest):
    """The colour of a number, which is told where one points at it."""
    return f'<td style="width:8px;height:8px;padding:0;{colour(x, largest)}" title="{short(x.item())}"></td>'


def largest_of(array):
    """The largest size among the finite numbers of an array; 1 if it has none."""
    sizes = np.abs(array.astype(float))
    finite = sizes[np.isfinite(sizes)]
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0


def colour(x, largest):
    """The background of a number: blue above zero, orange below, the stronger the larger; what is no number is outlined."""
    value = float(x)
    if not np.isfinite(value):
        return "outline:2px solid #c00;outline-offset:-2px"
    strength = 0.08 + 0.62 * min(abs(value) / largest, 1)
    if value == 0:
        return "background:rgba(128,128,128,.12)"
    return f"background:rgba({'31,119,180' if value > 0 else '230,120,20'},{strength:.2f})"


def escaped(text):
    """A text as HTML has it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# In a debugger


class Children:
    """What pydevd, the debugger in VS Code, PyCharm and JupyterLab, shows below a Tensor: few and useful things.

    It would show every property and method, of which T has the same below it, without end.
    """

    def can_provide(self, type_object, type_name):
        """Whether it is asked about a Tensor."""
        return getattr(type_object, "requires_grad", None) is not None and hasattr(type_object, "birth")

    def get_dictionary(self, x):
        """The children, by name."""
        found = {"data": x.data, "grad": x.grad} if x.requires_grad else {"data": x.data}
        if x.op is not None:
            found |= {"op": x.op, "inputs": x.inputs}
        return found

    def resolve(self, x, name):
        """The child of a name."""
        return self.get_dictionary(x).get(name)


def tell_pydevd():
    """Let pydevd show these children, if it is there."""
    utils, api = (sys.modules.get(f"_pydevd_bundle.pydevd_extension_{part}") for part in ("utils", "api"))
    if utils is not None and api is not None:
        providers = utils.extensions_of_type(api.TypeResolveProvider)
        if not any(isinstance(provider, Children) for provider in providers):
            providers.append(Children())
