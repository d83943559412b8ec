"""What is fused: which steps of a program share a loop, in which order loops and calls run, and what must lie in memory.

A step that works element by element joins the first loop over its shape in which all its operands are known, forward and
backward alike; a reduction goes along with the loop that makes its operand. What only its own loop asks for is a variable of
that loop, and takes no memory. Everything else (products, what is gathered one after the other) is a Call, between loops.
"""

import math
from bisect import bisect_left

import numpy as np

from ..programs.expression import Expression, Kind
from ..programs.primitives import compute
from .core import (
    REDUCTIONS,
    RUNNING,
    SCATTERS,
    VIEWS,
    alike,
    element_view,
    has_arrays,
    is_literal,
    looked_up,
    refusal,
    refuse_unfit,
    source,
    users_of,
)
from .elements import ELEMENTWISE
from .lowering import Lowered
from .places import Memory, whole_place
from .sums import Sums

MOST_ITEMS = 200  # of one loop


class Loop:
    """Steps that are computed together, element by element, over one shape."""

    def __init__(self, shape):
        self.shape, self.items = shape, []


class Product:
    """A matrix product of two operands in memory: x @ y, or added to what is there."""

    def __init__(self, step, operands, accumulates):
        self.step, self.operands, self.accumulates = step, operands, accumulates
        self.shape, self.items = None, [step]


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
        self.kernels, self.kernel_of, self.loops = [], {}, {}  # loops: by shape, the positions of those over it
        self.places, self.memories, self.reads, self.looped = {}, [], {}, set()
        self.lowered = Lowered(program, updates)
        updates = self.lowered.updates
        self.users = users_of([*self.lowered.steps, *(step for steps, _ in updates for step in steps)])
        self.changed = {parameter for _, values in updates for parameter, value in values.items() if value is not parameter}
        self.packed = {}  # a matrix that several products go through across its lines -> its copy
        self.checked, self.floor = False, 0
        for x in program.parameters:
            refuse_unfit(x)
            self.places[x] = whole_place(self.memory(x, "parameter"), x.shape)
        self.sums = Sums(self)
        for step in self.lowered.steps:
            if not self.sums.defers(step):
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
        if op in ("parameter", "number", "arange") or step in self.kernel_of or source(step) is not step or is_literal(step):
            return
        if op in VIEWS and not has_arrays(step):
            self.view(step)
        elif op == "index":
            self.look_up(step, step.shape)
        elif op in ELEMENTWISE:
            if op != "add" or not self.sums.gathers(step):
                self.join(step, step.shape, step.operands)
        elif op in REDUCTIONS or op in RUNNING:
            self.whole(step)
            self.join(step, step.args[0].shape, step.operands)
            self.looped.discard(step)
        elif op in SCATTERS:
            self.change(step)
        elif op == "pieces":
            self.put_together(step)
        elif op == "matmul":
            self.product(step, self.factors(step))
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
        i = self.loop_from(first, shape)
        for x in operands:
            if x not in near or self.kernel_of[x] != i:
                self.read(x, i, shape)
        self.kernels[i].items.append(step)
        self.looped.add(step)
        self.kernel_of[step] = i
        return i

    def loop_from(self, first, shape):
        """The position of the first loop over a shape, not before that one, which has room; a new one if there is none."""
        known = self.loops.setdefault(shape, [])
        for i in known[bisect_left(known, first) :]:
            if len(self.kernels[i].items) < MOST_ITEMS:
                return i
        known.append(len(self.kernels))
        self.kernels.append(Loop(shape))
        return known[-1]

    def is_in_loop(self, x, shape):
        """Whether x is computed in a loop over this shape, element by element."""
        i = self.kernel_of.get(x, -1)
        return i >= 0 and self.kernels[i].shape == shape == x.shape and x in self.looped

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

    def factors(self, product):
        """The operands of a matrix product; the second copied once if several products go through it, and across its lines."""
        x, y = product.args
        if y not in self.packed and sum(user.op == "matmul" and user.args[1] is y for user in self.users.get(y, ())) > 1:
            place = self.in_memory(y)
            if y.ndim == 2 and place.strides[1] != 1 and place.shape[1] != 1:
                self.packed[y] = self.copied(y)
        return x, self.packed.get(y, y)

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

    def look_up(self, step, shape, operands=()):
        """A step whose elements lie wherever the arrays in its index say: in x[rows], or x[rows] = y."""
        read = looked_up(step)
        for x in read:
            self.in_memory(x)
        floor = len(self.kernels) if step.is_statement else 0
        i = self.join(step, shape, operands, max([floor, *map(self.ready, read)]))
        for x in read:
            self.read(x, i)
        self.checked = True

    def product(self, step, operands, accumulates=False):
        """A matrix product, at the end."""
        for x in operands:
            self.in_memory(x)
        self.kernels.append(Product(step, operands, accumulates))
        self.kernel_of[step] = len(self.kernels) - 1
        for x in operands:
            self.read(x, self.kernel_of[step])
        if step not in self.places:
            self.whole(step)

    def put_together(self, step):
        """Each part is written to its place; what is written to all of it, first."""
        whole, done, floor = self.whole(step), [], 0
        for value, index in zip(step.args, step.options["indices"], strict=True):
            done.append(self.store(value, whole.viewed(lambda array, index=index: array[index]), floor))
            floor = done[-1] + 1 if index == (...,) else floor
        self.kernel_of[step] = max(done)

    # What changes arrays

    def change(self, step):
        """x[i] = y, or np.add.at(x, i, y)."""
        base, value = step.args
        if step.op == "set" and not has_arrays(step):
            self.set_part(step, base, value, step.options["index"])
            return
        self.places[step] = place = self.own(base, step)
        self.look_up(step, index_shape(step, place), [value] if isinstance(value, Expression) else [])
        self.looped.discard(step)

    def own(self, base, step):
        """The place of an array that a step may change: the array itself if nobody looks at it afterwards, else a copy."""
        place = self.in_memory(base)
        is_own = base.op not in ("parameter", *VIEWS) and place.memory.role == "scratch" and base.op not in REDUCTIONS
        if is_own and self.last_read(base, step) < step.position:
            return place
        return self.places[self.copied(base)]

    def set_part(self, step, base, value, index):
        """Write a value into a part of an array, in the loop that computes it unless this looks at other parts."""
        self.places[step] = place = self.own(base, step)
        part = place.viewed(lambda array: element_view(array, index))
        floor = len(self.kernels)
        if isinstance(value, Expression) and value not in self.kernel_of and not is_literal(value):
            before, self.floor = self.floor, floor
            self.add(value)
            self.floor = before
            read = [self.places.get(source(x)) for x in value.operands if not is_literal(x)]
            if any(x is not None and x.memory is place.memory and x != part for x in read):
                floor = self.kernel_of[value] + 1
        self.kernel_of[step] = self.store(value, part, floor)

    def last_read(self, x, statement):
        """The last position at which x, or a view of it, is read by another step than a statement."""
        latest = -1
        for user in self.users.get(x, ()):
            if user is not statement:
                latest = max(latest, user.position, self.last_read(user, statement) if user.op in VIEWS else -1)
        return math.inf if x in self.program.results else latest

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


def index_shape(step, place):
    """The shape of what an index says."""
    index = (np.zeros(x.shape, int) if isinstance(x, Expression) else x for x in step.options["index"])
    return np.empty(place.shape, np.int8)[tuple(index)].shape
