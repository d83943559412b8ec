"""Derivatives of functions: grad, value_and_grad, vjp, jvp, jacobian, hessian, hvp, all from the vjps of the operations.

Functions take arrays or Tensors and return one Tensor. Where a function does not depend on an argument, its derivative is 0.

What comes out are plain arrays, or Tensors, recorded, where somebody may want to differentiate again: where any argument is,
or holds in lists or dicts, a Tensor that requires a gradient; where the function reaches an argument of a derivative around
this one, as x here, also through a closure; or where one asks for it by `create_graph=True`, as for parameters that a function
uses from outside.

    grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0)     d/dx x² = 6: the inner derivative, x, is recorded

    vjp   u, x ↦ uᵀ J(x)     one backward pass
    jvp   x, v ↦ J(x) v      the vjp is linear in u; its own vjp, by two backward passes, is the jvp
"""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

import numpy as np

from . import backprop
from .backprop import between, live, refuse_upstream
from .errors import describe
from .graph import Node, reachable, recording, values_of
from .ops import BroadcastTo, stack
from .source.leaving import where_values_left
from .tensor import Tensor
from .watching.changes import all_at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Literal

    from .annotations import Array, Operand


@overload
def grad(output: Tensor, inputs: Tensor, gradient: Operand | None = None, create_graph: Literal[False] = False) -> Array: ...
@overload
def grad(output: Tensor, inputs: Tensor, gradient: Operand | None = None, *, create_graph: Literal[True]) -> Tensor: ...
@overload
def grad(
    output: Tensor, inputs: Sequence[Tensor], gradient: Operand | None = None, create_graph: Literal[False] = False
) -> tuple[Array, ...]: ...
@overload
def grad(
    output: Tensor, inputs: Sequence[Tensor], gradient: Operand | None = None, *, create_graph: Literal[True]
) -> tuple[Tensor, ...]: ...
@overload
def grad(output: Callable[..., Any], *, argnums: int = 0, create_graph: Literal[False] = False) -> Callable[..., Array]: ...
@overload
def grad(output: Callable[..., Any], *, argnums: int = 0, create_graph: Literal[True]) -> Callable[..., Tensor]: ...
@overload
def grad(
    output: Callable[..., Any], *, argnums: tuple[int, ...], create_graph: Literal[False] = False
) -> Callable[..., tuple[Array, ...]]: ...
@overload
def grad(
    output: Callable[..., Any], *, argnums: tuple[int, ...], create_graph: Literal[True]
) -> Callable[..., tuple[Tensor, ...]]: ...
def grad(output, inputs=None, gradient=None, create_graph=False, *, argnums=0):
    """Gradients: of a recorded Tensor with respect to others, or of a function.

    Parameters
    ----------
    output : Tensor or callable
        A Tensor, usually a loss; or a function that returns one number as a Tensor.
    inputs : Tensor or sequence of Tensor
        For a Tensor: with respect to what. Leaves, or nodes in between.
    gradient : array or number, optional
        For a Tensor: the upstream gradient, of its shape; needed if it is not one number.
    create_graph : bool, optional
        Whether the gradients are Tensors, recorded by the same rules, that can be differentiated again. Those of a function
        are so anyway where an argument is recorded, or the function reaches an argument of a derivative around it.
    argnums : int or tuple of int, optional
        For a function: with respect to which of its arguments.

    Returns
    -------
    array or Tensor, or a tuple of them
        For a Tensor: one gradient, or a tuple if `inputs` is a sequence; each of its input's shape and dtype.
    callable
        For a function: its gradient, a function of the same arguments.

    Raises
    ------
    RuntimeError
        If nothing that `output` was computed from requires a gradient.
    TypeError
        If `inputs` are missing for a Tensor, or given for a function.
    ValueError
        If `output` does not depend on one of the inputs, or `gradient` is needed and missing, or does not fit.

    Examples
    --------
    >>> from microgradnn import Tensor, grad
    >>> x = Tensor(2.0, requires_grad=True)
    >>> slope = grad(x**3, x, create_graph=True)
    >>> slope.item(), grad(slope, x).item()
    (12.0, 12.0)
    >>> grad(lambda x: x**3)(2.0)
    array(12.)
    """
    if isinstance(output, Node):
        if not hasattr(inputs, "__iter__"):
            given = "" if inputs is None else f"; it was given {inputs!r}"
            raise TypeError(f"grad of a Tensor needs Tensors to differentiate by: grad(L, W), or grad(L, [W, b]){given}.")
        return backprop.grad(output, inputs, gradient, create_graph or reaches(live, output))
    if not callable(output):
        raise TypeError(f"grad differentiates a Tensor or a function; it was given {output!r}.")
    if inputs is not None:
        raise TypeError("grad of a function is a function: grad(f)(x), or by the second argument grad(f, argnums=1)(x, y).")

    def gradient_of(*args, **kwargs):
        return value_and_grad(output, argnums, create_graph)(*args, **kwargs)[1]

    return gradient_of


