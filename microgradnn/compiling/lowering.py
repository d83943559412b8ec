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
from .core import VIEWS, constant_value, is_literal

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
            rule = None if is_literal(step) or step.kind is None else RULES.get(step.op)
            self.recorder.known.clear()  # what was made for another step is this step itself by now
            before = len(self.recorder.expressions)
            made = rule and rule(*(name_of(self.recorder, x) for x in step.args), **step.options)
            if made is None:
                done.append(step)
                continue
            made = made if made.dtype == step.dtype else made.astype(step.dtype)
            new = [x for x in self.recorder.expressions[before:] if x.op not in ("parameter", "number")]
            self.stand_for(step, made.expression, new)
            done += self.lowered([*(x for x in new if x is not made.expression), step])
        return done

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


# Element by element


def clip(x, low, high):
    """x, but no less than `low`, and no more than `high`."""
    x = x if low is None else np.maximum(x, low)
    return x if high is None else np.minimum(x, high)


def power(x, exponent):
    """The powers that are quicker as something else."""
    exponent = getattr(exponent, "expression", exponent)
    value = constant_value(exponent) if is_literal(exponent) else None
    if value not in (0.5, 1, 2, 3, -1) or not isinstance(x, Name):
        return None
    return {0.5: np.sqrt, 1: np.positive, 2: square, 3: cube, -1: reciprocal}[value](x)


def square(x):
    """x²"""
    return x * x


def cube(x):
    """x³"""
    return x * x * x


def reciprocal(x):
    """1 / x"""
    return 1 / x


def rounded(x, decimals=0):
    """x, to so many decimals."""
    factor = 10.0 ** abs(decimals)
    return np.rint(x) if not decimals else np.rint(x * factor) / factor if decimals > 0 else np.rint(x / factor) * factor


def is_nan(x):
    """Only NaN is not equal to itself."""
    return x != x


def is_inf(x):
    """Whether |x| = ∞."""
    return np.absolute(x) == np.inf


def is_finite(x):
    """Whether |x| < ∞, which NaN is not."""
    return np.absolute(x) < np.inf


def logical_not(x):
    """Whether x is 0."""
    return x == 0


def sign_bit(x):
    """Whether x has a minus, as −0 has."""
    return np.copysign(1, x) < 0


def sign(x):
    """−1, 0 or 1; NaN of NaN."""
    return np.where(x > 0, 1, np.where(x < 0, -1, x + 0))


def heaviside(x, y):
    """0 or 1; y where x is 0."""
    return np.where(x == 0, y, np.where(x > 0, 1, np.where(x < 0, 0, x)))


def sinc(x):
    """sin(π x) / (π x)"""
    return np.where(x == 0, 1, np.sin(math.pi * x) / (math.pi * x))


def logaddexp(x, y):
    """log(exp(x) + exp(y))"""
    return np.where(x == y, x + math.log(2), np.maximum(x, y) + np.log1p(np.exp(-np.absolute(x - y))))


def logaddexp2(x, y):
    """log₂(2ˣ + 2ʸ)"""
    return np.where(x == y, x + 1, np.maximum(x, y) + np.log1p(np.exp2(-np.absolute(x - y))) / math.log(2))


def remainder(x, y):
    """With the sign of y, as in Python."""
    rest = np.fmod(x, y)
    return np.where(rest == 0, np.copysign(0, y), np.where((y < 0) != (rest < 0), rest + y, rest))


def floor_divide(x, y):
    """The whole part of x / y, as NumPy computes it: from the rest."""
    rest = np.fmod(x, y)
    exact = (x - rest) / y - ((rest != 0) & ((y < 0) != (rest < 0)))
    whole = np.rint(exact)
    return np.where(y == 0, x / y, np.where(exact == 0, np.copysign(0, x / y), whole))


# Along axes


def mean(x, axis=None, **options):
    """The sum by the number of summands."""
    dtype = {} if x.dtype.kind == "f" else {"dtype": float}
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return np.sum(x, axis=axis, **dtype, **options) / math.prod(x.shape[axis] for axis in axes)


