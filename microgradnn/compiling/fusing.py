"""What is fused: which steps of a program share a loop, in which order loops and products run, and what must lie in memory.

A step that works element by element joins the first loop over its shape in which all its operands are known, forward and
backward alike; a reduction goes along with the loop that makes its operand. What only its own loop asks for is a variable of
that loop, and takes no memory. Products stand between loops.
"""

import math

import numpy as np

from ..programs.expression import Expression, Kind
from ..programs.primitives import compute
from .core import (
    ALONG_AXES,
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
)
from .elements import ELEMENTWISE
from .lowering import Lowered, pieces_of
from .places import Memory, whole_place

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
    """Loops and products in order, and where everything lies.

    Parameters
    ----------
    program : Program or the like
        With steps, results, parameters.
    updates : sequence of (list of Expression, dict of Expression to Expression)
        Steps that come after those of the program, and what parameters become by them, in place.

    Attributes
    ----------
    kernels : list of Loop and Product
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
        self.places, self.memories, self.reads = {}, [], {}
        self.in_loops = set()  # what is a variable of its loop, stored or not
        self.checked, self.floor = False, 0
        self.changed = {parameter for _, values in updates for parameter, value in values.items() if value is not parameter}
        for x in program.parameters:
            refuse_unfit(x)
            self.places[x] = whole_place(self.memory(x, "parameter"), x.shape)
        self.lowered = Lowered(program, updates)
        for step in self.lowered.steps:
            self.add(step)
        self.results = [self.result(x) for x in self.lowered.results]
        self.first_update = len(self.kernels)
        self.update(self.lowered.updates)

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
        if op in ELEMENTWISE:
            self.join(step, step.shape, step.operands)
            self.in_loops.add(step)
        elif op in VIEWS and not has_arrays(step):
            self.view(step)
        elif op in ("index", *SCATTERS):
            self.look_up(step)
        elif (op in REDUCTIONS or (op in RUNNING and "axis" in step.options)) and step.options.keys() <= ALONG_AXES:
            self.whole(step)
            self.join(step, step.args[0].shape, step.operands)
        elif op in ("pieces", "matmul"):
            self.put_together(step) if op == "pieces" else self.multiply(step)
        else:
            raise refusal(step, f"the primitive {op!r} cannot be written as C")

    def join(self, step, shape, operands, floor=0):
        """Put a step into the first loop over its shape that may have it, or a new one."""
        operands = [x for x in map(source, operands) if not is_literal(x)]
        for x in operands:
            self.add(x)
        near = [x for x in operands if self.is_in_loop(x, shape)]
        far = [self.ready(x) for x in operands if x not in near]
        i = self.loop_from(max([floor, self.floor, *(self.kernel_of[x] for x in near), *far]), shape)
        for x in operands:
            if x not in near or self.kernel_of[x] != i:
                self.read(x, i, shape)
        self.kernels[i].items.append(step)
        self.kernel_of[step] = i
        return i

    def loop_from(self, first, shape):
        """The position of the first loop over a shape, not before that one, which has room; a new one if there is none."""
        known = self.loops.setdefault(shape, [])
        found = next((i for i in known if i >= first and len(self.kernels[i].items) < MOST_ITEMS), len(self.kernels))
        if found == len(self.kernels):
            known.append(found)
            self.kernels.append(Loop(shape))
        return found

    def is_in_loop(self, x, shape):
        """Whether x is computed in a loop over this shape, element by element."""
        return x in self.in_loops and self.kernels[self.kernel_of[x]].shape == shape == x.shape

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
        if x.op == "arange":
            raise refusal(x, "row numbers beside others cannot be written as C")
        self.add(x)
        if x not in self.places and x not in self.kernel_of:
            self.kernel_of[x] = self.store(source(x), self.whole(x), 0)
        return self.places.get(x) or self.whole(x)

    def store(self, value, place, floor, op="copy"):
        """Write a value into a part of an array, or let this grow by it; the kernel that does it."""
        part = Expression(op, (value,), {}, Kind(place.shape, place.memory.dtype, "C"))
        self.places[part] = place
        self.in_loops.add(part)
        return self.join(part, place.shape, part.operands, floor)

    def copied(self, x):
        """A copy of x, row by row."""
        copy = alike(x, "copy", (x,))
        self.whole(copy)
        self.add(copy)
        return copy

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

    def look_up(self, step):
        """A step whose elements lie wherever the arrays in its index say: in x[rows], or in a copy of x for x[rows] += y."""
        read, floor, shape, values = looked_up(step), 0, step.shape, []
        if step.is_statement:
            shape, values = index_shape(step), [x for x in step.args[1:] if isinstance(x, Expression)]
            floor = self.store(step.args[0], self.whole(step), 0) + 1
        else:
            self.in_loops.add(step)
        for x in read:
            self.in_memory(x)
        i = self.join(step, shape, values, max([floor, *map(self.ready, read)]))
        for x in read:
            self.read(x, i)
        self.checked = True

    def put_together(self, step):
        """Each part is written to its place; what is written to all of it, first, and what is added, after all before."""
        whole, done, floor = self.whole(step), [], 0
        for index, value, added in pieces_of(step):
            part = whole.viewed(lambda array, index=index: element_view(array, index))
            done.append(self.store(value, part, max(done) + 1 if added else floor, "grow" if added else "copy"))
            floor = done[-1] + 1 if index == (...,) or added else floor
        self.kernel_of[step] = max(done)

    # Products

    def multiply(self, step):
        """A matrix product, at the end; or what it is added to, which nobody else asks for."""
        *operands, total = step.args if len(step.args) == 3 else (*step.args, None)
        for x in step.operands:
            self.in_memory(x)
        if total is not None:
            self.places[step] = self.places[total]
            self.places[step].memory.step = step
        else:
            self.whole(step)
        self.kernels.append(Product(step, operands, total is not None))
        self.kernel_of[step] = len(self.kernels) - 1
        for x in operands:
            self.read(x, self.kernel_of[step])

    # What comes out

    def result(self, x):
        """The memory of a result, which nobody shares with it."""
        place = self.in_memory(x)
        if place.memory.role != "scratch" or not place.is_whole:
            place = self.places[self.copied(x)]
        place.memory.role = "result"
        return place.memory

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


def index_shape(step):
    """The shape of what an index says."""
    index = (np.zeros(x.shape, int) if isinstance(x, Expression) else x for x in step.options["index"])
    return np.empty(step.shape, np.int8)[tuple(index)].shape
