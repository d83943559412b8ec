"""Training: mini-batches, one function that fits a network to data, and what it tells of it.

`fit` is the loop that everybody writes by hand (predict, loss, zero_grad, backward, step), with an account of each epoch.
Write your own as soon as it does not suit.
"""

from __future__ import annotations

import math
import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import numpy as np

from .graph import Node, no_grad, values_of
from .nn.init import _generator
from .optim import clip_grad_norm_
from .tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from .annotations import Array, ArrayLike, Operand
    from .optim import Optimiser, Schedule


def batches(*arrays: Operand, size: int = 32, rng: np.random.Generator | None = None) -> Iterator[tuple[Any, ...]]:
    """Mini-batches: the samples in groups of `size`, each sample once. The last group may be smaller.

    Parameters
    ----------
    *arrays : array or Tensor
        Of equal length; the first axis counts the samples.
    size : int, optional
        How many samples a batch has.
    rng : numpy.random.Generator, optional
        Shuffles the samples, anew at each call; without it they come in order.

    Returns
    -------
    iterator of tuple
        A part of each array, those of the same samples together; of Dask's arrays, computed when its turn comes.

    Raises
    ------
    ValueError
        If the lengths differ, or `size` is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import batches
    >>> X, y = np.arange(10).reshape(5, 2), np.arange(5)
    >>> for x, t in batches(X, y, size=2, rng=np.random.default_rng(0)):
    ...     print(x.tolist(), t)
    [[4, 5], [8, 9]] [2 4]
    [[6, 7], [0, 1]] [3 0]
    [[2, 3]] [1]
    """
    given: list[Any] = [x if isinstance(x, Node) or hasattr(x, "__array_function__") else np.asarray(x) for x in arrays]
    shapes = [x.shape for x in given]
    if () in shapes or len({shape[0] for shape in shapes}) != 1:
        raise ValueError(
            f"batches takes arrays of equally many samples, counted along the first axis; these have the shapes "
            f"{', '.join(map(str, shapes)) or 'of nothing: none were given'}."
        )
    if size < 1:
        raise ValueError(f"A batch has at least one sample; size is {size}.")
    samples = shapes[0][0]
    order = None if rng is None else _generator(rng).permutation(samples)

    def groups():
        for start in range(0, samples, size):
            chosen = slice(start, start + size)
            parts = [x[chosen if order is None else order[chosen]] for x in given]
            yield tuple(part.compute() if hasattr(part, "compute") else part for part in parts)

    return groups()


