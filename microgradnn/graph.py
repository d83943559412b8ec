"""The computation graph: nodes, the operations between them, and the switch that records.

A `Node` holds an array and remembers which `Op` made it from which input nodes. That is the whole graph: following
`inputs` leads from a loss back to the leaves, and a younger node never is the input of an older one, so sorting by
`birth` puts every node after its inputs. `Tensor` (tensor.py) is a Node with operators.

An `Op` is one small class with a `forward` and one vjp (vector-Jacobian product) per input, written in plain NumPy:

    z = f(x, y)     x, y   values of the inputs      dz       ∂L/∂z, the upstream gradient
                    z      value of the output       dx, dy   ∂L/∂x, ∂L/∂y: what each vjp returns
"""

from __future__ import annotations

import itertools
import re
from contextlib import contextmanager
from contextvars import ContextVar
from inspect import CO_VARARGS
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import float64, ndarray

from .errors import NO_NUMBERS, explained, no_values, refuse_mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .annotations import Array, Operand, Shape
    from .methods import Tensor  # a stub: Tensor itself stands above this module

birth_of = attrgetter("birth")
births = itertools.count()
PYTHON_NUMBERS: tuple[type, ...] = (bool, int, float, complex)  # without shape and dtype; NumPy's scalars have both
PLAIN: set[type] = {
    ndarray,
    *PYTHON_NUMBERS,
    *(kind for kind in np.sctypeDict.values() if issubclass(kind, (np.number, np.bool))),
}
EXPLAINED = (ValueError, TypeError, IndexError, AttributeError)  # for operands that do not fit, or are no arrays
recording = ContextVar("microgradnn.recording", default=True)  # a ContextVar is per thread (and per async task)


class Node:
    """A value in the computation graph. Users meet it as `Tensor`."""

    __slots__ = {
        "data": "the values: an ndarray, a NumPy scalar, or any array that speaks NumPy's protocols",
        "grad": "∂L/∂(this) after a backward pass: of data's shape and dtype, and like it plain values; None until computed",
        "requires_grad": "whether a backward pass computes a gradient here",
        "name": "what pictures, formulas and messages call it, or None",
        "op": "the operation that made it; None for a leaf",
        "inputs": "the nodes it was made from, in operand order; () for a leaf",
        "birth": "a serial number: inputs are always older than what is made from them",
        "notes": "what tools remember of it (see watching/notes.py), or None",
        "__weakref__": "lets tools refer to a node without keeping it alive",
    }

    data: Array
    grad: Array | None
    requires_grad: bool
    name: str | None
    op: Op | None
    inputs: tuple[Node | Number, ...]
    birth: int
    notes: dict[Any, Any] | None

    @property
    def shape(self) -> Shape:
        """tuple of int: the lengths of the axes, as in NumPy."""
        try:
            return self.data.shape
        except AttributeError as error:
            if type(self.data) in PYTHON_NUMBERS:
                return ()
            raise no_values("shape", (self,)) or error from None

    @property
    def is_leaf(self) -> bool:
        """bool: whether no recorded operation made it."""
        return self.op is None

    def __getstate__(self) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        """What a copy or a pickle holds: all but the notes, which speak of this node."""
        state: Any = object.__getstate__(self)  # of a class with slots, a pair of dicts
        return state[0], {**state[1], "notes": None}

    def __setstate__(self, state: tuple[dict[str, Any] | None, dict[str, Any]]) -> None:
        """Take what a copy or a pickle holds, as a node born now: its old birth may be another process's."""
        attributes, slots = state
        for name, value in {**slots, **(attributes or {})}.items():
            setattr(self, name, value)
        self.birth, self.notes = next(births), None


class Number:
    """A Python number among the inputs of an operation, as the 2 in `x * 2`: a node in all that is asked of it, but small."""

    __slots__ = ("data",)
    grad = op = name = notes = None
    requires_grad, is_leaf = False, True
    inputs = shape = ()
    ndim, size = 0, 1
    birth = -1  # older than every node

    def __init__(self, data):
        self.data = data

    @property
    def dtype(self):
        return np.result_type(self.data)

    @property
    def T(self):
        return self

    def numpy(self):
        return np.asarray(self.data)

    def item(self):
        return self.data

    def __reduce__(self):
        return Number, (self.data,)

    def __repr__(self):
        return repr(self.data)


