"""A loop in C: what is computed of one element after the other, what is kept of it, and sums that grow along."""

import math
from collections import Counter

import numpy as np

from ..programs.expression import Expression
from ..programs.numpy_code import ATOM, PRODUCT, Text
from ..programs.plan import MOST_OPERATIONS
from .core import REDUCTIONS, RUNNING, SCATTERS, has_arrays, is_array, is_literal, source
from .elements import LOOSE, Spelling
from .places import C_TYPES, merged, row_strides

INDICES = ["i", "j", "k", "l", *(f"i{axis}" for axis in range(5, 40))]
GROWING = {"sum": "{0} += {1};", "prod": "{0} *= {1};"}
GROWING |= {"max": "{0} = {1};", "min": "{0} = {1};"}  # with maximum() and minimum(), which know NaN
STARTS = {"sum": "0", "prod": "1", "max": "-__builtin_inf()", "min": "__builtin_inf()"}
SIGNS = {"sum": "+", "prod": "*"}  # of OpenMP's reductions


def element(place, terms="0"):
    """An element in C. The marks around the offset are read by c_source.py: a function is given a pointer with it in."""
    return f"{place.memory.name}@{place.offset}@[{terms}]"


def terms(strides, indices=INDICES):
    """How far an element is from the first one.

    >>> terms((12, 0, 1))
    'i * 12 + k'
    """
    return " + ".join(f"{i} * {s}" if s != 1 else i for i, s in zip(indices, strides, strict=False) if s) or "0"


class LoopWriter:
    """Writes one Loop.

    Attributes
    ----------
    lines : list of str
    locals : list of str
        The variables that they declare.
    """

    def __init__(self, writer, loop):
        self.writer, self.loop, self.schedule = writer, loop, writer.schedule
        self.inside = set(loop.items)
        self.spelling = Spelling(self.operand)
        self.inlined, self.values, self.locals = {}, {}, []
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
        return x in self.inside and x in self.schedule.looped

    def at(self, x):
        """The element of x that the loop is at."""
        return element(self.schedule.places[x], terms(self.accesses[x, False]))

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
            body.append(f"{self.at(item)} = {text.text};{said}")
            return
        name = self.writer.local_name(item, stored)
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
        own = self.schedule.places[user].memory if user.op == "copy" and user in self.schedule.places else None
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
        lines, strides, offset, names = positions(self, place, item.options["index"])
        self.nest[-1] += lines
        self.locals += names
        self.plain = self.plain and not names and not item.is_statement
        return element(place._replace(offset=place.offset + offset), strides)

    def scattered(self, item):
        """x[rows] = y, or += y: one after the other, so that an element that is named twice is changed twice."""
        target = self.looked_up(item, self.schedule.places[item])
        sign = "|=" if item.op == "add.at" and item.dtype.kind == "b" else SCATTERS[item.op]
        value = self.spelling.typed(item.args[1], item.dtype).text
        self.nest[-1].append(f"{target} {sign} {value};{self.writer.comment(item)}")

    def running(self, item):
        """A running sum or product: the element before along its axis, by this one."""
        axis, place = item.options["axis"], self.schedule.places[item]
        before = element(place, f"{terms(self.accesses[item, False])} - {place.strides[axis]}")
        added, self.plain = self.spelling.typed(item.args[0], item.dtype).within(PRODUCT), False
        return Text(f"{INDICES[axis]} ? {before} {RUNNING[item.op]} {added} : {added}", LOOSE)

    # What is kept of all elements

    def reduced(self, item):
        """A sum, in a variable as far as the innermost loops go along it."""
        x, depth, strides = item.args[0], len(self.lengths), self.accesses.get((item, True), target_strides(item))
        place, value = self.schedule.places[item], self.spelling.typed(x, item.dtype).text
        target, op = element(place, terms(strides)), item.op
        inner = trailing_zeros(strides)
        along = all(strides[: depth - inner])  # each sum is done where its loops end
        start = self.start_of(item)
        if not along or (not inner and depth):
            self.nest[0].insert(0, f"for (long i = 0; i < {math.prod(item.shape)}; i++) {element(place, 'i')} = {start};")
        if not inner and depth:
            grown = GROWING[op].format(target, self.larger(item, value, target, item.dtype))
            self.nest[-1].append(grown + self.writer.comment(item))
            return
        name = self.writer.accumulator(item)
        self.locals.append(name)
        self.nest[depth - inner].append(f"{self.ctype_of(item)} {name} = {start};")
        wide = np.dtype(np.float64) if item.dtype.kind == "f" else item.dtype
        self.nest[-1].append(GROWING[op].format(name, self.larger(item, value, name, wide)))
        self.carried.append((op, name))
        done = GROWING[op].format(target, self.larger(item, name, target, wide))
        done = f"{target} = {name};" if along else done
        self.behind[depth - inner].append(done + self.writer.comment(item))

    def ctype_of(self, item):
        """The type of the variable that grows: wide, since there are many summands."""
        return "double" if item.dtype.kind == "f" else C_TYPES[item.dtype]

    def start_of(self, item):
        """What a reduction begins with."""
        if item.op in ("max", "min") and item.dtype.kind != "f":
            info = np.iinfo(item.dtype if item.dtype.kind == "i" else np.int8)
            return f"({info.min + 1} - 1)" if item.op == "max" else f"{info.max}"
        return STARTS[item.op]

    def larger(self, item, value, other, dtype):
        """What becomes of a maximum or minimum by one more value; of a sum, the value."""
        if item.op not in ("max", "min"):
            return value
        if dtype.kind != "f":
            return f"{value} {'>' if item.op == 'max' else '<'} {other} ? {value} : {other}"
        return self.spelling.call(f"{item.op}imum", dtype, [Text(value, ATOM), Text(other, ATOM)]).text

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