def fit(
    network: Callable[..., Any],
    loss: Callable[..., Tensor],
    optimiser: Optimiser,
    X: ArrayLike,
    y: ArrayLike,
    *,
    epochs: int,
    rng: np.random.Generator | None,
    batch_size: int = 32,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    schedule: Schedule | None = None,
    clip: float | None = None,
    stop: EarlyStopping | None = None,
    metrics: Mapping[str, Callable[..., float]] | None = None,
    progress: bool = True,
) -> History:
    """Train a network: in every epoch each sample once, in batches, one step of the optimiser a batch.

    The network is in training mode for that, and afterwards in evaluation mode (`train()`, `eval()`, if it has them).
    The same generator state gives the same network, to the last bit. Ctrl-C, or a notebook's stop button, ends the training
    like a last epoch: what was learnt and recorded so far is kept.

    Parameters
    ----------
    network : Module or callable
        Makes predictions of a Tensor of inputs.
    loss : callable
        loss(prediction, target), one number: the mean over a batch, such as `nn.cross_entropy`.
    optimiser : Optimiser
        Over the network's parameters.
    X, y : array
        Inputs and targets, of equally many samples.
    epochs : int
    rng : numpy.random.Generator or None
        Shuffles the samples in every epoch; None leaves them in order.
    batch_size : int, optional
    validation : tuple of array, optional
        Inputs and targets that nothing is learnt from, to judge by after each epoch.
    schedule : Schedule, optional
        Stepped after each epoch.
    clip : float, optional
        The largest norm of all gradients together (`optim.clip_grad_norm_`).
    stop : EarlyStopping, optional
        Ends the training when the loss gets no better: that of the validation, if there is any.
    metrics : dict of str to callable, optional
        Further figures by name, each metric(prediction, target) on arrays, such as `training.accuracy`; averaged over the
        samples.
    progress : bool, optional
        Whether to show a progress bar, if tqdm is installed.

    Returns
    -------
    History
        The figures of each epoch. Those of the training samples are averages over the batches as they were learnt from.

    Raises
    ------
    TypeError
        If network, loss and optimiser are not given in this order, or the loss gives no Tensor.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import fit, nn, optim
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(100, 1))
    >>> network = nn.Linear(1, 1, rng=rng)
    >>> descent = optim.SGD(network.parameters(), lr=0.1)
    >>> history = fit(network, nn.mse_loss, descent, X, 3 * X - 1, epochs=20, rng=rng, progress=False)
    >>> round(network.W.item(), 3), round(network.b.item(), 3)
    (3.0, -1.0)
    """
    if not callable(network) or not callable(loss) or not hasattr(optimiser, "step"):
        given = ", ".join(getattr(x, "__name__", type(x).__name__) for x in (network, loss, optimiser))
        raise TypeError(f"fit takes a network, a loss and an optimiser, in this order; it was given {given}.")
    metrics, history, epoch = metrics or {}, History(), 0
    watched = "loss" if validation is None else "validation_loss"
    if stop is not None:
        stop.begin()
    try:
        with _progress_bar(epochs, progress) as show:
            for epoch in range(1, epochs + 1):
                figures = _train_epoch(network, loss, optimiser, batches(X, y, size=batch_size, rng=rng), clip, metrics)
                if validation is not None:
                    judged = evaluate(network, loss, *validation, batch_size=batch_size, metrics=metrics)
                    figures |= {f"validation_{name}": figure for name, figure in judged.items()}
                history.append({**figures, "lr": optimiser.lr})
                show(figures)
                if schedule is not None:
                    schedule.step()
                if stop is not None and stop.is_due(epoch, figures[watched], network, optimiser.parameters):
                    history.ended = f"after epoch {epoch}, no better for {stop.patience}"
                    break
    except KeyboardInterrupt:
        history.ended = f"interrupted in epoch {epoch}"
    if stop is not None:
        stop.restore(network, optimiser.parameters)
    _set_mode(network, training=False)
    return history


def _train_epoch(network, loss, optimiser, pairs, clip, metrics):
    """One step for each batch; returns the mean figures."""
    _set_mode(network, training=True)
    seen = []
    for x, target in pairs:
        prediction = network(Tensor(x))
        L = loss(prediction, target)
        if not isinstance(L, Node):
            raise TypeError(
                f"fit: the loss gave a {type(L).__name__}, not a Tensor.\n"
                "Compute it from the prediction, with operations of microgradnn, and without .numpy() or float()."
            )
        optimiser.zero_grad()
        L.backward()
        if clip is not None:
            clip_grad_norm_(optimiser.parameters, clip)
        optimiser.step()
        seen.append((len(x), _figures(L, prediction, target, metrics)))
    return _mean_over_samples(seen)


def evaluate(
    network: Callable[..., Any],
    loss: Callable[..., Tensor],
    X: ArrayLike,
    y: ArrayLike,
    *,
    batch_size: int = 256,
    metrics: Mapping[str, Callable[..., float]] | None = None,
) -> dict[str, float]:
    """The loss and metrics of a network on data, without learning from it. The network is left in evaluation mode.

    Parameters
    ----------
    network, loss, X, y, batch_size, metrics
        As for `fit`.

    Returns
    -------
    dict of str to float
        "loss", and each metric by its name.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn
    >>> from microgradnn.training import accuracy, evaluate
    >>> logits, y = np.log([[0.5, 0.5], [0.75, 0.25]]), np.array([1, 0])
    >>> figures = evaluate(lambda x: x, nn.cross_entropy, logits, y, metrics={"accuracy": accuracy})
    >>> {name: round(figure, 4) for name, figure in figures.items()}
    {'loss': 0.4904, 'accuracy': 0.5}
    """
    _set_mode(network, training=False)
    seen = []
    with no_grad():
        for x, target in batches(X, y, size=batch_size):
            prediction = network(Tensor(x))
            seen.append((len(x), _figures(loss(prediction, target), prediction, target, metrics or {})))
    return _mean_over_samples(seen)


