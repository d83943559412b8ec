"""The same lines with buffers: every array that they make is written to memory that was allocated once.

    h = np.tanh(x @ W + b_h)        x.dot(W, h)
                                    np.add(h, b_h, h)
                                    np.tanh(h, h)

The last argument is where the result goes: NumPy takes it sooner there than as out=. What it cannot write into a given array
(np.where, an index by an array) and what is one number stays as it is. Where arrays are small, this saves as much again:

    dot for @ and for outer products    the same products, and quicker to start
    numbers in arrays                   NumPy would make an array of a number in every call
    views of buffers, made once         h.T, h[None, :]
    sum() / size for mean()             what mean() comes to
"""

import numpy as np

from .code import ATOM, CALL, PRODUCT, Code, Text, is_column, shape_text, type_name, written
from .expression import Expression, alike, is_constant, is_number, order_of
from .module_text import commented
from .module_text import statements as plain_statements
from .recorder import INFIX

UFUNC_OF = {sign: ufunc.__name__ for ufunc, sign in INFIX.items()}
# np.einsum would take out=, but then it may add up in another order: another last bit than backward().
TAKE_OUT = {"np.concatenate", "np.stack", "np.clip", "np.dot", "np.cumsum", "np.cumprod", "np.sum", "np.mean"}
METHODS_THAT_TAKE_OUT = {"sum", "mean", "max", "min", "prod", "std", "var", "cumsum", "cumprod", "dot", "clip"}
OUT_BY_NAME = {"np.maximum", "np.minimum"}  # NumPy warns of a third argument without a name
ROW = (None, slice(None))


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
        self.known = writer.known
        self.buffers, self.busy = set(), set()
        self.scratch = {}  # (shape, dtype, order) -> names of buffers for what lines compute on the way
        self.views = {}  # text of a view of a buffer -> its name
        self.numbers = {}  # (text of a number or a variable, dtype) -> the name of an array that holds it

    def statements(self, lines):
        """The text of some lines."""
        text = []
        for line in lines:
            self.busy.clear()
            made = line.expression
            if made is not None and self.is_view(made) and line.target not in self.writer.results:
                self.views[line.code] = line.target
                self.allocations.append(line.statement)
                continue
            if made is not None and takes_out(made):
                self.allocate(line.target, made)
                *before, last = self.compute(made, line.target)
                text += [*before, *commented(last, line.comment, self.indent)]
                continue
            if made is not None and not made.silenced:
                before, known = self.operands(made)
                text += before
                text += plain_statements([line._replace(code=written(made, known, QUICK).text)], self.indent)
                continue
            text += plain_statements([line], self.indent)
        return text

    def allocate(self, name, made):
        """Make a buffer for an Expression."""
        shape = shape_text(self.writer.program.shapes[made])
        order = ', order="F"' if order_of(made.value) == "F" else ""
        self.allocations.append(f"{name} = np.empty({shape}{dtype_argument(made.value.dtype)}{order})")
        self.buffers.add(name)

    def compute(self, made, buffer):
        """The statements that write an Expression to a buffer."""
        before, known = self.operands(made, buffer)
        if is_outer(made):
            column, row = made.args
            return [*before, f"{QUICK.write(column, known).within(CALL)}.dot({self.row(row, known)}, {buffer})"]
        name, args = ufunc_call(made)
        if name is None:
            last = buffer if is_dot(made) else f"out={buffer}"
            return [*before, f"{written(made, known, QUICK).text[:-1]}, {last})".replace("(, ", "(")]
        if len(args) == 2 and (made.head == "infix" or name in OUT_BY_NAME):
            x, y = args
            args = self.factor(x, y, known, before), self.factor(y, x, known, before)
        else:
            args = [QUICK.argument(x, known) for x in args]
        last = f"out={buffer}" if name in OUT_BY_NAME else buffer
        return [*before, f"{name}({', '.join([*args, last])})"]

    def operands(self, made, buffer=None):
        """The statements that compute operands of an Expression, and the names of things after them."""
        before, known = [], dict(self.known)
        for x in made.operands:
            if self.is_view(x):
                known[x] = self.view(x)
            elif x not in known and takes_out(x) and (buffer or isinstance(made.value, np.generic)):  # no view of scratch
                place = buffer if buffer and self.may_overwrite(made, x, buffer, known) else self.free_buffer(x)
                before += self.compute(x, place)
                known[x] = Text(place, ATOM)
        return before, known

    def may_overwrite(self, made, x, buffer, known):
        """Whether an operand may be computed where the result will be: its elements are read before they are replaced."""
        elementwise = ufunc_call(made)[0] not in (None, "np.matmul")
        shapes = self.writer.program.shapes
        return (
            elementwise
            and alike(x, made.value)
            and shapes[x] == shapes[made]
            and Text(buffer, ATOM) not in [known.get(other) for other in made.operands]
        )

    def free_buffer(self, made):
        """A buffer for what a line computes on its way; another line may use it again."""
        kind = self.writer.program.shapes[made], made.value.dtype, order_of(made.value)
        names = self.scratch.setdefault(kind, [])
        for name in names:
            if name not in self.busy:
                break
        else:
            name = self.writer.numbered("s")
            names.append(name)
            self.allocate(name, made)
        self.busy.add(name)
        return name

    def factor(self, x, other, known, before):
        """An operand of an operator; one that is a number, beside an array of floats, as an array that holds it."""
        text = QUICK.operand(x, other, known).text
        dtype = other.value.dtype if isinstance(other, Expression) and other.value.ndim else None
        if dtype is None or dtype.kind != "f":
            return text
        variable = not is_constant(x) and x in known and x.value.ndim == 0 and x.value.dtype == dtype
        if not variable and (not is_constant(x) or "(" in text):
            return text
        key = x if variable else text, dtype
        if key not in self.numbers:
            name = self.numbers[key] = self.writer.numbered("k")
            made = f"np.empty((){dtype_argument(dtype)})" if variable else f"np.array({as_float(text)}{dtype_argument(dtype)})"
            self.allocations.append(f"{name} = {made}")
            if variable:
                before.append(f"{name}[()] = {text}")
        return self.numbers[key]

    def is_view(self, x):
        """Whether an Expression is a view of a buffer: a buffer stays where it is, and so does the view."""
        base = x.args[0] if x.head == "index" or (x.head, x.name) == ("attribute", "T") else None
        is_buffer = base in self.known and self.known[base].text in self.buffers
        return is_buffer and isinstance(x.value, np.ndarray) and np.may_share_memory(x.value, base.value)

    def view(self, x):
        """Its name."""
        base = self.known[x.args[0]].text
        kind = "T" if x.name == "T" else "column" if is_column(x) else "row" if x.args[1] == ROW else "part"
        return Text(self.made_once(written(x, self.known, QUICK).text, f"{base}_{kind}"), ATOM)

    def row(self, x, known):
        """The row of an outer product, as a matrix."""
        text = QUICK.write(x, known).within(CALL)
        if x.value.ndim == 2:
            return text
        code = f"{text}[None, :]"
        return self.made_once(code, f"{text}_row") if text in self.buffers else code

    def made_once(self, code, wish):
        """The name of something that is made together with the buffers."""
        if code not in self.views:
            self.views[code] = self.writer.identifier(wish)
            self.allocations.append(f"{self.views[code]} = {code}")
        return self.views[code]