@overload
def value_and_grad(
    function: Callable[..., Any], argnums: int = 0, create_graph: bool = False
) -> Callable[..., tuple[float, Array]]: ...
@overload
def value_and_grad(
    function: Callable[..., Any], argnums: tuple[int, ...], create_graph: bool = False
) -> Callable[..., tuple[float, tuple[Array, ...]]]: ...
def value_and_grad(function, argnums=0, create_graph=False):
    """A function that returns both `function`'s value and its gradient.

    Parameters
    ----------
    function : callable
        Of arrays or Tensors; returns one number, as a Tensor.
    argnums : int or tuple of int, optional
        With respect to which of its arguments.
    create_graph : bool, optional
        Whether what comes out is recorded in any case, as in `grad`.

    Returns
    -------
    callable
        With the same arguments; returns (value, gradient), or (value, tuple of gradients) if `argnums` is a tuple.

    Raises
    ------
    ValueError
        When called, if the value is not one number.

    Examples
    --------
    >>> from microgradnn import value_and_grad
    >>> def f(x, y):
    ...     return (x * y).sum()
    >>> value_and_grad(f)([1.0, 2.0], [3.0, 4.0])
    (11.0, array([3., 4.]))
    """

    def value_and_gradient(*args, **kwargs):
        inputs = _inputs(args, argnums)
        value, outer = _call(function, args, inputs, kwargs, create_graph)
        gradients = _gradients(value, inputs.values(), None, outer)
        of_argument = dict(zip(inputs, gradients, strict=True))
        found = tuple([of_argument[i] for i in argnums]) if isinstance(argnums, tuple) else gradients[0]
        return (value if outer else value.item()), found

    return value_and_gradient


@overload
def vjp(
    function: Callable[..., Any], arg: Operand, /, *, create_graph: bool = False
) -> tuple[Array, Callable[[Operand], Array]]: ...
@overload
def vjp(
    function: Callable[..., Any], *args: Operand, create_graph: bool = False
) -> tuple[Array, Callable[[Operand], tuple[Array, ...]]]: ...
def vjp(function, *args, create_graph=False):
    """The value of a function, and the function that pulls upstream gradients back through it.

    Parameters
    ----------
    function : callable
        Of Tensors; returns one.
    *args : array or Tensor
        Where.
    create_graph : bool, optional
        Whether what comes out is recorded in any case, as in `grad`.

    Returns
    -------
    value : array
    pullback : callable
        Takes dz, of the value's shape (else it raises ValueError); returns ∂⟨dz, value⟩/∂(argument), one array an argument
        (alone if there is one).

    Examples
    --------
    >>> import microgradnn as mg
    >>> value, pullback = mg.vjp(mg.exp, [0.0, 1.0])
    >>> pullback([1.0, 0.0])
    array([1., 0.])
    """
    inputs = _inputs(args, tuple(range(len(args))))
    value, outer = _call(function, args, inputs, {}, create_graph)

    def pullback(dz):
        found = _gradients(value, inputs.values(), dz, outer or isinstance(dz, Node))
        return found if len(found) > 1 else found[0]

    return (value if outer else value.numpy()), pullback


