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

from .expression import Expression, is_column, is_constant, is_like, is_number, is_row, is_transpose, shape_text
from .numpy_code import CALL, FUNCTIONS, INFIX, PRODUCT, Code, Text, type_name
from .numpy_module import commented
from .numpy_module import text_of as plain_text_of
from .primitives import is_elementwise

# np.einsum would take out=, but then it may add up in another order: another last bit than backward().
TAKE_OUT = {
    *("sum", "mean", "max", "min", "prod", "std", "var", "cumsum", "cumprod", "dot", "clip", "concatenate", "stack"),
    "matmul",  # and what works element by element
}
OUT_BY_NAME = {"maximum", "minimum"}  # NumPy warns of a third argument without a name


class Buffered:
    """The text of statements, and the buffers that they write to.

    Attributes
    ----------
    allocations : list of str
        Statements that allocate the buffers.
    """

    def __init__(self, writer, indent):
        self.writer, self.indent = writer, indent
        self.allocations = []
        self.variables, self.names = writer.variables, writer.names
        self.buffers, self.busy = set(), set()
        self.scratch = {}  # (shape, dtype, order) -> names of buffers for what lines compute on the way
        self.views = {}  # text of a view of a buffer -> its name
        self.numbers = {}  # (text of a number or a variable, dtype) -> the name of an array that holds it

    def text_of(self, statements):
        """Statements as lines of Python."""
        text = []
        for line in statements:
            self.busy.clear()
            step = line.expression
            if step is not None and self.is_view(step) and line.target not in self.writer.results:
                self.views[line.code] = line.target
                self.allocations.append(line.text)
                continue
            if step is not None and takes_out(step):
                self.allocate(line.target, step)
                *before, last = self.compute(step, line.target)
                text += [*before, *commented(last, line.comment, self.indent)]
                continue
            if step is not None and not step.silenced:
                before, names = self.operands(step)
                text += before
                text += plain_text_of([line._replace(code=QUICK.spell(step, names).text)], self.indent)
                continue
            text += plain_text_of([line], self.indent)
        return text

    def allocate(self, name, step):
        """Make a buffer for an Expression."""
        shape = shape_text(self.writer.program.shapes[step])
        order = ', order="F"' if step.kind.order == "F" else ""
        self.allocations.append(f"{name} = np.empty({shape}{dtype_argument(step.dtype)}{order})")
        self.buffers.add(name)

    def compute(self, step, buffer):
        """The statements that write an Expression to a buffer."""
        before, names = self.operands(step, buffer)
        if is_outer(step):
            column, row = step.args
            return [*before, f"{QUICK.write(column, names).within(CALL)}.dot({self.row(row, names)}, {buffer})"]
        name, args = ufunc_call(step)
        if name is None:
            last = buffer if is_dot(step) else f"out={buffer}"
            return [*before, f"{QUICK.spell(step, names).text[:-1]}, {last})".replace("(, ", "(")]
        if len(args) == 2 and (name in INFIX or name in OUT_BY_NAME):
            x, y = args
            args = self.factor(x, y, names, before), self.factor(y, x, names, before)
        else:
            args = [QUICK.argument(x, names) for x in args]
        last = f"out={buffer}" if name in OUT_BY_NAME else buffer
        return [*before, f"np.{FUNCTIONS.get(name, name)}({', '.join([*args, last])})"]

    def operands(self, step, buffer=None):
        """The statements that compute operands of an Expression, and the names of things after them."""
        before, names = [], dict(self.names)
        for x in step.operands:
            if self.is_view(x):
                names[x] = self.view(x)
            elif x not in names and takes_out(x) and (buffer or step.base is None):  # no view of scratch
                names[x] = buffer if buffer and self.may_overwrite(step, x, buffer, names) else self.free_buffer(x)
                before += self.compute(x, names[x])
        return before, names

    def may_overwrite(self, step, x, buffer, names):
        """Whether an operand may be computed where the result will be: its elements are read before they are replaced."""
        elementwise = ufunc_call(step)[0] not in (None, "matmul")
        shapes = self.writer.program.shapes
        in_use = [names.get(other) for other in step.operands]
        return elementwise and is_like(x, step.kind) and shapes[x] == shapes[step] and buffer not in in_use

    def free_buffer(self, step):
        """A buffer for what a line computes on its way; another line may use it again."""
        kind = self.writer.program.shapes[step], step.dtype, step.kind.order
        names = self.scratch.setdefault(kind, [])
        for name in names:
            if name not in self.busy:
                break
        else:
            name = self.variables.numbered("s")
            names.append(name)
            self.allocate(name, step)
        self.busy.add(name)
        return name

    def factor(self, x, other, names, before):
        """An operand of an operator; one that is a number, beside an array of floats, as an array that holds it."""
        text = QUICK.operand(x, other, names).text
        dtype = other.dtype if isinstance(other, Expression) and other.ndim else None
        if dtype is None or dtype.kind != "f":
            return text
        variable = not is_constant(x) and x in names and x.ndim == 0 and x.dtype == dtype
        if not variable and (not is_constant(x) or "(" in text):
            return text
        key = x if variable else text, dtype
        if key not in self.numbers:
            name = self.numbers[key] = self.variables.numbered("k")
            code = f"np.empty((){dtype_argument(dtype)})" if variable else f"np.array({as_float(text)}{dtype_argument(dtype)})"
            self.allocations.append(f"{name} = {code}")
            if variable:
                before.append(f"{name}[()] = {text}")
        return self.numbers[key]

    def is_view(self, x):
        """Whether an Expression is a view of a buffer: a buffer stays where it is, and so does the view."""
        base = x.args[0] if x.op == "index" or is_transpose(x) else None
        return self.names.get(base) in self.buffers and x.shares_memory(base)

    def view(self, x):
        """Its name."""
        kind = "T" if is_transpose(x) else "column" if is_column(x) else "row" if is_row(x) else "part"
        return self.made_once(QUICK.spell(x, self.names).text, f"{self.names[x.args[0]]}_{kind}")

    def row(self, x, names):
        """The row of an outer product, as a matrix."""
        text = QUICK.write(x, names).within(CALL)
        if x.ndim == 2:
            return text
        code = f"{text}[None, :]"
        return self.made_once(code, f"{text}_row") if text in self.buffers else code

    def made_once(self, code, wish):
        """The name of something that is made together with the buffers."""
        if code not in self.views:
            self.views[code] = self.variables.identifier(wish)
            self.allocations.append(f"{self.views[code]} = {code}")
        return self.views[code]