def is_any(x, axis=None, **options):
    """Whether one is not 0."""
    return np.sum(x != 0, axis=axis, **options) > 0


def are_all(x, axis=None, **options):
    """Whether none is 0."""
    return np.sum(x == 0, axis=axis, **options) == 0


def diff(x, n=1, axis=-1):
    """What lies between neighbours, n times."""
    for _ in range(n):
        x = np.moveaxis(np.moveaxis(x, axis, 0)[1:] - np.moveaxis(x, axis, 0)[:-1], 0, axis)
    return x


def running(op):
    """Running sums and products: of one axis."""

    def rule(x, axis=None, **options):
        return getattr(np, op)(x.reshape(-1), axis=0, **options) if axis is None else None

    return rule


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


def einsum(*arrays, subscripts, **options):
    """A sum of products by its letters: a matrix product of what is laid out for it, if it is one."""
    words, arrow, kept = subscripts.replace(" ", "").partition("->")
    if "." in subscripts:
        return None
    kept = kept if arrow else "".join(c for c in sorted({*words}) if words.count(c) == 1 and c != ",")
    words, arrays = words.split(","), list(arrays)
    for i in range(len(words)):
        while twice := [c for c in words[i] if words[i].count(c) > 1]:
            first, second = (axis for axis, c in enumerate(words[i]) if c == twice[0])
            arrays[i] = np.diagonal(arrays[i], axis1=first, axis2=second)
            words[i] = words[i].replace(twice[0], "") + twice[0]
    if len(words) == 2 and (product := product_of(*words, kept, *arrays)) is not None:
        return product
    letters = kept + "".join(sorted({*"".join(words)} - {*kept}))
    product = math.prod(spread(x, word, letters) for word, x in zip(words, arrays, strict=True))
    inner = tuple(range(len(kept), len(letters)))
    return added(product, inner) if inner else product


def spread(x, word, letters):
    """An array with an axis for each letter, in this order."""
    x = x.transpose([word.index(c) for c in letters if c in word])
    return x[tuple(slice(None) if c in word else None for c in letters)]


def product_of(one, other, kept, x, y):
    """An einsum as matrix product; None if it is none."""
    batch = [c for c in kept if c in one and c in other]
    rows, columns = ([c for c in kept if c in word and c not in batch] for word in (one, other))
    common = [c for c in one if c in other and c not in kept]
    lengths = dict(zip(one + other, x.shape + y.shape, strict=True))
    is_product = (
        x.shape == tuple(lengths[c] for c in one)
        and sorted(one) == sorted([*batch, *rows, *common])
        and sorted(other) == sorted([*batch, *common, *columns])
    )
    if not is_product or not (rows or columns or common):
        return None

    def laid_out(x, word, first, second):
        moved = x.transpose([word.index(c) for c in [*batch, *first, *second]])
        return moved.reshape(*(lengths[c] for c in batch), *(math.prod(lengths[c] for c in group) for group in (first, second)))

    product = laid_out(x, one, rows, common) @ laid_out(y, other, common, columns)
    letters = [*batch, *rows, *columns]
    return product.reshape(tuple(lengths[c] for c in letters)).transpose([letters.index(c) for c in kept])


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


RULES = {
    "clip": clip, "power": power, "square": square, "reciprocal": reciprocal, "round": rounded, "positive": np.copy,
    "isnan": is_nan, "isinf": is_inf, "isfinite": is_finite, "logical_not": logical_not, "signbit": sign_bit, "sign": sign,
    "heaviside": heaviside, "sinc": sinc, "logaddexp": logaddexp, "logaddexp2": logaddexp2, "remainder": remainder,
    "floor_divide": floor_divide, "mean": mean, "any": is_any, "all": are_all, "diff": diff,
    "cumsum": running("cumsum"), "cumprod": running("cumprod"), "matmul": matmul, "sum": sum_of_products, "einsum": einsum,
    "concatenate": concatenate, "stack": stack, "pad": pad,
}  # fmt: skip