def jvp(
    function: Callable[..., Any], args: Sequence[Operand], tangents: Sequence[Operand], *, create_graph: bool = False
) -> tuple[Array, Array]:
    """The value of a function, and how it changes when its arguments change in the direction of the tangents: J v.

    Parameters
    ----------
    function : callable
    args, tangents : sequence of array
        As many of each, of the same shapes.
    create_graph : bool, optional
        Whether what comes out is recorded in any case, as in `grad`.

    Returns
    -------
    value, tangent : array
        Of the same shape.

    Raises
    ------
    ValueError
        If there are not as many tangents as arguments, or a shape differs.

    Notes
    -----
    The vjp u ↦ uᵀ J is linear in u, and its derivative with respect to u in the direction v is J v: two backward passes
    give a forward derivative (Townsend, "A new trick for calculating Jacobian vector products", 2017).

    Examples
    --------
    >>> import microgradnn as mg
    >>> mg.jvp(lambda x: x**2, ([1.0, 3.0],), ([1.0, 10.0],))
    (array([1., 9.]), array([ 2., 60.]))
    """
    if [np.shape(x) for x in args] != [np.shape(v) for v in tangents]:
        raise ValueError(
            f"jvp needs a tangent for each argument, of its shape; arguments have shapes {[np.shape(x) for x in args]}, "
            f"tangents {[np.shape(v) for v in tangents]}."
        )
    inputs = _inputs(args, tuple(range(len(args))))
    directions = list(map(_as_tensor, tangents))
    value, outer = _call(function, args, inputs, {}, create_graph or any(_is_recorded(v) for v in directions))
    u = Tensor(np.zeros(value.shape, value.dtype), requires_grad=True)
    pulled = _gradients(value, inputs.values(), u, create_graph=True)
    directed = sum((dx * v).sum() for dx, v in zip(pulled, directions, strict=True))
    (tangent,) = _gradients(directed, [u], None, outer)
    return (value if outer else value.numpy()), tangent


def jacobian(function: Callable[..., Any], argnums: int = 0, create_graph: bool = False) -> Callable[..., Array]:
    """A function that returns the Jacobian of `function`: ∂(each element of its value)/∂(each element of an argument).

    One backward pass for each element of the value.

    Parameters
    ----------
    function : callable
        Of Tensors; returns one.
    argnums : int, optional
        With respect to which argument.
    create_graph : bool, optional
        Whether what comes out is recorded in any case, as in `grad`.

    Returns
    -------
    callable
        With the same arguments; returns an array of shape (*value.shape, *argument.shape).

    Examples
    --------
    >>> import microgradnn as mg
    >>> mg.jacobian(lambda x: x**2)([1.0, 3.0])
    array([[2., 0.],
           [0., 6.]])
    """

    def jacobian_of(*args, **kwargs):
        inputs = _inputs(args, argnums)
        (x,) = inputs.values()
        value, outer = _call(function, args, inputs, kwargs, create_graph)
        rows = []
        for index in np.ndindex(value.shape):
            one = np.zeros(value.shape)
            one[index] = 1
            rows += _gradients(value, [x], one, outer)
        shape = value.shape + x.shape
        return stack(rows).reshape(shape) if outer and rows else np.array(rows, dtype=x.dtype).reshape(shape)

    return jacobian_of


def hessian(function: Callable[..., Any], argnums: int = 0, create_graph: bool = False) -> Callable[..., Array]:
    """A function that returns the Hessian of `function`, which returns one number: the Jacobian of its gradient.

    Parameters
    ----------
    function : callable
        Of Tensors; returns one number.
    argnums : int, optional
        With respect to which argument.
    create_graph : bool, optional
        Whether what comes out is recorded in any case, as in `grad`.

    Returns
    -------
    callable
        With the same arguments; returns an array of shape (*argument.shape, *argument.shape).

    Examples
    --------
    >>> import microgradnn as mg
    >>> mg.hessian(lambda x: x[0] ** 2 * x[1])([1.0, 3.0])
    array([[6., 2.],
           [2., 0.]])
    """
    return jacobian(grad(function, argnums=argnums), argnums, create_graph)


