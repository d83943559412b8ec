"""How expressions are written: as Python source in the manner of black, and as formulas for its comments.

    written(expression, known, CODE)       h.T @ do
    written(expression, known, FORMULA)    hᵀ · do

`known` says how the operands are called that are not to be spelled out.
"""

import re
from typing import NamedTuple

import numpy as np

from .expression import Expression, is_constant, is_number

COMPARISON, OR, XOR, AND, SUM, PRODUCT, UNARY, POWER, CALL, ATOM = range(10)  # what binds tighter comes later
BINDING = {
    **dict.fromkeys(["==", "!=", "<", "<=", ">", ">="], COMPARISON), "|": OR, "^": XOR, "&": AND,
    **dict.fromkeys("+-", SUM), **dict.fromkeys(["*", "/", "//", "%", "@"], PRODUCT), "**": POWER,
}  # fmt: skip
SIMPLE = re.compile(r"-?[\w.]+")
RELATIONS = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥"}


class Text(NamedTuple):
    """A written expression, and how tightly its outermost operation binds."""

    text: str
    binding: int

    def within(self, binding):
        """The text as an operand of something that binds this tightly: in brackets if need be."""
        return self.text if self.binding >= binding else f"({self.text})"


class Length(NamedTuple):
    """A whole number that depends on the batch size n: times · n + plus."""

    times: int
    plus: int

    def __str__(self):
        product = "n" if self.times == 1 else f"{self.times} * n"
        sign = "+" if self.plus > 0 else "-"
        return product if self.plus == 0 else f"{product} {sign} {abs(self.plus)}"

    def at(self, n):
        """int: the number for a batch of n."""
        return self.times * n + self.plus


def shape_text(shape):
    """A shape as it is typed: (n, 3).

    >>> shape_text((Length(1, 0), 3)), shape_text((3,))
    ('(n, 3)', '(3,)')
    """
    inside = ", ".join(map(str, shape))
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


class Code:
    """Python source."""

    def write(self, x, known):
        """An argument of a call: an Expression, or plain."""
        if isinstance(x, Expression):
            return known[x] if x in known else getattr(self, x.head)(x, known)
        return Text(self.plain(x, known), ATOM)

    def operand(self, x, other, known):
        """An operand of an operator. Only here may a NumPy number be written as a number of Python's."""
        if isinstance(x, Expression) and is_constant(x) and x not in known:
            same_type = not isinstance(other, Expression) or other.value.dtype == x.value.dtype
            return self.bare(x) if same_type else self.write(x, known)
        if isinstance(x, Length):
            return Text(str(x), PRODUCT if x.plus == 0 and x.times != 1 else SUM if x.plus else ATOM)
        if is_number(x):
            return Text(number(x), UNARY if x < 0 else ATOM)
        return self.write(x, known)

    def bare(self, x):
        """What is made of numbers alone, as Python's numbers."""
        if not isinstance(x, Expression):
            return self.operand(x, None, {})
        if x.head == "number":
            whole = x.value.dtype.kind == "f" and x.value == np.round(x.value) and abs(x.value) < 1e6
            text = str(int(x.value)) if whole else number(x.value.item())
            return Text(text, UNARY if text.startswith("-") else ATOM)
        binding = BINDING[x.name]
        left, right = map(self.bare, x.args)
        if x.name == "/" and right.text == "0":  # the mean of nothing: NaN, where Python would raise
            left = Text(f"{type_name(x.value.dtype)}({left.text})", CALL)
        return Text(f"{left.within(binding)} {x.name} {right.within(binding + 1)}", binding)

    def number(self, x, known):
        return Text(f"{type_name(x.value.dtype)}({number(x.value.item())})", CALL)

    def infix(self, x, known):
        if is_constant(x):
            return Text(f"{type_name(x.value.dtype)}({self.bare(x).text})", CALL)
        left, right = x.args
        left, right = self.operand(left, right, known), self.operand(right, left, known)
        return self.join(x, left, right)

    def join(self, x, left, right):
        binding = BINDING[x.name]
        if x.name == "**":
            left, right = left.within(CALL), right.within(UNARY)
            hug = SIMPLE.fullmatch(left) and SIMPLE.fullmatch(right)
            return Text(f"{left}**{right}" if hug else f"{left} ** {right}", binding)
        name, right = (x.name, right.within(binding + 1)) if x.name != "+" else added(right, "-")
        return Text(f"{left.within(binding + (binding == COMPARISON))} {name} {right}", binding)

    def prefix(self, x, known):
        return Text(x.name + self.write(x.args[0], known).within(CALL), UNARY)

    def function(self, x, known):
        if x.name != "np.full":
            return Text(f"{x.name}({self.arguments(x.args, x.kwargs, known)})", CALL)
        shape, *number = x.args
        parts = [self.argument(shape, known), *(self.operand(part, x, known).text for part in number)]
        return Text(f"{x.name}({', '.join([*parts, *self.named(x.kwargs, known)])})", CALL)

    def method(self, x, known):
        base, *args = x.args
        return Text(f"{self.write(base, known).within(CALL)}.{x.name}({self.arguments(args, x.kwargs, known)})", CALL)

    def attribute(self, x, known):
        return Text(f"{self.write(x.args[0], known).within(CALL)}.{x.name}", CALL)

    def index(self, x, known):
        base, index = x.args
        return Text(f"{self.write(base, known).within(CALL)}[{self.subscripts(index, known)}]", CALL)

    def subscripts(self, index, known):
        """What stands in the square brackets."""
        parts = index if type(index) is tuple and index else (index,)  # x[i,] is x[i]
        return ", ".join(self.subscript(part, known) for part in parts)

    def subscript(self, x, known):
        """One part of an index; a slice with spaces around the colons where black wants them."""
        if not isinstance(x, slice):
            return self.argument(x, known)
        step = None if type(x.step) is int and x.step == 1 else x.step
        parts = ["" if part is None else self.argument(part, known) for part in (x.start, x.stop, step)]
        parts = parts if parts[2] else parts[:2]
        space = "" if all(re.fullmatch(r"-?\w*", part) for part in parts) else " "
        return f"{space}:{space}".join(parts).strip()

    def argument(self, x, known):
        return self.write(x, known).text

    def arguments(self, args, kwargs, known):
        return ", ".join([*(self.argument(argument, known) for argument in args), *self.named(kwargs, known)])

    def named(self, kwargs, known):
        return [f"{key}={self.argument(argument, known)}" for key, argument in kwargs]

    def plain(self, x, known):
        """What is no Expression: numbers, types, tuples, ..."""
        if isinstance(x, Length) or x is None or isinstance(x, (bool, str)):
            return str(x) if isinstance(x, Length) else quoted(x)
        if is_number(x):
            return number(x)
        if isinstance(x, (tuple, list)):
            parts = ", ".join(self.argument(part, known) for part in x)
            return f"[{parts}]" if isinstance(x, list) else f"({parts},)" if len(x) == 1 else f"({parts})"
        if x is Ellipsis:
            return "..."
        if isinstance(x, slice):
            return "slice(None)" if x == slice(None) else f"slice({self.arguments((x.start, x.stop, x.step), (), known)})"
        if isinstance(x, (np.dtype, type)):
            return type_name(np.dtype(x))
        raise TypeError(f"{x!r}, which a rule hands to NumPy, cannot be written as NumPy source.")


