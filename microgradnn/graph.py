"""The computation graph: nodes, the operations between them, and the switch that records.

A `Node` holds an array and remembers which `Op` made it from which input nodes. That is the whole graph: following
`inputs` leads from a loss back to the leaves, and a younger node never is the input of an older one, so sorting by
`birth` puts every node after its inputs. `Tensor` (tensor.py) is a Node with operators.

An `Op` is one small class with a `forward` and one vjp (vector-Jacobian product) per input, written in plain NumPy:

    z = f(x, y)     x, y   values of the inputs      dz       ∂L/∂z, the upstream gradient
                    z      value of the output       dx, dy   ∂L/∂x, ∂L/∂y: what each vjp returns
"""

import itertools
import re
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from .errors import explained

_births = itertools.count()
_recording = ContextVar("microgradnn.recording", default=True)  # a ContextVar is per thread (and per async task)


class Node:
    """A value in the computation graph. Users meet it as `Tensor`."""

    __slots__ = {
        "data": "the values: an ndarray, a NumPy scalar, or any array that speaks NumPy's protocols",
        "grad": "∂L/∂(this) after a backward pass, a plain array of the same shape and dtype; None until computed",
        "requires_grad": "whether a backward pass computes a gradient here",
        "name": "how pictures, formulas and messages call it, or None",
        "op": "the operation that made it; None for a leaf",
        "inputs": "the nodes it was made from, in operand order; () for a leaf",
        "birth": "a serial number: inputs are always older than what is made from them",
        "__weakref__": "lets tools refer to a node without keeping it alive",
    }

    @property
    def shape(self):
        """tuple of int: the lengths of the axes, as in NumPy."""
        return np.shape(self.data)

    @property
    def is_leaf(self):
        """bool: whether no recorded operation made it."""
        return self.op is None


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
    name = "op"
    vjps = ()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    def __call__(self, *inputs):
        """Apply to Tensors, arrays and numbers: a Tensor if any of them is one, else what `forward` returns."""
        node_class, track, values = None, False, []
        for x in inputs:
            if isinstance(x, Node):
                node_class = type(x)
                track = track or x.requires_grad
                values.append(x.data)
            else:
                values.append(np.asarray(x) if isinstance(x, (list, tuple)) else x)
        try:
            data = self.forward(*values)
        except (ValueError, TypeError, IndexError) as error:
            raise explained(self, inputs, values, error) from None
        if node_class is None:
            return data
        if track and _recording.get():
            nodes = [x if isinstance(x, Node) else new_node(node_class, value) for x, value in zip(inputs, values)]
            return new_node(node_class, data, self, tuple(nodes), True)
        return new_node(node_class, data)

    def forward(self, *xs):
        """Compute z from the values of the inputs."""
        raise NotImplementedError(f"{type(self).__name__} needs a method forward(self, x, ...) that returns z")

    def __repr__(self):
        parameters = ", ".join(f"{key}={value!r}" for key, value in vars(self).items()) if hasattr(self, "__dict__") else ""
        return f"{self.name}({parameters})" if parameters else self.name


def new_node(node_class, data, op=None, inputs=(), requires_grad=False):
    """A fresh node, without the checks that a user's constructor makes."""
    node = node_class.__new__(node_class)
    node.data = data
    node.grad = None
    node.requires_grad = requires_grad
    node.name = None
    node.op = op
    node.inputs = inputs
    node.birth = next(_births)
    return node


@contextmanager
def no_grad():
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
    token = _recording.set(False)
    try:
        yield
    finally:
        _recording.reset(token)


def reachable(output):
    """The nodes that `output` was computed from and that require a gradient, youngest first, as a dict (an ordered set).

    A node is younger than its inputs, so in this order every consumer of a node comes before the node itself.
    """
    found, waiting = {output}, [output]
    while waiting:
        for x in waiting.pop().inputs:
            if x.requires_grad and x not in found:
                found.add(x)
                waiting.append(x)
    return dict.fromkeys(sorted(found, key=_birth, reverse=True))


def _birth(node):
    return node.birth


OPERATIONS = {}  # name -> function, every public operation
NUMPY_FUNCTIONS = {}  # NumPy's function -> ours: what np.tanh(tensor) calls


def operation(*numpy_functions):
    """Enter a public function in the table of operations, and let these NumPy functions call it for Tensors."""

    def enter(function):
        OPERATIONS[function.__name__] = function
        for numpy_function in numpy_functions:
            NUMPY_FUNCTIONS[numpy_function] = function
        return function

    return enter
