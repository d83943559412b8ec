"""Primitives by others: C is written for a small core, and all else is said in it, in plain NumPy.

The rules here are run on Names, as the rules of operations are. What a step was is kept, for the comments.
"""

import math

import numpy as np

from ..programs.expression import Expression, Kind, is_number, number_of
from ..programs.names import Name
from ..programs.program import steps_to
from ..programs.recorder import Recorder
from ..programs.recordings import unchanged
from .core import VIEWS, constant_value, is_literal, refuse_unfit

SMALL = 256  # multiplications, of a product that is a loop like others


class Lowered:
    """A program in terms of the core.

    Parameters
    ----------
    program : Program or the like
        Its steps say in another way how they are made, from here on.
    updates : sequence of (list of Expression, dict of Expression to Expression), optional
        Steps that come after those of the program, and what parameters become by them.

    Attributes
    ----------
    steps : list of Expression
    updates : list of (list of Expression, dict of Expression to Expression)
    original : dict of Expression to Expression
        What a step was.
    """

    def __init__(self, program, updates=()):
        self.recorder, self.original, self.labels = Recorder(unchanged), {}, program.labels
        _ = program.places  # which vectors are rows, for the comments: by the products that there are before
        steps = self.lowered(program.steps)
        self.updates = [(self.lowered(made), values) for made, values in updates]
        becomes = [value for _, values in updates for value in values.values()]
        needed = set(steps_to([*program.results, *becomes]))
        self.steps = [step for step in steps if step in needed]
        for position, step in enumerate([*steps, *(step for made, _ in self.updates for step in made)]):
            step.position = position

    def lowered(self, steps):
        """Steps in terms of the core, each behind those that it is made of now."""
        done = []
        for step in steps:
            self.recorder.known.clear()  # what was made for another step is this step itself by now
            before = len(self.recorder.expressions)
            made = None
            if not is_literal(step):
                refuse_unfit(step)
                made = self.made_of_others(step)
            if made is None:
                done.append(step)
                continue
            made = made if made.dtype == step.dtype else made.astype(step.dtype)
            new = [x for x in self.recorder.expressions[before:] if x.op not in ("parameter", "number")]
            self.stand_for(step, made.expression, new)
            done += self.lowered([*(x for x in new if x is not made.expression), step])
        return done

    def made_of_others(self, step):
        """What a step is, by its rule; None if it has none, or has parameters that this does not take: it may be refused."""
        operands = [name_of(self.recorder, x) for x in step.args]
        try:
            return (
                RULES[step.op](*operands, **step.options) if step.op in RULES else by_formula(step, *operands, **step.options)
            )
        except TypeError:
            return None

    def stand_for(self, step, made, new):
        """Let a step be made as `made` is, by what is new."""
        was = Expression(step.op, step.args, step.options, step.kind, operation=step.operation)
        if made in new:
            step.become(made.op, made.args, made.options)
            step.fill = made.fill
        else:
            step.become("reshape", (made,), {"shape": step.shape})
        for x in new:
            x.operation = step.operation
        x = step
        self.call_as(step, x, was)
        while x.op in VIEWS and x.args[0] in new:  # what is looked at in another way has the name
            x = x.args[0]
            self.call_as(step, x, was)

    def call_as(self, step, x, was):
        """Let x be called, and commented, as a step is."""
        was = self.original.setdefault(x, self.original.get(step, was))
        if step in self.labels:
            self.labels[x] = self.labels[was] = self.labels[step]


def name_of(recorder, x):
    """An operand for a rule: a number as such, an Expression as a Name, with zeros of its shape."""
    if not isinstance(x, Expression) or is_number(x):
        return number_of(x)
    return Name(recorder, x, np.zeros(x.shape, x.dtype))


def by_formula(step, *operands, **options):
    """What a step is by its formula; None if there is none, or it does not speak of an option."""
    op = step.op
    if op == "power" and is_literal(step.args[1]):
        op = constant_value(getattr(step.args[1], "fill", None) or step.args[1])
    formula = FORMULAS.get(op, "")
    if not all(name in formula for name in options):
        return None
    names = vars(np) | DEFAULTS | options | dict(zip("xyz", operands, strict=False)) | {"step": step}
    return eval(formula, names) if formula else None  # noqa: S307 - the source is ours


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
    x, y = (name_of(x.recorder, factor) for factor in product.args)
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
    product = math.prod(
        laid_out(x, word, *(c * (c in word) for c in [*kept, *inner])) for word, x in zip(words, arrays, strict=True)
    )
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
    """An array of parts, as pairs of an index and what stands there: of the core."""
    values = tuple(getattr(value, "expression", value) for _, value in parts)
    indices = {"indices": [index for index, _ in parts]}
    made = recorder.new("pieces", values, indices, Kind(shape, dtype, "C"), key=("pieces",))
    return Name(recorder, made, np.zeros(shape, dtype))


def concatenate(*arrays, axis=0, **options):
    """One behind the other."""
    parts, start = [], 0
    for x in arrays:
        parts.append(((*[slice(None)] * axis, slice(start, start + x.shape[axis])), x))
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
    return put_together(x.recorder, shape, x.dtype, [((...,), constant_values), (inside, x)])


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
    "round": "rint(x * 10.0**decimals) / 10.0**decimals if decimals >= 0 else rint(x / 10.0**-decimals) * 10.0**-decimals",
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
    "mean": "sum(x, axis=axis, keepdims=keepdims, dtype=step.dtype) / (x.size // step.size if step.size else 0)",
    "any": "sum(x != 0, axis=axis, keepdims=keepdims) > 0",
    "all": "sum(x == 0, axis=axis, keepdims=keepdims) == 0",
}
RULES = {
    "diff": diff, "matmul": matmul, "sum": sum_of_products, "einsum": einsum, "concatenate": concatenate, "stack": stack,
    "pad": pad,
}  # fmt: skip
