"""Early stopping: when a training ends, and which parameters come back."""

import numpy as np
import pytest
from trainings import Falling, stopped

from microgradnn import EarlyStopping, Tensor, fit, optim


def test_early_stopping():
    """Training ends after `patience` epochs without a better loss, and the best epoch's parameters come back."""
    history, stop, w = stopped([5, 4, 3, 3, 3.5, 2], patience=2)
    assert history["loss"] == [5, 4, 3, 3, 3.5]
    assert history.ended == "after epoch 5, no better for 2"
    assert (stop.best, stop.best_epoch, history.best_epoch) == (3, 3, 3)
    assert w == 3


def test_early_stopping_without_restoring():
    """On request the parameters stay those of the last epoch."""
    assert stopped([5, 4, 3, 3, 3.5, 2], patience=2, restore_best=False)[2] == 5


def test_early_stopping_with_min_delta():
    """Progress smaller than min_delta is none."""
    history, stop, w = stopped([5, 4.9, 4.8, 4], patience=2, min_delta=0.5)
    assert history.epochs == 3
    assert (stop.best_epoch, w) == (1, 1)


def test_the_best_comes_back_without_an_early_stop():
    """Where training goes on to its last epoch, the best epoch's parameters come back as well."""
    history, _, w = stopped([5, 3, 4], patience=2)
    assert history.ended is None
    assert w == 2


def test_a_loss_that_is_nan_is_never_better():
    """A training whose loss is NaN ends when patience does; with nothing better than nothing, nothing is restored."""
    history, stop, w = stopped([np.nan, np.nan, np.nan], patience=2)
    assert history.epochs == 2
    assert (stop.best_epoch, history.best_epoch, w) == (0, None, 2)


def test_an_early_stopping_begins_anew():
    """Used in a second training, early stopping knows nothing of the first."""
    stop, X = EarlyStopping(2), np.ones((1, 1))
    for values in ([1, 2, 3], [9, 8, 7]):
        w = Tensor([0.0], requires_grad=True)
        descent = optim.SGD([w], lr=1)
        fit(lambda x, w=w: x * w, Falling(values), descent, X, X, epochs=3, shuffle=False, stop=stop, progress=False)
    assert (stop.best, stop.best_epoch) == (7, 3)


def test_patience_of_nothing():
    """Early stopping without patience is refused."""
    with pytest.raises(ValueError, match=r"^EarlyStopping waits for a number of epochs, at least 1; patience is 0\.$"):
        EarlyStopping(patience=0)