class Op:
    """An operation: one `forward`, one vjp per input, and nothing else.

    Subclasses write both in plain NumPy, so that the same rule runs on arrays, on Tensors (which gives gradients that
    are themselves recorded) and on symbols (which gives formulas). An instance carries parameters such as `axis`, never
    values: those live in the graph.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> class Cube(Op):
    ...     "z = x³"
    ...     def forward(self, x): return x * x * x
    ...     def dx(self, dz, z, x): return dz * 3 * x * x
    ...     vjps = dx,
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> Cube()(x).sum().backward()
    >>> x.grad
    array([ 3., 12.])
    """

    __slots__ = ()
    name: str = "op"
    vjps: tuple[Any, ...] = ()
    rules_need_operands: bool = True  # of many operands, each given to the rule of each, the cost would be the square
    makes_plain_arrays: bool = False  # whether forward does, also of a masked array or a matrix: so operands are looked at

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        check_vjps(cls)
        if "__call__" not in cls.__dict__:
            looks = cls.makes_plain_arrays or not cls.__module__.startswith(f"{__package__}.")
            cls.__call__ = call_with(cls.vjps, looks)  # type: ignore[method-assign]  # which does the same

    def __call__(self, *inputs: Operand) -> Tensor:
        """Apply to Tensors, arrays and numbers: a Tensor if any of them is one, else what `forward` returns."""
        for x in inputs:
            if isinstance(x, Node):
                node_class = type(x)
                break
        else:
            return self.forward(*map(as_array, inputs))
        operands, values, recorded = [], [], False
        for x in inputs:
            node = x if isinstance(x, Node) else constant(node_class, x)
            operands.append(node)
            values.append(node.data)
            recorded = recorded or node.requires_grad
        nodes = tuple(operands)
        try:
            z = self.forward(*values)
        except EXPLAINED as error:
            raise explained(self, nodes, error) from None
        if type(z) is not ndarray and type(z) is not float64:
            refuse_no_values(self, nodes)
        recorded = recorded and recording.get()
        made = new_node(node_class, z, self, nodes, True) if recorded else new_node(node_class, z)
        if audience.compute:
            tell(audience.compute, self, nodes, made)
        return made

    def forward(self, *xs: Any, **_: Any) -> Any:  # so that checkers take any other signature for an override
        """Compute z from the values of the inputs."""
        raise NotImplementedError(f"{type(self).__name__} needs a method forward(self, x, ...) that returns z")

    def __reduce_ex__(self, protocol: Any) -> Any:
        """What pickle is told: its first two protocols know no __slots__, so the third's stands in them too."""
        return super().__reduce_ex__(max(protocol, 2))

    def __repr__(self) -> str:
        parameters = ", ".join(f"{key}={value!r}" for key, value in vars(self).items()) if hasattr(self, "__dict__") else ""
        return f"{self.name}({parameters})" if parameters else self.name


def check_vjps(cls):
    """Refuse an operation without one vjp for each operand of its forward: what is missing would silently get no gradient."""
    code = getattr(cls.forward, "__code__", None)
    if cls.forward is Op.forward or code is None or code.co_flags & CO_VARARGS or isinstance(cls.vjps, property):
        return
    operands = code.co_varnames[1 : code.co_argcount]
    if not isinstance(cls.vjps, (tuple, list)) or len(cls.vjps) != len(operands):
        example = ", ".join(f"d{x}" for x in operands) + ("," if len(operands) == 1 else "")
        raise TypeError(
            f"{cls.__name__}.forward takes {', '.join(operands)}, so the class needs one vjp for each, in this order:\n"
            f"    vjps = {example}\n"
            "None stands for an operand that has no derivative."
        )


def call_with(vjps, looks):
    """`Op.__call__` as it is quickest: nearly all operations have up to three operands, and looping over these costs most."""
    count = len(vjps) if isinstance(vjps, tuple) else None
    if looks:
        return look_and_call_with_one if count == 1 else look_and_call
    return {1: call_with_one, 2: call_with_two, 3: call_with_three}.get(count, Op.__call__)


def call_with_one(op, x):
    """`Op.__call__`, written out for one operand."""
    if not isinstance(x, Node):
        return op.forward(np.asarray(x)[()] if type(x) in PYTHON_NUMBERS else as_array(x))  # rules may ask for its shape
    try:
        z = op.forward(x.data)
    except EXPLAINED as error:
        raise explained(op, (x,), error) from None
    if type(z) is not ndarray and type(z) is not float64:
        refuse_no_values(op, (x,))
    recorded = x.requires_grad and recording.get()
    made = new_node(type(x), z, op, (x,), True) if recorded else new_node(type(x), z)
    if audience.compute:
        tell(audience.compute, op, (x,), made)
    return made


