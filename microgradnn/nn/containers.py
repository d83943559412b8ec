"""Networks made of layers: Sequential, one after the other and counted (2.W is W⁽²⁾), and MLP, the multilayer perceptron."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from ..formulas.labels import Labelled, layer_label, within
from ..ops import tanh
from .init import xavier_normal
from .layers import Linear
from .module import Module
from .randomness import random_generator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from ..annotations import Initialiser, Operand, Seed
    from ..tensor import Tensor


class Sequential(Module):
    """Layers one after the other: the output of each is the input of the next.

    Parameters
    ----------
    *layers : Module or function
        Modules, or functions of a Tensor such as `microgradnn.tanh`. They are called 0, 1, 2, ...
    **named_layers : Module or function
        More of them, by name. Their parameters are called by it: hidden.W.

    Raises
    ------
    TypeError
        If one of them cannot be called with a Tensor.
    ValueError
        If a name is that of a method.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn, tanh
    >>> rng = np.random.default_rng(0)
    >>> network = nn.Sequential(hidden=nn.Linear(3, 4, rng=rng), bend=tanh, out=nn.Linear(4, 1, rng=rng))
    >>> network
    Sequential(
      (hidden): Linear(3, 4)  16
      (bend): tanh
      (out): Linear(4, 1)      5
    )                         21 parameters
    >>> network(np.ones((5, 3))).shape
    (5, 1)
    >>> network[0] is network.hidden, len(network)
    (True, 3)
    """

    has_own_numbers = False  # functions of its user's may be in it

    def __init__(self, *layers: Callable[[Tensor], Tensor], **named_layers: Callable[[Tensor], Tensor]) -> None:
        named_layers = {**{str(i): layer for i, layer in enumerate(layers)}, **named_layers}
        for name, layer in named_layers.items():
            refuse_no_layer("Sequential", name, layer)
        self.names = tuple(named_layers)
        trained = [name for name, layer in named_layers.items() if isinstance(layer, Module) and any(layer.named_parameters())]
        self._numbers = {name: trained.index(name) + 1 for name in trained if name.isdecimal()}
        for name, layer in named_layers.items():
            refuse_taken(self, name)
            setattr(self, name, layer)

    def _name_within(self, path, name):
        """What belongs to a layer without a name of its own is shown with its number: 2.W as W⁽²⁾, as people count layers."""
        number = self._numbers.get(path)
        return Labelled(f"{path}.{name}", layer_label(name, number)) if number and "." not in name else within(path, name)

    def forward(self, x: Operand) -> Tensor:
        """x, gone through all layers."""
        for layer in self:
            x = layer(x)
        return x  # type: ignore[return-value]  # of no layers, x itself

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # layers by name, which no checker can know

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[Any]:
        return (getattr(self, name) for name in self.names)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequential: ...
    def __getitem__(self, index):
        """One layer, by position; of a slice, a Sequential of these layers, which are the same and not copies."""
        if isinstance(index, slice):
            return Sequential(**{name: getattr(self, name) for name in self.names[index]})
        return getattr(self, self.names[index])


class MLP(Module):
    """A multilayer perceptron: linear layers with an activation after each but the last.

    Formulas and pictures call what comes out of the hidden layers h (h1, h2, ... if there are several) and the output o,
    and parameters by their layer: hidden.W (hidden1.W, ...) and out.W.

    Parameters
    ----------
    sizes : sequence of int
        How many inputs, how many units in each hidden layer, how many outputs.
    activation : Module or function, optional
        What bends between the layers; tanh if not given.
    output_activation : Module or function, optional
        What the output goes through; nothing if not given.
    rng : numpy.random.Generator or int, optional
        Where the weights come from.
    init : callable, optional
        How: a function of `nn.init`.
    names : sequence of str, optional
        What to call the layers, in place of hidden1, hidden2, ..., out.

    Raises
    ------
    ValueError
        If there are fewer than two sizes, or not as many names as layers.
    TypeError
        If the sizes are no sequence, `rng` is neither a generator nor a seed, or an activation cannot be called with a Tensor.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn, relu
    >>> network = nn.MLP([64, 32, 10], activation=relu, rng=np.random.default_rng(0))
    >>> network
    MLP(
      (activation): relu
      (hidden): Linear(64, 32)  2,080
      (out): Linear(32, 10)       330
    )                           2,410 parameters
    >>> o = network(np.ones((5, 64)))
    >>> o.shape, o.name
    ((5, 10), 'o')
    """

    has_own_numbers = False  # functions of its user's may be in it

    def __init__(
        self,
        sizes: Iterable[int],
        activation: Callable[[Tensor], Tensor] = tanh,
        output_activation: Callable[[Tensor], Tensor] | None = None,
        *,
        rng: Seed = None,
        init: Initialiser = xavier_normal,
        names: Iterable[str] | None = None,
    ) -> None:
        if not hasattr(sizes, "__iter__"):
            raise TypeError(f"MLP takes all sizes as one list, MLP([3, 4, 1], rng=...); it was given {sizes!r} first.")
        sizes = list(sizes)
        if len(sizes) < 2:
            raise ValueError(f"MLP: sizes are those of the inputs, the hidden layers and the outputs: [2, 8, 1]; not {sizes}.")
        hidden = numbered(len(sizes) - 2)
        names = [*(f"hidden{i}" for i in hidden), "out"] if names is None else list(names)
        if len(names) != len(sizes) - 1:
            raise ValueError(f"MLP: sizes {sizes} make {len(sizes) - 1} layers, but there are {len(names)} names: {names}.")
        refuse_no_layer("MLP", "activation", activation)
        if output_activation is not None:
            refuse_no_layer("MLP", "output_activation", output_activation)
        rng = random_generator(rng)  # of a seed one for all layers
        self.activation, self.output_activation, self.names = activation, output_activation, tuple(names)
        self.outputs = tuple(f"h{i}" for i in hidden)  # what comes out of the hidden layers is called
        for name, inputs, outputs in zip(names, sizes[:-1], sizes[1:], strict=True):
            refuse_taken(self, name)
            setattr(self, name, Linear(inputs, outputs, rng=rng, init=init))

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # layers by name, which no checker can know

    def forward(self, x: Operand) -> Tensor:
        """The network's output, of shape (..., outputs), for x of shape (..., inputs)."""
        *hidden, out = self.names
        for layer, name in zip(hidden, self.outputs, strict=True):
            x = self.activation(getattr(self, layer)(x)).named(name)
        o = getattr(self, out)(x)
        return (o if self.output_activation is None else self.output_activation(o)).named("o")


def numbered(count):
    """What tells several things apart: nothing if there is one, else their numbers.

    >>> numbered(1), numbered(2)
    ([''], [1, 2])
    """
    return [""] if count == 1 else list(range(1, count + 1))


def refuse_taken(module, name):
    """Raise ValueError if a module has another attribute of this name."""
    if hasattr(module, name):
        raise ValueError(f"{type(module).__name__}: no layer can be called {name!r}, which is taken; choose another name.")


def refuse_no_layer(where, name, layer):
    """Raise TypeError unless something is a module, or a function and not a class."""
    if isinstance(layer, type):
        raise TypeError(f"{where}: {name} is the class {layer.__name__}; make one of it: {layer.__name__}(...).")
    if isinstance(layer, str):
        raise TypeError(
            f"{where}: {name} is the text {layer!r}; give the function itself, microgradnn.{layer}, or a layer of nn."
        )
    if not callable(layer):
        raise TypeError(f"{where}: {name} is a module or a function of a Tensor, such as tanh or nn.Tanh(); not {layer!r}.")
