"""Primitives by others: C is written for a small core, and all else is said in it, in plain NumPy.

The rules here are run on Names, as the rules of operations are. What a step was is kept, for the comments.
"""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..programs.expression import Expression, Kind, is_number, number_of
from ..programs.names import Name
from ..programs.primitives import is_elementwise
from ..programs.program import steps_to
from ..programs.recorder import Recorder
from ..programs.recordings import unchanged
from .core import VIEWS, constant_value, has_arrays, is_array, is_literal, refuse_unfit, users_of

SMALL = 256  # multiplications, of a product that is a loop like others


class Lowered(Recorder):
    """A program in terms of the core: its steps are recorded once more, by rules where they have one.

    Parameters
    ----------
    program : Program or the like
    updates : sequence of (list of Expression, dict of Expression to Expression), optional
        Steps that come after those of the program, and what parameters become by them.

    Attributes
    ----------
    steps, results : list of Expression
    updates : list of (list of Expression, dict of Expression to Expression)
    origin : dict of Expression to Expression
        The step of the program that is made so, which has names and comments.
    """

    def __init__(self, program, updates=()):
        super().__init__(unchanged)
        self.users, self.wanted, self.made, self.origin, self.updates = users_of(program.steps), program.results, {}, {}, []
        for step in program.steps:
            self.replay(step)
        self.results, end = self.now(program.results), len(self.expressions)
        for steps, values in updates:
            before = len(self.expressions)
            for step in steps:
                self.replay(step)
            self.updates.append((self.expressions[before:], self.now(values)))
        becomes = [value for _, values in self.updates for value in values.values()]
        needed = set(steps_to([*self.results, *becomes]))
        self.steps = [step for step in self.expressions[:end] if step in needed]

    def replay(self, step):
        """Record a step in terms of the core, behind what it is made from, or filled with."""
        if step is None or step in self.made or step.op in ("parameter", "number") or is_literal(step):
            return
        for x in (*step.operands, step.fill):
            self.replay(x)
        refuse_unfit(step)
        self.operation, before = SimpleNamespace(name=step.operation), len(self.expressions)
        args, options = self.now(step.args), self.now(step.options)
        if has_arrays(step):
            options = {"index": tuple(self.listed(x) if isinstance(x, list) else x for x in options["index"])}
        if step.op in ("add", "set"):
            made = self.grown(step) if step.op == "add" else self.changed(step)
        else:
            made = self.by_rule(step.op, [self.given(x) for x in args], options)
        if made is None:
            alone = ("statement", before) if step.is_statement else None
            made = self.new(step.op, args, options, step.kind, self.now(step.fill), key=alone)
        else:
            made = (made if made.dtype == step.dtype else made.astype(step.dtype)).expression
        self.made[step] = made
        self.origin.setdefault(made, step)
        while made.op in VIEWS and made.args[0].position >= before and made.args[0].op != "parameter":
            made = made.args[0]  # what is looked at in another way has the name
            self.origin.setdefault(made, step)

    def record(self, op, args, options):
        """What a rule asks for, in terms of the core."""
        made = self.by_rule(op, args, options)
        return super().record(op, args, options) if made is None else made

    def computed(self, op, args, options):
        """An array of the shape and type of what a primitive makes: nobody looks at its elements, so one stands for all."""
        if not is_elementwise(op):
            return super().computed(op, args, options)
        one = super().computed(op, [x[(slice(1),) * x.ndim] if isinstance(x, np.ndarray) else x for x in args], options)
        return np.broadcast_to(one, np.broadcast_shapes(*map(np.shape, args)))

    def by_rule(self, op, args, options):
        """What a primitive is by its rule; None if it has none, or not for these parameters: then it may be refused."""
        try:
            return RULES[op](*args, **options) if op in RULES else by_formula(op, *args, **options)
        except (TypeError, AttributeError):  # another parameter; or an operand that is no array
            return None

    def now(self, x):
        """An argument in terms of the core."""
        if isinstance(x, (tuple, list)):
            return type(x)([self.now(part) for part in x])
        if isinstance(x, dict):
            return {name: self.now(part) for name, part in x.items()}
        return self.made.get(x, x) if isinstance(x, Expression) else x

    def listed(self, x):
        """An array of numbers in an index."""
        x = np.asarray(x)
        return put_together(
            self, x.shape, np.dtype(int), [(i, int(number), False) for i, number in np.ndenumerate(x)]
        ).expression

    def given(self, x):
        """An operand for a rule: an Expression as a Name, with its number, or one that stands for all elements."""
        if not isinstance(x, Expression):
            return x
        return Name(self, x, number_of(x) if is_number(x) else np.broadcast_to(x.dtype.type(0), x.shape))

    # Sums

    def grown(self, step):
        """A sum to which a product is added while it is computed, or of parts of arrays; None if it is none."""
        if not all(isinstance(x, Expression) and x.shape == step.shape and self.is_asked_for_once(x) for x in step.args):
            return None
        x, y = self.now(step.args)
        if x.op == y.op == "pieces":
            return self.pieces_of_both(x, y)
        x, y = (x, y) if y.op == "matmul" else (y, x)
        if y.op != "matmul" or y.ndim != 2 or len(y.args) > 2 or x.op in ("parameter", *VIEWS) or x.fill is not None:
            return None
        return self.given(self.new("matmul", (*y.args, x), {}, step.kind))

    def is_asked_for_once(self, x):
        """Whether one step alone uses x."""
        return len(self.users.get(x, ())) == 1 and x not in self.wanted

    def pieces_of_both(self, x, y):
        """Parts in frames of zeros, such as gradients of slices are, in one frame; where they meet, they are added."""
        if not all(frame.options["indices"][0] == (...,) and is_zero(frame.args[0]) for frame in (x, y)):
            return None
        parts = pieces_of(x)
        for index, value, added in pieces_of(y)[1:]:
            meets = any(overlap(index, other, x.shape) for other, *_ in parts[1:])
            parts.append((index, value, added or meets))
        return put_together(self, x.shape, x.dtype, parts)

    def changed(self, step):
        """base[index] = value, or += value, in a new array; None where arrays say which elements these are."""
        (base, value), index = step.args, step.options["index"]
        if any(map(is_array, index)):
            return None
        old = value.args[0] if isinstance(value, Expression) and value.op == "add" else None
        grows = isinstance(old, Expression) and old.op == "index" and old.args[0] is base and old.options["index"] == index
        is_own = base not in self.wanted and {*self.users[base]} <= {step, old}
        before, value = self.now((base, value.args[1] if grows else value))
        parts = pieces_of(before) if is_own and before.op == "pieces" else [((...,), before, False)]
        return put_together(self, base.shape, base.dtype, [*parts, (index, value, grows)])


