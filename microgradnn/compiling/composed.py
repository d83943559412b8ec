"""Primitives that are made of others: parts put together, frames, and sums of products that are a matrix product."""

import math

import numpy as np

from ..programs.expression import Expression, Kind, is_number
from .kernels import alike, refusal


def concatenate(schedule, step):
    """Each part into its part of the whole."""
    axis, start, done = step.options.get("axis", 0), 0, []
    whole = schedule.whole(step)
    for part in step.args:
        index = (*[slice(None)] * axis, slice(start, start + part.shape[axis]))
        done.append(schedule.store(part, whole.viewed(lambda array, index=index: array[index]), 0))
        start += part.shape[axis]
    schedule.kernel_of[step] = max(done)


def stack(schedule, step):
    """Each part into its place along the new axis."""
    axis, done = step.options.get("axis", 0), []
    whole = schedule.whole(step)
    for i, part in enumerate(step.args):
        index = (*[slice(None)] * axis, i, ...)
        done.append(schedule.store(part, whole.viewed(lambda array, index=index: array[index]), 0))
    schedule.kernel_of[step] = max(done)


def pad(schedule, step):
    """A frame of one number around an array."""
    if step.options.get("mode", "constant") != "constant" or not is_number(step.options.get("constant_values", 0)):
        raise refusal(step, f"np.pad with {step.options} cannot be written as C")
    x, ndim = step.args[0], step.ndim
    width = np.broadcast_to(np.asarray(step.options["pad_width"]), (ndim, 2)).tolist()
    whole = schedule.whole(step)
    framed = schedule.store(step.options.get("constant_values", 0), whole, 0)
    index = tuple(slice(before, before + n) for (before, _), n in zip(width, x.shape, strict=True))
    schedule.kernel_of[step] = schedule.store(x, whole.viewed(lambda array: array[index]), framed + 1)


def diff(schedule, step):
    """What lies between neighbours."""
    if step.options.get("n", 1) != 1:
        raise refusal(step, "np.diff with n cannot be written as C")
    x, axis = step.args[0], step.options.get("axis", -1) % step.ndim
    ends = []
    for part in (slice(1, None), slice(None, -1)):
        index = (*[slice(None)] * axis, part)
        ends.append(Expression("index", (x,), {"index": index}, Kind(step.shape, x.dtype, None)))
        schedule.add(ends[-1])
    schedule.stand_for(step, alike(step, "subtract", tuple(ends)))


def einsum_words(step):
    """The letters of each operand and of the result."""
    subscripts = step.options["subscripts"].replace(" ", "")
    if "." in subscripts:
        raise refusal(step, "np.einsum with ... in its subscripts cannot be written as C")
    words, arrow, kept = subscripts.partition("->")
    letters = words.replace(",", "")
    return words.split(","), kept if arrow else "".join(c for c in sorted({*letters}) if letters.count(c) == 1)


def lengths_of(words, arrays):
    """How far each letter goes; an axis of length 1 is repeated."""
    lengths = {}
    for word, x in zip(words, arrays, strict=True):
        for letter, n in zip(word, x.shape, strict=True):
            lengths[letter] = n if lengths.get(letter, 1) == 1 else lengths[letter]
    return lengths


def einsum(schedule, step):
    """A sum of products: a matrix product of what is laid out for it, if it is one, else loops."""
    words, kept = einsum_words(step)
    one, other = words if len(words) == 2 else ("", "")
    batch = [c for c in kept if c in one and c in other]
    rows, columns = ([c for c in kept if c in word and c not in batch] for word in (one, other))
    common = [c for c in one if c in other and c not in kept]
    lengths = lengths_of(words, step.args)
    as_long = all(x.shape == tuple(lengths[c] for c in word) for word, x in zip(words, step.args, strict=True))
    is_product = (
        as_long and sorted(one) == sorted([*batch, *rows, *common]) and sorted(other) == sorted([*batch, *common, *columns])
    )
    if not is_product or not (rows or columns or common):
        schedule.call(step, step.operands)
        return

    def laid_out(x, word, first, second):
        x = transposed(schedule, x, [word.index(c) for c in [*batch, *first, *second]])
        groups = [*([c] for c in batch), first, second]
        return reshaped(schedule, x, [math.prod(lengths[c] for c in group) for group in groups])

    x, y = laid_out(step.args[0], one, rows, common), laid_out(step.args[1], other, common, columns)
    product = multiplied(schedule, step, x, y)
    letters = [*batch, *rows, *columns]
    spread = reshaped(schedule, product, [lengths[c] for c in letters])
    schedule.stand_for(step, transposed(schedule, spread, [letters.index(c) for c in kept]))


def fold(schedule, step, x, y):
    """(x @ y).sum(axis=0): one product, which goes on where a sample ends; else each is added to those before."""
    n, rows, common = x.shape
    whole = schedule.in_memory(x).viewed(lambda x: x.transpose(1, 0, 2).reshape(rows, n * common))
    if whole is None or schedule.in_memory(y).viewed(lambda y: y.reshape(n * common, -1)) is None:
        schedule.call(step, (x, y), True)
        return
    x = reshaped(schedule, transposed(schedule, x, [1, 0, 2]), [rows, n * common])
    schedule.stand_for(step, multiplied(schedule, step, x, reshaped(schedule, y, [n * common, y.shape[2]])))


def transposed(schedule, x, axes):
    """x with its axes in another order."""
    moved = Expression("transpose", (x,), {"axes": tuple(axes)}, Kind(tuple(x.shape[axis] for axis in axes), x.dtype, None))
    schedule.add(moved)
    return moved


def reshaped(schedule, x, shape):
    """x in another shape."""
    moved = Expression("reshape", (x,), {"shape": tuple(shape)}, Kind(tuple(shape), x.dtype, None))
    schedule.add(moved)
    return moved


def multiplied(schedule, step, x, y):
    """x @ y, as a part of a step."""
    product = Expression("matmul", (x, y), {}, Kind((*x.shape[:-1], y.shape[-1]), step.dtype, "C"), operation=step.operation)
    schedule.add(product)
    return product


COMPOSED = {"einsum": einsum, "concatenate": concatenate, "stack": stack, "pad": pad, "diff": diff}