class QuickCode(Code):
    """Python source in which products are written with dot, and a mean as a sum."""

    def infix(self, x, known):
        if not is_dot(x):
            return super().infix(x, known)
        left, right = x.args
        return Text(f"{self.write(left, known).within(CALL)}.dot({self.write(right, known).text})", CALL)

    def method(self, x, known):
        base, *axes = x.args
        if x.name != "mean" or axes or x.kwargs or base not in known or base.value.dtype != np.float64:
            return super().method(x, known)
        name = known[base].text
        return Text(f"{name}.sum() / {name}.size", PRODUCT)


QUICK = QuickCode()


def is_dot(made):
    """Whether an Expression is a product that dot computes too, to the last bit.

    Of an operand that is one element, dot takes 0 · NaN as 0, so there it is not; unless this is so for a batch of one only.
    Nor is it where an operand is a view with gaps or backwards, which dot adds up in another order.
    """
    return made.name == "@" and all(
        isinstance(x, Expression) and x.value.size != 1 and is_one_block(x.value) for x in made.args
    )


def is_one_block(array):
    """Whether it is a vector or a matrix, or the transpose of one, whose elements lie in memory without gaps."""
    return array.ndim <= 2 and (array.flags.c_contiguous or array.flags.f_contiguous)


def is_outer(made):
    """Whether an Expression is the product of a column and a row. dot adds it to 0, so −0 may become 0; else it is the same."""
    if made.head != "infix" or made.name != "*" or not all(isinstance(x, Expression) for x in made.args):
        return False
    x, y = made.args
    is_row = y.value.ndim == 1 or (y.head == "index" and y.args[1] == ROW)
    alike = x.value.dtype == y.value.dtype and x.value.dtype.kind == "f"
    return is_column(x) and is_row and alike and made.value.ndim == 2 and 1 not in (x.value.size, y.value.size)


def ufunc_call(made):
    """The ufunc that computes an Expression, and its arguments; (None, ()) if it is no call of a ufunc alone."""
    if is_dot(made) or is_outer(made):
        return None, ()
    if made.head == "infix":
        return ("np.square", made.args[:1]) if made.name == "**" else (f"np.{UFUNC_OF[made.name]}", made.args)
    if made.head == "prefix":
        return {"-": "np.negative", "~": "np.invert"}[made.name], made.args
    return (made.name, made.args) if is_ufunc(made) and not made.kwargs else (None, ())


def as_float(text):
    """A number as one of floating point: 1.0 for 1."""
    return f"{text}.0" if text.removeprefix("-").isdigit() else text


def dtype_argument(dtype):
    """What to add to a call that would make float64."""
    return "" if dtype == np.float64 else f", dtype={type_name(dtype)}"


def takes_out(made):
    """Whether NumPy can write an Expression to a given array."""
    if not isinstance(made, Expression) or not isinstance(made.value, np.ndarray) or made.value.ndim == 0 or made.silenced:
        return False
    if order_of(made.value) is None:
        return False
    if made.head == "infix":
        return made.name != "**" or is_square(made)  # other powers have short cuts only as operators
    if made.head == "method":
        return made.name in METHODS_THAT_TAKE_OUT
    return made.head == "prefix" or (made.head == "function" and (made.name in TAKE_OUT or is_ufunc(made)))


def is_square(made):
    """Whether an Expression is x**2, of the type of x."""
    x, exponent = made.args
    return is_number(exponent, 2) and getattr(x.value, "dtype", None) == made.value.dtype


def is_ufunc(made):
    """Whether an Expression is the call of a function that works element by element."""
    function = getattr(np, made.name.removeprefix("np."), None) if made.head == "function" else None
    return isinstance(function, np.ufunc) and function.nout == 1 and function.signature is None
