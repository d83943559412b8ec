"""The types that the annotations of this package are written with. Only type checkers and editors import it.

What is public is annotated. The rules (`forward`, `dx`, ...) are not: they are plain NumPy, and run on whatever speaks its
protocols. A Tensor's `data` and `grad` are annotated as NumPy's arrays, which they mostly are; their shapes and types of
elements are known when a program runs, not before.

Operations take what an `Operand` is and are annotated to return a Tensor. Of arrays and numbers alone they return what
`forward` does, an array or a number. To say that too would take two more signatures for each of them, for a use that NumPy
has its own functions for. The other way round, `np.tanh(tensor)` is a Tensor, but for checkers what NumPy's annotations say,
an array: where they look, write `tanh(tensor)`.
"""

from collections.abc import Callable, Sequence
from os import PathLike
from types import EllipsisType
from typing import Any, Literal, Protocol, SupportsIndex, TypeAlias, TypeVar

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]


class SupportsArray(Protocol):
    """What NumPy takes for an array: its own, its scalars, and those of other libraries."""

    def __array__(self) -> Array: ...


ArrayLike: TypeAlias = SupportsArray | complex | list[Any] | tuple[Any, ...]  # complex includes bool, int and float
Operand: TypeAlias = ArrayLike  # a Tensor is one: it has __array__
Axis: TypeAlias = int | None
Axes: TypeAlias = int | tuple[int, ...] | None
Shape: TypeAlias = tuple[int, ...]
Pair: TypeAlias = int | tuple[int, int]
Index: TypeAlias = SupportsIndex | slice | EllipsisType | SupportsArray | list[Any] | tuple[Any, ...] | None
Widths: TypeAlias = int | Sequence[int] | Sequence[Sequence[int]]
PadMode: TypeAlias = Literal["constant", "edge", "reflect", "symmetric", "wrap"]
Reduction: TypeAlias = Literal["mean", "sum", "none"]
Seed: TypeAlias = Any  # a random generator, a seed of one, or None for one that nobody can foresee (SPEC 7)
Names: TypeAlias = tuple[str | None, str | None]
Initialiser: TypeAlias = Callable[..., Array]
Direction: TypeAlias = Literal["LR", "RL", "TB", "BT"]
Shown: TypeAlias = Literal["shape", "value", "gradient", "arrows", "parameters"]
Theme: TypeAlias = Literal["light", "dark", "print"]
Fold: TypeAlias = Literal["auto", "nothing", "names", "repeats", "meaning", "layers", "modules"]
PictureShape: TypeAlias = Literal["auto", "natural", "slide", "square", "page", "paper"]
Format: TypeAlias = Literal["svg", "png", "pdf"]
FilePath: TypeAlias = str | PathLike[str]
Function = TypeVar("Function", bound=Callable[..., Any])