def accuracy(prediction: ArrayLike, target: ArrayLike) -> float:
    """The share of samples whose largest prediction is the right class.

    Parameters
    ----------
    prediction : array
        Of shape (samples, classes): logits or probabilities.
    target : array
        The right classes, of shape (samples,), or 0–1 coded in the prediction's shape.

    Raises
    ------
    ValueError
        If there are fewer than two classes, or the shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn.training import accuracy
    >>> accuracy(np.array([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0], [5.0, 0.0]]), np.array([0, 1, 1, 0]))
    0.75
    """
    if np.ndim(prediction) < 2 or np.shape(prediction)[-1] < 2:
        raise ValueError(
            f"accuracy: predictions of shape {np.shape(prediction)} have not one number for each of two or more classes.\n"
            "Of one probability a sample, the share that is right is np.mean((prediction > 0.5) == target); of a logit, > 0."
        )
    if np.shape(target) == np.shape(prediction):
        target = np.argmax(target, axis=-1)
    right = np.argmax(prediction, axis=-1)
    if right.shape != np.shape(target):
        raise ValueError(
            f"accuracy: predictions of shape {np.shape(prediction)} do not fit a target of shape {np.shape(target)}."
        )
    return float(np.mean(right == target))


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
    >>> fit(lambda x: w * x, nn.mse_loss, too_fast, [1.0], [0.0], epochs=9, rng=None, stop=stop, progress=False)
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


