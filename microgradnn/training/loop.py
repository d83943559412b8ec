"""Training: mini-batches, one function that fits a network to data, and what it tells of it.

`fit` is the loop that everybody writes by hand (predict, loss, zero_grad, backward, step), with an account of each epoch.
Write your own as soon as it does not suit.
"""

from __future__ import annotations

import warnings
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from ..graph import Node, no_grad, values_of
from ..nn.randomness import random_generator
from ..optim import clip_grad_norm_
from ..tensor import Tensor
from .early_stopping import EarlyStopping
from .history import History
from .mini_batches import batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from ..annotations import ArrayLike, Seed
    from ..optim import Optimiser, Schedule


def fit(
    network: Callable[..., Any],
    loss: Callable[..., Tensor],
    optimiser: Optimiser,
    X: ArrayLike,
    y: ArrayLike,
    *,
    epochs: int,
    rng: Seed = None,
    shuffle: bool = True,
    batch_size: int = 32,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    schedule: Schedule | None = None,
    clip: float | None = None,
    stop: EarlyStopping | None = None,
    metrics: Mapping[str, Callable[..., float]] | None = None,
    accumulate: int = 1,
    callbacks: Iterable[Any] = (),
    progress: bool = True,
    compiled: bool = False,
) -> History:
    """Train a network: in every epoch each sample once, in batches, one step of the optimiser a batch.

    The network is in training mode for that, and afterwards in evaluation mode (`train()`, `eval()`, if it has them).
    The same state of `rng` gives the same network, to the last bit. Ctrl-C, or a notebook's stop button, ends the training
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
    rng : numpy.random.Generator or int, optional
        Where the order of the samples comes from: a generator, or a seed of one for all epochs; of None, nobody can foresee it
        (SPEC 7).
    shuffle : bool, optional
        Whether the samples come in another random order in each epoch; else in theirs, and no `rng` is asked.
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
    accumulate : int, optional
        How many batches a step is made of: their gradients add up to that of one batch as large as all of them.
    callbacks : iterable, optional
        Functions that are called after each epoch, as callback(epoch, figures); and context managers, such as
        `watch(network)`, within which the training goes on.
    progress : bool, optional
        Whether to show a progress bar, if tqdm is installed.
    compiled : bool, optional
        Whether a step is one function in C (`compiled`), as far as it can be; targets come to the loss as Tensors then. The
        numbers are the same but for rounding.

    Returns
    -------
    History
        The figures of each epoch. Those of the training samples are averages over the batches as they were learnt from.

    Raises
    ------
    TypeError
        If network, loss and optimiser are not given in this order, the loss gives no Tensor, or a callback is neither.
    ValueError
        If `accumulate` is less than 1, or not 1 with `compiled`.

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
    _refuse_arguments(network, loss, optimiser, accumulate, compiled)
    rng = random_generator(rng) if shuffle else None  # of a seed one for all epochs
    around, after = _sorted_callbacks(callbacks)
    metrics, history, epoch = metrics or {}, History(), 0
    train = _compiled_training(network, loss, optimiser, clip, metrics) if compiled else _train_epoch
    watched = "loss" if validation is None else "validation_loss"
    if stop is not None:
        stop.begin()
    try:
        with ExitStack() as stack:
            for manager in around:
                stack.enter_context(manager)
            show = stack.enter_context(_progress_bar(epochs, progress))
            for epoch in range(1, epochs + 1):
                pairs = batches(X, y, size=batch_size, rng=rng)
                figures = train(network, loss, optimiser, pairs, clip, metrics, accumulate)
                if validation is not None:
                    judged = evaluate(network, loss, *validation, batch_size=batch_size, metrics=metrics)
                    figures |= {f"validation_{name}": figure for name, figure in judged.items()}
                history.append({**figures, "lr": optimiser.lr})
                show(figures)
                _call_all(after, epoch, figures)
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


def _refuse_arguments(network, loss, optimiser, accumulate, compiled):
    if not callable(network) or not callable(loss) or not hasattr(optimiser, "step"):
        given = ", ".join(getattr(x, "__name__", type(x).__name__) for x in (network, loss, optimiser))
        raise TypeError(f"fit takes a network, a loss and an optimiser, in this order; it was given {given}.")
    if not accumulate >= 1:
        raise ValueError(f"fit: a step is made of one batch or more; accumulate is {accumulate!r}.")
    if compiled and accumulate != 1:
        raise ValueError(
            f"fit: a compiled step is made of one batch; accumulate is {accumulate!r}. A larger batch does the same."
        )


def _train_epoch(network, loss, optimiser, pairs, clip, metrics, accumulate=1):
    """One step for each batch, or for each so many of them; returns the mean figures."""
    _set_mode(network, training=True)
    seen, pairs = [], iter(pairs)
    while group := list(islice(pairs, accumulate)):
        optimiser.zero_grad()
        samples = sum(len(x) for x, _ in group)
        for x, target in group:
            L, prediction = _loss_of(network, loss, x, target)
            if len(group) == 1:
                L.backward()
            else:
                L.backward(L.dtype.type(len(x) / samples))
            seen.append((len(x), _figures(L, prediction, target, metrics)))
        if clip is not None:
            clip_grad_norm_(optimiser.parameters, clip)
        optimiser.step()
    return _mean_over_samples(seen)


def _loss_of(network, loss, x, target):
    """The loss of a batch, and the prediction."""
    prediction = network(Tensor(x))
    L = loss(prediction, target)
    if not isinstance(L, Node):
        raise TypeError(
            f"fit: the loss gave a {type(L).__name__}, not a Tensor.\n"
            "Compute it from the prediction, with operations of microgradnn, and without .numpy() or float()."
        )
    return L, prediction


def _call_all(callbacks, *arguments):
    for callback in callbacks:
        callback(*arguments)


def _sorted_callbacks(callbacks):
    """Those within which the training goes on, and those that are called after each epoch."""
    callbacks = list(callbacks)
    for callback in callbacks:
        if not (hasattr(callback, "__enter__") or callable(callback)):
            raise TypeError(f"fit: a callback is a function of (epoch, figures), or a context manager; not {callback!r}.")
    around = [callback for callback in callbacks if hasattr(callback, "__enter__")]
    return around, [callback for callback in callbacks if not hasattr(callback, "__enter__")]


def _compiled_training(network, loss, optimiser, clip, metrics):
    """What takes the place of _train_epoch where a step is compiled."""
    from ..compiling.steps import compiled

    def loss_of(x, target):
        prediction = network(x)
        L = loss(prediction, target)
        return (L, prediction) if metrics else L

    step = compiled(loss_of, optimiser.parameters, None if clip is not None else optimiser)

    def train_epoch(network, loss, optimiser, pairs, clip, metrics, accumulate):
        _set_mode(network, training=True)
        seen = []
        for x, target in pairs:
            L, *prediction = step(x, target) if metrics else (step(x, target),)
            if clip is not None:
                clip_grad_norm_(optimiser.parameters, clip)
                optimiser.step()
            seen.append((len(x), _figures(L, *(prediction or [None]), target, metrics)))
        return _mean_over_samples(seen)

    return train_epoch


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
