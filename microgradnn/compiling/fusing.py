"""What is fused: which steps of a program share a loop, in which order loops and calls run, and what must lie in memory.

A step that works element by element joins the first loop over its shape in which all its operands are known, forward and
backward alike; a reduction goes along with the loop that makes its operand. What only its own loop asks for is a variable of
that loop, and takes no memory. Everything else (products, what is gathered one after the other) is a Call, between loops.
"""

import math

import numpy as np

from ..programs.expression import Expression, Kind, is_number
from ..programs.primitives import compute
from .elements import ELEMENTWISE, is_literal
from .places import C_TYPES, Memory, whole_place

REDUCTIONS = {"sum", "mean", "max", "min", "prod", "any", "all"}
VIEWS = {"index", "reshape", "transpose", "expand_dims", "squeeze", "broadcast_to", "flip", "swapaxes", "diagonal"}
VIEWS |= {"lib.stride_tricks.sliding_window_view"}
SCATTERS = {"add.at": "+=", "subtract.at": "-=", "multiply.at": "*=", "divide.at": "/=", "set": "="}
CUMULATIVE = {"cumsum": "+", "cumprod": "*"}
MOST_ITEMS = 200  # of one loop


class Loop:
    """Steps that are computed together, element by element, over one shape."""

    def __init__(self, shape):
        self.shape, self.items = shape, []


class Call:
    """A step that has a loop of its own, or is a call of BLAS."""

    def __init__(self, step):
        self.step, self.items, self.shape = step, [step], None