class History(dict[str, list[float]]):
    """The figures of a training: for each name ("loss", "validation_loss", "lr", ...) a list with one number an epoch.

    It is a dict, so `pandas.DataFrame(history)` is a table. `ended` says why the training ended before its last epoch.

    Examples
    --------
    >>> from microgradnn.training import History
    >>> history = History()
    >>> for loss in 0.5, 0.25, 0.375:
    ...     history.append({"loss": loss, "lr": 0.1})
    >>> history["loss"]
    [0.5, 0.25, 0.375]
    >>> history
    History of 3 epochs
    epoch   loss   lr
        1    0.5  0.1
        2   0.25  0.1  best
        3  0.375  0.1
    """

    ended: str | None = None

    def append(self, figures: Mapping[str, float]) -> None:
        """Add an epoch."""
        for name, figure in figures.items():
            self.setdefault(name, []).append(figure)

    @property
    def epochs(self) -> int:
        """int: how many epochs it has."""
        return len(self.get("loss", ()))

    @property
    def best_epoch(self) -> int | None:
        """int: the epoch of the lowest validation loss, or training loss without validation, counted from 1; None of none."""
        losses = self.get("validation_loss", self.get("loss", []))
        finite = [epoch for epoch in range(len(losses)) if math.isfinite(losses[epoch])]
        return min(finite, key=losses.__getitem__) + 1 if finite else None

    def __repr__(self) -> str:
        title = f"History of {self.epochs} epoch{'s' * (self.epochs != 1)}" + (f" ({self.ended})" if self.ended else "")
        shown = sorted({1, self.best_epoch or 1, self.epochs}) if self.epochs else []
        rows = [["epoch", *self]] + [[str(epoch), *(f"{self[name][epoch - 1]:.4g}" for name in self)] for epoch in shown]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        marks = ["", *("  best" if epoch == self.best_epoch else "" for epoch in shown)]
        table = [line + mark for line, mark in zip(lines, marks, strict=True)]
        return "\n".join([title, *table, *self._diverged()])

    def _diverged(self):
        """A line on where the loss stopped being a number, if it did and stayed so."""
        losses = self.get("loss", [])
        finite = [epoch for epoch, loss in enumerate(losses, start=1) if math.isfinite(loss)]
        first = max(finite, default=0) + 1
        if first > len(losses):
            return []
        return [f"{losses[first - 1]} from epoch {first} on; run it inside checked() to find where"]

    def plot(self) -> Array:
        """Draw the figures over the epochs with matplotlib: training and validation together, the best epoch marked.

        Returns
        -------
        numpy.ndarray of matplotlib Axes
            One for the loss, one for each metric, and one for the learning rate if it changed. To save the picture:
            `history.plot()[0].figure.savefig("history.png")`.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        try:
            import matplotlib.pyplot as plt
        except ImportError as error:
            raise ImportError(
                "History.plot draws with matplotlib, which is not installed: python -m pip install matplotlib.\n"
                "The figures are plain lists: history['loss'], and print(history) shows the most important ones."
            ) from error
        names = [name for name in self if not name.startswith("validation_") and (name != "lr" or len(set(self["lr"])) > 1)]
        if not names:
            raise ValueError("There is nothing to draw: this history has no epoch.")
        _, axes = plt.subplots(1, len(names), figsize=(1 + 4 * len(names), 3.6), layout="constrained", squeeze=False)
        epochs = range(1, self.epochs + 1)
        marker = "o" if self.epochs == 1 else None
        for ax, name in zip(axes[0], names, strict=True):
            ax.plot(epochs, self[name], color="#0072b2", marker=marker, label="training")
            if f"validation_{name}" in self:
                ax.plot(epochs, self[f"validation_{name}"], color="#d55e00", marker=marker, label="validation")
                ax.axvline(self.best_epoch or 1, color="#555555", linewidth=1, linestyle=":", label="best epoch")
                ax.legend(frameon=False)
            ax.set(xlabel="epoch", title={"lr": "learning rate"}.get(name, name))
            ax.xaxis.get_major_locator().set_params(integer=True)
            ax.spines[["top", "right"]].set_visible(False)
            ax.grid(alpha=0.25)
        return axes[0]


def _figures(L, prediction, target, metrics):
    """The loss and metrics of one batch, as numbers."""
    values = [values_of(x) for x in (prediction, target)]
    return {"loss": float(L), **{name: float(metric(*values)) for name, metric in metrics.items()}}


def _mean_over_samples(seen):
    """The mean of each figure, over batches of (samples, figures)."""
    samples = sum(count for count, _ in seen)
    if samples == 0:
        raise ValueError("There is no sample: the arrays are of length 0.")
    return {name: sum(count * figures[name] for count, figures in seen) / samples for name in seen[0][1]}


def _set_mode(network, training):
    if hasattr(network, "train"):
        network.train() if training else network.eval()


def _values_of(network, parameters):
    """Copies of all that a network has learnt: of a Module also what is no parameter, such as running means."""
    return network.state_dict() if hasattr(network, "state_dict") else [W.data.copy() for W in parameters]


def _put_back(values, network, parameters):
    if hasattr(network, "load_state_dict"):
        network.load_state_dict(values)
    else:
        for W, value in zip(parameters, values, strict=True):
            W.data[...] = value


@contextmanager
def _progress_bar(epochs, shown):
    """Yield a function that shows an epoch's figures: on a bar, if wanted and tqdm is installed."""
    tqdm = None
    if shown:
        with suppress(ImportError), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tqdm warns of a notebook without widgets, and shows text there
            from tqdm.auto import tqdm
    if tqdm is None:
        yield lambda figures: None
        return
    with tqdm(total=epochs, unit="epoch") as bar:

        def show(figures):
            bar.set_postfix({name: f"{figure:.4g}" for name, figure in figures.items()}, refresh=False)
            bar.update()

        yield show
