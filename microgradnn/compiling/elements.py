"""How one element is computed in C: each primitive that works element by element, spelled with C's operators and functions.

What C has not, or has in another way than NumPy, stands in HELPERS; a source holds those that it uses.
"""

import math
import re

import numpy as np

from ..programs.expression import Expression, is_constant, number_of
from ..programs.numpy_code import ATOM, CALL, PRODUCT, SUM, UNARY, Text
from ..programs.primitives import OPERATORS, compute
from .places import C_TYPES

LOOSE = 0  # what binds looser than a sum: comparisons, ? :
ARITHMETIC = {"add": ("+", SUM), "subtract": ("-", SUM), "multiply": ("*", PRODUCT), "divide": ("/", PRODUCT)}
COMPARISONS = {"equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">="}
BITWISE = {"bitwise_and": "&", "bitwise_or": "|", "bitwise_xor": "^", "logical_and": "&&", "logical_or": "||"}
FUNCTIONS = {  # of math.h, by NumPy's names
    **{name: name for name in ("tanh", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "sin", "cos")},
    **{name: name for name in ("tan", "sinh", "cosh", "floor", "ceil", "trunc", "rint", "fmod", "hypot", "copysign")},
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "tan2")},
    "absolute": "fabs", "fabs": "fabs",
}  # fmt: skip
VECTOR = {"tanh", "exp", "log", "sin", "cos", "log1p", "expm1", "sinh", "cosh", "atan", "asin", "acos", "cbrt", "exp2", "log2"}
HELPERS = {  # for double; those for float are made of them
    "exp": """double exp_(double x) {  // of what is masked with -1e9, say: vectors of exp are slow where it underflows
    double y = exp(x < -750.0 ? 0.0 : x);
    return x < -746.0 ? 0.0 : y;
}""",
    "maximum": """double maximum(double x, double y) {  // NaN if there is one
    double larger = x > y ? x : y;
    return x != x ? x : larger;
}""",
    "minimum": """double minimum(double x, double y) {
    double smaller = x < y ? x : y;
    return x != x ? x : smaller;
}""",
    "sign": "double sign(double x) { return x != x ? x : (double)((x > 0) - (x < 0)); }",
    "heaviside": "double heaviside(double x, double y) { return x != x ? x : x == 0 ? y : (double)(x > 0); }",
    "signbit": "_Bool signbit(double x) { return copysign(1.0, x) < 0; }",
    "logaddexp": """double logaddexp(double x, double y) {
    double difference = x - y;
    return x == y ? x + 0.6931471805599453 : difference > 0 ? x + log1p(exp(-difference))
        : difference <= 0 ? y + log1p(exp(difference)) : difference;
}""",
    "logaddexp2": """double logaddexp2(double x, double y) {
    double difference = x - y;
    return x == y ? x + 1 : difference > 0 ? x + 1.4426950408889634 * log1p(exp2(-difference))
        : difference <= 0 ? y + 1.4426950408889634 * log1p(exp2(difference)) : difference;
}""",
    "remainder": """double remainder_(double x, double y) {  // with the sign of y, as in Python
    double rest = fmod(x, y);
    return rest == 0 ? copysign(0.0, y) : (y < 0) != (rest < 0) ? rest + y : rest;
}""",
    "floor_divide": """double floor_divide(double x, double y) {
    if (y == 0) return x / y;
    double rest = fmod(x, y), quotient = (x - rest) / y;
    if (rest != 0 && (y < 0) != (rest < 0)) quotient -= 1;
    if (quotient == 0) return copysign(0.0, x / y);
    return quotient - floor(quotient) > 0.5 ? floor(quotient) + 1 : floor(quotient);
}""",
    "sinc": "double sinc(double x) { return x == 0 ? 1.0 : sin(3.141592653589793 * x) / (3.141592653589793 * x); }",
}
CALLED = {"remainder": "remainder_", "exp": "exp_"}  # math.h has others of these names
POWERS = {0.5: "sqrt({0})", 1: "{0}", 2: "{0} * {0}", 3: "{0} * {0} * {0}", -1: "1.0 / {0}"}
OTHERS = {"where", "square", "reciprocal", "negative", "positive", "invert", "logical_not", "power", "clip", "round"}
OTHERS |= {"isnan", "isinf", "isfinite", "astype", "copy", "full"}
ELEMENTWISE = {*ARITHMETIC, *COMPARISONS, *BITWISE, *FUNCTIONS, *HELPERS, *OTHERS}


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