class Formula(Code):
    """The formula behind an expression, for a comment: products as ⊙ element by element and · of matrices."""

    def join(self, x, left, right):
        binding = BINDING[x.name]
        if x.name == "**":
            if right.text == "1":
                return left
            exponent = right.text.translate(SUPERSCRIPTS) if right.text.isdigit() else f"^{right.within(ATOM)}"
            return Text(left.within(CALL) + exponent, POWER)
        if x.name == "*":
            if "1" in (left.text, right.text):
                return left if right.text == "1" else right
            if is_constant(x.args[1]) and not re.match("[−(]*[0-9n]", left.text):
                left, right = right, left  # the number in front
            if left == right:
                return Text(f"{left.within(CALL)}²", POWER)
            sign = times(*x.args)
            if sign == " " and ("/" in left.text or right.text[0].isdigit()):
                sign = " · "  # 2/n z would be read as 2/(n z)
            return Text(f"{left.within(binding)}{sign}{right.within(binding + 1)}", binding)
        if x.name == "+":
            sign, summand = added(right, "−")
            return Text(f"{left.within(binding)} {sign} {summand}", binding)
        sign = {"@": " · ", "-": " − ", "/": "/"}.get(x.name) or f" {RELATIONS.get(x.name, x.name)} "
        return Text(f"{left.within(binding)}{sign}{right.within(binding + 1)}", binding)

    def operand(self, x, other, known):
        text, binding = super().operand(x, other, known)
        text = LONG_NUMBER.sub(shortened, text).replace("->", "→").replace("-", "−").replace(" * ", " ").replace(" / ", "/")
        return Text(text, binding)

    def prefix(self, x, known):
        return Text({"-": "−", "~": "not "}[x.name] + self.write(x.args[0], known).within(UNARY), UNARY)

    def function(self, x, known):
        if x.fill is not None:
            return self.operand(x.fill, x, known)
        return Text(f"{x.name.removeprefix('np.')}({self.arguments(x.args, x.kwargs, known)})", CALL)

    def method(self, x, known):
        base = self.write(x.args[0], known)
        if x.name == "sum" and len(x.args) == 1:
            return Text(f"Σ {base.within(PRODUCT)}", UNARY)
        if x.name in ("reshape", "astype", "copy"):
            return base
        return Text(f"{x.name}({', '.join([base.text, *(self.argument(part, known) for part in x.args[1:])])})", CALL)

    def attribute(self, x, known):
        base = self.write(x.args[0], known)
        return Text(f"{base.within(CALL)}ᵀ", CALL) if x.name == "T" else super().attribute(x, known)

    def index(self, x, known):
        base, index = x.args
        if type(index) is tuple and base.value.ndim == 1:
            written = self.write(base, known)
            if is_column(x):
                return Text(f"{written.within(CALL)}ᵀ", CALL)  # a 1-D array is a row
            if index == (None, slice(None)):
                return written
        return super().index(x, known)


def added(right, minus):
    """The sign and the summand after x: + y, or − y for a negative one."""
    if right.text.startswith(minus) and right.binding >= PRODUCT and not re.search("//|%", right.text):
        return minus, right.text.removeprefix(minus)
    return "+", right.within(SUM + 1)


def shortened(digits):
    """A number with six digits: who wants more reads the code."""
    return f"{float(digits[0]):.6g}"


LONG_NUMBER = re.compile(r"\b\d+\.\d{6,}\b")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
CODE, FORMULA = Code(), Formula()


def written(x, known, style):
    """An Expression as text. `known` has a Text for each Expression that is called by a name."""
    return getattr(style, x.head)(x, known)


def times(x, y):
    """The sign between two factors: · between a column and a row, ⊙ between arrays of one shape, a space beside a number."""
    if not (isinstance(x, Expression) and isinstance(y, Expression)) or 0 in (x.value.ndim, y.value.ndim):
        return " "
    return " · " if is_column(x) and y.value.shape[-2:-1] in ((), (1,)) else " ⊙ "


def is_column(x):
    """Whether x is a 1-D array made a column."""
    return x.head == "index" and x.args[1] == (slice(None), None) and x.args[0].value.ndim == 1


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
