"""How one element is computed in C: each primitive of the core that works element by element, by C's operators and functions.

What C has in another way than NumPy stands in HELPERS; a source holds those that it uses.
"""

import math

import numpy as np

from ..programs.expression import Expression
from ..programs.numpy_code import ATOM, CALL, PRODUCT, SUM, UNARY, Text
from .core import constant_value, is_literal
from .places import C_TYPES

LOOSE = 0  # what binds looser than a sum: comparisons, ? :
ARITHMETIC = {"add": ("+", SUM), "subtract": ("-", SUM), "multiply": ("*", PRODUCT), "divide": ("/", PRODUCT)}
LOGIC = {
    "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=",
    "bitwise_and": "&", "bitwise_or": "|", "bitwise_xor": "^", "logical_and": "&&", "logical_or": "||",
}  # fmt: skip
PREFIX = {"negative": "-", "invert": "~"}
FUNCTIONS = {  # by NumPy's names
    **{name: name for name in ("tanh", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "sin", "cos", "tan")},
    **{name: name for name in ("sinh", "cosh", "floor", "ceil", "trunc", "rint")},
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "absolute": "fabs", "fabs": "fabs", "exp": "exp_",
}  # fmt: skip
OF_TWO = {"arctan2": "atan2", "power": "pow", **{name: name for name in ("maximum", "minimum", "fmod", "hypot", "copysign")}}
VECTOR = {"tanh", "exp", "log", "sin", "cos", "log1p", "expm1", "sinh", "cosh", "atan", "asin", "acos", "cbrt", "exp2", "log2"}
VECTOR |= {"pow"}
HELPERS = {  # T is double, or float; _F then stands behind the names of functions
    "exp_": """T exp__F(T x) {  // of what is masked with -1e9, say: vectors of exp are slow where it underflows
    T y = exp_F(x < -750 ? 0 : x);
    return x < -746 ? 0 : y;
}""",
    "maximum": """T maximum_F(T x, T y) {  // NaN if there is one
    T larger = x > y ? x : y;
    return x != x ? x : larger;
}""",
    "minimum": """T minimum_F(T x, T y) {
    T smaller = x < y ? x : y;
    return x != x ? x : smaller;
}""",
}
ELEMENTWISE = {*ARITHMETIC, *LOGIC, *PREFIX, *FUNCTIONS, *OF_TWO, "where", "astype", "copy", "grow", "full"}


def literal(value, dtype):
    """A number in C, of this type.

    >>> literal(2, np.dtype(float)).text, literal(np.inf, np.dtype(np.float32)).text
    ('2.0', '__builtin_inff()')
    """
    if dtype.kind != "f":
        text = str(int(value))
        return Text(text if len(text) < 18 else f"({text[:-1]}0LL {text[-1:]})", ATOM)
    value, suffix = float(dtype.type(value)), "f" if dtype == np.float32 else ""
    if not math.isfinite(value):
        text = f'__builtin_nan{suffix}("")' if math.isnan(value) else f"__builtin_inf{suffix}()"
        return Text(f"-{text}" if value < 0 else text, UNARY if value < 0 else CALL)
    text = f"{float(str(dtype.type(value)))!r}{suffix}"
    return Text(text, UNARY if text[0] == "-" else ATOM)


class Spelling:
    """Spells steps for one element.

    Parameters
    ----------
    operand : callable
        The Text of an operand that is no number.
    """

    def __init__(self, operand):
        self.operand = operand
        self.used = set()  # functions, as (name, type)

    def spell(self, step):
        """The Text of a step."""
        op, dtype = step.op, step.dtype
        if op == "where":
            return self.where(step)
        if op in ("astype", "copy", "grow", "full"):
            return self.typed(step.args[0] if step.fill is None else step.fill, dtype)
        args = [self.typed(x, dtype if dtype.kind != "b" else common_type(step)) for x in step.args]
        if op in PREFIX:
            return Text(f"{'!' if dtype.kind == 'b' else PREFIX[op]}{args[0].within(UNARY + 1)}", UNARY)
        if op in ARITHMETIC or op in LOGIC:
            return infix(op, dtype, *args)
        return self.call(FUNCTIONS.get(op) or OF_TWO[op], dtype, args)

    def typed(self, x, dtype):
        """An operand, converted to a type if it has another one."""
        if is_literal(x):
            return literal(constant_value(x), dtype)
        text = self.operand(x)
        if dtype.kind == "b" and x.dtype != dtype:  # bytes, with which compilers make vectors sooner than with _Bool
            return Text(f"{text.within(SUM)} != 0", LOOSE)
        return text if x.dtype == dtype else Text(f"({C_TYPES[dtype]}){text.within(UNARY)}", UNARY)

    def call(self, name, dtype, args):
        """name(x, y), for floats namef(x, y)."""
        self.used.add((name, np.dtype("f" if dtype == np.float32 else "d")))  # whole numbers are given to that for double
        return Text(f"{name}{'f' * (dtype == np.float32)}({', '.join(x.text for x in args)})", CALL)

    def where(self, step):
        condition, one, other = step.args
        texts = self.typed(condition, np.dtype(bool)), self.typed(one, step.dtype), self.typed(other, step.dtype)
        return Text(" ".join([texts[0].within(SUM), "?", texts[1].within(SUM), ":", texts[2].within(SUM)]), LOOSE)


def common_type(step):
    """The type in which the operands of what gives a bool meet."""
    return np.result_type(*[x.dtype if isinstance(x, Expression) else x for x in step.args])


def infix(op, dtype, x, y):
    """x + y, x < y, ..."""
    if op in LOGIC or dtype.kind == "b":
        sign = {"multiply": "&", "add": "|"}.get(op) or LOGIC[op]
        return Text(f"{x.within(SUM)} {sign} {y.within(SUM)}", LOOSE)
    sign, binding = ARITHMETIC[op]
    tight = binding + (op in ("subtract", "divide") or (op == "multiply" and y.binding == PRODUCT))
    right = y.within(max(tight, UNARY) if y.text.startswith("-") else tight)
    return Text(f"{x.within(binding)} {sign} {right}", binding)


def declarations(used):
    """The C functions that a source uses, declared, and the helpers, written out.

    Parameters
    ----------
    used : set of (str, dtype)
    """
    declared, written = [], []
    for name, dtype in sorted(used | {("exp", dtype) for name, dtype in used if name == "exp_"}, key=str):
        ctype, letter = C_TYPES[dtype], "f" * (dtype == np.float32)
        if name in HELPERS:
            written.append("static inline " + HELPERS[name].replace("T ", f"{ctype} ").replace("_F", letter))
        else:
            fast = "FAST " * (name in VECTOR)
            declared.append(f"{fast}{ctype} {name}{letter}({ctype}{f', {ctype}' * (name in OF_TWO.values())});")
    return [*declared, *written]