def hvp(function: Callable[..., Any], x: Operand, v: Operand, *, create_graph: bool = False) -> Array:
    """The Hessian of a function of one argument times a vector, without the Hessian: the gradient of ⟨gradient, v⟩.

    Parameters
    ----------
    function : callable
        Of one Tensor; returns one number.
    x, v : array
        Of one shape: where, and in which direction.
    create_graph : bool, optional
        Whether what comes out is recorded in any case, as in `grad`.

    Returns
    -------
    array
        Of the same shape.

    Raises
    ------
    ValueError
        If the shapes of `x` and `v` differ, or the function returns more than one number.

    Examples
    --------
    >>> import microgradnn as mg
    >>> mg.hvp(lambda x: x[0] ** 2 * x[1], [1.0, 3.0], [1.0, 0.0])
    array([6., 2.])
    """
    if np.shape(x) != np.shape(v):
        raise ValueError(f"hvp needs a direction v of x's shape; x has shape {np.shape(x)}, v {np.shape(v)}.")

    def directed(x):
        return (grad(function)(x) * _as_tensor(v)).sum()

    return value_and_grad(directed, create_graph=create_graph or _is_recorded(v))(x)[1]


def _inputs(args, argnums):
    """The arguments to differentiate by, each as a node of its own, by position."""
    positions = argnums if isinstance(argnums, tuple) else (argnums,)
    if any(not -len(args) <= i < len(args) for i in positions):
        raise ValueError(f"argnums={argnums}: the function was called with {len(args)} positional arguments.")
    inputs = {}
    for i in (i % len(args) for i in positions):
        x = args[i]
        # A node of its own: the same Tensor may be another argument too, or be used by the function from outside.
        inputs[i] = BroadcastTo(x.shape)(x) if _is_recorded(x) and recording.get() else Tensor(values_of(x), requires_grad=True)
    return inputs


def _is_recorded(x):
    """Whether x is a Tensor that requires a gradient."""
    return isinstance(x, Node) and x.requires_grad


def _holds_recorded(x):
    """Whether x is a Tensor that requires a gradient, or has one in it: in lists, tuples and dicts."""
    if isinstance(x, dict):
        x = x.values()
    elif not isinstance(x, (list, tuple)):
        return _is_recorded(x)
    return any(map(_holds_recorded, x))


def _gradients(value, inputs, dz, create_graph):
    """The gradients of a value; 0 for an input that it does not depend on."""
    inputs = list(inputs)
    reached = between(value, inputs) if value.requires_grad else {}
    wanted = [x for x in inputs if x in reached]
    if dz is not None:
        refuse_upstream(value, values_of(dz))  # also where nothing goes back from it
    if not wanted and dz is None and np.size(value.data) != 1:
        raise ValueError(f"The value, {describe(value)}, is not one number; jacobian gives the derivatives of each.")
    found = dict(zip(wanted, backprop.grad(value, wanted, dz, create_graph) if wanted else (), strict=True))
    zeros = {x: np.zeros_like(x.data) for x in inputs if x not in found}
    return tuple(found[x] if x in found else Tensor(zeros[x]) if create_graph else zeros[x] for x in inputs)


def _call(function, args, inputs, kwargs, create_graph):
    """The value of the function, recorded also within no_grad(); and whether its derivatives are to be recorded too."""
    recorded_around, own = recording.get(), set(inputs.values())
    given = [inputs.get(i, x) for i, x in enumerate(args)]
    try:
        live.update(own)
        recording.set(True)
        value = function(*given, **kwargs)
    finally:
        all_at_once([(live.difference_update, own), (recording.set, recorded_around)])
    if not isinstance(value, Node):
        where = where_values_left(function, given, inputs.values(), kwargs)
        raise TypeError(f"The function returned {value!r}; it should compute a Tensor from its arguments.{where}")
    if not recorded_around:
        return value, False
    recorded = create_graph or _holds_recorded((args, kwargs))
    return value, recorded or reaches(live, value)


def reaches(nodes, output):
    """Whether an output was computed from one of some nodes."""
    return bool(nodes) and not nodes.isdisjoint(reachable(output))


def _as_tensor(x):
    return x if isinstance(x, Node) else Tensor(x)
