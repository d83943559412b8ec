"""NumPy's ways of saying one thing, read as one primitive: (op, args, options).

`x.sum(axis=0)`, `np.sum(x, 0)` and `np.add.reduce(x)` are ("sum", (x,), {"axis": 0}); `x.T`, `np.transpose(x)` and
`x.swapaxes(0, 1)` of a matrix are ("transpose", (x,), {"axes": (1, 0)}). An axis is counted from the front, and what says
only what would be so anyway is left out.
"""

from typing import Any

import numpy as np

from .primitives import OPERATORS, REDUCTIONS, numpy_function

NEEDED = object()  # in the place of a default, where there is none
AXIS: dict[str, Any] = {"axis": None}
PARAMETERS: dict[str, dict[str, Any]] = {  # what may follow the operands, in NumPy's order, with its defaults
    **dict.fromkeys(["sum", "prod", "mean"], AXIS | {"dtype": None, "out": None, "keepdims": False}),
    **dict.fromkeys(["std", "var"], AXIS | {"dtype": None, "out": None, "ddof": 0, "keepdims": False}),
    **dict.fromkeys(["max", "min", "any", "all"], AXIS | {"out": None, "keepdims": False}),
    **dict.fromkeys(["cumsum", "cumprod", "squeeze", "flip", "argmax", "argmin"], AXIS),
    "argsort": {"axis": -1},
    "sort": {"axis": -1},
    "expand_dims": {"axis": NEEDED},
    "concatenate": {"axis": 0},
    "stack": {"axis": 0},
    "reshape": {"shape": NEEDED, "order": "C"},
    "ravel": {"order": "C"},
    "broadcast_to": {"shape": NEEDED},
    "astype": {"dtype": NEEDED},
    "copy": {"order": "C"},
    "pad": {"pad_width": NEEDED, "mode": "constant"},
    "tril": {"k": 0},
    "triu": {"k": 0},
    "roll": {"shift": NEEDED, "axis": None},
    "repeat": {"repeats": NEEDED, "axis": None},
    "round": {"decimals": 0},
    "swapaxes": {"axis1": NEEDED, "axis2": NEEDED},
    "moveaxis": {"source": NEEDED, "destination": NEEDED},
    "transpose": {"axes": None},
    "einsum": {"optimize": False},
    "lib.stride_tricks.sliding_window_view": {"window_shape": NEEDED, "axis": None},
}
REDUCING = {  # ufunc.reduce as what it is commonly called
    "add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min", "logical_and": "all", "logical_or": "any",
}  # fmt: skip
ACCUMULATING = {"add": "cumsum", "multiply": "cumprod"}
# Methods that are a function of NumPy's with the same arguments. Others are written as methods: "ndarray.compress".
FUNCTIONS = {
    *REDUCTIONS, "cumsum", "cumprod", "argmax", "argmin", "argsort", "reshape", "squeeze", "swapaxes", "transpose", "ravel",
    "matrix_transpose", "dot", "clip", "round", "take", "repeat", "searchsorted", "nonzero", "diagonal", "trace", "conj",
    "conjugate", "astype", "copy",
}  # fmt: skip


def of_ufunc(ufunc, method, args, kwargs):
    """np.tanh(x), x + y, np.add.reduce(x), ..."""
    name = ufunc.__name__
    if method == "__call__":  # with dtype= or where= an operator is none
        return f"{name}.__call__" if kwargs and name in OPERATORS else name, args, kwargs
    if method == "reduce" and name in REDUCING:
        return of_call(REDUCING[name], args, kwargs if len(args) > 1 else {"axis": 0, **kwargs})
    if method == "accumulate" and name in ACCUMULATING:
        return of_call(ACCUMULATING[name], args, kwargs if len(args) > 1 else {"axis": 0, **kwargs})
    return f"{name}.{method}", args, kwargs


def of_function(function, args, kwargs):
    """np.sum(x, axis=0), np.linalg.inv(x), ..."""
    module = function.__module__.removeprefix("numpy").removeprefix(".")
    name = f"{module}.{function.__name__}" if module else function.__name__
    name = {"amax": "max", "amin": "min"}.get(name, name)
    return of_call(name, args, {"order": "K", **kwargs} if name == "copy" else kwargs)


