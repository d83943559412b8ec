"""Names: arrays that write down what is done to them. Run a rule on them and it leaves NumPy source behind.

A `Name` stands for an array in a program that is being written. It carries the array itself, so that shapes and types
are known whatever NumPy function is called, and an `Expression`: a parameter of the program, a number, or what made it
from other expressions. When `dz * (1 - z * z)`, the rule of tanh, runs on Names, its Expression reads just like that.

A `Recorder` makes the Expressions. Equal ones are made once, so that what a rule computes a second time is not computed
again, and what need not be computed at all is left out: factors 1, and arrays all of whose elements are one number.
"""

import math
import operator
import traceback

import numpy as np

from ..graph import Op
from .expression import (
    Expression,
    alike,
    fill_of,
    is_constant,
    is_filled,
    is_number,
    is_python_number,
    is_quotient_of_number,
    key_of,
    leads_with_number,
    order_of,
    untyped,
    value_of,
    without_axes_in_front,
    without_filling,
)

INFIX = {
    np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.floor_divide: "//", np.remainder: "%",
    np.power: "**", np.matmul: "@", np.bitwise_and: "&", np.bitwise_or: "|", np.bitwise_xor: "^",
    np.equal: "==", np.not_equal: "!=", np.less: "<", np.less_equal: "<=", np.greater: ">", np.greater_equal: ">=",
}  # fmt: skip
PREFIX = {np.negative: "-", np.invert: "~"}
OPERATORS = {  # Python's, and not the ufuncs: x**2 has short cuts that np.power(x, 2) has not
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "@": operator.matmul, "&": operator.and_, "|": operator.or_,
    "^": operator.xor, "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip
MOVING = {"np.expand_dims", "np.broadcast_to", "reshape", "T", "swapaxes", "transpose", "ravel"}  # elements, unchanged
MAKERS = {"0": "zeros", "0.0": "zeros", "1": "ones", "1.0": "ones"}  # not of −0
ABOUT_SHAPES = {np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj}
REDUCTIONS = {"sum", "mean", "max", "min", "prod", "std", "var", "any", "all"}


class Recorder:
    """Makes Expressions, and remembers them in the order in which they were made.

    Parameters
    ----------
    resized : callable
        What an array that a rule brings along (an index, a mask) is in the program: itself, or for another batch size
        an array of that size.
    """

    def __init__(self, resized):
        self.resized = resized
        self.expressions = []
        self.parameters = []
        self.known = {}  # how it was made -> Expression
        self.arrays = {}  # id of an array that a rule brought along -> Expression
        self.kept = []  # these arrays, so that no other gets the id
        self.errstate = np.geterr()

    # From the operands of NumPy to Expressions and back

    def expression(self, x):
        """An operand as an Expression, or plain as it is; what is inside of tuples and slices likewise."""
        if isinstance(x, Name):
            return x.expression
        if isinstance(x, np.ndarray):
            return self.arrays[id(x)] if id(x) in self.arrays else self.constant(x)
        if isinstance(x, np.generic):
            return self.number(x)
        if isinstance(x, (tuple, list)):
            return type(x)([self.expression(part) for part in x])
        if isinstance(x, slice):
            return slice(*[self.expression(part) for part in (x.start, x.stop, x.step)])
        return x

    def parameter(self, array):
        """A new parameter of the program, whose value was `array`."""
        made = self.new("parameter", None, (), (), array, key=("parameter", len(self.parameters)))
        self.parameters.append(made)
        return made

    def number(self, value):
        """A NumPy scalar. It is its own fill."""
        made = self.new("number", None, (), (), value, key=("number", value.dtype, repr(value)))
        made.fill = made
        return made

    def constant(self, array):
        """An array that comes along with a rule: zeros and ones as a call of NumPy, anything else as a parameter."""
        if array.dtype.kind in "fc" and array.size and array.flat[0] in (0, 1) and (array == array.flat[0]).all():
            return self.filled(array)
        return self.nameless(array)

    def nameless(self, array):
        """The parameter for an array that has no name: one, however often it is used."""
        if id(array) not in self.arrays:
            self.kept.append(array)
            self.arrays[id(array)] = self.parameter(self.resized(array))
        return self.arrays[id(array)]

    def filled(self, array):
        """An array all of whose elements are one number."""
        value = array.flat[0] if array.size else array.dtype.type(0)
        return self.full(array, self.number(value))

    def full(self, array, fill):
        """An array all of whose elements are the number that an Expression stands for."""
        number = fill.value.item() if fill.head == "number" else fill
        maker = MAKERS.get(repr(number), "full")
        args = (array.shape if array.ndim != 1 else len(array), number)[: 1 + (maker == "full")]
        may_be_whole = isinstance(number, Expression) and number.name != "/"  # 2 * n; a number is written with its point
        kwargs = (("dtype", array.dtype),) if array.dtype != np.float64 or may_be_whole else ()
        kwargs += (("order", "F"),) if order_of(array) == "F" else ()
        return self.new("function", f"np.{maker}", args, kwargs, array, fill=fill)

    def new(self, head, name, args, kwargs, value, fill=None, key=None):
        """The Expression made this way: the one that is known, or a new one."""
        silenced = tuple((kind, how) for kind, how in np.geterr().items() if how != self.errstate[kind])
        key = key or (head, name, key_of(args), key_of(kwargs), silenced)
        if key not in self.known:
            made = Expression(head, name, args, kwargs, value, fill, silenced, len(self.expressions))
            self.expressions.append(made)
            self.known[key] = made
        return self.known[key]

    # The ways to make one

    def infix(self, sign, x, y):
        """x + y, x * y, ..."""
        with np.errstate(all="ignore"):
            value = OPERATORS[sign](value_of(x), value_of(y))
        fill = None
        if sign != "@":
            x, y = without_axes_in_front(x, y), without_axes_in_front(y, x)
        if sign in ("+", "-", "*", "/"):
            if np.ndim(value) and is_filled(x) and is_filled(y):
                fill = self.infix(sign, fill_of(x), fill_of(y))
            x = without_filling(x, y, value)
            y = without_filling(y, x, value)
            x, y = untyped(x, y), untyped(y, x)
        simpler = self.simplified(sign, x, y, value)
        if simpler is not None:
            return simpler
        return self.full(value, fill) if can_be_full(value, fill) else self.new("infix", sign, (x, y), (), value, fill)

    def simplified(self, sign, x, y, value):
        """What comes to the same, to the last bit, and is shorter; or None."""
        if sign in ("*", "/", "**") and is_number(y, 1) and alike(x, value):
            return x
        if sign == "+" and x is y and value.dtype.kind == "f":
            return self.infix("*", 2, x)
        if sign != "*":
            return None
        if is_number(x) and is_number(y):
            return self.number(value) if isinstance(value, np.generic) else value
        if is_number(x, 1) and alike(y, value):
            return y
        if is_number(x, -1) and alike(y, value):
            return self.prefix("-", y)
        if is_number(y) and is_quotient_of_number(x) and abs(math.frexp(value_of(y))[0]) == 0.5:
            return self.infix("/", self.infix("*", x.args[0], y), x.args[1])  # 2 / n for 1 / n * 2: doubling is exact
        return None

    def prefix(self, sign, x):
        """-x or ~x. The minus of a product goes to the number in front, if there is one: -2 * y."""
        if sign == "-" and is_number(x):
            return self.number(-value_of(x))
        if sign == "-" and x.head == "infix" and x.name in ("*", "/"):
            left = x.args[0]
            if leads_with_number(left):
                return self.infix(x.name, -left if is_python_number(left) else self.prefix("-", left), x.args[1])
        with np.errstate(all="ignore"):
            value = (operator.neg if sign == "-" else operator.invert)(x.value)
        fill = self.prefix(sign, x.fill) if x.fill not in (None, x) else None
        return self.full(value, fill) if can_be_full(value, fill) else self.new("prefix", sign, (x,), (), value, fill)

    def call(self, head, name, function, args, kwargs):
        """A function, method or attribute: one Name, or for several results as many."""
        args, kwargs = self.expression(tuple(args)), {key: self.expression(argument) for key, argument in kwargs.items()}
        with np.errstate(all="ignore"):
            value = function(*value_of(args), **{key: value_of(argument) for key, argument in kwargs.items()})
        if (name in MOVING or head == "index") and can_be_full(value, args[0].fill):
            return Name(self, self.full(value, args[0].fill))
        if isinstance(value, (np.ndarray, np.generic)):
            return Name(self, self.new(head, name, args, tuple(kwargs.items()), value))
        if isinstance(value, (tuple, list)) and all(isinstance(part, (np.ndarray, np.generic)) for part in value):
            made = self.new(head, name, args, tuple(kwargs.items()), value)
            parts = [Name(self, self.new("index", None, (made, i), (), part)) for i, part in enumerate(value)]
            return type(value)._make(parts) if hasattr(value, "_make") else type(value)(parts)
        raise refused(f"{name}() gives {type(value).__name__} {value!r}")

    def counted(self, index, x):
        """An index with np.arange(n) in place of row numbers 0, 1, ..., n − 1 beside others: x[np.arange(n), k]."""
        if not (isinstance(index, tuple) and len(index) > 1 and all(map(is_row_of_integers, index))):
            return index
        rows = index[0]
        if len(self.resized(rows)) != len(x) or not np.array_equal(rows, np.arange(len(rows))):
            return index
        return self.call("function", "np.arange", np.arange, (len(x),), {}), *index[1:]

    def change(self, name, function, target, args, kwargs):
        """A statement that changes `target` in place. From here on, `target` means what it holds then."""
        if not isinstance(target, Name):
            raise refused("An array that is no part of the program is changed; np.zeros_like(x, shape=...) makes one that is")
        args = (self.counted(args[0], target), *args[1:])
        base = target.expression
        args, kwargs = self.expression(tuple(args)), {key: self.expression(argument) for key, argument in kwargs.items()}
        if base.fill is not None:  # zeros that are changed are nobody else's
            alone = ("changed", len(self.expressions))
            shared, base = base, self.new(base.head, base.name, base.args, base.kwargs, base.value, base.fill, key=alone)
            args = tuple(self.with_base(x, shared, base) for x in args)
        args = tuple(x.fill if isinstance(x, Expression) and x.fill is not None else x for x in args)  # it is broadcast
        value = np.array(base.value)
        with np.errstate(all="ignore"):
            function(value, *value_of(args), **{key: value_of(argument) for key, argument in kwargs.items()})
        key = ("changed", len(self.expressions))  # never shared: each statement has an array of its own
        target.expression = self.new("changed", name, (base, *args), tuple(kwargs.items()), value, key=key)

    def with_base(self, x, old, new):
        """For old[i] + y the same with another array in place of `old`: z[i] += y reads what it changes."""
        if getattr(x, "head", None) != "infix" or getattr(x.args[0], "head", None) != "index" or x.args[0].args[0] is not old:
            return x
        left = self.new("index", None, (new, *x.args[0].args[1:]), (), x.args[0].value)
        return self.new("infix", x.name, (left, x.args[1]), (), x.value)


class Name(np.lib.mixins.NDArrayOperatorsMixin):
    """An array in a program that is being written: NumPy's operators, functions and methods are written down.

    Examples
    --------
    >>> recorder = Recorder(resized=None)
    >>> h = Name(recorder, recorder.parameter(np.array([0.5, 0.1])))
    >>> slope = 1 - h * h
    >>> slope.shape, slope.expression.head, slope.expression.args
    ((2,), 'infix', (1, infix *))
    """

    __slots__ = ("expression", "recorder")
    __hash__ = object.__hash__

    def __init__(self, recorder, expression):
        self.recorder, self.expression = recorder, expression

    # What is known of it without its values

    @property
    def shape(self):
        return self.expression.value.shape

    @property
    def dtype(self):
        return self.expression.value.dtype

    @property
    def ndim(self):
        return self.expression.value.ndim

    @property
    def size(self):
        return self.expression.value.size

    def __len__(self):
        return len(self.expression.value)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    # What is written down

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        recorder = self.recorder
        if method == "at":
            return recorder.change(f"np.{ufunc.__name__}.at", ufunc.at, inputs[0], inputs[1:], kwargs)
        if out is not None:
            if not isinstance(out[0], Name):
                raise refused("An array that is no part of the program is written to (out=)")
            out[0].expression = self.__array_ufunc__(ufunc, method, *inputs, **kwargs).expression  # x += y
            return out[0]
        if method == "__call__" and not kwargs and (ufunc in INFIX or ufunc in PREFIX):
            operands = map(recorder.expression, inputs)
            write, signs = (recorder.infix, INFIX) if ufunc in INFIX else (recorder.prefix, PREFIX)
            return Name(recorder, write(signs[ufunc], *operands))
        name = f"np.{USUAL_NAMES.get(ufunc, ufunc.__name__)}" + ("" if method == "__call__" else f".{method}")
        return recorder.call("function", name, getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, function, types, args, kwargs):
        if function in ABOUT_SHAPES:
            return function(*map(array_of, args), **kwargs)
        module = function.__module__.replace("numpy", "np", 1)
        name = f"{module}.{function.__name__}"
        if function in (np.zeros_like, np.ones_like):
            array = np.asarray(function(*map(array_of, args), **kwargs))
            if order_of(array) is not None:
                return Name(self.recorder, self.recorder.filled(array))
            made = self.recorder.call("function", name, function, args, kwargs)
            made.expression.fill = self.recorder.number(array.flat[0])
            return made
        if function in IN_PLACE:
            return self.recorder.change(name, function, args[0], args[1:], kwargs)
        return self.recorder.call("function", name, function, args, without_usual(kwargs) if function is np.einsum else kwargs)

    def __getattr__(self, name):
        value = self.expression.value
        if name.startswith("_") or not hasattr(value, name):
            raise AttributeError(f"{type(value).__name__} has no attribute {name!r}")
        if name in LOOKS_AT_VALUES:
            raise refused(f"The values are asked for (.{name})")
        if callable(getattr(value, name)):
            return lambda *args, **kwargs: self.method(name, args, kwargs)
        if name == "T" and (self.expression.head, self.expression.name) == ("attribute", "T"):
            return Name(self.recorder, self.expression.args[0])
        return self.recorder.call("attribute", name, operator.attrgetter(name), (self,), {})

    def method(self, name, args, kwargs):
        """x.sum(axis=0), x.T, ..., without arguments that say what would be so anyway."""
        if self.ndim == 2 and (name, args) in TRANSPOSING:
            return self.T
        if (name, args) == ("astype", (self.dtype,)) or (name == "transpose" and args == (tuple(range(self.ndim)),)):
            return self
        if name in REDUCTIONS:
            axis = kwargs.get("axis")
            if isinstance(axis, tuple) and len(axis) == 1:
                kwargs = {**kwargs, "axis": axis[0]}
            kwargs = without_usual(kwargs)
        return self.recorder.call("method", name, method_of(name), (self, *args), kwargs)

    def __getitem__(self, index):
        index = self.recorder.counted(without_ellipsis(index, self.ndim), self)
        if isinstance(index, tuple) and index and all(part is ... or is_whole(part) for part in index):
            return self
        return self.recorder.call("index", None, operator.getitem, (self, index), {})

    def __setitem__(self, index, value):
        self.recorder.change("[]=", operator.setitem, self, (index, value), {})

    # What would need its values

    def __bool__(self):
        raise refused("A branch is taken that depends on values (if, while, and, or)")

    def __array__(self, dtype=None, copy=None):
        raise refused("The values are taken out of the program (np.asarray or the like)")

    def __float__(self):
        raise refused("A value is made a Python number")

    __int__ = __index__ = __complex__ = __float__


def can_be_full(value, fill):
    """Whether an array is best written as np.full(shape, fill)."""
    return np.ndim(value) > 0 and fill is not None and is_constant(fill) and order_of(value) is not None


IN_PLACE = {np.copyto, np.put, np.put_along_axis, np.fill_diagonal, np.place, np.putmask}
LOOKS_AT_VALUES = {
    *("item", "tolist", "tobytes", "tofile", "dump", "dumps", "data", "ctypes", "flat", "base"),
    *("fill", "sort", "partition", "put", "resize", "setfield", "setflags", "itemset", "byteswap", "view"),
}
USUAL_NAMES = {np.absolute: "abs"}
USUAL = {"axis": None, "keepdims": False, "optimize": False}
TRANSPOSING = {
    ("swapaxes", (-1, -2)),
    ("swapaxes", (0, 1)),
    ("transpose", ()),
    ("transpose", (None,)),
    ("transpose", ((1, 0),)),
}


class Refused(TypeError):
    """Raised in a rule that cannot be written down."""

    def explained(self):
        """The same for a user: with the operation in front, which is the one whose rule is running."""
        frames = [frame for frame, _ in traceback.walk_tb(self.__traceback__)]
        ops = [op for frame in frames if isinstance(op := frame.f_locals.get("self"), Op)]
        return TypeError(f"{ops[-1]!r}: {self}" if ops else str(self))


def refused(what):
    """The exception for a rule that cannot be written down."""
    return Refused(
        f"{what}, so the rule cannot be written as NumPy source: what holds for these values would be frozen into it.\n"
        "In forward and in the vjps, use NumPy's functions, which take arrays as they are: np.where instead of if."
    )


def method_of(name):
    """A function that calls the method of its first operand."""

    def call(x, *args, **kwargs):
        return getattr(x, name)(*args, **kwargs)

    return call


def without_usual(kwargs):
    """Keyword arguments without those that say what would be so anyway."""
    return {key: argument for key, argument in kwargs.items() if key not in USUAL or argument is not USUAL[key]}


def array_of(x):
    """The array behind a Name, for questions about its shape or type."""
    return x.expression.value if isinstance(x, Name) else x


def is_row_of_integers(x):
    """Whether x is a 1-D array of whole numbers."""
    return isinstance(x, np.ndarray) and x.ndim == 1 and x.dtype.kind in "iu"


def is_whole(part):
    """Whether a part of an index takes all of an axis."""
    return isinstance(part, slice) and part.start is None and part.stop is None and part.step in (None, 1)


def without_ellipsis(index, ndim):
    """An index with : in the place of ... if this stands for one axis, and nothing if for none: [:, None]."""
    if not isinstance(index, tuple) or not all(part is None or isinstance(part, (int, slice, type(...))) for part in index):
        return index
    missing = ndim - sum(part is not None and part is not ... for part in index)
    if ... not in index or missing > 1 or len(index) == 1:
        return index
    position = index.index(...)
    return (*index[:position], *[slice(None)] * missing, *index[position + 1 :])
