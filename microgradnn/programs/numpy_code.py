"""How Expressions are spelled in NumPy, in the manner of black: np.tanh(x), x.sum(axis=0), x.T, x @ W, x**2.

    CODE.write(expression, names).text    h.T @ do

`names` has the variables of those operands that are not to be spelled out. All that is NumPy's way of saying things is here.
"""

import re
from typing import NamedTuple

import numpy as np

from .expression import Expression, Length, is_constant, is_number, number_of
from .primitives import REDUCTIONS

COMPARISON, OR, XOR, AND, SUM, PRODUCT, UNARY, POWER, CALL, ATOM = range(10)  # what binds tighter comes later
INFIX = {
    "add": ("+", SUM), "subtract": ("-", SUM), "multiply": ("*", PRODUCT), "divide": ("/", PRODUCT),
    "floor_divide": ("//", PRODUCT), "remainder": ("%", PRODUCT), "matmul": ("@", PRODUCT), "power": ("**", POWER),
    "bitwise_and": ("&", AND), "bitwise_or": ("|", OR), "bitwise_xor": ("^", XOR),
    "equal": ("==", COMPARISON), "not_equal": ("!=", COMPARISON), "less": ("<", COMPARISON), "less_equal": ("<=", COMPARISON),
    "greater": (">", COMPARISON), "greater_equal": (">=", COMPARISON),
}  # fmt: skip
PREFIX = {"negative": "-", "invert": "~"}
METHODS = {*REDUCTIONS, "cumsum", "cumprod", "argmax", "argmin", "reshape", "squeeze", "astype", "copy"}
FUNCTIONS = {"absolute": "abs"}  # that have a more usual name
POSITIONAL = {  # parameters whose names nobody writes
    "reshape": ["shape"], "broadcast_to": ["shape"], "expand_dims": ["axis"], "astype": ["dtype"], "pad": ["pad_width"],
    "squeeze": ["axis"], "tril": ["k"], "triu": ["k"], "roll": ["shift"], "repeat": ["repeats"],
    "lib.stride_tricks.sliding_window_view": ["window_shape"],
}  # fmt: skip
SIMPLE = re.compile(r"-?[\w.]+")
MAKERS = {"0": "zeros", "0.0": "zeros", "1": "ones", "1.0": "ones"}  # not of −0
PLAIN = (bool, int, float, complex, np.generic, str, Length, type(None), type(...), np.dtype, type)


def refuse_odd_arguments(program):
    """Raise if a rule hands to NumPy what cannot be typed, such as an object of its own."""

    def odd(x):
        if isinstance(x, (tuple, list)):
            return next((found for part in x if (found := odd(part)) is not None), None)
        if isinstance(x, slice):
            return odd((x.start, x.stop, x.step))
        return None if isinstance(x, (Expression, *PLAIN)) else x

    for step in program.steps:
        if (found := odd((step.args, *step.options.values()))) is not None:
            raise TypeError(
                f"{step.operation}: {found!r}, which a rule hands to NumPy, cannot be written as NumPy source, "
                f"in np.{step.op}(...).\nHand over numbers, strings, types and arrays."
            )


class Text(NamedTuple):
    """A written expression, and how tightly its outermost operation binds."""

    text: str
    binding: int

    def within(self, binding):
        """The text as an operand of something that binds this tightly: in brackets if need be."""
        return self.text if self.binding >= binding else f"({self.text})"


