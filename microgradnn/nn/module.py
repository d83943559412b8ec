"""What layers and networks have in common: Tensors, found by attribute and named by path.

A Module also notes its calls in `watching.calls`, as long as their results live, so that a picture can show a layer as one
thing: nodes are born in order, so what was made within a call lies between its first birth and its last.
"""

from __future__ import annotations

import warnings
from itertools import repeat
from operator import setitem
from typing import TYPE_CHECKING

from ..errors.torch_names import ATTRIBUTES, put_names
from ..formulas.labels import within
from ..graph import audience, births, new_node, reachable, tell
from ..tensor import Tensor
from ..watching.calls import calls
from ..watching.changes import all_at_once, set_gradients
from .tree import tree
from .values import arrays_of, fill

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import Any, Self

    from ..annotations import Array, ArrayLike


NO_PARAMETER = (
    "{} is no parameter, and is never trained: it was computed, by {}, from a Tensor that is kept nowhere in the network.\n"
    "Compute the values first: Tensor(0.1 * array, requires_grad=True), or Tensor(tensor.detach(), requires_grad=True)."
)


class Module:
    """A layer or a network: attributes that are Tensors or Modules, alone or in lists and dicts, and a `forward`.

    A Tensor that requires a gradient is a parameter: training changes it. Any other that was computed from nothing is a
    buffer, such as the running mean of BatchNorm: it is saved and loaded with the parameters. What `forward` keeps in
    attributes of its own, to be looked at afterwards, is neither.

    Attributes
    ----------
    training : bool
        Whether layers such as Dropout do what they do in training. `train()` and `eval()` set it.

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

    training: bool = True
    _running = False  # whether forward runs
    _kept: Collection[str] = ()  # the attributes that forward added, of which only parameters and modules are parts
    has_own_numbers = False  # whether all numbers in forward are its own, but for `numbers_given`: so in our layers

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "has_own_numbers" not in cls.__dict__:
            cls.has_own_numbers = cls.__module__.startswith(f"{__package__}.")

    def forward(self, *inputs: Any, **keywords: Any) -> Any:
        """Compute the output; a subclass says how."""
        raise NotImplementedError(f"{type(self).__name__} needs a method forward(self, x)")

    def numbers_given(self) -> Iterable[Any]:
        """The numbers that whoever made a layer of this package has given it, and that `forward` computes with.

        They may be made of the size of a batch, which `unroll` has to know.
        """
        return ()

    def check_input(self, *inputs: Any, **keywords: Any) -> None:
        """Refuse inputs that do not fit, before `forward` computes anything; a subclass may say which."""

    def __call__(self, *inputs: Any, **keywords: Any) -> Tensor:
        if not (len(inputs) == 1 and type(inputs[0]) is Tensor):  # of one Tensor there is nothing to make, as is usual
            inputs = tuple([self._tensor(i, x) if is_plain_array(x) else x for i, x in enumerate(inputs)])
        self.check_input(*inputs, **keywords)
        first, attributes, running = next(births), self.__dict__, self._running  # a module may call itself
        try:
            attributes["_running"] = True
            output = self.forward(*inputs, **keywords)
        finally:
            attributes["_running"] = running
        noted = first
        for made in (output,) if isinstance(output, Tensor) else tensors_of(output):
            if made.op is not None and made.birth > noted:  # not an input, handed through; nor within a call that is noted
                calls[made] = [*calls.get(made, ()), (self, first, made.birth)]
                noted = made.birth
        if audience.call:
            tell(audience.call, self, inputs, output)
        return output

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in ATTRIBUTES or name in vars(self)]

    def _tensor(self, position, array):
        """An array as a Tensor called as in `forward`, so that pictures and formulas show what the network is given."""
        code = getattr(type(self).forward, "__code__", None)
        names = code.co_varnames[1 : code.co_argcount] if code else ()
        tensor = new_node(Tensor, array)
        tensor.name = names[position] if position < len(names) else None
        return tensor

    def __setattr__(self, attribute: str, value: object) -> None:
        """Name a Tensor by the attribute it is kept in, and those of a module within this one by the path to them."""
        if self._running and not _parts(attribute, vars(self).get(attribute)):
            self.__dict__["_kept"] = {*self._kept, attribute}
        elif attribute in self._kept and not self._running:
            self.__dict__["_kept"] = {*self._kept} - {attribute}
        if isinstance(value, (set, frozenset)) and any(isinstance(part, (Module, Tensor)) for part in value):
            raise TypeError(
                f"{type(self).__name__}.{attribute}: a set has no order by which its parts could be named; use a list."
            )
        super().__setattr__(attribute, value)
        self._name(attribute, value)

    def _name(self, attribute, value):
        """Name the Tensors in an attribute that have no path yet."""
        named = self.__dict__.setdefault("_named", {})  # path -> Tensor, those that were named here
        for path, part in _parts(attribute, value):
            if isinstance(part, Module):
                for inner_path, tensor in getattr(part, "_named", {}).items():
                    if tensor.name == inner_path:  # and not a name that the user has given since
                        named[f"{path}.{inner_path}"] = tensor
                        tensor.name = self._name_within(path, tensor.name)
            elif part.name is None:
                named[path] = part
                part.name = path

    def _name_within(self, path, name):
        """What is called by a name in a part of this module is called here."""
        return within(path, name)

    # What is in it

    def named_parts(self) -> Iterator[tuple[str, Module | Tensor]]:
        """Yield (path, Module or Tensor) for what is directly in this one: 'W', 'hidden', of a list 'more.0', 'more.1'."""
        for attribute, value in vars(self).items():
            if attribute in self._kept:
                yield from ((path, part) for path, part in _parts(attribute, value) if getattr(part, "requires_grad", True))
            elif attribute != "_named":
                yield from _parts(attribute, value)

    def _walk(self, prefix="", seen=()):
        """(path, Module or Tensor) for all that is in this module and those within it, each once, in order."""
        seen = seen or {id(self)}
        for path, part in self.named_parts():
            if id(part) not in seen:
                seen.add(id(part))
                yield prefix + path, part
                if isinstance(part, Module):
                    yield from part._walk(f"{prefix}{path}.", seen)

    def named_tensors(self, prefix: str = "") -> dict[str, Tensor]:
        """dict of str to Tensor: the parameters and buffers, by path; each once."""
        found: dict[str, Tensor] = {}
        for path, part in self._walk(prefix):
            if path in found:
                raise ValueError(
                    f"{type(self).__name__} has two parts that are called {path!r}, as keys 1 and '1' of a dict are."
                )
            if isinstance(part, Tensor):
                found[path] = part
        return found

    def children(self) -> Iterator[Module]:
        """Yield the modules directly in this one."""
        return (part for _, part in self.named_parts() if isinstance(part, Module))

    def modules(self) -> Iterator[Module]:
        """Yield this module and all within it, each once.

        Examples
        --------
        >>> from microgradnn import nn
        >>> [type(module).__name__ for module in nn.Sequential(nn.Flatten(), nn.Tanh()).modules()]
        ['Sequential', 'Flatten', 'Tanh']
        """
        yield self
        yield from (part for _, part in self._walk() if isinstance(part, Module))

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        """Yield (path, parameter): 'W' for self.W, 'hidden.W' for self.hidden.W; each parameter once."""
        return ((path, tensor) for path, tensor in self.named_tensors(prefix).items() if tensor.requires_grad)

    def named_buffers(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        """Yield (path, Tensor) for what is saved and not trained: running statistics, frozen parameters; each once."""
        return ((path, tensor) for path, tensor in self.named_tensors(prefix).items() if not tensor.requires_grad)

    def parameters(self) -> list[Tensor]:
        """list of Tensor: all that training changes. Warns of what looks like a parameter and is none."""
        for module in reversed([*self.modules()]):  # parts first; what was appended to a list has no path yet
            for attribute, value in [*vars(module).items()]:
                module._name(attribute, value)
        found = [parameter for _, parameter in self.named_parameters()]
        self._warn_of_no_parameters(found)
        return found

    def _warn_of_no_parameters(self, parameters):
        """Warn of attributes that were computed from a leaf which is no parameter: `Tensor(..., requires_grad=True) * 0.1`."""
        parameters = set(parameters)
        for module in self.modules():
            for attribute, value in vars(module).items():
                computed = [] if attribute in module._kept else _parts(attribute, value, computed=True)
                for path, tensor in computed:
                    if any(node.is_leaf and node not in parameters for node in reachable(tensor)):
                        warnings.warn(NO_PARAMETER.format(f"{type(module).__name__}.{path}", tensor.op), stacklevel=3)

    # What is done to all of it

    def train(self, mode: bool = True) -> Self:
        """Switch this module and all within it to training (or not, with False). Returns the module."""
        all_at_once([(setitem, vars(module), "training", bool(mode)) for module in self.modules()])
        return self

    def eval(self) -> Self:
        """Switch to evaluation mode: Dropout drops nothing, BatchNorm uses its running statistics. Returns the module."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Forget the parameters' gradients."""
        set_gradients([parameter for _, parameter in self.named_parameters()], repeat(None))

    def state_dict(self) -> dict[str, Array]:
        """The values of all parameters and buffers.

        Returns
        -------
        dict of str to numpy.ndarray
            Copies, by path.

        Examples
        --------
        >>> from microgradnn import nn
        >>> nn.BatchNorm(2).state_dict()["running_var"]
        array([1., 1.])
        """
        return arrays_of(self.named_tensors())

    def load_state_dict(self, state: Mapping[str, ArrayLike]) -> None:
        """Take over the values of all parameters and buffers; the Tensors stay the same, so optimisers keep them.

        Parameters
        ----------
        state : dict of str to array
            What `state_dict` returned, for a network that is built alike.

        Raises
        ------
        ValueError
            If names, shapes or dtypes differ; the message lists all differences, and nothing has been changed.
        """
        fill(self.named_tensors(), state, what="The state", where="the state")

    def extra_repr(self) -> str:
        """What stands between the parentheses when the module is printed; a subclass says more, as in PyTorch."""
        return ""

    def signature(self) -> str:
        """str: the class with what it was made with, such as 'Linear(64, 10)'."""
        return f"{type(self).__name__}({self.extra_repr()})"

    def __repr__(self) -> str:
        return tree(self)


def tensors_of(outputs):
    """The Tensors in a tuple of outputs, also in tuples in it, such as a state (h, c)."""
    if not isinstance(outputs, tuple):
        return (outputs,) if isinstance(outputs, Tensor) else ()
    return [tensor for part in outputs for tensor in tensors_of(part)]


def is_plain_array(x):
    """Whether an input is an array, NumPy's or another library's, and no Tensor."""
    return not isinstance(x, Tensor) and hasattr(x, "__array_function__")


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
        for path, inner in outer.module.named_parts():
            if inner is call.module:
                return f"{path}: {kind}"
    return kind


def _parts(path, value, computed=False):
    """The modules and leaf Tensors in an attribute, with their paths: itself, or those in lists and dicts, however deep.

    With `computed`, those Tensors in its place that require a gradient and are no leaves.
    """
    if isinstance(value, (Module, Tensor)):
        wanted = isinstance(value, Tensor) and value.op is not None if computed else isinstance(value, Module) or value.is_leaf
        return [(path, value)] if wanted else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else ()
    return [found for key, item in items for found in _parts(f"{path}.{key}", item, computed)]


put_names(Module, ATTRIBUTES)
