"""A loop in C: what is computed of one element after the other, what is kept of it, and sums that grow along."""

import math
from collections import Counter

import numpy as np

from ..programs.expression import Expression
from ..programs.numpy_code import ATOM, PRODUCT, Text
from ..programs.plan import MOST_OPERATIONS
from .core import REDUCTIONS, RUNNING, SCATTERS, element_view, has_arrays, is_literal, source
from .elements import LOOSE, Spelling
from .places import C_TYPES, merged, row_strides

INDICES = ["i", "j", "k", "l", *(f"i{axis}" for axis in range(5, 40))]
SIGNS = {"sum": "+", "prod": "*"}  # other reductions are maximum() and minimum(), which know NaN


def terms(strides, indices=INDICES):
    """How far an element is from the first one.

    >>> terms((12, 0, 1))
    'i * 12 + k'
    """
    return " + ".join(f"{i} * {s}" if s != 1 else i for i, s in zip(indices, strides, strict=False) if s) or "0"


class KernelWriter:
    """What writes a kernel.

    Attributes
    ----------
    lines : list of str
    locals : list of str
        The variables that they declare.
    arrays : dict of str to (Memory, int)
        The pointers that they use: into which memory, and at which element.
    """

    def __init__(self, writer):
        self.writer, self.schedule, self.lines, self.locals, self.arrays = writer, writer.schedule, [], [], {}

    def pointer(self, place):
        """The variable that points to the first element of a place."""
        name = self.writer.pointer_name(place.memory, place.offset)
        self.arrays[name] = place.memory, place.offset
        return name

    def element(self, place, terms="0"):
        """An element in C."""
        return f"{self.pointer(place)}[{terms}]"