class Code:
    """Python source."""

    def write(self, x, names):
        """An argument of a call: an Expression, or plain."""
        if isinstance(x, Expression):
            return Text(names[x], ATOM) if x in names else self.spell(x, names)
        return Text(self.plain(x, names), ATOM)

    def spell(self, x, names):
        """An Expression, also where there is a variable for it."""
        if x.op in INFIX:
            return self.infix(x, names)
        if x.op in PREFIX:
            return self.prefix(x, names)
        if x.op in ("number", "full", "index", "part", "transpose", "concatenate", "stack", "einsum"):
            return getattr(self, x.op)(x, names)
        return self.method(x, names) if x.op in METHODS or x.op.startswith("ndarray.") else self.function(x, names)

    def operand(self, x, other, names):
        """An operand of an operator. Only here may a NumPy number be written as a number of Python's."""
        if isinstance(x, Expression) and is_constant(x) and x not in names:
            same_type = not isinstance(other, Expression) or other.dtype == x.dtype
            return self.bare(x) if same_type else self.write(x, names)
        if isinstance(x, Length):
            return Text(str(x), PRODUCT if x.plus == 0 and x.times != 1 else SUM if x.plus else ATOM)
        if is_number(x):
            return Text(number(x), UNARY if x < 0 else ATOM)
        return self.write(x, names)

    def bare(self, x):
        """What is made of numbers alone, as Python's numbers."""
        if not isinstance(x, Expression):
            return self.operand(x, None, {})
        if x.op == "number":
            value = number_of(x)
            whole = value.dtype.kind == "f" and value == np.round(value) and abs(value) < 1e6
            text = str(int(value)) if whole else number(value.item())
            return Text(text, UNARY if text.startswith("-") else ATOM)
        left, right = map(self.bare, x.args)
        if x.op == "divide" and right.text == "0":  # the mean of nothing: NaN, where Python would raise
            left = Text(f"{type_name(x.dtype)}({left.text})", CALL)
        return self.join(x, left, right)

    def number(self, x, names):
        return Text(f"{type_name(x.dtype)}({number(number_of(x).item())})", CALL)

    def infix(self, x, names):
        if is_constant(x):
            return Text(f"{type_name(x.dtype)}({self.bare(x).text})", CALL)
        left, right = x.args
        left, right = self.operand(left, right, names), self.operand(right, left, names)
        return self.join(x, left, right)

    def join(self, x, left, right):
        sign, binding = INFIX[x.op]
        if x.op == "power":
            left, right = left.within(CALL), right.within(UNARY)
            hug = SIMPLE.fullmatch(left) and SIMPLE.fullmatch(right)
            return Text(f"{left}**{right}" if hug else f"{left} ** {right}", binding)
        sign, right = (sign, right.within(binding + 1)) if x.op != "add" else added(right, "-")
        return Text(f"{left.within(binding + (binding == COMPARISON))} {sign} {right}", binding)

    def prefix(self, x, names):
        return Text(PREFIX[x.op] + self.write(x.args[0], names).within(CALL), UNARY)

    def full(self, x, names):
        number = number_of(x.fill).item() if x.fill.op == "number" else x.fill
        maker = MAKERS.get(repr(number), "full")
        shape = x.options["shape"]
        parts = [self.argument(shape[0] if len(shape) == 1 else shape, names)]
        parts += [self.operand(number, x, names).text] if maker == "full" else []
        may_be_whole = isinstance(number, Expression) and number.op != "divide"  # 2 * n; a number is written with its point
        parts += [f"dtype={type_name(x.dtype)}"] if x.dtype != np.float64 or may_be_whole else []
        parts += ['order="F"'] if x.kind.order == "F" else []
        return Text(f"np.{maker}({', '.join(parts)})", CALL)

    def concatenate(self, x, names):
        parts = ", ".join(self.argument(part, names) for part in x.args)
        return Text(f"np.{x.op}({', '.join([f'[{parts}]', *self.parameters(x, names)])})", CALL)

    stack = concatenate

    def einsum(self, x, names):
        subscripts = quoted(x.options["subscripts"])
        parts = [subscripts, *self.arguments(x.args, names), *self.parameters(x, names, without="subscripts")]
        return Text(f"np.einsum({', '.join(parts)})", CALL)

    def function(self, x, names):
        return Text(self.call(x, self.arguments(x.args, names), names), CALL)

    def call(self, x, args, names):
        """The call of a function with these arguments: np.add.at(x, index, 1)."""
        if x.op.endswith(".at"):
            index = x.options["index"]
            args = [args[0], self.argument(index[0] if len(index) == 1 else index, names), *args[1:]]
        parts = [*args, *self.parameters(x, names, without="index")]
        return f"np.{FUNCTIONS.get(x.op, x.op).removesuffix('.__call__')}({', '.join(parts)})"

    def method(self, x, names):
        base, *args = x.args
        parts = [*self.arguments(args, names), *self.parameters(x, names)]
        text = ", ".join(parts)
        if x.op == "reshape" and x.options["shape"]:
            text = text.replace(parts[0], ", ".join(self.arguments(x.options["shape"], names)), 1)  # reshape(2, 3)
        return Text(f"{self.write(base, names).within(CALL)}.{x.op.removeprefix('ndarray.')}({text})", CALL)

    def transpose(self, x, names):
        base, axes = self.write(x.args[0], names).within(CALL), x.options["axes"]
        moved = [axis for axis, old in enumerate(axes) if axis != old]
        if x.ndim == 2:
            return Text(f"{base}.T", CALL)
        if len(moved) == 2:
            first, second = (-1, -2) if moved == [x.ndim - 2, x.ndim - 1] else moved
            return Text(f"{base}.swapaxes({first}, {second})", CALL)
        return Text(f"{base}.transpose({', '.join(map(str, axes))})", CALL)

    def index(self, x, names):
        return Text(f"{self.write(x.args[0], names).within(CALL)}[{self.subscripts(x.options['index'], names)}]", CALL)

    def part(self, x, names):
        return Text(f"{self.write(x.args[0], names).within(CALL)}[{x.options['index']}]", CALL)

    def subscripts(self, index, names):
        """What stands in the square brackets."""
        return ", ".join(self.subscript(part, names) for part in index or ((),))

    def subscript(self, x, names):
        """One part of an index; a slice with spaces around the colons where black wants them."""
        if not isinstance(x, slice):
            return self.argument(x, names)
        step = None if type(x.step) is int and x.step == 1 else x.step
        parts = ["" if part is None else self.argument(part, names) for part in (x.start, x.stop, step)]
        parts = parts if parts[2] else parts[:2]
        space = "" if all(re.fullmatch(r"-?\w*", part) for part in parts) else " "
        return f"{space}:{space}".join(parts).strip()

    def argument(self, x, names):
        return self.write(x, names).text

    def arguments(self, args, names):
        return [self.argument(x, names) for x in args]

    def parameters(self, x, names, without=None):
        """The parameters of a call: axis=0."""
        bare = POSITIONAL.get(x.op, ())
        options = x.options
        if "axis" in options and (x.op in METHODS or x.op == "expand_dims"):
            options = {**options, "axis": as_counted(options["axis"], max(x.args[0].ndim, x.ndim))}
        texts = {key: self.argument(part, names) for key, part in options.items() if key != without}
        return [text if key in bare else f"{key}={text}" for key, text in texts.items()]

    def plain(self, x, names):
        """What is no Expression: numbers, types, tuples, ..."""
        if isinstance(x, Length) or x is None or isinstance(x, (bool, str)):
            return str(x) if isinstance(x, Length) else quoted(x)
        if is_number(x):
            return number(x)
        if isinstance(x, (tuple, list)):
            parts = ", ".join(self.argument(part, names) for part in x)
            return f"[{parts}]" if isinstance(x, list) else f"({parts},)" if len(x) == 1 else f"({parts})"
        if x is Ellipsis:
            return "..."
        if isinstance(x, slice):
            parts = (None,) if x == slice(None) else (x.start, x.stop, x.step)
            return f"slice({', '.join(self.arguments(parts, names))})"
        return type_name(np.dtype(x))