def by_formula(op, *operands, **options):
    """What a primitive is by its formula; None if there is none, or it does not speak of an option."""
    if op == "power" and is_literal(exponent := getattr(operands[1], "expression", operands[1])):
        op = constant_value(exponent)
    formula = FORMULAS.get(op, "")
    if not all(name in formula for name in options):
        return None
    names = vars(np) | DEFAULTS | options | dict(zip("xyz", operands, strict=False))
    return eval(formula, names) if formula else None  # noqa: S307 - the source is ours


def mean(x, axis=None, **options):
    """The sum by the number of summands."""
    total = np.sum(x, axis=axis, dtype=x.dtype if x.dtype.kind == "f" else float, **options)
    return total / (x.size // total.size if total.size else 0)


def diff(x, axis=-1):
    """What lies between neighbours."""
    x = np.moveaxis(x, axis, 0)
    return np.moveaxis(x[1:] - x[:-1], 0, axis)


# Products


def matmul(x, y):
    """A product that is small, or of a vector, is a loop; samples one below the other are one matrix."""
    if y.ndim == 1:
        return added(x * y, -1)
    if x.ndim == 1:
        return added(x[:, None] * y, -2)
    (rows, common), columns = x.shape[-2:], y.shape[-1]
    if common == 1:
        return x * y
    if 1 in (rows, columns) or rows * common * columns <= SMALL or np.result_type(x.dtype, y.dtype).kind != "f":
        return added(x[..., None] * y[..., None, :, :], -2)
    if x.ndim > 2 and y.ndim == 2:
        return (x.reshape(-1, common) @ y).reshape(*x.shape[:-1], columns)
    return None


def added(products, axis):
    """A sum of products, in their type; of truth values it is true if one is."""
    return products.any(axis) if products.dtype.kind == "b" else products.sum(axis, dtype=products.dtype)


def sum_of_products(x, axis=None, **options):
    """(x.T @ y).sum(axis=0) of samples: one product, which goes on where a sample ends."""
    product = x.expression
    if product.op != "matmul" or axis != 0 or options or any(y.ndim != 3 for y in product.args):
        return None
    x, y = map(x.recorder.given, product.args)
    if x.expression.op != "transpose" or x.expression.options["axes"] != (0, 2, 1):
        return None  # it would have to be copied
    return x.transpose(1, 0, 2).reshape(x.shape[1], -1) @ y.reshape(-1, y.shape[2])


def einsum(*arrays, subscripts):
    """A sum of products by its letters: a matrix product of what is laid out for it, if it is one, else a loop."""
    words, arrow, kept = subscripts.replace(" ", "").partition("->")
    if "." in words or not arrow:
        return None
    words, arrays = words.split(","), list(arrays)
    for i in range(len(words)):
        while twice := next((c for c in words[i] if words[i].count(c) > 1), None):
            arrays[i] = np.diagonal(arrays[i], axis1=words[i].index(twice), axis2=words[i].rindex(twice))
            words[i] = words[i].replace(twice, "") + twice
    inner = sorted({*"".join(words)} - {*kept})
    if len(words) == 2 and all(c in word for c in inner for word in words):
        product = as_product(words, kept, inner, *arrays)
        if product is not None:
            return product
    letters = [*kept, *inner]
    spread = [laid_out(x, word, *(c * (c in word) for c in letters)) for word, x in zip(words, arrays, strict=True)]
    product = math.prod(spread)
    return added(product, tuple(range(len(kept), len(kept) + len(inner)))) if inner else product


def as_product(words, kept, inner, x, y):
    """An einsum of two as a matrix product; None if an axis of length 1 is repeated."""
    one, other = words
    lengths = dict(zip(one + other, x.shape + y.shape, strict=True))
    if x.shape != tuple(lengths[c] for c in one):
        return None
    batch = [c for c in kept if c in one and c in other]
    rows, columns = ([c for c in kept if c in word and c not in batch] for word in words)
    product = laid_out(x, one, *batch, rows, inner) @ laid_out(y, other, *batch, inner, columns)
    letters = [*batch, *rows, *columns]
    return product.reshape(tuple(lengths[c] for c in letters)).transpose([letters.index(c) for c in kept])


def laid_out(x, word, *groups):
    """An array with an axis for each of these groups of letters."""
    lengths = tuple(math.prod(x.shape[word.index(c)] for c in group) for group in groups)
    return x.transpose([word.index(c) for group in groups for c in group]).reshape(lengths)


# Parts put together


def put_together(recorder, shape, dtype, parts):
    """An array of parts: of each the index, the value, and whether it is added to what is there. Of the core."""
    indices, values, added = zip(*parts, strict=True)
    values = tuple(getattr(value, "expression", value) for value in values)
    return recorder.given(recorder.new("pieces", values, {"indices": indices, "added": added}, Kind(shape, dtype, "C")))


def pieces_of(whole):
    """The parts that an array was put together of."""
    return list(zip(whole.options["indices"], whole.args, whole.options["added"], strict=True))


def overlap(one, other, shape):
    """Whether two parts of an array may have an element in common."""
    for x, y, n in zip(one, other, shape, strict=False):
        if not (isinstance(x, slice) and isinstance(y, slice)):
            return True
        (start, stop, step), (its_start, its_stop, its_step) = x.indices(n), y.indices(n)
        if step == its_step == 1 and (stop <= its_start or its_stop <= start):
            return False
    return True


def is_zero(x):
    """Whether x, in whatever shape, is 0."""
    return is_literal(x) and constant_value(x) == 0


def concatenate(*arrays, axis=0, **options):
    """One behind the other."""
    parts, start = [], 0
    for x in arrays:
        parts.append(((*[slice(None)] * axis, slice(start, start + x.shape[axis])), x, False))
        start += x.shape[axis]
    shape = (*arrays[0].shape[:axis], start, *arrays[0].shape[axis + 1 :])
    return put_together(arrays[0].recorder, shape, np.result_type(*(x.dtype for x in arrays)), parts)


def stack(*arrays, axis=0, **options):
    """The same, along a new axis."""
    return concatenate(*(np.expand_dims(x, axis) for x in arrays), axis=axis)


def pad(x, pad_width, mode="constant", constant_values=0):
    """A frame of one number around an array."""
    if mode != "constant" or not is_number(constant_values):
        return None
    width = np.broadcast_to(np.asarray(pad_width), (x.ndim, 2)).tolist()
    shape = tuple(n + before + after for n, (before, after) in zip(x.shape, width, strict=True))
    inside = tuple(slice(before, before + n) for n, (before, _) in zip(x.shape, width, strict=True))
    return put_together(x.recorder, shape, x.dtype, [((...,), constant_values, False), (inside, x, False)])


DEFAULTS = {"axis": None, "keepdims": False, "decimals": 0, "log2_": math.log(2)}
FORMULAS = {  # in NumPy, of operands x, y, z
    "square": "x * x",
    "reciprocal": "1 / x",
    "positive": "copy(x)",
    "logical_not": "x == 0",
    "isnan": "x != x",
    "isinf": "absolute(x) == inf",
    "isfinite": "absolute(x) < inf",
    "signbit": "copysign(1, x) < 0",
    "sign": "where(x > 0, 1, where(x < 0, -1, x + 0))",
    "heaviside": "where(x == 0, y, where(x > 0, 1, where(x < 0, 0, x)))",
    "sinc": "where(x == 0, 1, sin(pi * x) / (pi * x))",
    "clip": "minimum(maximum(x, y), z)",
    "round": "rint(x * 10.0**decimals) / 10.0**decimals if decimals > 0 else rint(x / 10.0**-decimals) * 10.0**-decimals",
    "logaddexp": "where(x == y, x + log2_, maximum(x, y) + log1p(exp(-absolute(x - y))))",
    "logaddexp2": "where(x == y, x + 1, maximum(x, y) + log1p(exp2(-absolute(x - y))) / log2_)",
    "remainder": "where(fmod(x, y) == 0, copysign(0, y), fmod(x, y) + where((y < 0) != (fmod(x, y) < 0), y, 0))",
    "floor_divide": """where(y == 0, x / y, copysign(
        rint((x - fmod(x, y)) / y - ((fmod(x, y) != 0) & ((y < 0) != (fmod(x, y) < 0)))), x / y))""",
    # powers that are quicker as something else
    0.5: "sqrt(x)",
    1: "copy(x)",
    2: "x * x",
    3: "x * x * x",
    -1: "1 / x",
    # along axes
    "any": "sum(x != 0, axis=axis, keepdims=keepdims) > 0",
    "all": "sum(x == 0, axis=axis, keepdims=keepdims) == 0",
}
RULES: dict[str, Any] = {rule.__name__: rule for rule in (diff, mean, matmul, einsum, concatenate, stack, pad)}
RULES["sum"] = sum_of_products
