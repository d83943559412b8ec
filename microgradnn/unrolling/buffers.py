"""The same lines with `out=`: every array that they make is written to memory that was allocated once.

    h = np.tanh(x @ W + b_h)        np.matmul(x, W, out=h)
                                    np.add(h, b_h, out=h)
                                    np.tanh(h, out=h)

What NumPy cannot write into a given array (np.where, an index by an array) and what is one number stays as it is. Two
more things save time where arrays are small: numbers become arrays once, since NumPy would convert them in every call; and
products of vectors and matrices are written with dot, which is the same product and quicker to start than @.
"""

import numpy as np

from .layout import commented
from .layout import statements as plain_statements
from .names import INFIX, Expression, is_number
from .source import ATOM, CALL, Code, Text, is_constant, shape_text, type_name, written

UFUNC_OF = {sign: ufunc.__name__ for ufunc, sign in INFIX.items()}
# np.einsum would take out=, but then it may add up in another order: another last bit than backward().
TAKE_OUT = {"np.concatenate", "np.stack", "np.clip", "np.dot", "np.cumsum", "np.cumprod", "np.sum", "np.mean"}
METHODS_THAT_TAKE_OUT = {"sum", "mean", "max", "min", "prod", "std", "var", "cumsum", "cumprod", "dot", "clip"}


class Buffered:
    """Statements for lines, and the buffers that they write to.

    Attributes
    ----------
    allocations : list of str
        Statements that allocate the buffers.
    """

    def __init__(self, writer, indent):
        self.writer, self.indent = writer, indent
        self.allocations = []
        self.scratch = {}  # (shape, dtype) -> names of buffers for what lines compute on the way
        self.busy, self.buffers = set(), set()
        self.numbers = {}  # text of a number -> the name of an array that holds it

    def statements(self, lines):
        """The text of some lines."""
        text = []
        for line in lines:
            self.busy.clear()
            made = line.expression
            if made is None and line.target in self.buffers:
                continue  # a copy, so that memory is not shared; a buffer is not
            if made is not None and not takes_out(made):
                line = line._replace(code=written(made, self.writer.known, DOT).text)
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
        self.allocations.append(f"{name} = np.empty({shape_text(self.writer.program.shapes[made])}{kind})")

    def operand(self, x, other, known):
        """An operand of an operator; a number beside an array of floats as an array, made once."""
        text = DOT.operand(x, other, known).text
        kind = other.value.dtype if isinstance(other, Expression) and other.value.ndim else None
        if kind is None or kind.kind != "f" or not is_constant(x) or "(" in text:
            return text
        if (text, kind) not in self.numbers:
            self.numbers[text, kind] = self.writer.numbered("k")
            extra = "" if kind == np.float64 else f", dtype={type_name(kind)}"
            self.allocations.append(f"{self.numbers[text, kind]} = np.array({as_float(text)}{extra})")
        return self.numbers[text, kind]

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
                return f"np.square({DOT.write(x, known).text}, out={buffer})"
            if is_dot(made):
                return f"{DOT.write(x, known).within(CALL)}.dot({DOT.write(y, known).text}, out={buffer})"
            return f"np.{UFUNC_OF[made.name]}({self.operand(x, y, known)}, {self.operand(y, x, known)}, out={buffer})"
        if made.head == "prefix":
            name = {"-": "negative", "~": "invert"}[made.name]
            return f"np.{name}({DOT.write(made.args[0], known).text}, out={buffer})"
        return f"{written(made, known, DOT).text[:-1]}, out={buffer})".replace("(, ", "(")


class DotCode(Code):
    """Python source in which products of vectors and matrices are written with dot."""

    def infix(self, x, known):
        if not is_dot(x):
            return super().infix(x, known)
        left, right = x.args
        return Text(f"{self.write(left, known).within(CALL)}.dot({self.write(right, known).text})", CALL)


DOT = DotCode()


def is_dot(made):
    """Whether an Expression is a product that dot computes too."""
    return made.name == "@" and all(isinstance(x, Expression) and x.value.ndim <= 2 for x in made.args)


def as_float(text):
    """A number as one of floating point: 1.0 for 1."""
    return f"{text}.0" if text.removeprefix("-").isdigit() else text


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