def of_method(name, x, args, kwargs):
    """x.sum(axis=0), x.reshape(2, 3), ..."""
    if name in ("reshape", "transpose") and len(args) > 1:
        args = (args,)
    if name not in FUNCTIONS:
        return f"ndarray.{name}", (x, *args), kwargs
    if isinstance(numpy_function(name), np.ufunc):  # conj
        return of_ufunc(numpy_function(name), "__call__", (x, *args), kwargs)
    return of_call(name, (x, *args), kwargs)


def of_call(op, args, kwargs):
    """A function with its parameters by name, and these in one way."""
    if not args:
        return op, args, kwargs
    if op in ("concatenate", "stack"):
        arrays, *args = args
    elif op == "einsum" and isinstance(args[0], str):
        subscripts, *arrays = args
        args, kwargs = (), {"subscripts": subscripts, **kwargs}
    else:
        arrays, args = args[:1], args[1:]
    parameters = PARAMETERS.get(op, {})
    if len(args) <= len(parameters):
        kwargs, args = {**dict(zip(parameters, args, strict=False)), **kwargs}, ()
    args = (*arrays, *args)
    if op in SIMPLIFIED and hasattr(args[0], "ndim"):  # not of np.concatenate([[1.0], x])
        op, args, kwargs = SIMPLIFIED[op](op, args, kwargs)
    return op, args, {name: x for name, x in kwargs.items() if not is_default(x, PARAMETERS.get(op, {}).get(name, NEEDED))}


def is_default(x, default):
    """Whether a parameter says what would be so without it."""
    return x is default or (type(x) is type(default) and x == default)


def reduction(op, args, options):
    """All axes, which is none in particular; one as itself."""
    axis, ndim = options.get("axis"), args[0].ndim
    if axis is None:
        return op, args, options
    axis = from_front(axis, ndim)
    axes = tuple(sorted(axis)) if isinstance(axis, tuple) else (axis,)
    options = {key: value for key, value in options.items() if key != "axis"}
    return op, args, options if axes == tuple(range(ndim)) else {"axis": axes if len(axes) != 1 else axis, **options}


def one_axis(op, args, options):
    """An axis, or several, counted from the front."""
    if "axis" in options:
        options = {**options, "axis": from_front(options["axis"], args[0].ndim)}
    return op, args, options


def new_axes(op, args, options):
    """New axes, counted from the front of what has them."""
    axis = options.get("axis")
    if axis is None:
        return op, args, options
    ndim = args[0].ndim + (len(axis) if isinstance(axis, (tuple, list)) else 1)
    return op, args, {**options, "axis": from_front(axis, ndim)}


def permutation(op, args, options):
    """x.T, np.moveaxis(x, 0, 1), x.swapaxes(-1, -2), ...: the order in which the axes stand afterwards."""
    ndim = args[0].ndim
    if op == "transpose":
        axes = options.get("axes")
        return op, args, {"axes": tuple(range(ndim))[::-1] if axes is None else tuple(from_front(axis, ndim) for axis in axes)}
    moved = numpy_function(op)(np.broadcast_to(0, tuple(range(1, ndim + 1))), **options)  # NumPy says where they go
    return "transpose", args, {"axes": tuple(length - 1 for length in moved.shape)}


def one_row(op, args, options):
    """x.ravel()"""
    return "reshape", args, {"shape": (-1,), **options}


def tuple_shape(op, args, options):
    """A shape as a tuple, as it is for x.reshape(6)."""
    shape = options["shape"]
    return op, args, {**options, "shape": tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)}


SIMPLIFIED = {
    **dict.fromkeys(REDUCTIONS, reduction),
    **dict.fromkeys(["cumsum", "cumprod", "squeeze", "flip", "argmax", "argmin", "argsort", "sort", "concatenate"], one_axis),
    **dict.fromkeys(["expand_dims", "stack"], new_axes),
    **dict.fromkeys(["transpose", "swapaxes", "moveaxis", "matrix_transpose"], permutation),
    **dict.fromkeys(["reshape", "broadcast_to"], tuple_shape),
    "ravel": one_row,
}


def from_front(axis, ndim):
    """An axis, or several, counted from the front; a tuple of one as this one."""
    if isinstance(axis, (tuple, list)):
        axes = tuple(from_front(one, ndim) for one in axis)
        return axes[0] if len(axes) == 1 else axes
    return int(axis) % ndim if axis is not None and -ndim <= axis < ndim else axis  # else NumPy says what is wrong
