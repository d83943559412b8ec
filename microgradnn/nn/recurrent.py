"""Recurrent layers: cells that go one step in time, RNN, LSTM and GRU, and layers that go along a sequence with them.

A cell is a few matrix products and activations, so its gates are explained and drawn as any other operation. The layouts are
ours, x W, and the gates stand in PyTorch's order, one block of columns after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import one_of
from ..graph import shape_of
from ..ops import relu, sigmoid, stack, tanh
from ..tensor import Tensor
from .module import Module
from .randomness import random_generator
from .shapes import refuse_shape
from .tree import arguments

if TYPE_CHECKING:
    from ..annotations import Operand, Seed

BENDS = {"tanh": tanh, "relu": relu}


class _Cell(Module):
    """What cells have in common: weights of the input and of the state, for each of their gates."""

    gates = 1

    def __init__(self, inputs: int, units: int, bias: bool = True, *, rng: Seed = None) -> None:
        rng, bound = random_generator(rng), 1 / np.sqrt(units)
        self.units = units
        self.Wx = Tensor(rng.uniform(-bound, bound, (inputs, self.gates * units)), requires_grad=True)
        self.Wh = Tensor(rng.uniform(-bound, bound, (units, self.gates * units)), requires_grad=True)
        self.b = Tensor(np.zeros(self.gates * units), requires_grad=True) if bias else None

    def check_input(self, x: Operand, *_: Any, **__: Any) -> None:
        """Refuse an input whose last axis is not as long as the first of Wx."""
        if shape_of(x)[-1:] != self.Wx.shape[:1]:
            refuse_shape(self, x, "...", self.Wx.shape[0])

    def beginning(self, x: Operand, name: str = "h0") -> Any:
        """The state before the first step: zeros."""
        return Tensor(np.zeros((*shape_of(x)[:-1], self.units), self.Wx.dtype), name=name)

    def weighted(self, x: Operand, h: Tensor) -> Any:
        """What all gates are given: x Wx + h Wh + b."""
        z = x @ self.Wx + h @ self.Wh
        return z if self.b is None else z + self.b

    def gate(self, z: Any, i: int) -> Any:
        """The i-th gate's part of the columns."""
        return z[..., i * self.units : (i + 1) * self.units]

    def extra_repr(self) -> str:
        """How many inputs and units."""
        return arguments(self.Wx.shape[0], self.units, bias=(self.b is not None, True))


class RNNCell(_Cell):
    """h′ = tanh(x Wx + h Wh + b): one step of a recurrent network (Elman, 1990, "Finding structure in time").

    Parameters
    ----------
    inputs, units : int
        How many numbers a step gets, and how many the state has. Wx has the shape (inputs, units), Wh (units, units).
    bias : bool, optional
        Whether there is a b, which begins at 0.
    nonlinearity : {"tanh", "relu"}, optional
    rng : numpy.random.Generator or int, optional
        Where the weights come from: uniform between ±1/√units, as in PyTorch.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> cell, h = nn.RNNCell(3, 5, rng=0), None
    >>> for x in np.ones((4, 2, 3)):  # four steps of two samples
    ...     h = cell(x, h)
    >>> h.shape
    (2, 5)
    """

    def __init__(self, inputs: int, units: int, bias: bool = True, nonlinearity: str = "tanh", *, rng: Seed = None) -> None:
        self.nonlinearity = one_of(BENDS, nonlinearity, "nonlinearity")
        super().__init__(inputs, units, bias, rng=rng)

    def forward(self, x: Operand, h: Tensor | None = None) -> Tensor:
        """The next state, of shape (..., units); without h it begins at 0."""
        h = self.beginning(x) if h is None else h
        return BENDS[self.nonlinearity](self.weighted(x, h))


class LSTMCell(_Cell):
    """A step of a long short-term memory: gates decide what its memory c forgets, takes in and shows.

        i, f, o = σ(x Wx + h Wh + b), each of its own columns        g = tanh(...)
        c′ = f ⊙ c + i ⊙ g            h′ = o ⊙ tanh(c′)

    Source: Hochreiter and Schmidhuber, Long short-term memory (1997); Gers, Schmidhuber and Cummins (2000) for f. The columns
    are those of i, f, g, o, in this order.

    Parameters
    ----------
    inputs, units, bias, rng
        As for `RNNCell`; Wx has the shape (inputs, 4 units), Wh (units, 4 units).

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> h, c = nn.LSTMCell(3, 5, rng=0)(np.ones((2, 3)))
    >>> h.shape, c.shape
    ((2, 5), (2, 5))
    """

    gates = 4

    def forward(self, x: Operand, state: tuple[Tensor, Tensor] | None = None) -> Any:
        """(h, c) after the step; without a state both begin at 0."""
        h, c = (self.beginning(x), self.beginning(x, "c0")) if state is None else state
        z = self.weighted(x, h)
        i, f, g, o = sigmoid(self.gate(z, 0)), sigmoid(self.gate(z, 1)), tanh(self.gate(z, 2)), sigmoid(self.gate(z, 3))
        c = f * c + i * g
        return o * tanh(c), c


