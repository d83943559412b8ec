"""Names for pictures and formulas, without ceremony."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..graph import Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


def name_tensors(variables: Mapping[str, Any]) -> list[str]:
    """Name Tensors by the variables that hold them: `name_tensors(locals())`.

    Parameters
    ----------
    variables : dict of str
        What `locals()` or `vars(self)` gives. A Tensor that has a name keeps it; one that several variables hold gets
        the first of them. Parameters of a Module are named by the path to them. Names that begin with _ are passed over.

    Returns
    -------
    list of str
        The names given.

    Examples
    --------
    >>> from microgradnn import Tensor, name_tensors
    >>> def loss(x):
    ...     square = x * x
    ...     name_tensors(locals())
    ...     return square
    >>> loss(Tensor(3.0))
    Tensor(9., name='square')
    """
    given = []
    for name, value in variables.items():
        found: Iterable[tuple[str, Node]] = []
        if isinstance(value, Node):
            found = [(name, value)]
        elif hasattr(value, "named_parameters") and not isinstance(value, type):  # a Module
            found = value.named_parameters(f"{name}.")
        for path, tensor in found:
            if tensor.name is None and not name.startswith("_"):
                tensor.name = path
                given.append(path)
    return given