def positions(writer, place, index):
    """Where the elements of x[index] lie, in a loop over its shape: lines that look it up, and the terms of the element.

    Returns
    -------
    list of str, str, int, list of str
        The lines, the terms, an offset, and the variables that the lines declare.
    """
    parts = for_each_axis(index, len(place.shape))
    ndim = max((np.ndim(part) if isinstance(part, list) else part.ndim for part in parts if is_array(part)), default=0)
    lines, found, names, offset, axis, own, first = [], [], [], 0, 0, 0, None
    for part in parts:
        if part is None:
            own += 1
            continue
        length, stride = place.shape[axis], place.strides[axis]
        axis += 1
        if isinstance(part, slice):
            start, _, step = part.indices(length)
            offset += start * stride
            found.append(terms((step * stride,), [INDICES[own]]))
            own += 1
        elif is_array(part):
            first, own = (own, own + ndim) if first is None else (first, own)
            if getattr(part, "op", "") == "arange" and ndim == 1:
                found.append(terms((stride,), [INDICES[first]]))
                continue
            name = writer.writer.position_name()
            names.append(name)
            looked_up = element_at(writer, part, INDICES[first : first + ndim], lines, names)
            lines.append(f"long long {name} = {looked_up};")
            lines.append(f"if ({name} < 0) {name} += {length};")
            lines.append(f"if ({name} < 0 || {name} >= {length}) {{ wrong = {length + 1}; {name} = 0; }}")
            found.append(terms((stride,), [name]))
        else:
            first, own = (own, own + ndim) if ndim and first is None and is_among_arrays(parts, part) else (first, own)
            offset += (part % length if length else 0) * stride
    return lines, " + ".join(text for text in found if text != "0") or "0", offset, names


def for_each_axis(index, ndim):
    """The parts of an index: one for each axis, and None for each new one."""
    parts = [part for part in index if part is not ...]
    missing = [slice(None)] * (ndim - sum(part is not None for part in parts))
    at = next((i for i, part in enumerate(index) if part is ...), len(parts))
    return [*parts[:at], *missing, *parts[at:]]


def is_among_arrays(parts, part):
    """Whether a number in an index stands before the arrays, and moves to where they are."""
    return any(map(is_array, parts[next(i for i, x in enumerate(parts) if x is part) :]))


def element_at(writer, x, indices, lines, names):
    """The element of an array in an index, in whatever axes it has; a list is written out."""
    if isinstance(x, Expression):
        shape, strides = writer.schedule.places[x].shape, writer.schedule.places[x].strides
    else:
        x = np.asarray(x)
        shape, strides = x.shape, row_strides(x.shape)
    inside = terms([0 if n == 1 else s for n, s in zip(shape, strides, strict=True)], indices[len(indices) - len(shape) :])
    if isinstance(x, Expression):
        return element(writer.schedule.places[x], inside)
    names.append(writer.writer.position_name())
    lines.append(f"static const long {names[-1]}[] = {{{', '.join(map(str, x.ravel().tolist()))}}};")
    return f"{names[-1]}[{inside}]"
