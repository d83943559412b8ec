"""What layers and networks have in common: parameters, found by attribute and named by path.

A Module also remembers its calls, as long as their results live, so that a picture can show a layer as one thing: nodes
are born in order, so what was made within a call lies between its first birth and its last.
"""

import weakref
from typing import NamedTuple

from ..graph import births
from ..tensor import Tensor


class Module:
    """A layer or a network: attributes that are Tensors requiring a gradient, or Modules, and a `forward`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> class Scale(nn.Module):
    ...     def __init__(self):
    ...         self.factor = Tensor(2.0, requires_grad=True)
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> network = Scale()
    >>> network(Tensor([1.0, 2.0]))
    Tensor([2., 4.], op=multiply)
    >>> [name for name, parameter in network.named_parameters()]
    ['factor']
    """

    def forward(self, x):
        """Compute the output; a subclass says how."""
        raise NotImplementedError(f"{type(self).__name__} needs a method forward(self, x)")

    def __call__(self, *inputs):
        first = next(births)
        output = self.forward(*inputs)
        if isinstance(output, Tensor) and output.op is not None:
            _remember(Call(self, first, output.birth), output)
        return output

    def __setattr__(self, attribute, value):
        """Name a parameter by the attribute it is kept in, and those of a module within this one by the path to them."""
        super().__setattr__(attribute, value)
        named = self.__dict__.setdefault("_named", {})  # path -> parameter, those that were named here
        if _is_parameter(value) and value.name is None:
            named[attribute] = value
            value.name = attribute
        for i, inner in _modules_in(value):
            within = attribute if i is None else f"{attribute}.{i}"
            for path, parameter in inner._named.items():
                if parameter.name == path:  # and not a name that the user has given since
                    named[f"{within}.{path}"] = parameter
                    parameter.name = f"{within}.{path}"

    def named_parameters(self, prefix=""):
        """Yield (path, parameter): 'W' for self.W, 'hidden.W' for self.hidden.W; each parameter once."""
        seen = set()
        for path, parameter in self._find(prefix):
            if parameter not in seen:
                seen.add(parameter)
                yield path, parameter

    def _find(self, prefix):
        for attribute, value in vars(self).items():
            if _is_parameter(value):
                yield prefix + attribute, value
            for i, inner in _modules_in(value):
                yield from inner._find(f"{prefix}{attribute}." if i is None else f"{prefix}{attribute}.{i}.")

    def parameters(self):
        """list of Tensor: all that training changes."""
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self):
        """Forget the parameters' gradients."""
        for parameter in self.parameters():
            parameter.grad = None


class Call(NamedTuple):
    """One call of a module: its nodes are those born from `first` to `last`, which is its output."""

    module: Module
    first: int
    last: int

    def contains(self, node):
        """Whether a node was made within the call."""
        return self.first < node.birth <= self.last

    def own_parameters(self):
        """set of Tensor: those that the module keeps itself, and not in a module within it."""
        return {value for value in vars(self.module).values() if _is_parameter(value)}


_calls = {}  # birth of an output -> the calls that returned it, inner ones first; gone when the output is


def _remember(call, output):
    if call.last not in _calls:
        _calls[call.last] = []
        weakref.finalize(output, _calls.pop, call.last, None).atexit = False
    _calls[call.last].append(call)


def calls_of(node):
    """The calls of modules that returned this node, inner ones first."""
    return _calls.get(node.birth, ())


def title_of(call, outer):
    """How a picture calls a module: by its class, and by where the module around it keeps it.

    Parameters
    ----------
    call : Call
    outer : Call or None
        The call of the module around it.
    """
    kind = type(call.module).__name__
    if outer is not None:
        for attribute, value in vars(outer.module).items():
            for i, inner in _modules_in(value):
                if inner is call.module:
                    return f"{attribute}: {kind}" if i is None else f"{attribute}.{i}: {kind}"
    return kind


def _is_parameter(value):
    return isinstance(value, Tensor) and value.is_leaf and value.requires_grad


def _modules_in(value):
    """The modules in an attribute: itself, or those in a list, with their position."""
    if isinstance(value, Module):
        return [(None, value)]
    if isinstance(value, (list, tuple)):
        return [(i, item) for i, item in enumerate(value) if isinstance(item, Module)]
    return []