def call_with_two(op, x, y):
    """`Op.__call__`, written out for two operands."""
    if isinstance(x, Node):
        node_class = type(x)
        if not isinstance(y, Node):
            y = constant(node_class, y)
    elif isinstance(y, Node):
        node_class = type(y)
        x = constant(node_class, x)
    elif type(x) in PYTHON_NUMBERS and type(y) in PYTHON_NUMBERS:
        return op.forward(np.asarray(x)[()], np.asarray(y)[()])  # NumPy's arithmetic, not Python's, which raises at 1 / 0
    else:
        return op.forward(as_array(x), as_array(y))
    try:
        z = op.forward(x.data, y.data)
    except EXPLAINED as error:
        raise explained(op, (x, y), error) from None
    if type(z) is not ndarray and type(z) is not float64:
        refuse_no_values(op, (x, y))
    recorded = (x.requires_grad or y.requires_grad) and recording.get()
    made = new_node(node_class, z, op, (x, y), True) if recorded else new_node(node_class, z)
    if audience.compute:
        tell(audience.compute, op, (x, y), made)
    return made


def call_with_three(op, x, W, b):
    """`Op.__call__`, written out for three operands that are Tensors, as a layer's are."""
    if not (isinstance(x, Node) and isinstance(W, Node) and isinstance(b, Node)):
        return Op.__call__(op, x, W, b)
    try:
        z = op.forward(x.data, W.data, b.data)
    except EXPLAINED as error:
        raise explained(op, (x, W, b), error) from None
    if type(z) is not ndarray and type(z) is not float64:
        refuse_no_values(op, (x, W, b))
    recorded = (x.requires_grad or W.requires_grad or b.requires_grad) and recording.get()
    made = new_node(type(x), z, op, (x, W, b), True) if recorded else new_node(type(x), z)
    if audience.compute:
        tell(audience.compute, op, (x, W, b), made)
    return made


def look_and_call_with_one(op, x):
    """`Op.__call__` of an operation with one operand that makes plain arrays of whatever `.data` was set to."""
    if isinstance(x, Node) and type(x.data) not in PLAIN:
        refuse_no_values(op, (x,))
    return call_with_one(op, x)


def look_and_call(op, *inputs):
    """The same for any number of operands."""
    for x in inputs:
        if isinstance(x, Node) and type(x.data) not in PLAIN:
            refuse_no_values(op, (x,))
    return (call_with_two if len(inputs) == 2 else Op.__call__)(op, *inputs)


def refuse_no_values(op, nodes):
    """Raise TypeError if `.data` of one of these was set to what is no array.

    It is asked where the result is none of the usual two types: of a list, + and * are Python's own, which repeat and join,
    what is computed from a Tensor is one, and so is most of what is computed from a masked array or a matrix.
    """
    wrong = no_values(op, nodes)
    if wrong is not None:
        raise wrong


class Audience:
    """Who is told of what: for each event a list of functions, empty where nobody looks.

    With what they are called say the methods of these names in `watching.observers.Observer`. Where an event happens, an `if`
    asks for its list: without an observer nothing else is paid.
    """

    __slots__ = {
        "begin": "a backward pass begins",
        "compute": "an operation was computed, recorded or not",
        "arrive": "a node's gradient is complete, and may be replaced",
        "contribute": "a rule gave a contribution to a gradient",
        "end": "a backward pass ends, also one that raises",
        "update": "an optimiser changed its parameters",
        "leave": "a value leaves the graph",
        "complete": "a backward pass is complete, and its gradients are where they belong",
        "call": "a module was called",
    }

    begin: list[Callable[..., Any]]
    compute: list[Callable[..., Any]]
    arrive: list[Callable[..., Any]]
    contribute: list[Callable[..., Any]]
    end: list[Callable[..., Any]]
    update: list[Callable[..., Any]]
    leave: list[Callable[..., Any]]
    complete: list[Callable[..., Any]]
    call: list[Callable[..., Any]]

    def __init__(self) -> None:
        for event in self.__slots__:
            setattr(self, event, [])


audience = Audience()  # of every operation, and of every backward() and grad()
NOBODY = Audience()  # chain_rule and pictures go back unobserved


def tell(listeners, *what):
    """Call the functions of one event; an exception raised by one stops the program there."""
    for listener in tuple(listeners):  # a copy: a listener may remove itself
        listener(*what)


def constant(node_class, x):
    """A leaf without gradient. A Python number is not made an array, so that it does not turn float32 into float64."""
    if type(x) is ndarray and x.dtype.kind not in NO_NUMBERS:
        return new_node(node_class, x)
    if type(x) in PYTHON_NUMBERS:
        return Number(x)
    if isinstance(x, Number):  # op(*node.inputs) gives them again
        return x
    if isinstance(x, ndarray):
        refuse_mask(x)
        x = np.asarray(x)  # of a matrix, * is by elements as that of all else
    values = x if hasattr(x, "dtype") else np.asarray(x)
    if isinstance(values, (ndarray, np.generic)) and values.dtype == object:
        values = as_numbers(values, x)
    if isinstance(values, (ndarray, np.generic)) and values.dtype.kind in NO_NUMBERS:
        raise TypeError(f"A Tensor is computed with numbers; the other operand was {values.dtype}: {x!r}.")
    return new_node(node_class, values)