class GRUCell(_Cell):
    """A step of a gated recurrent unit: one gate decides what is new, another how much of the old goes into it.

        r = σ(x Wx + h Wh + b)      z = σ(...), each of its own columns
        n = tanh(x Wx + b + r ⊙ (h Wh + bh))        h′ = (1 − z) ⊙ n + z ⊙ h

    Source: Cho and others, Learning phrase representations using RNN encoder-decoder (2014), with r applied after the product,
    as in PyTorch. The columns are those of r, z, n, in this order.

    Parameters
    ----------
    inputs, units, bias, rng
        As for `RNNCell`; Wx has the shape (inputs, 3 units), Wh (units, 3 units), bh (units,).

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> nn.GRUCell(3, 5, rng=0)(np.ones((2, 3))).shape
    (2, 5)
    """

    gates = 3

    def __init__(self, inputs: int, units: int, bias: bool = True, *, rng: Seed = None) -> None:
        super().__init__(inputs, units, bias, rng=rng)
        self.bh = Tensor(np.zeros(units), requires_grad=True) if bias else None

    def forward(self, x: Operand, h: Tensor | None = None) -> Tensor:
        """The next state, of shape (..., units); without h it begins at 0."""
        h = self.beginning(x) if h is None else h
        from_x, from_h = x @ self.Wx, h @ self.Wh
        from_x = from_x if self.b is None else from_x + self.b
        r = sigmoid(self.gate(from_x, 0) + self.gate(from_h, 0))
        z = sigmoid(self.gate(from_x, 1) + self.gate(from_h, 1))
        old = self.gate(from_h, 2)
        n = tanh(self.gate(from_x, 2) + r * (old if self.bh is None else old + self.bh))
        return (1 - z) * n + z * h


class _Sequence(Module):
    """What goes along a sequence with a cell, or with several, one on top of the other."""

    cell: type[_Cell]

    def __init__(
        self,
        inputs: int,
        units: int,
        layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        *,
        rng: Seed = None,
        **options: Any,
    ) -> None:
        if not layers >= 1:
            raise ValueError(f"{type(self).__name__}: there is one layer or more; layers is {layers!r}.")
        rng = random_generator(rng)
        self.batch_first = batch_first
        self.cells = [self.cell(units if i else inputs, units, bias, rng=rng, **options) for i in range(layers)]

    def check_input(self, x: Operand, *_: Any, **__: Any) -> None:
        """Refuse what is no sequence of such inputs."""
        inputs = self.cells[0].Wx.shape[0]
        if len(shape_of(x)) < 2 or shape_of(x)[-1] != inputs:
            refuse_shape(self, x, *(("n", "time") if self.batch_first else ("time", "n")), inputs)

    def forward(self, x: Operand, state: Any = None) -> Any:
        """(outputs, state): the outputs of the last layer at every step, and the states of all layers after the last.

        x has the shape (time, n, inputs), or (n, time, inputs) with `batch_first`; one sequence alone (time, inputs).
        """
        x = x if isinstance(x, Tensor) else Tensor(x)
        axis = 1 if self.batch_first and len(shape_of(x)) > 2 else 0
        steps = [x[:, t] if axis else x[t] for t in range(shape_of(x)[axis])]
        states = [None] * len(self.cells) if state is None else self.apart(state)
        for i, cell in enumerate(self.cells):
            outputs = []
            for x_t in steps:
                states[i] = cell(x_t, states[i])
                outputs.append(self.shown(states[i]))
            steps = outputs
        return stack(steps, axis=axis), self.together(states)

    def shown(self, state: Any) -> Any:
        """What of a state is the output."""
        return state

    def apart(self, state: Any) -> list[Any]:
        """A given state, of shape (layers, ..., units), as one for each layer."""
        return [state[i] for i in range(len(self.cells))]

    def together(self, states: list[Any]) -> Any:
        """The states of all layers as one, of shape (layers, ..., units)."""
        return stack(states)

    def extra_repr(self) -> str:
        """Inputs, units, and how many layers if there are several."""
        first = self.cells[0]
        options = {
            "layers": (len(self.cells), 1),
            "bias": (first.b is not None, True),
            "batch_first": (self.batch_first, False),
        }
        return arguments(first.Wx.shape[0], first.units, **options)


class RNN(_Sequence):
    """A recurrent network along a sequence: `RNNCell` at every step.

    Parameters
    ----------
    inputs, units : int
    layers : int, optional
        How many, each of which gets the outputs of the one below. Their cells are `cells`.
    bias, nonlinearity, rng
        As for `RNNCell`.
    batch_first : bool, optional
        Whether inputs are (n, time, inputs), not (time, n, inputs), as they are in PyTorch, too, if not told otherwise.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> outputs, h = nn.RNN(3, 5, rng=0)(np.ones((7, 2, 3)))
    >>> outputs.shape, h.shape
    ((7, 2, 5), (1, 2, 5))
    """

    cell = RNNCell


class GRU(_Sequence):
    """A gated recurrent network along a sequence: `GRUCell` at every step. Parameters as for `RNN`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> outputs, h = nn.GRU(3, 5, layers=2, rng=0)(np.ones((7, 2, 3)))
    >>> outputs.shape, h.shape
    ((7, 2, 5), (2, 2, 5))
    """

    cell = GRUCell


class LSTM(_Sequence):
    """A long short-term memory along a sequence: `LSTMCell` at every step. Parameters as for `RNN`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> outputs, (h, c) = nn.LSTM(3, 5, batch_first=True, rng=0)(np.ones((2, 7, 3)))
    >>> outputs.shape, h.shape, c.shape
    ((2, 7, 5), (1, 2, 5), (1, 2, 5))
    """

    cell = LSTMCell

    def shown(self, state: Any) -> Any:
        """h, and not the memory c."""
        return state[0]

    def apart(self, state: Any) -> list[Any]:
        """(h, c) of all layers as one pair for each."""
        h, c = state
        return [(h[i], c[i]) for i in range(len(self.cells))]

    def together(self, states: list[Any]) -> Any:
        """One pair (h, c) of all layers."""
        return stack([h for h, _ in states]), stack([c for _, c in states])