def constant_value(x):
    """The number that an Expression made of numbers alone stands for."""
    if not isinstance(x, Expression) or x.op == "number":
        return number_of(x)
    if x.op == "full":
        return constant_value(x.fill)
    with np.errstate(all="ignore"):
        return compute(x.op, tuple(constant_value(y) for y in x.args), x.options)


def is_literal(x):
    """Whether x, in whatever shape, is a number that is known."""
    if isinstance(x, Expression) and x.fill is not None and not x.is_statement:
        x = x.fill
    return is_constant(x) and (not isinstance(x, Expression) or x.op == "number" or x.op in OPERATORS)


class Spelling:
    """Spells steps for one element.

    Parameters
    ----------
    operand : callable
        The Text of an operand that is no number.
    """

    def __init__(self, operand):
        self.operand = operand
        self.used = set()  # functions and helpers, as (name, type)

    def spell(self, step):
        """The Text of a step."""
        op, dtype = step.op, step.dtype
        wanted = dtype if dtype.kind != "b" or op in ("copy", "astype", "full", "where") else self.common(step)
        if op == "where":
            return self.where(step)
        if op == "full":
            return self.typed(step.fill if step.fill is not None else step.args[0], dtype)
        args = [self.typed(x, wanted) for x in step.args]
        if op in ARITHMETIC or op in COMPARISONS or op in BITWISE:
            return self.infix(op, dtype, *args)
        if op in HELPERS:
            return self.call(CALLED.get(op, op), wanted, args)
        if op in FUNCTIONS:
            return self.call(FUNCTIONS[op], wanted, args)
        return getattr(self, op)(step, *args)

    def typed(self, x, dtype):
        """An operand, converted to a type if it has another one."""
        if is_literal(x):
            x = x.fill if isinstance(x, Expression) and x.fill is not None else x
            return literal(constant_value(x), dtype)
        text = self.operand(x)
        if dtype.kind == "b" and x.dtype != dtype:  # bytes, with which compilers make vectors sooner than with _Bool
            return Text(f"{text.within(SUM)} != 0", LOOSE)
        return text if x.dtype == dtype else Text(f"({C_TYPES[dtype]}){text.within(UNARY)}", UNARY)

    def common(self, step):
        """The type in which the operands of what gives a bool meet."""
        return np.result_type(*[x.dtype if isinstance(x, Expression) else x for x in step.args])

    def infix(self, op, dtype, x, y):
        if op in ARITHMETIC and dtype.kind != "b":
            sign, binding = ARITHMETIC[op]
            tight = binding + (op in ("subtract", "divide") or (op == "multiply" and y.binding == PRODUCT))
            right = y.within(max(tight, UNARY) if y.text.startswith("-") else tight)
            return Text(f"{x.within(binding)} {sign} {right}", binding)
        sign = {"multiply": "&", "add": "|"}.get(op) or COMPARISONS.get(op) or BITWISE[op]
        return Text(f"{x.within(SUM)} {sign} {y.within(SUM)}", LOOSE)

    def call(self, name, dtype, args):
        """name(x, y), for floats namef(x, y)."""
        self.used.add((name, np.dtype("f" if dtype == np.float32 else "d")))  # whole numbers are given to that for double
        return Text(f"{name}{'f' * (dtype == np.float32)}({', '.join(x.text for x in args)})", CALL)

    def where(self, step):
        condition, one, other = step.args
        texts = self.typed(condition, np.dtype(bool)), self.typed(one, step.dtype), self.typed(other, step.dtype)
        return Text(" ".join([texts[0].within(SUM), "?", texts[1].within(SUM), ":", texts[2].within(SUM)]), LOOSE)

    def negative(self, step, x):
        return Text(f"-{x.within(UNARY + 1)}", UNARY)

    def invert(self, step, x):
        return Text(f"{'!' if step.dtype.kind == 'b' else '~'}{x.within(UNARY)}", UNARY)

    def logical_not(self, step, x):
        return Text(f"!{x.within(UNARY)}", UNARY)

    def positive(self, step, x):
        return x

    astype = copy = positive

    def square(self, step, x):
        return self.multiplied(x, "{0} * {0}")

    def multiplied(self, x, form):
        return Text(form.format(x.within(UNARY)), PRODUCT)

    def reciprocal(self, step, x):
        return Text(f"1.0{'f' * (step.dtype == np.float32)} / {x.within(UNARY)}", PRODUCT)

    def power(self, step, x, y):
        exponent = step.args[1]
        value = constant_value(getattr(exponent, "fill", None) or exponent) if is_literal(exponent) else None
        if value == 0.5:
            return self.call("sqrt", step.dtype, [x]) if is_simple(x) else self.call("pow", step.dtype, [x, y])
        if value in POWERS and is_simple(x):
            form = POWERS[value].replace("1.0", "1.0f" if step.dtype == np.float32 else "1.0")
            return self.multiplied(x, form) if value != 1 else x
        return self.call("pow", step.dtype, [x, y])

    def clip(self, step, x, low, high):
        return self.call("minimum", step.dtype, [self.call("maximum", step.dtype, [x, low]), high])

    def round(self, step, x):
        decimals = step.options.get("decimals", 0)
        if decimals == 0:
            return self.call("rint", step.dtype, [x])
        factor = literal(10 ** abs(decimals), step.dtype).text
        up, down = ("*", "/") if decimals > 0 else ("/", "*")
        return Text(
            f"{self.call('rint', step.dtype, [Text(f'{x.within(PRODUCT)} {up} {factor}', PRODUCT)]).text} {down} {factor}",
            PRODUCT,
        )

    def isnan(self, step, x):
        return Text(f"{x.within(SUM)} != {x.within(SUM)}", LOOSE)

    def isinf(self, step, x):
        return Text(f"__builtin_isinf({x.text}) != 0", LOOSE)

    def isfinite(self, step, x):
        return Text(f"__builtin_isfinite({x.text}) != 0", LOOSE)