def as_numbers(objects, x):
    """Objects that Python can make numbers of, such as Fractions and whole numbers beyond 64 bits, as these."""
    try:
        return np.array([float(each) for each in objects.flat]).reshape(objects.shape)[()]
    except (TypeError, ValueError):
        raise TypeError(f"A Tensor is computed with numbers; the other operand was {x!r}.") from None


def values_of(x):
    """The array of a Tensor; anything else as it is."""
    return x.data if isinstance(x, Node) else x


def shape_of(x):
    """The shape of a Tensor, an array, a list or a number.

    >>> shape_of([[1, 2, 3]])
    (1, 3)

    np.shape of a Tensor goes through NumPy's protocol, and takes twenty times as long.
    """
    try:
        return x.data.shape if isinstance(x, Node) else x.shape
    except AttributeError:
        return x.shape if isinstance(x, Node) else np.shape(x)


def ndim_of(x):
    """How many axes a Tensor, an array, a list or a number has; see `shape_of`."""
    return len(shape_of(x))


def as_array(x):
    """A list as an array; arrays and numbers as they are."""
    return np.asarray(x) if isinstance(x, (list, tuple)) else x


def new_node(node_class, data, op=None, inputs=(), requires_grad=False):
    """A fresh node, without the checks that a user's constructor makes."""
    node = object.__new__(node_class)
    node.data = data
    node.grad = None
    node.requires_grad = requires_grad
    node.name = None
    node.op = op
    node.inputs = inputs
    node.birth = next(births)
    node.notes = None
    return node


@contextmanager
def no_grad() -> Iterator[None]:
    """Record nothing inside: a context manager, and with parentheses a decorator. It holds for this thread only.

    Examples
    --------
    >>> from microgradnn import Tensor, no_grad
    >>> w = Tensor([1.0], requires_grad=True)
    >>> with no_grad():
    ...     print((w * 2).requires_grad)
    False
    >>> @no_grad()
    ... def predict(x):
    ...     return x * w
    >>> predict(3.0).requires_grad
    False
    """
    before = recording.get()
    try:  # Ctrl-C may come after any call, also after the one that switches off: so that stands within
        recording.set(False)
        yield
    finally:
        recording.set(before)


def reachable(output):
    """The nodes that `output` was computed from and that require a gradient, youngest first, each with None: no gradient yet.

    A node is younger than its inputs, so in this order every consumer of a node comes before the node itself.
    """
    found, nodes = {output}, [output]
    for node in nodes:  # the list grows while we go along it
        for x in node.inputs:
            if x.requires_grad and x not in found:
                found.add(x)
                nodes.append(x)
    nodes.sort(key=birth_of, reverse=True)
    return dict.fromkeys(nodes)


def recompute(output, changes, others=None, unknown=False):
    """Run the recorded operations forward again, with other values for some nodes.

    Parameters
    ----------
    output : Tensor
        Where to end.
    changes : dict of Tensor to array
        The other values.
    others : dict of Tensor to array, optional
        What stands for the nodes that do not depend on the changed ones, if not their own values.
    unknown : bool, optional
        Whether what LAPACK computes of no NaN is NaN, and no error.

    Returns
    -------
    dict of Tensor to array
        The new values of all nodes that depend on the changed ones. No node is changed.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> x = Tensor(2.0, requires_grad=True)
    >>> y = x * x + 1
    >>> float(recompute(y, {x: 3.0})[y])
    10.0
    """
    values, others = dict(changes), others or {}
    for node in reversed(reachable(output)):  # oldest first: inputs before what is made from them
        if node not in changes and any(x in values for x in node.inputs):
            try:
                values[node] = node.op.forward(*[values[x] if x in values else others.get(x, x.data) for x in node.inputs])
            except np.linalg.LinAlgError:
                if not unknown:
                    raise
                values[node] = np.full(node.shape, np.nan)
    return values


OPERATIONS: dict[str, Callable[..., Any]] = {}  # name -> function, every public operation
NUMPY_FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {}  # NumPy's function -> ours: what np.tanh(tensor) calls


def whole_graph(output):
    """All nodes that `output` was computed from, constants too, oldest first."""
    found, nodes = {output}, [output]
    for node in nodes:  # the list grows while we go along it
        for x in node.inputs:
            if x not in found:
                found.add(x)
                nodes.append(x)
    return sorted(nodes, key=birth_of)