def added(right, minus):
    """The sign and the summand after x: + y, or − y for a negative one."""
    if right.text.startswith(minus) and right.binding >= PRODUCT and not re.search("//|%", right.text):
        return minus, right.text.removeprefix(minus)
    return "+", right.within(SUM + 1)


def as_counted(axis, ndim):
    """An axis as people count: the last one of three or more is −1, the last two are −2 and −1."""
    axes = axis if isinstance(axis, tuple) else (axis,)
    if ndim < 3 or axis is None or not axes or axes[0] == 0 or axes != tuple(range(ndim - len(axes), ndim)):
        return axis
    return axis - ndim if axes == (axis,) else tuple(one - ndim for one in axes)


CODE = Code()


def number(x):
    """A number of Python's; one of more digits than these have, in quotes."""
    text = f'np.longdouble("{x}")' if isinstance(x, np.longdouble) else repr(x)
    return re.sub(r"\b(inf|nan)\b", r"np.\1", text).replace("e+", "e")


def type_name(dtype):
    """A type of NumPy's, by the name that it has on every machine."""
    return "np.longdouble" if dtype == np.longdouble != np.float64 else f"np.{dtype.name}"


def quoted(x):
    """A string in the quotes that black wants; None, True and False as they are."""
    return f'"{x}"' if isinstance(x, str) else repr(x)
