"""An operation as a layer: a module without parameters of its own to train, made from a function of a Tensor."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from ..graph import shape_of
from ..watching.calls import numbers_in
from .module import Module
from .shapes import refuse_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ..annotations import Operand
    from ..tensor import Tensor


class OperationLayer(Module):
    """What the layers have in common that only apply an operation, such as Tanh and MaxPool2d.

    A subclass names the operation, and the axes that an input has at least. It takes the operation's parameters except the
    first, which is the input.

    Examples
    --------
    >>> from microgradnn import Tensor, clip
    >>> class Clip(OperationLayer, function=clip):
    ...     "x, kept between two bounds."
    >>> layer = Clip(-1, a_max=1)
    >>> layer
    Clip(a_min=-1, a_max=1)
    >>> layer(Tensor([-3.0, 0.5, 3.0]))
    Tensor([-1. ,  0.5,  1. ])
    """

    function: Callable[..., Tensor]
    axes: tuple[str, ...]
    __signature__: inspect.Signature

    def __init_subclass__(cls, function: Callable[..., Tensor], axes: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.function, cls.axes = staticmethod(function), axes
        _, *options = inspect.signature(function).parameters.values()
        # What help() and messages show: names and defaults.
        cls.__signature__ = inspect.Signature([option.replace(annotation=option.empty) for option in options])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        try:
            self.options = dict(self.__signature__.bind(*args, **kwargs).arguments)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}{self.__signature__}: {error}.") from None

    def numbers_given(self) -> Iterable[Any]:
        """Those among the parameters that were given."""
        return numbers_in(self.options)

    def check_input(self, x: Operand) -> None:
        """Refuse an input with too few axes."""
        if self.axes and len(shape_of(x)) < len(self.axes):
            refuse_shape(self, x, "...", *self.axes)

    def forward(self, x: Operand) -> Tensor:
        """The operation, applied to x."""
        return self.function(x, **self.options)

    def extra_repr(self) -> str:
        """The parameters that were given."""
        return ", ".join(f"{name}={value!r}" for name, value in self.options.items())
