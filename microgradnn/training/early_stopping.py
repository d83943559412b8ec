"""Early stopping: when a training ends before its last epoch, and what it keeps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..watching.changes import put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ..tensor import Tensor


class EarlyStopping:
    """When to end a training: if for `patience` epochs the loss was not better than the best before.

    Prechelt (1998), "Early stopping - but when?". Used by `fit`; afterwards `best` and `best_epoch` say what was found.

    Parameters
    ----------
    patience : int, optional
        How many epochs without progress to wait.
    min_delta : float, optional
        By how much a loss must be lower to count as better.
    restore_best : bool, optional
        Whether the network gets back, at the end of the training, what it had learnt in the best epoch.

    Raises
    ------
    ValueError
        If `patience` is not positive.

    Examples
    --------
    >>> from microgradnn import EarlyStopping, Tensor, fit, nn, optim
    >>> w = Tensor(2.0, requires_grad=True)
    >>> too_fast = optim.SGD([w], lr=1.5)  # every step goes twice as far beyond the best w, 0, as it came from
    >>> stop = EarlyStopping(patience=2)
    >>> fit(lambda x: w * x, nn.mse_loss, too_fast, [1.0], [0.0], epochs=9, shuffle=False, stop=stop, progress=False)
    History of 3 epochs (after epoch 3, no better for 2)
    epoch  loss   lr
        1     4  1.5  best
        3    64  1.5
    >>> stop.best_epoch, w.item()
    (1, -4.0)
    """

    best: float
    best_epoch: int
    best_values: Any  # a state_dict, or a list of arrays

    def __init__(self, patience: int = 10, min_delta: float = 0.0, restore_best: bool = True) -> None:
        if patience < 1:
            raise ValueError(f"EarlyStopping waits for a number of epochs, at least 1; patience is {patience}.")
        self.patience, self.min_delta, self.restore_best = patience, min_delta, restore_best
        self.begin()

    def begin(self) -> None:
        """Forget earlier trainings."""
        self.best, self.best_epoch, self.best_values = math.inf, 0, None

    def is_due(self, epoch: int, loss: float, network: Callable[..., Any], parameters: Iterable[Tensor]) -> bool:
        """Take note of an epoch's loss; whether the training should end."""
        if loss < self.best - self.min_delta:
            self.best, self.best_epoch = loss, epoch
            if self.restore_best:
                self.best_values = _values_of(network, parameters)
        return epoch - self.best_epoch >= self.patience

    def restore(self, network: Callable[..., Any], parameters: Iterable[Tensor]) -> None:
        """Put back the values of the best epoch, if they were kept."""
        if self.best_values is not None:
            _put_back(self.best_values, network, parameters)


def _values_of(network, parameters):
    """Copies of all that a network has learnt: of a Module also what is no parameter, such as running means."""
    return network.state_dict() if hasattr(network, "state_dict") else [W.data.copy() for W in parameters]


def _put_back(values, network, parameters):
    if hasattr(network, "load_state_dict"):
        network.load_state_dict(values)
    else:
        put(zip(parameters, values, strict=True))
