"""The same lines with `out=`: every array that they make is written to memory that was allocated once.

    h = np.tanh(x @ W + b_h)        np.matmul(x, W, out=h)
                                    np.add(h, b_h, out=h)
                                    np.tanh(h, out=h)

What NumPy cannot write into a given array (np.where, an index by an array) and what is one number stays as it is.
"""

import numpy as np

from .layout import commented
from .layout import statements as plain_statements
from .names import INFIX, Expression, is_number
from .source import ATOM, CODE, Text, shape_text, type_name, written

UFUNC_OF = {sign: ufunc.__name__ for ufunc, sign in INFIX.items()}
TAKE_OUT = {"np.concatenate", "np.stack", "np.einsum", "np.clip", "np.dot", "np.cumsum", "np.cumprod", "np.sum", "np.mean"}
METHODS_THAT_TAKE_OUT = {"sum", "mean", "max", "min", "prod", "std", "var", "cumsum", "cumprod", "dot", "clip"}


class Buffered:
    """Statements for lines, and the buffers that they write to.

    Attributes
    ----------
    allocations : list of (str, str, str)
        Name, shape and what else np.empty needs to know.
    """

    def __init__(self, writer, indent):
        self.writer, self.indent = writer, indent
        self.allocations = []
        self.scratch = {}  # (shape, dtype) -> names of buffers for what lines compute on the way
        self.busy, self.buffers = set(), set()

    def statements(self, lines):
        """The text of some lines."""
        text = []
        for line in lines:
            self.busy.clear()
            made = line.expression
            if made is None and line.target in self.buffers:
                continue  # a copy, so that memory is not shared; a buffer is not
            if made is None or not takes_out(made):
                text += plain_statements([line], self.indent)
                continue
            self.allocate(line.target, made)
            self.buffers.add(line.target)
            *before, last = self.compute(made, line.target)
            text += [*before, *commented(last, line.comment, self.indent)]
        return text

    def allocate(self, name, made):
        dtype = made.value.dtype
        kind = "" if dtype == np.float64 else f", dtype={type_name(dtype)}"
        self.allocations.append((name, shape_text(self.writer.program.shapes[made]), kind))

    def compute(self, made, buffer):
        """The statements that write an Expression to a buffer."""
        before, known = [], dict(self.writer.known)
        for x in made.operands:
            if x not in known and takes_out(x):
                place = buffer if self.may_overwrite(made, x, buffer, known) else self.free_buffer(x)
                before += self.compute(x, place)
                known[x] = Text(place, ATOM)
        return [*before, self.call(made, buffer, known)]

    def may_overwrite(self, made, x, buffer, known):
        """Whether an operand may be computed where the result will be: its elements are read before they are replaced."""
        elementwise = made.name != "@" and (made.head in ("infix", "prefix") or is_ufunc(made))
        alike = x.value.shape == made.value.shape and x.value.dtype == made.value.dtype
        return elementwise and alike and Text(buffer, ATOM) not in [known.get(other) for other in made.operands]

    def free_buffer(self, made):
        """A buffer for what a line computes on its way; another line may use it again."""
        names = self.scratch.setdefault((made.value.shape, made.value.dtype), [])
        for name in names:
            if name not in self.busy:
                break
        else:
            name = self.writer.numbered("s")
            names.append(name)
            self.allocate(name, made)
        self.busy.add(name)
        return name

    def call(self, made, buffer, known):
        """One statement that writes to a buffer."""
        if made.head == "infix":
            x, y = made.args
            if made.name == "**":
                return f"np.square({CODE.write(x, known).text}, out={buffer})"
            name = "dot" if made.name == "@" and x.value.ndim <= 2 >= y.value.ndim else UFUNC_OF[made.name]
            return f"np.{name}({CODE.operand(x, y, known).text}, {CODE.operand(y, x, known).text}, out={buffer})"
        if made.head == "prefix":
            name = {"-": "negative", "~": "invert"}[made.name]
            return f"np.{name}({CODE.write(made.args[0], known).text}, out={buffer})"
        return f"{written(made, known, CODE).text[:-1]}, out={buffer})".replace("(, ", "(")


def takes_out(made):
    """Whether NumPy can write an Expression to a given array."""
    if not isinstance(made, Expression) or not isinstance(made.value, np.ndarray) or made.value.ndim == 0 or made.silenced:
        return False
    if made.head == "infix":
        return made.name != "**" or is_number(made.args[1], 2)  # other powers have short cuts only as operators
    if made.head == "method":
        return made.name in METHODS_THAT_TAKE_OUT
    return made.head == "prefix" or (made.head == "function" and (made.name in TAKE_OUT or is_ufunc(made)))


def is_ufunc(made):
    """Whether an Expression is the call of a function that works element by element."""
    function = getattr(np, made.name.removeprefix("np."), None) if made.head == "function" else None
    return isinstance(function, np.ufunc) and function.nout == 1 and function.signature is None