class Schedule:
    """Loops and calls in order, and where everything lies.

    Parameters
    ----------
    program : Program or the like
        With steps, results, parameters.
    updates : sequence of (list of Expression, dict of Expression to Expression)
        Steps that come after those of the program, and what parameters become by them, in place.

    Attributes
    ----------
    kernels : list of Loop and Call
    places : dict of Expression to Place
        Of what lies in memory.
    memories : list of Memory
    results : list of Memory
    checked : bool
        Whether an index is looked at, which may be wrong.
    first_update : int
        The kernel from which on parameters may change, if an index is looked at.
    """

    def __init__(self, program, updates=()):
        self.program = program
        self.kernels, self.kernel_of = [], {}
        self.places, self.memories, self.reads = {}, [], {}
        self.users = users_of([*program.steps, *(step for steps, _ in updates for step in steps)])
        self.changed = {parameter for _, values in updates for parameter, value in values.items() if value is not parameter}
        self.packed = {}  # a matrix that BLAS could not go through -> its copy
        self.checked, self.floor = False, 0
        for x in program.parameters:
            refuse_type(x)
            self.places[x] = whole_place(self.memory(x, "parameter"), x.shape)
        for step in program.steps:
            self.add(step)
        self.results = [self.result(x) for x in program.results]
        self.first_update = len(self.kernels)
        self.update(updates)

    def memory(self, x, role="scratch"):
        """A new piece of memory for what is like x."""
        self.memories.append(Memory(x, math.prod(x.shape), role))
        return self.memories[-1]

    def whole(self, x):
        """The place of x in memory of its own."""
        self.places[x] = whole_place(self.memory(x), x.shape)
        return self.places[x]

    # Where steps go

    def add(self, step):
        """Give a step its place in the order."""
        op = step.op
        if op in ("parameter", "number") or step in self.kernel_of or source(step) is not step or is_literal(step):
            return
        refuse_type(step)
        if op in VIEWS and not has_arrays(step):
            self.view(step)
        elif op == "index":
            self.gather(step)
        elif op in ELEMENTWISE:
            self.join(step, step.shape, step.operands)
        elif op in REDUCTIONS:
            self.reduce(step)
        elif op in SCATTERS:
            self.change(step)
        elif op in COMPOSED:
            COMPOSED[op](self, step)
        elif op in CALLS:
            if not self.is_folded(step):
                self.call(step, step.operands)
        else:
            raise refusal(step, f"the primitive {op!r} cannot be written as C")

    def join(self, step, shape, operands, floor=0):
        """Put a step into the first loop over its shape that may have it, or a new one."""
        operands = [x for x in map(source, operands) if not is_literal(x)]
        for x in operands:
            self.add(x)
        near = [x for x in operands if self.is_in_loop(x, shape)]
        far = [self.ready(x) for x in operands if x not in near]
        first = max([floor, self.floor, *(self.kernel_of[x] for x in near), *far])
        for i in range(first, len(self.kernels)):
            if self.kernels[i].shape == shape and len(self.kernels[i].items) < MOST_ITEMS:
                break
        else:
            i = len(self.kernels)
            self.kernels.append(Loop(shape))
        for x in operands:
            if x not in near or self.kernel_of[x] != i:
                self.read(x, i, shape)
        self.kernels[i].items.append(step)
        self.kernel_of[step] = i
        return i

    def is_in_loop(self, x, shape):
        """Whether x is computed in a loop over this shape, element by element."""
        i = self.kernel_of.get(x, -1)
        return i >= 0 and self.kernels[i].shape == shape == x.shape and x in self.kernels[i].items and x.op not in REDUCTIONS

    def ready(self, x):
        """The first kernel that may read x from memory."""
        return 0 if x.op == "parameter" else self.kernel_of[x] + 1

    def read(self, x, kernel, shape=None):
        """Note that a kernel reads x from memory: element by element, if it is a loop over its shape."""
        place = self.in_memory(x)
        in_order = place.shape == shape and place.is_whole
        self.reads.setdefault(place.memory, []).append(kernel if in_order else kernel + 1)

    def in_memory(self, x):
        """The place of x, where its loop will store it; what is filled with one number is written out."""
        if x in self.places:
            return self.places[x]
        self.add(x)
        if x not in self.places and x not in self.kernel_of:
            made = alike(x, "full", (source(x),))
            self.kernel_of[x] = self.join(made, x.shape, made.operands)
            self.places[made] = self.whole(x)
        return self.places.get(x) or self.whole(x)

    def packed_matrix(self, x):
        """x in memory, copied if BLAS could not go through it: lines of elements one behind the other."""
        place = self.in_memory(x)
        ends = [s for n, s in zip(place.shape[-2:], place.strides[-2:], strict=True) if n != 1]
        if ends and (min(ends) < 0 or 1 not in ends or 0 in ends):
            self.packed[x] = self.copied(x)
        return self.packed.get(x, x)

    def view(self, step):
        """A step that only looks at its operand in another way; where NumPy would copy, it is copied here."""
        x = step.args[0]

        def how(array):
            return (
                element_view(array, step.options["index"]) if step.op == "index" else compute(step.op, (array,), step.options)
            )

        seen = self.in_memory(x).viewed(how)
        if seen is None:
            x = self.copied(x)
            seen = self.places[x].viewed(how)
        self.places[step] = seen
        self.kernel_of[step] = self.ready(x) - 1

    def copied(self, x):
        """A copy of x, row by row."""
        copy = alike(x, "copy", (x,))
        self.join(copy, x.shape, (x,))
        self.whole(copy)
        return copy

    def gather(self, step):
        """x[rows]: an element of the result is one of x, wherever the arrays in the index say."""
        refuse_masks(step)
        operands = memory_operands(step)
        for x in operands:
            self.in_memory(x)
        i = self.join(step, step.shape, (), max(map(self.ready, operands)))
        for x in operands:
            self.read(x, i)
        self.checked = True

    def reduce(self, step):
        """A sum, a maximum, ... beside the loop that makes its operand; or all of a product, summed over its batch."""
        x = step.args[0]
        if self.is_folded(x):
            fold(self, step, *x.args)
        else:
            self.whole(step)
            self.join(step, x.shape, (x,))

    def is_folded(self, x):
        """Whether a product of batches is only asked for its sum over the batch: then it is one product."""
        users = self.users.get(x, ())
        wanted = x.op == "matmul" and x.ndim == 3 and len(users) == 1 and x not in self.program.results
        return wanted and users[0].op == "sum" and users[0].options == {"axis": 0} and all(y.ndim == 3 for y in x.operands)

    def call(self, step, operands):
        """A step with a kernel of its own, at the end."""
        operands = [self.packed_matrix(x) if step.op == "matmul" else x for x in operands]
        for x in operands:
            self.in_memory(x)
        self.kernels.append(Call(step))
        self.kernel_of[step] = len(self.kernels) - 1
        for x in operands:
            self.read(x, self.kernel_of[step])
        if step not in self.places:
            self.whole(step)

    # What changes arrays

    def change(self, step):
        """x[i] = y, or np.add.at(x, i, y), in the memory of x if nobody looks at x afterwards."""
        base, value = step.args
        place = self.in_memory(base)
        is_own = (
            (base.is_statement or base.fill is not None or base.op == "copy")
            and place.is_whole
            and place.memory.role == "scratch"
        )
        if not (is_own and self.last_read(base, step) < step.position):
            place = self.places[self.copied(base)]
        self.places[step] = place
        if step.op == "set" and not has_arrays(step):
            part = place.viewed(lambda array: element_view(array, step.options["index"]))
            self.kernel_of[step] = self.store(value, part, len(self.kernels))
        else:
            refuse_masks(step)
            self.checked = True
            self.call(step, memory_operands(step)[1:])

    def last_read(self, x, statement):
        """The last position at which x, or a view of it, is read by another step than a statement."""
        latest = -1
        for user in self.users.get(x, ()):
            if user is not statement:
                latest = max(latest, user.position, self.last_read(user, statement) if user.op in VIEWS else -1)
        return math.inf if x in self.program.results else latest

    def stand_for(self, step, made):
        """Let a step be what was made in its place."""
        self.add(made)
        self.places[step] = self.in_memory(made)
        self.kernel_of[step] = self.kernel_of[made]

    def store(self, value, place, floor):
        """Write a value into a part of an array; the kernel that does it."""
        part = Expression("copy", (value,), {}, Kind(place.shape, place.memory.dtype, "C"))
        self.places[part] = place
        return self.join(part, place.shape, part.operands, floor)

    def update(self, updates):
        """Let parameters become other values, in their own memory, when nobody reads them any more."""
        for steps, values in updates:
            self.floor = self.first_update if self.checked else max(map(self.last_read_of, values), default=0)
            for step in steps:
                self.add(step)
        for _, values in updates:
            for parameter, value in values.items():
                self.floor = self.first_update if self.checked else self.last_read_of(parameter)
                if value is not parameter:
                    self.store(value, self.places[parameter], self.floor)

    def last_read_of(self, parameter):
        """The first kernel in which a parameter may change: no later one reads it, nor this one out of order."""
        return max(self.reads.get(self.places[parameter].memory, ()), default=0)

    def result(self, x):
        """The memory of a result, which nobody shares with it."""
        place = self.in_memory(x)
        if place.memory.role != "scratch" or not place.is_whole or x.is_statement:
            place = self.places[self.copied(x)]
        place.memory.role = "result"
        return place.memory


