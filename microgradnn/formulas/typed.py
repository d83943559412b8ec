"""Names where a user types them: a tensor is understood by its name, such as 0.W, and by the label that is shown, W⁽¹⁾."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..graph import Node, birth_of
from .labels import label_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Typed(NamedTuple):
    """What a user has typed, as Python reads it. See `as_python`."""

    python: str
    names: dict[str, Any]
    called: dict[str, str]  # identifier in it -> what was typed

    def value(self) -> Any:
        """Its value; it may raise anything."""
        return eval(self.python, dict(self.names))  # noqa: S307 - the user's own program, and its prompt

    def as_typed(self, text: str) -> str:
        """A part of it as it was typed."""
        for identifier, name in self.called.items():
            text = text.replace(identifier, name)
        return text


def named_nodes(nodes: Iterable[Node]) -> dict[str, Node]:
    """Tensors by what a user may call them: by name and, where another is shown, by label; of those called alike the youngest.

    >>> import numpy as np
    >>> from microgradnn import Tensor, nn
    >>> network = nn.Sequential(nn.Linear(2, 1, rng=np.random.default_rng(0)))
    >>> list(named_nodes([*network.parameters(), Tensor(2.0, name="x"), Tensor(3.0)]))
    ['0.W', 'W⁽¹⁾', '0.b', 'b⁽¹⁾', 'x']
    """
    found: dict[str, Node] = {}
    for node in sorted(nodes, key=birth_of):
        if node.name:  # a number has none
            found[node.name] = found[label_of(node.name)] = node
    return found


def as_python(expression: str, nodes: Mapping[str, Node], variables: Mapping[str, Any]) -> Typed:
    """An expression in which tensors are called by names that Python cannot read: 0.W, or W⁽¹⁾.

    Parameters
    ----------
    expression : str
    nodes : dict of str to Tensor
        The tensors, by name and label.
    variables : dict
        Those of the program, which come first: `hidden.W` is the attribute of a variable `hidden`, if it has one.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> network = nn.Sequential(nn.Linear(2, 1, rng=np.random.default_rng(0)))
    >>> typed = as_python("0.W * 2 + W⁽¹⁾", named_nodes(network.parameters()), {})
    >>> typed.python, typed.value().shape
    ('tensor_2 * 2 + tensor_0', (2, 1))
    """
    names, called = {**nodes, **variables}, {}
    strange = [name for name in nodes if not name.isidentifier() and not leads_on(name, variables)]
    for i, name in enumerate(sorted(strange, key=len, reverse=True)):
        typed = re.compile(rf"(?<![\w.]){re.escape(name)}(?![\w⁽])")
        if typed.search(expression):
            identifier = f"tensor_{i}"
            expression, called[identifier], names[identifier] = typed.sub(identifier, expression), name, nodes[name]
    return Typed(expression, names, called)


def leads_on(path, variables):
    """Whether a path, such as hidden.W, leads from a variable of the program to an attribute.

    >>> leads_on("hidden.real", {"hidden": 1}), leads_on("hidden.W", {"hidden": 1}), leads_on("0.W", {})
    (True, False, False)
    """
    first, *attributes = path.split(".")
    if first not in variables:
        return False
    value = variables[first]
    for name in attributes:
        value = getattr(value, name, None)
    return value is not None
