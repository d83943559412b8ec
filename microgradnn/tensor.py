"""Tensor: an array that records what is done to it, so that `backward` can find the gradients.

A Tensor is a node of the computation graph (graph.py) with NumPy's protocols and a display. No mathematics is done here:
the operations of ops/, which stand above this module, sign in as its methods and operators.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import numpy as np

from . import backprop
from .errors import complex_numbers, describe, no_values, refuse_mask
from .errors.torch_names import METHODS, put_names
from .graph import NUMPY_FUNCTIONS, OPERATIONS, PYTHON_NUMBERS, Node, audience, births, new_node, recording, values_of
from .protocols.conversions import warn_unless_said
from .protocols.copying import reduced_graph
from .protocols.display import tell_pydevd, tensor_html, tensor_text
from .protocols.numpy_functions import (
    ABOUT_VALUES,
    CHANGING,
    plain,
    refuse_arguments,
    refuse_coming_out,
    tell_operands,
    title_of,
)
from .watching.changes import put, refuse_changed
from .watching.observers import Hook, tell_left

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, NoReturn, Self

    from numpy.typing import DTypeLike, NDArray

    from .annotations import Array, ArrayLike, Axes, Axis, Function, Index, Operand
    from .graph import Number
    from .methods import Methods  # a stub: Node with the operations as methods, which sign in when ops/ is imported
else:
    Methods = Node


class Tensor(Methods):
    """An array that records what is done to it.

    Parameters
    ----------
    data : array, number or nested list
        The values. Lists and whole numbers become float64 unless a dtype is given; an array keeps its own dtype. What
        requires a gradient is copied, since training changes it in place; other arrays are shared. An array of another
        library is kept as it is if it speaks NumPy's protocols (Dask's does).
    requires_grad : bool, optional
        Whether a backward pass computes ∂L/∂(this). Only floating-point values can.
    name : str, optional
        What pictures, formulas and messages call it.
    dtype : dtype, optional
        The type of the elements.

    Attributes
    ----------
    data, grad, requires_grad, name, op, inputs, birth
        Those of every `graph.Node`, which says what each is; so does `help(Tensor.grad)`.

    Raises
    ------
    TypeError
        If the values are no numbers, such as text, dates and structured arrays, or have a mask; or a gradient is asked for
        values that are not floating-point numbers; also complex ones have none here.

    Examples
    --------
    >>> from microgradnn import Tensor
    >>> W = Tensor([[1.0, -1.0], [0.5, 2.0]], requires_grad=True, name="W")
    >>> L = ((Tensor([3.0, 4.0]) @ W) ** 2).sum()
    >>> L.backward()
    >>> W.grad
    array([[30., 30.],
           [40., 40.]])
    """

    __slots__ = ()
    if TYPE_CHECKING:
        inputs: tuple[Tensor | Number, ...]
    __hash__ = Node.__hash__  # == compares elements; a set or dict of Tensors goes by identity

    def __init__(
        self,
        data: ArrayLike | Tensor,
        *,
        requires_grad: bool = False,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"A Tensor's name is a str; it was given {name!r}.")
        if isinstance(data, Node) and data.requires_grad:
            raise TypeError(
                f"{describe(data)} is a Tensor already, and a new one of its values would not be connected with it.\n"
                'For another name: tensor.named("h"). For the values alone, without their history: tensor.detach().'
            )
        self.data = _as_array(data, dtype, copy=requires_grad)
        if requires_grad and self.data.dtype.kind != "f":
            called = "" if name is None else f" {name!r}"
            if self.data.dtype.kind == "c":
                raise complex_numbers(f"Tensor{called} requires a gradient and is")
            raise TypeError(
                f"Tensor{called} of dtype {self.data.dtype} cannot require a gradient: only floating-point values can change "
                f"by a little.\nGive it a dtype: Tensor(..., dtype=float, requires_grad=True)."
            )
        self.grad, self.op, self.inputs, self.birth, self.notes = None, None, (), next(births), None
        self.requires_grad = requires_grad
        self.name = name

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in METHODS]

    # What it is

    def named(self, name: str | None) -> Self:
        """Give it a name, and return it: `h = (x @ W).tanh().named("h")`."""
        self.name = name
        return self

    @property
    def dtype(self) -> np.dtype[Any]:
        """numpy.dtype: the type of the elements."""
        try:
            return self.data.dtype
        except AttributeError as error:
            if type(self.data) in PYTHON_NUMBERS:
                return np.result_type(self.data)
            raise no_values("dtype", (self,)) or error from None

    @property
    def ndim(self) -> int:
        """int: the number of axes."""
        try:
            return self.data.ndim
        except AttributeError:
            return np.ndim(self.data)

    @property
    def size(self) -> int:
        """int: the number of elements."""
        try:
            return self.data.size
        except AttributeError as error:
            if type(self.data) in PYTHON_NUMBERS:
                return 1
            raise no_values("size", (self,)) or error from None

    def numpy(self) -> Array:
        """The values as an array, which shares memory with this Tensor; nothing done to it is recorded."""
        if audience.leave:
            tell_left(self, ".numpy()")
        return np.asarray(self.data)

    def item(self) -> Any:
        """The value as a Python number. Raises ValueError if there is more than one."""
        if self.size != 1:
            raise ValueError(f"item() gives one number; this Tensor has shape {self.shape}: index it first.")
        if audience.leave:
            tell_left(self, ".item()")
        return np.asarray(self.data).item()

    def detach(self) -> Tensor:
        """The same values as a new leaf that requires no gradient; the memory is shared."""
        if audience.leave:
            tell_left(self, ".detach()")
        constant = new_node(type(self), self.data)
        constant.name = self.name
        return constant

    # What NumPy's arrays say about their values: plain arrays and numbers

    def argmax(self, axis: Axis = None, *, keepdims: bool = False) -> Any:
        """Where the largest element is: positions along the axis, or in all of them in one row."""
        return self._about_values(np.argmax, axis, keepdims=keepdims)

    def argmin(self, axis: Axis = None, *, keepdims: bool = False) -> Any:
        """Where the smallest element is: positions along the axis, or in all of them in one row."""
        return self._about_values(np.argmin, axis, keepdims=keepdims)

    def argsort(self, axis: Axis = -1, kind: Any = None, *, stable: bool | None = None) -> Array:
        """The positions in the order of their elements: take_along_axis(x, x.argsort()) is sorted, and recorded."""
        return self._about_values(np.argsort, axis, kind, stable=stable)

    def any(self, axis: Axes = None, *, keepdims: bool = False) -> Any:
        """Whether an element is not 0, along the axes or of all."""
        return self._about_values(np.any, axis, keepdims=keepdims)

    def all(self, axis: Axes = None, *, keepdims: bool = False) -> Any:
        """Whether no element is 0, along the axes or of all."""
        return self._about_values(np.all, axis, keepdims=keepdims)

    def nonzero(self) -> tuple[Array, ...]:
        """Where the elements are that are not 0: of each axis their positions, so that x[x.nonzero()] gives them."""
        return self._about_values(np.nonzero)

    def tolist(self) -> Any:
        """The values as Python numbers, in nested lists."""
        return self._about_values(np.asarray).tolist()

    def _about_values(self, function, *args, **kwargs):
        if audience.leave:
            tell_left(self, f".{'tolist' if function is np.asarray else function.__name__}()", above=3)
        return function(self.data, *args, **kwargs)

    # Copies

    def __copy__(self) -> Tensor:
        """Another node with the same values, made by the same operation from the same inputs."""
        refuse_changed({self: None})  # the copy is younger than the change, and would not know
        node = object.__new__(type(self))
        node.__setstate__(self.__getstate__())
        return node

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """What pickle and copy.deepcopy are told: see `copying.reduced_graph`."""
        if audience.leave:
            tell_left(self, "copy.deepcopy() or pickle")
        return reduced_graph(self)

    # Differentiation

    backward = backprop.backward  # not wrapped: one call less to step through

    def register_hook(self, function: Callable[[Array], Array | None]) -> Hook:
        """Call function(gradient) in every backward pass, when this Tensor's gradient is complete.

        What it returns, unless None, is passed on and kept in place of the gradient.

        Parameters
        ----------
        function : callable
            Takes the gradient, an array; returns None, or an array of the same shape.

        Returns
        -------
        Hook
            Its `remove()` ends it; so does the end of this Tensor.

        Raises
        ------
        TypeError
            If `function` cannot be called.
        ValueError
            If this Tensor requires no gradient; in the backward pass, if what the function returned has another shape.

        Examples
        --------
        >>> from microgradnn import Tensor
        >>> x = Tensor([3.0, 4.0], requires_grad=True)
        >>> hook = x.register_hook(lambda dx: dx.clip(-1, 1))
        >>> (x * x).sum().backward()
        >>> x.grad
        array([1., 1.])
        >>> hook.remove()
        """
        return Hook(self, function)

    # What Python's operators do is in ops/operators.py; + alone does nothing.

    def __pos__(self) -> Self:
        return self

    # W -= ...: of a parameter an update without a graph, as in PyTorch; of any other Tensor, W = W - ...

    def __iadd__(self, other: Operand) -> Tensor:  # type: ignore[misc]  # as __add__, but not named y
        return self._updated(operator.iadd, other)

    def __isub__(self, other: Operand) -> Tensor:  # type: ignore[misc]  # as __add__, but not named y
        return self._updated(operator.isub, other)

    def __imul__(self, other: Operand) -> Tensor:  # type: ignore[misc]  # as __add__, but not named y
        return self._updated(operator.imul, other)

    def __itruediv__(self, other: Operand) -> Tensor:  # type: ignore[misc]  # as __add__, but not named y
        return self._updated(operator.itruediv, other)

    def __ifloordiv__(self, other: Operand) -> Tensor:  # type: ignore[misc]  # as __floordiv__, but not named y
        return self._updated(operator.ifloordiv, other)

    def __imod__(self, other: Operand) -> Tensor:  # type: ignore[misc]  # as __mod__, but not named y
        return self._updated(operator.imod, other)

    def __ipow__(self, other: Operand) -> Tensor:  # type: ignore[misc]  # as __pow__, but not named y
        return self._updated(operator.ipow, other)

    def __imatmul__(self, other: Operand) -> Tensor:  # type: ignore[misc]  # as __matmul__, but not named y
        return self._updated(operator.imatmul, other)

    def _updated(self, change: Callable[[Any, Any], Any], other: Operand) -> Any:
        if not (self.is_leaf and self.requires_grad):
            return NotImplemented
        if recording.get():
            raise TypeError(
                f"{describe(self)} is a leaf that requires a gradient; W -= ... would make another Tensor of it, computed "
                "from the old one.\nTo update it: W.data -= 0.1 * W.grad, or W -= 0.1 * W.grad within no_grad()."
            )
        put([(self, change(self.data.copy(), values_of(other)))])
        return self

    def __setitem__(self, index: Index, value: Operand) -> NoReturn:
        from .source.assignments import rewritten
        from .source.lines import users_place

        raise TypeError(
            f"{describe(self)} cannot be changed in place: what was computed from it would not know.\n"
            f"As a new Tensor: {rewritten(users_place()) or 'x = x.at[i].set(v)'}"
        )

    def sort(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: an array's method sorts in place and returns nothing."""
        raise TypeError(
            f"{describe(self)} cannot be sorted in place: what was computed from it would not know.\n"
            "For a new Tensor with its elements in order: y = np.sort(x), or microgradnn.sort(x)."
        )

    # Comparisons say something about the values; they have no derivative and give plain arrays of bool.

    def __eq__(self, other: object) -> Array:  # type: ignore[override]  # as in NumPy, of each element
        if audience.leave:
            tell_left(self, "==")
        return self.data == values_of(other)

    def __ne__(self, other: object) -> Array:  # type: ignore[override]  # as in NumPy, of each element
        if audience.leave:
            tell_left(self, "!=")
        return self.data != values_of(other)

    def __lt__(self, other: Operand) -> Array:
        if audience.leave:
            tell_left(self, "<")
        return self.data < values_of(other)

    def __le__(self, other: Operand) -> Array:
        if audience.leave:
            tell_left(self, "<=")
        return self.data <= values_of(other)

    def __gt__(self, other: Operand) -> Array:
        if audience.leave:
            tell_left(self, ">")
        return self.data > values_of(other)

    def __ge__(self, other: Operand) -> Array:
        if audience.leave:
            tell_left(self, ">=")
        return self.data >= values_of(other)

    def __bool__(self) -> bool:
        if audience.leave:
            tell_left(self, "bool()")
        return bool(self.data)

    def __float__(self) -> float:
        if audience.leave:
            tell_left(self, "float()")
        if self.requires_grad:
            warn_unless_said()
        return float(self.item())

    def __int__(self) -> int:
        if audience.leave:
            tell_left(self, "int()")
        if self.requires_grad:
            warn_unless_said()
        return int(self.item())

    def __format__(self, spec: str) -> str:
        if audience.leave:
            tell_left(self, "format()")
        return format(self.item(), spec) if spec else str(self)

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self.data)))

    # NumPy's protocols: np.tanh(tensor) is ops.tanh(tensor). Checkers take array * tensor for an array, by NumPy's own
    # annotations, unless __array__ leaves open which elements it has.

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[np.generic]:
        if self.requires_grad:
            raise TypeError(
                f"{describe(self)} requires a gradient; as a plain array it would lose it silently.\n"
                "Say so: .numpy() or .detach() give the values alone. To join Tensors, with their gradients: stack([a, b])."
            )
        if audience.leave:
            tell_left(self, "np.array()")
        return np.array(self.data, dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__":
            raise TypeError(f"{title_of(ufunc)}.{method} is not recorded for Tensors; use an operation of microgradnn.")
        if audience.leave and ufunc in ABOUT_VALUES:
            tell_operands(ufunc, inputs)
        return self.__array_function__(ufunc, (), inputs, kwargs)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        if kwargs.get("out") is not None:
            raise TypeError(
                f"{title_of(function)} cannot write what comes from a Tensor into an array: it would not be recorded.\n"
                "Make a new Tensor: a = a + x in place of a += x, and no out=. To change values alone, use .data of both."
            )
        if function in NUMPY_FUNCTIONS:
            ours = NUMPY_FUNCTIONS[function]
            try:
                return ours(*args, **kwargs)
            except TypeError:
                refuse_arguments(function, ours, args, kwargs)
                raise
        if function in ABOUT_VALUES:
            if audience.leave:
                tell_operands(function, (*args, *kwargs.values()))
            refuse_coming_out(function, args, kwargs)
            return function(*plain(args), **{key: plain(value) for key, value in kwargs.items()})
        if function in CHANGING:
            raise TypeError(
                f"{title_of(function)} changes an array in place, and what comes from a Tensor would not be recorded.\n"
                "As a new Tensor: x = x.at[i].set(v), with any index i, also a mask."
            )
        raise TypeError(
            f"{title_of(function)} is not an operation that microgradnn can differentiate.\n"
            "On values alone it works: give it tensor.numpy(). Or write it as an Op: one forward, one vjp per input."
        )

    # Display

    def __repr__(self) -> str:
        return tensor_text(self)

    def _repr_html_(self) -> str | None:
        """What a notebook shows: values and gradient as a table, or as coloured cells."""
        return tensor_html(self)


def _as_array(data, dtype, copy):
    if isinstance(data, Node):
        data = data.data
    if hasattr(data, "__array_function__") and not isinstance(data, np.ndarray):
        return data if dtype is None else data.astype(dtype)
    if isinstance(data, np.ndarray):
        refuse_mask(data)
    array = np.array(data, dtype) if copy else np.asarray(data, dtype)
    if array.dtype.kind not in "biufc":
        kind = "" if array.dtype == object else f", of dtype {array.dtype}"
        raise TypeError(f"A Tensor holds numbers; it was given {data!r}{kind}.")
    if dtype is None and array.dtype.kind in "iu" and not isinstance(data, (np.ndarray, np.generic)):
        array = array.astype(np.float64)
    return array


def operation(*numpy_functions: Callable[..., Any] | None, method: bool = False) -> Callable[[Function], Function]:
    """Enter a public function in the table of operations, and let these NumPy functions call it for Tensors.

    What this version of NumPy lacks is None. With `method`, it is one of Tensor's methods too: tanh(x) and x.tanh().
    """

    def enter(function: Function) -> Function:
        OPERATIONS[function.__name__] = function
        if method:
            setattr(Tensor, function.__name__, function)
        return called_by(*numpy_functions)(function)

    return enter


def called_by(*numpy_functions: Callable[..., Any] | None) -> Callable[[Function], Function]:
    """Let these NumPy functions call a function for Tensors, under whatever name."""

    def enter(function: Function) -> Function:
        for numpy_function in numpy_functions:
            if numpy_function is not None:
                NUMPY_FUNCTIONS[numpy_function] = function
        return function

    return enter


put_names(Tensor, METHODS, "A Tensor")
tell_pydevd()