def is_simple(x):
    """Whether a Text is a variable or an element, which may be written twice."""
    return x.binding == ATOM


def declarations(used):
    """The C functions that a source uses, declared, and the helpers, written out.

    Parameters
    ----------
    used : set of (str, dtype)
    """
    names = {value: key for key, value in CALLED.items()}
    helpers = {(names.get(name, name), dtype) for name, dtype in used if names.get(name, name) in HELPERS}
    within = {(word, dtype) for name, dtype in helpers for word in re.findall(r"(\w+)\(", HELPERS[name])}
    declared, written = [], []
    for name, dtype in sorted(used | within, key=str):
        if name in FUNCTIONS.values() or name == "pow":
            two = name in ("fmod", "hypot", "copysign", "atan2", "pow")
            fast = "FAST " if name in VECTOR or name == "pow" else ""
            declared.append(in_type(f"{fast}double {name}(double{', double' * two});", dtype))
    for name, dtype in sorted(helpers, key=str):
        written.append(in_type(f"static inline {HELPERS[name]}", dtype))
    return [*declared, *written]


def in_type(text, dtype):
    """The same function for floats, with an f behind its name and behind those that it calls."""
    if dtype != np.float32:
        return text
    text = re.sub(r"\b([a-z]\w*)\(", lambda found: f"{found[1]}f(", text)
    text = re.sub(r"\b(if|return)f\(", r"\1(", text)
    return re.sub(r"(?<![\w.])(\d+\.\d+)", r"\1f", text).replace("double", "float")