def users_of(steps):
    """Who uses what."""
    users = {}
    for step in steps:
        for x in step.operands:
            users.setdefault(x, []).append(step)
    return users


def source(x):
    """One number in the place of an array that is filled with it."""
    return x.fill if x.fill is not None and not x.is_statement else x


def alike(x, op, args):
    """Another Expression of the shape and type of x."""
    return Expression(op, args, {}, Kind(x.shape, x.dtype, "C"), position=x.position)


def element_view(array, index):
    """array[index], a view also where it is one element."""
    return array[index if ... in index else (*index, ...)]


def memory_operands(step):
    """What is looked at, and the arrays in the index, and values; row numbers 0, 1, ... are counted and not looked up."""
    return [x for x in step.operands if x.op != "arange"]


def has_arrays(step):
    """Whether an index has arrays in it."""
    return step.op in {"index", *SCATTERS} and any(is_array(x) for x in step.options["index"])


def is_array(x):
    """Whether a part of an index is an array, or a list of numbers."""
    return isinstance(x, (Expression, list, np.ndarray))


def refusal(step, why):
    """The exception for a step that cannot be written."""
    return TypeError(f"{step.operation}: {why}.\nWithout compile=True, `unroll` writes it as NumPy source.")


def refuse_type(x):
    """Raise TypeError for what is several arrays, or of a type that C is not written for."""
    if x.kind is None:
        raise refusal(x, f"the primitive {x.op!r} cannot be written as C")
    if x.dtype not in C_TYPES:
        raise refusal(x, f"numbers of {x.dtype} are not written as C, but those of {', '.join(map(str, C_TYPES))} are")


def refuse_masks(step):
    """Raise TypeError for an index by a mask, or by arrays with axes between them."""
    index = step.options["index"]
    arrays = [i for i, x in enumerate(index) if is_array(x)]
    if any((x if isinstance(x, Expression) else np.asarray(x)).dtype.kind == "b" for x in index if is_array(x)):
        raise refusal(step, "an index by a mask, whose result has no shape that is known before, cannot be written as C")
    together = [i for i, x in enumerate(index) if is_array(x) or is_number(x)]
    if arrays and together != list(range(together[0], together[-1] + 1)):
        raise refusal(step, "an index by arrays with other axes between them cannot be written as C")


# What is made of parts


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
    """(x @ y).sum(axis=0): where a sample ends, the product goes on."""
    n, rows, common = x.shape
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
CALLS = {"matmul", "arange", *CUMULATIVE}