class LoopWriter(KernelWriter):
    """Writes one Loop."""

    def __init__(self, writer, loop):
        super().__init__(writer)
        self.loop = loop
        self.inside = set(loop.items)
        self.spelling = Spelling(self.operand)
        self.inlined, self.values = {}, {}
        self.written = {self.schedule.places[x].memory for x in loop.items if x in self.schedule.places}
        self.uses = Counter(source(x) for item in loop.items for x in item.operands if not is_literal(x))
        self.has_positions = any(has_arrays(x) or x.op in RUNNING for x in loop.items)
        self.accesses = {}  # (an Expression, whether it is the target of a reduction) -> strides over the loop's axes
        for item in loop.items:
            self.note_accesses(item)
        self.merge()
        self.nest = [[] for _ in range(len(self.lengths) + 1)]  # what stands before the loop over an axis; last, the body
        self.behind = [[] for _ in range(len(self.lengths) + 1)]
        self.carried, self.plain = [], True  # reductions of the innermost loop, and whether it has no other dependence
        for item in loop.items:
            self.reduced(item) if item.op in REDUCTIONS else self.computed(item)
        self.lines = self.whole_nest()
        writer.used |= self.spelling.used

    def note_accesses(self, item):
        """Note along which strides the loop goes through memory for an item."""
        shape, places = self.loop.shape, self.schedule.places
        if item.op in REDUCTIONS:
            self.accesses[item, True] = target_strides(item)
        elif item in places:
            self.accesses[item, False] = places[item].strides
        for x in map(source, read_in_order(item)):
            if not is_literal(x) and not self.is_local(x):
                self.accesses[x, False] = places[x].broadcast(shape).strides

    def merge(self):
        """Put axes together, unless an item needs to know where it is along each."""
        if self.has_positions:
            self.lengths = self.loop.shape
            return
        strides = list(self.accesses.values())
        order = sorted(range(len(self.loop.shape)), key=lambda axis: -sum(abs(s[axis]) for s in strides))  # as memory lies
        strides = [tuple(s[axis] for axis in order) for s in strides]
        self.lengths, strides = merged(tuple(self.loop.shape[axis] for axis in order), strides)
        self.accesses = dict(zip(self.accesses, strides, strict=True))

    def is_local(self, x):
        """Whether x is a variable of this loop."""
        return x in self.inside and x in self.schedule.in_loops

    def at(self, x):
        """The element of x that the loop is at."""
        return self.element(self.schedule.places[x], terms(self.accesses[x, False]))

    def operand(self, x):
        """The Text of an operand."""
        x = source(x)
        if x in self.inlined:
            return self.inlined[x]
        if x in self.values:
            return Text(self.values[x], ATOM)
        return Text(self.at(x), ATOM)

    # The body

    def computed(self, item):
        """A line for what works element by element, unless it is written where it is used."""
        body = self.nest[-1]
        if item.op in SCATTERS:
            self.scattered(item)
            return
        text = self.text_of(item)
        stored = item in self.schedule.places
        if not stored and self.is_inline(item, text):
            self.inlined[item] = text
            return
        said = self.writer.comment(item)
        if stored and not self.uses[item]:
            body.append(f"{self.at(item)} {'+=' if item.op == 'grow' else '='} {text.text};{said}")
            return
        name = self.writer.local_name(item)
        self.locals.append(name)
        self.values[item] = name
        body.append(f"{C_TYPES[item.dtype]} {name} = {text.text};{said}")
        if stored:
            body.append(f"{self.at(item)} = {name};")

    def is_inline(self, item, text):
        """Whether an item is used once, has no name, is short, and reads nothing that is written over before it is used."""
        if self.uses[item] != 1 or self.writer.has_name(item) or has_arrays(item):
            return False
        user = next(other for other in self.loop.items if item in map(source, other.operands))
        own = self.schedule.places[user].memory if user.op in ("copy", "grow") and user in self.schedule.places else None
        read = {self.schedule.places[x].memory for x in self.read_by(item)}
        return len(text.text) <= 24 * MOST_OPERATIONS and read.isdisjoint(self.written - {own})

    def read_by(self, item):
        """What an item reads from memory, also through what is inlined in it."""
        for x in map(source, read_in_order(item)):
            if x in self.inlined:
                yield from self.read_by(x)
            elif not is_literal(x) and not self.is_local(x):
                yield x

    def text_of(self, item):
        """The Text of an element."""
        if has_arrays(item):
            return Text(self.looked_up(item, self.schedule.places[item.args[0]]), ATOM)
        return self.running(item) if item.op in RUNNING else self.spelling.spell(item)

    def looked_up(self, item, place):
        """The element at a place that the arrays in an index say."""
        lines, place, strides, names = looked_up_positions(self, place, item.options["index"])
        self.nest[-1] += lines
        self.locals += names
        self.plain = self.plain and not names and not item.is_statement
        return self.element(place, strides)

    def scattered(self, item):
        """x[rows] = y, or += y: one after the other, so that an element that is named twice is changed twice."""
        target = self.looked_up(item, self.schedule.places[item])
        sign = "|=" if item.op == "add.at" and item.dtype.kind == "b" else SCATTERS[item.op]
        value = self.spelling.typed(item.args[1], item.dtype).text
        self.nest[-1].append(f"{target} {sign} {value};{self.writer.comment(item)}")

    def running(self, item):
        """A running sum or product: the element before along its axis, by this one."""
        axis, place = item.options["axis"], self.schedule.places[item]
        before = self.element(place, f"{terms(self.accesses[item, False])} - {place.strides[axis]}")
        added, self.plain = self.spelling.typed(item.args[0], item.dtype).within(PRODUCT), False
        return Text(f"{INDICES[axis]} ? {before} {RUNNING[item.op]} {added} : {added}", LOOSE)

    # What is kept of all elements

    def reduced(self, item):
        """A sum, in a variable as far as the innermost loops go along it."""
        depth, strides = len(self.lengths), self.accesses.get((item, True), target_strides(item))
        place, value = self.schedule.places[item], self.spelling.typed(item.args[0], item.dtype).text
        target, inner, start = self.element(place, terms(strides)), trailing_zeros(strides), start_of(item)
        is_done = all(strides[: depth - inner])  # where its loops end; if not, it goes on in memory
        if not is_done or (not inner and depth):
            self.nest[0].insert(0, f"for (long i = 0; i < {math.prod(item.shape)}; i++) {self.element(place, 'i')} = {start};")
        if not inner and depth:
            self.nest[-1].append(self.grown(item, target, value, item.dtype) + self.writer.comment(item))
            return
        name, wide = self.writer.accumulator(item), np.dtype(float) if item.dtype.kind == "f" else item.dtype
        self.locals.append(name)
        self.nest[depth - inner].append(f"{C_TYPES[wide]} {name} = {start};")
        self.nest[-1].append(self.grown(item, name, value, wide))
        self.carried.append((item.op, name))
        done = f"{target} = {name};" if is_done else self.grown(item, target, name, wide)
        self.behind[depth - inner].append(done + self.writer.comment(item))

    def grown(self, item, target, value, dtype):
        """The statement by which a reduction takes in one more value."""
        if item.op in SIGNS:
            return f"{target} {SIGNS[item.op]}= {value};"
        if dtype.kind == "f":
            return f"{target} = {self.spelling.call(f'{item.op}imum', dtype, [Text(value, ATOM), Text(target, ATOM)]).text};"
        return f"{target} = {value} {'>' if item.op == 'max' else '<'} {target} ? {value} : {target};"

    # The loops around it

    def whole_nest(self):
        """The lines of the loops."""
        depth, lines = len(self.lengths), []
        for axis, length in enumerate(self.lengths):
            lines += indented(self.nest[axis], axis)
            if axis == depth - 1 and (pragma := self.pragma()):
                lines += indented([pragma], axis)
            lines += indented([f"for (long {INDICES[axis]} = 0; {INDICES[axis]} < {length}; {INDICES[axis]}++) {{"], axis)
        lines += indented(self.nest[depth], depth)
        lines += indented(self.behind[depth], depth)
        for axis in reversed(range(depth)):
            lines += indented(["}", *self.behind[axis]], axis)
        return lines

    def pragma(self):
        """What lets the compiler compute several elements at once; nothing where one depends on that before it."""
        if not self.plain or any(op not in SIGNS for op, _ in self.carried):
            return ""
        return "#pragma omp simd" + "".join(f" reduction({SIGNS[op]}:{name})" for op, name in self.carried)


