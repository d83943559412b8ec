"""The recorder: makes the Expressions of a program while the rules run on Names.

Equal Expressions are made once, so that what a rule computes a second time is not computed again, and what need not be
computed at all is left out: factors 1, and arrays all of whose elements are one number.
"""

import numpy as np
from numpy.lib.array_utils import byte_bounds

from .arithmetic import can_be_full, operator_before, operator_between
from .expression import Expression, Kind, key_of, kind_of
from .names import Name, Refused, array_of, names_in, refused
from .primitives import MOVING, OPERATORS, OUTSIDE, compute, is_primitive


class Recorder:
    """Makes Expressions, and remembers them in the order in which they were made.

    Parameters
    ----------
    resized : callable
        What an array that a rule brings along (an index, a mask) is in the program: itself, or for another batch size
        an array of that size.
    known : callable, optional
        Gives the Name of an array that a rule brings along, if it is that of a value which the program has; else None.
    """

    def __init__(self, resized, known=None):
        self.resized, self.known_array = resized, known
        self.expressions = []
        self.parameters = {}  # Expression -> its array
        self.known = {}  # how it was made -> Expression
        self.nameless_of = {}  # id of an array that a rule brought along -> the Name of its parameter
        self.kept = []  # these arrays, so that no other gets the id
        self.operation = None  # the one whose rule is running
        self.errstate = np.geterr()

    # What programs begin with

    def parameter(self, array):
        """The Name of a new parameter of the program, whose value was `array`."""
        made = self.new("parameter", (), {"position": len(self.parameters)}, kind_of(array))
        place(made, array, ())
        self.parameters[made] = array
        return Name(self, made, array)

    def name(self, x):
        """What a rule returns as a Name of its own."""
        x = self.named(x)
        return Name(self, x.expression, x.array)

    def number(self, value):
        """A NumPy scalar. It is its own fill."""
        made = self.new("number", (), {"value": value}, Kind((), value.dtype, "C"), key=("number", value.dtype, repr(value)))
        made.fill = made
        return made

    def constant(self, array):
        """The Name of an array that comes along with a rule: zeros and ones as a call of NumPy, others as a parameter."""
        known = self.known_array(array) if self.known_array else None
        if known is not None:
            return known
        may_be_filled = array.dtype.kind in "fc" and array.size and array.flat[0] in (0, 1)
        if may_be_filled and id(array) not in self.nameless_of and (array == array.flat[0]).all():
            return Name(self, self.filled(array), array)
        return self.nameless(array)

    def nameless(self, array):
        """The parameter for an array that has no name: one, however often it is used."""
        if id(array) not in self.nameless_of:
            self.kept.append(array)
            self.nameless_of[id(array)] = self.parameter(self.resized(array))
        return self.nameless_of[id(array)]

    def filled(self, array):
        """An array all of whose elements are one number."""
        return self.full(self.number(array.flat[0] if array.size else array.dtype.type(0)), kind_of(array))

    def full(self, fill, kind):
        """An array all of whose elements are the number that an Expression stands for."""
        return self.new("full", (fill,), {"shape": kind.shape}, kind, fill, key=("full", id(fill), kind))

    def filled_like(self, function, args, kwargs):
        """np.zeros_like and np.ones_like: as zeros and ones of a shape, if their order in memory can be said."""
        array = np.asarray(function(*array_of(args), **array_of(kwargs)))
        if kind_of(array).order is not None:
            return Name(self, self.filled(array), array)
        made = self.record(function.__name__, args, kwargs)
        made.expression.fill = self.number(array.flat[0])
        return made

    # What is made of it

    def record(self, op, args, options):
        """Compute a primitive and write it down: a Name, or for several results as many."""
        if not is_primitive(op):
            raise refused(f"{op}() is no function of NumPy's")
        if op in OUTSIDE:
            raise Refused(f"np.{op}() is not written as NumPy source: whether there is a gradient hangs on the values.")
        args, options = self.named(tuple(args)), self.named(options)
        value = self.computed(op, array_of(args), array_of(options))
        if op == "transpose" and is_in_order(options["axes"]):
            return args[0]
        operands, parameters = expression_of(args), expression_of(options)
        if isinstance(value, (np.ndarray, np.generic)):
            made = self.made_by(op, operands, parameters, value, args)
            return Name(self, made, value)
        if isinstance(value, (tuple, list)) and all(isinstance(part, (np.ndarray, np.generic)) for part in value):
            made = self.new(op, operands, parameters, None)
            parts = [Name(self, self.new("part", (made,), {"index": i}, kind_of(x)), x) for i, x in enumerate(value)]
            return type(value)._make(parts) if hasattr(value, "_make") else type(value)(parts)
        raise refused(f"np.{op}() gives {type(value).__name__} {value!r}")

    def computed(self, op, args, options):
        """What a primitive makes of arrays."""
        with np.errstate(all="ignore"):
            return compute(op, args, options)

    def made_by(self, op, args, options, value, names):
        """The Expression of a primitive whose value is known, as short as it can be."""
        kind = kind_of(value)
        if op in OPERATORS:
            operator = operator_between if len(args) == 2 else operator_before
            return operator(self, op, *args, kind)
        x = args[0]
        if op in MOVING and can_be_full(x.fill, kind):
            return self.full(x.fill, kind)
        if op == "astype" and x.kind == kind:
            return x
        if op == "transpose" and x.op == "transpose":
            axes = [x.options["axes"][axis] for axis in options["axes"]]
            if is_in_order(axes):
                return x.args[0]
            args, options = x.args, {"axes": tuple(axes)}
        made = self.new(op, args, options, kind)
        place(made, value, names)
        return made

    def change(self, op, target, args, options):
        """A statement that changes `target` in place. From here on, `target` means what it holds then."""
        if not isinstance(target, Name):
            raise refused("An array that is no part of the program is changed; np.zeros_like(x, shape=...) makes one that is")
        if "index" in options:
            options = {**options, "index": target.counted(options["index"])}
        args, options = self.named(tuple(args)), self.named(options)
        base, array = target.expression, target.array
        if not (base.is_statement or (base.op == "full" and array.base is None)):
            array = np.array(array)  # it may be somebody else's
        with np.errstate(all="ignore"):
            compute(op, (array, *array_of(args)), array_of(options))
        args, options = expression_of(args), expression_of(options)
        alone = len(self.expressions)  # never shared: each statement has an array of its own
        if base.fill is not None:  # zeros that are changed are nobody else's
            shared, base = base, self.new(base.op, base.args, base.options, base.kind, base.fill, key=("alone", alone))
            args = tuple(self.with_base(x, shared, base) for x in args)
        args = tuple(x.fill if isinstance(x, Expression) and x.fill is not None else x for x in args)  # it is broadcast
        target.expression = self.new(op, (base, *args), options, base.kind, key=("changed", len(self.expressions)))
        target.array = array

    def with_base(self, x, old, new):
        """For old[i] + y the same with another array in place of `old`: z[i] += y reads what it changes."""
        left = x.args[0] if isinstance(x, Expression) and x.op in OPERATORS else None
        if not isinstance(left, Expression) or left.op != "index" or left.args[0] is not old:
            return x
        left = self.new("index", (new,), left.options, left.kind)
        return self.new(x.op, (left, *x.args[1:]), {}, x.kind)

    # How they are made

    def named(self, x):
        """An argument with Names for the arrays and NumPy scalars in it."""
        if isinstance(x, np.ndarray):
            return self.constant(x)
        if isinstance(x, np.generic):
            return Name(self, self.number(x), x)
        if isinstance(x, (tuple, list)):
            return type(x)([self.named(part) for part in x])
        if isinstance(x, dict):
            return {name: self.named(part) for name, part in x.items()}
        if isinstance(x, slice):
            return slice(*[self.named(part) for part in (x.start, x.stop, x.step)])
        return x

    def new(self, op, args, options, kind, fill=None, key=None):
        """The Expression made this way: the one that is known, or a new one."""
        now = np.geterr()
        silenced = () if now == self.errstate else tuple((what, how) for what, how in now.items() if how != self.errstate[what])
        key = (*(key or (op, key_of(args), key_of(options))), silenced)
        if key not in self.known:
            asked_by = getattr(self.operation, "name", None)
            self.known[key] = Expression(op, args, options, kind, fill, silenced, asked_by, len(self.expressions))
            self.expressions.append(self.known[key])
        return self.known[key]


def expression_of(x):
    """An argument with Expressions in place of the Names in it."""
    if isinstance(x, Name):
        return x.expression
    if isinstance(x, (tuple, list)):
        return type(x)([expression_of(part) for part in x])
    if isinstance(x, dict):
        return {name: expression_of(part) for name, part in x.items()}
    if isinstance(x, slice):
        return slice(*[expression_of(part) for part in (x.start, x.stop, x.step)])
    return x


def place(made, value, names):
    """Say in whose memory an Expression lies whose value was computed from these Names."""
    if isinstance(value, np.generic):
        made.base = None
        return
    first, last = byte_bounds(value)
    made.span, made.writeable = (0, last - first), value.flags.writeable
    for name in names_in(names) if value.base is not None else ():
        if isinstance(name.array, np.ndarray) and np.may_share_memory(name.array, value):
            made.base, (start, end) = name.expression.base, name.expression.span
            offset, behind = first - byte_bounds(name.array)[0], last - byte_bounds(name.array)[1]
            made.span = (start + offset, end + behind)


def is_in_order(axes):
    """Whether axes stand as they stood."""
    return list(axes) == list(range(len(axes)))