class QuickCode(Code):
    """Python source in which products are written with dot, and a mean as a sum."""

    def infix(self, x, names):
        if not is_dot(x):
            return super().infix(x, names)
        left, right = x.args
        return Text(f"{self.write(left, names).within(CALL)}.dot({self.write(right, names).text})", CALL)

    def method(self, x, names):
        base = x.args[0]
        if x.op != "mean" or x.options or base not in names or base.dtype != np.float64:
            return super().method(x, names)
        return Text(f"{names[base]}.sum() / {names[base]}.size", PRODUCT)


QUICK = QuickCode()


def is_dot(step):
    """Whether an Expression is a product that dot computes too, to the last bit.

    Of an operand that is one element, dot takes 0 · NaN as 0, so there it is not; unless this is so for a batch of one only.
    Nor is it where an operand is a view with gaps or backwards, which dot adds up in another order.
    """
    return step.op == "matmul" and all(
        isinstance(x, Expression) and x.size != 1 and x.ndim <= 2 and x.kind.order is not None for x in step.args
    )


def is_outer(step):
    """Whether an Expression is the product of a column and a row. dot adds it to 0, so −0 may become 0; else it is the same."""
    if step.op != "multiply" or not all(isinstance(x, Expression) for x in step.args):
        return False
    x, y = step.args
    is_product = is_column(x) and (y.ndim == 1 or is_row(y)) and step.ndim == 2
    return is_product and x.dtype == y.dtype and x.dtype.kind == "f" and 1 not in (x.size, y.size)


def ufunc_call(step):
    """The ufunc that computes an Expression, and its arguments; (None, ()) if it is no call of a ufunc alone."""
    if is_dot(step) or is_outer(step):
        return None, ()
    if step.op == "power":
        return "square", step.args[:1]
    is_ufunc = step.op == "matmul" or (is_elementwise(step.op) and not step.options)
    return (step.op, step.args) if is_ufunc else (None, ())


def as_float(text):
    """A number as one of floating point: 1.0 for 1."""
    return f"{text}.0" if text.removeprefix("-").isdigit() else text


def dtype_argument(dtype):
    """What to add to a call that would make float64."""
    return "" if dtype == np.float64 else f", dtype={type_name(dtype)}"


def takes_out(step):
    """Whether NumPy can write an Expression to a given array."""
    if not isinstance(step, Expression) or step.kind is None or step.ndim == 0 or step.silenced or step.kind.order is None:
        return False
    if step.op == "power":  # other powers have short cuts only as operators
        x, exponent = step.args
        return is_number(exponent, 2) and isinstance(x, Expression) and x.dtype == step.dtype
    return step.op in TAKE_OUT or is_elementwise(step.op)