def start_of(item):
    """What a reduction begins with."""
    if item.op in SIGNS:
        return "0" if item.op == "sum" else "1"
    if item.dtype.kind == "f":
        return "-__builtin_inf()" if item.op == "max" else "__builtin_inf()"
    info = np.iinfo(item.dtype if item.dtype.kind == "i" else np.int8)
    return f"({info.min + 1} - 1)" if item.op == "max" else f"{info.max}"


def trailing_zeros(strides):
    """Along how many of the last axes nothing moves."""
    return next((i for i, s in enumerate(reversed(strides)) if s), len(strides))


def target_strides(item):
    """How the target of a reduction is gone through in a loop over what is reduced: along the axes that are left."""
    x, axis = item.args[0], item.options.get("axis")
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    kept = tuple(n for i, n in enumerate(x.shape) if i not in axes)
    own = iter(row_strides(kept))
    return tuple(0 if i in axes else next(own) for i in range(x.ndim))


def nest(heads, body):
    """Lines within loops, one in another."""
    for head in reversed(heads):
        body = [f"{head} {{", *indented(body, 1), "}"]
    return body


def indented(lines, depth):
    """Lines, so many blocks further in."""
    return ["    " * depth + line for line in lines]


def read_in_order(item):
    """The operands that a loop reads as it goes: not what is read where an index says."""
    if not has_arrays(item):
        return item.operands
    return [x for x in item.args[1:] if isinstance(x, Expression)]


def looked_up_positions(writer, place, index):
    """Where the elements of x[index] lie, in a loop over its shape.

    Returns
    -------
    list of str, Place, str, list of str
        Lines that look it up, what they look into, the terms of the element, and the variables that the lines declare.
    """
    arrays = [part for part in index if isinstance(part, Expression)]
    at = index.index(arrays[0]) if arrays else len(index)
    whole = len(place.shape) - sum(part is not None and part is not ... for part in index)  # axes that ... stands for
    first = sum(part is None or isinstance(part, slice) for part in index[:at]) + whole * (... in index[:at])
    basic = tuple(slice(None) if isinstance(part, Expression) else part for part in index)
    place, ndim = place.viewed(lambda array: element_view(array, basic)), max((x.ndim for x in arrays), default=0)
    own = [*INDICES[:first], *([None] * len(arrays)), *INDICES[first + ndim :]]
    lines, names = [], []
    for axis, x in enumerate(arrays, first):
        if x.op == "arange":
            own[axis] = INDICES[first]
            continue
        own[axis] = name = writer.writer.position_name()
        names.append(name)
        lies, length = writer.schedule.places[x].broadcast((1,) * (ndim - x.ndim) + x.shape), place.shape[axis]
        lines.append(f"long long {name} = {writer.element(lies, terms(lies.strides, INDICES[first:]))};")
        lines.append(f"if ({name} < 0) {name} += {length};")
        lines.append(f"if ({name} < 0 || {name} >= {length}) {{ wrong = {length + 1}; {name} = 0; }}")
    return lines, place, terms(place.strides, own), names
