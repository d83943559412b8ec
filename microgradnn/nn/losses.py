"""Losses: how far a prediction is from its target, in one number.

Called and parametrised as in `torch.nn.functional`: the prediction first, then the target, and `reduction` says how the
elements' losses become one number: their "mean", their "sum", or "none" to keep each. Broadcasting one operand against
the other would compare every prediction with every target, so shapes must be equal. A target that is no Tensor takes the
prediction's dtype: float32 stays float32.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..graph import Node, shape_of, values_of
from ..ops import (
    LogisticLoss,
    MeanSquaredDistance,
    abs,
    clip,
    exp,
    log,
    log_softmax,
    mean,
    softplus,
    squared_distance,
    sum,
    where,
)
from ..ops.conversion import as_floating
from ..ops.reduction import are_countless
from ..watching.calls import with_own_numbers

if TYPE_CHECKING:
    from ..annotations import ArrayLike, Operand, Reduction
    from ..tensor import Tensor

IGNORED = -100  # the class of samples that do not count, as in PyTorch
SMALLEST_LOG = -100  # what log p is taken for where p is 0, in place of −inf

_mean_squared_distance = MeanSquaredDistance().__call__


def squared_error(prediction: Operand, target: Operand, reduction: Reduction = "sum") -> Tensor:
    """The sum of squared differences, Σ (t − o)².

    Parameters
    ----------
    prediction, target : Tensor or array
        Of the same shape.
    reduction : {"sum", "mean", "none"}, optional

    Returns
    -------
    Tensor
        One number; with "none", of the prediction's shape.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.squared_error(Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    4.0
    """
    target = _fitting("squared_error", prediction, target)
    if reduction == "mean" and target.ndim and not are_countless(prediction):
        return _mean_squared_distance(prediction, target)  # one operation in place of three
    if reduction == "sum" or not target.ndim:
        return squared_distance(prediction, target)
    return _reduced(_squared_differences(prediction, target), reduction)


def mse_loss(prediction: Operand, target: Operand, reduction: Reduction = "mean") -> Tensor:
    """The mean squared error: `squared_error`, averaged over all elements.

    Parameters, result and errors as for `squared_error`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.mse_loss(Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    2.0
    """
    return squared_error(prediction, target, reduction)


def l1_loss(prediction: Operand, target: Operand, reduction: Reduction = "mean") -> Tensor:
    """The mean absolute error, |t − o| averaged over all elements. Its slope is −1 or 1, and 0 where t = o.

    Parameters, result and errors as for `squared_error`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.l1_loss(Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    1.0
    """
    target = _fitting("l1_loss", prediction, target)
    return _reduced(abs(target - prediction), reduction)


@with_own_numbers
def huber_loss(prediction: Operand, target: Operand, reduction: Reduction = "mean", delta: float = 1.0) -> Tensor:
    """Squared where the difference d = t − o is small, absolute where it is large, so that outliers pull no harder.

    With c, which is d kept between −δ and δ, the loss is c d − c²/2: that is d²/2 up to |d| = δ, and from there on
    δ (|d| − δ/2), a line of the same slope, c (Huber, 1964, "Robust estimation of a location parameter").

    Parameters
    ----------
    prediction, target, reduction
        As for `squared_error`.
    delta : float, optional
        Where the parabola becomes a line; positive.

    Returns
    -------
    Tensor
        One number; with "none", of the prediction's shape.

    Raises
    ------
    ValueError
        If the shapes differ, or delta is not positive.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.huber_loss(Tensor([0.0, 0.0]), [0.5, 4.0], reduction="none")
    Tensor([0.125, 3.5  ])
    """
    if not delta > 0:
        raise ValueError(f"huber_loss: delta is where the parabola becomes a line, a positive number; it is {delta}.")
    target = _fitting("huber_loss", prediction, target)
    d = target - prediction
    c = clip(d, -delta, delta)
    return _reduced(c * d - c**2 / 2, reduction)


@with_own_numbers
def binary_cross_entropy(prediction: Operand, target: Operand, reduction: Reduction = "mean") -> Tensor:
    """−(t log p + (1 − t) log(1 − p)): minus the log of the probability that p gives to what was the case.

    The negative log-likelihood of a Bernoulli variable (Bishop, 2006, "Pattern Recognition and Machine Learning",
    eq. 4.90). A logarithm below −100 is taken as −100, as in PyTorch, and has slope 0: a network that ends in a sigmoid
    reaches p = 0 or 1 by rounding, and `binary_cross_entropy_with_logits` is exact there too.

    Parameters
    ----------
    prediction : Tensor or array
        Probabilities p, between 0 and 1.
    target : Tensor or array
        Of the same shape: 0 or 1, or a probability.
    reduction : {"mean", "sum", "none"}, optional

    Returns
    -------
    Tensor
        One number; with "none", of the prediction's shape.

    Raises
    ------
    ValueError
        If the shapes differ, or a prediction or a target is no probability.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.binary_cross_entropy(Tensor([0.5, 0.9]), [0, 1], reduction="none")
    Tensor([0.6931, 0.1054])
    """
    target = _probabilities("binary_cross_entropy", _fitting("binary_cross_entropy", prediction, target))
    p = prediction if isinstance(prediction, Node) else np.asarray(prediction)
    values = values_of(p)
    if np.any((values < 0) | (values > 1)):
        raise ValueError(
            f"binary_cross_entropy takes probabilities, between 0 and 1; these go from {values.min()} to {values.max()}.\n"
            "For what a network gives before any sigmoid, use binary_cross_entropy_with_logits."
        )
    return _reduced(-(target * _log_probability(p) + (1 - target) * _log_probability(1 - p)), reduction)


def binary_cross_entropy_with_logits(
    prediction: Operand, target: Operand, reduction: Reduction = "mean", *, pos_weight: ArrayLike | None = None
) -> Tensor:
    """Binary cross-entropy of p = σ(z), from the logit z: t log(1 + e⁻ᶻ) + (1 − t) log(1 + eᶻ).

    That is −(t log p + (1 − t) log(1 − p)) with −log σ(z) = log(1 + e⁻ᶻ) put in, so that it neither overflows nor loses
    digits for any z. Its slope is p − t. Both are one operation.

    Parameters
    ----------
    prediction : Tensor or array
        Logits z, any numbers.
    target : Tensor or array
        Of the same shape: 0 or 1, or a probability.
    reduction : {"mean", "sum", "none"}, optional
    pos_weight : array or float, optional
        By how much a 1 counts more than a 0, where ones are rare; it broadcasts to the prediction's shape.

    Returns
    -------
    Tensor
        One number; with "none", of the prediction's shape.

    Raises
    ------
    ValueError
        If the shapes differ, or a target is no probability.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.binary_cross_entropy_with_logits(Tensor([0.0, 1000.0, 1000.0]), [0, 1, 0], reduction="none")
    Tensor([6.9315e-01, 0.0000e+00, 1.0000e+03])
    """
    name = "binary_cross_entropy_with_logits"
    target = _probabilities(name, _fitting(name, prediction, target))
    if pos_weight is not None:
        z, weight = as_floating(prediction), _in_dtype_of(prediction, pos_weight)
        return _reduced(weight * target * softplus(-z) + (1 - target) * softplus(z), reduction)
    return _reduced(LogisticLoss()(as_floating(prediction), target), reduction)


@with_own_numbers
def kl_div(log_q: Operand, target: Operand, reduction: str = "mean", log_target: bool = False) -> Tensor:
    """p (log p − log q): the Kullback–Leibler divergence of q from p, element by element (Kullback and Leibler, 1951).

    The prediction comes as logarithms, as from `log_softmax`. The divergence of each sample is the sum over its classes, so its
    mean over samples is "batchmean"; "mean" is over all elements, as in PyTorch.

    Parameters
    ----------
    log_q : Tensor or array
        Logarithms of the predicted probabilities.
    target : Tensor or array
        The probabilities p, of the same shape; or their logarithms, with `log_target`.
    reduction : {"mean", "batchmean", "sum", "none"}, optional
    log_target : bool, optional

    Returns
    -------
    Tensor
        One number; with "none", of the prediction's shape.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nn
    >>> round(nn.kl_div(Tensor(np.log([[0.5, 0.5]])), [[0.75, 0.25]], reduction="batchmean").item(), 4)
    0.1308
    """
    target = _fitting("kl_div", log_q, target)
    if log_target:
        losses = exp(target) * (target - log_q)
    else:
        impossible = values_of(target) == 0  # of which p log p is 0
        losses = target * (log(where(impossible, 1, target)) - log_q)
    if reduction == "batchmean":
        return sum(losses) / shape_of(losses)[0]
    return _reduced(losses, reduction)


def cross_entropy(
    logits: Operand,
    target: Operand,
    reduction: Reduction = "mean",
    *,
    weight: ArrayLike | None = None,
    ignore_index: int = IGNORED,
    label_smoothing: float = 0.0,
) -> Tensor:
    """−log of the probability that softmax(logits) gives to the right class, averaged over the samples.

    The negative log-likelihood of a multinomial logistic model (Bishop, 2006, eq. 4.108). With respect to the logits, its
    slope for one sample is p − t.

    Parameters
    ----------
    logits : Tensor
        Of shape (samples, classes), or (classes,) for one sample; the classes are the last axis.
    target : array or Tensor
        The right classes: integers of shape (samples,), or numbers of the logits' shape, 0–1 coded or any probabilities.
    reduction : {"mean", "sum", "none"}, optional
    weight : array, optional
        How much each class counts, of shape (classes,). The mean of samples with a class is then a weighted one.
    ignore_index : int, optional
        A number in place of a class, for samples that do not count, such as what pads a sequence.
    label_smoothing : float, optional
        Which share of the target goes to all classes alike (Szegedy and others, 2016).

    Returns
    -------
    Tensor
        One number; with "none", one for each sample.

    Raises
    ------
    ValueError
        If the target's shape is neither, a class is not among the logits, `weight` has another length, `label_smoothing` is not
        between 0 and 1, or with "mean" no sample counts.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> logits = Tensor([[2.0, 0.0], [0.0, 0.0]])
    >>> round(nn.cross_entropy(logits, [0, 1]).item(), 4)
    0.41
    >>> round(nn.cross_entropy(logits, [[1, 0], [0, 1]]).item(), 4)
    0.41
    """
    _refuse_one_number("cross_entropy", "logits", logits)
    log_p = log_softmax(logits)
    if weight is None and label_smoothing == 0 and not _holds(target, ignore_index):
        return _reduced(_negative_log_likelihood("cross_entropy", "logits", log_p, target), reduction)
    return _weighted_likelihood("cross_entropy", "logits", log_p, target, reduction, weight, ignore_index, label_smoothing)


def nll_loss(
    log_probabilities: Operand,
    target: Operand,
    reduction: Reduction = "mean",
    *,
    weight: ArrayLike | None = None,
    ignore_index: int = IGNORED,
) -> Tensor:
    """The negative log-likelihood: −log p of the right class. `cross_entropy` is this after `log_softmax`.

    Parameters, result and errors as for `cross_entropy`, with log-probabilities in place of logits.

    Examples
    --------
    >>> from microgradnn import Tensor, log, nn
    >>> round(nn.nll_loss(log(Tensor([[0.5, 0.5], [0.2, 0.8]])), [0, 1]).item(), 4)
    0.4581
    """
    _refuse_one_number("nll_loss", "log-probabilities", log_probabilities)
    log_p = log_probabilities if isinstance(log_probabilities, Node) else np.asarray(log_probabilities)
    if weight is not None or _holds(target, ignore_index):
        return _weighted_likelihood("nll_loss", "log-probabilities", log_p, target, reduction, weight, ignore_index, 0.0)
    return _reduced(_negative_log_likelihood("nll_loss", "log-probabilities", log_p, target), reduction)


def _refuse_one_number(loss, scores, x):
    if shape_of(x) == ():
        raise ValueError(f"{loss} takes {scores} with the classes along the last axis; it was given one number.")


def _negative_log_likelihood(loss, scores, log_p, target):
    """−log p of the right class, for each sample. `scores` is what the loss calls its first argument."""
    target = target if hasattr(target, "__array_function__") else np.asarray(target)
    samples, classes = log_p.shape[:-1], log_p.shape[-1]
    if target.shape == log_p.shape:
        return -sum(_in_dtype_of(log_p, target) * log_p, axis=-1)
    if target.shape != samples or target.dtype.kind not in "iu":
        way = ""
        if target.shape == samples:
            way = "\nMake the classes whole numbers: np.asarray(target, dtype=int)."
        elif target.size == math.prod(samples):
            way = f"\nReshape it: target.reshape({samples})."
        raise ValueError(
            f"{loss}: {scores} of shape {log_p.shape} need a target of whole numbers of shape {samples}, or of "
            f"shape {log_p.shape}; this one has shape {target.shape} and dtype {target.dtype}.{way}"
        )
    right = values_of(target)
    least, most = (right.min(), right.max()) if right.size else (0, 0)
    if least < 0 or most >= classes:
        way = "\nCounted from 1? Subtract it: target - 1." if (least, most) == (1, classes) else ""
        raise ValueError(f"{loss}: there are {classes} classes, 0 to {classes - 1}; the target has {least} to {most}.{way}")
    places = (np.arange(len(right)),) if len(samples) == 1 else np.indices(samples)
    return -log_p[(*places, right)]


def _holds(target, ignore_index):
    """Whether a target of classes holds the one that is ignored."""
    values = values_of(target)
    values = values if hasattr(values, "__array_function__") else np.asarray(values)  # of Dask's nothing is computed yet
    return values.dtype.kind in "iu" and bool((values == ignore_index).any())


def _weighted_likelihood(loss, scores, log_p, target, reduction, weight, ignore_index, label_smoothing):
    """−Σ wₖ tₖ log pₖ of each sample, with smoothed targets t, and its weighted mean."""
    if not 0 <= label_smoothing < 1:
        raise ValueError(f"{loss}: label_smoothing is a share, at least 0 and less than 1; it is {label_smoothing!r}.")
    classes = log_p.shape[-1]
    w = np.ones(classes, log_p.dtype) if weight is None else np.asarray(values_of(weight), log_p.dtype)
    if w.shape != (classes,):
        raise ValueError(f"{loss}: weight has one number for each of the {classes} classes; its shape is {w.shape}.")
    target = target if hasattr(target, "__array_function__") else np.asarray(target)
    if target.shape == log_p.shape:
        smooth = (1 - label_smoothing) * _in_dtype_of(log_p, target) + label_smoothing / classes
        return _reduced(-sum(w * smooth * log_p, axis=-1), reduction)
    right = values_of(target)
    counts = right != ignore_index
    _negative_log_likelihood(loss, scores, log_p, np.where(counts, right, 0))  # which refuses what does not fit
    t = (1 - label_smoothing) * np.eye(classes, dtype=log_p.dtype)[np.where(counts, right, 0)] + label_smoothing / classes
    losses = -sum((w * t * counts[..., None]).astype(log_p.dtype) * log_p, axis=-1)
    if reduction != "mean":
        return _reduced(losses, reduction)
    if not counts.any():
        raise ValueError(f"{loss}: every target is {ignore_index}, which is ignored: there is no mean of nothing.")
    return sum(losses) / log_p.dtype.type(w[right[counts]].sum())


@with_own_numbers
def _squared_differences(prediction, target):
    """(t − o)², of each element."""
    return (target - prediction) ** 2


def _log_probability(p):
    """log p, but at least −100. NaN stays NaN."""
    vanishing = p <= math.exp(SMALLEST_LOG)
    return where(vanishing, SMALLEST_LOG, log(where(vanishing, 1, p)))  # no log 0, whose slope ∞ times 0 would be NaN


def _probabilities(loss, target):
    """The target; ValueError if it is not between 0 and 1."""
    values = values_of(target)
    if np.any((values < 0) | (values > 1)):
        way = "\nOf -1 and 1, (target + 1) / 2 makes 0 and 1." if np.min(values) == -1 else ""
        raise ValueError(f"{loss} takes targets of 0 and 1, or between; these go from {values.min()} to {values.max()}.{way}")
    return target


def _fitting(loss, prediction, target):
    """The target, of the prediction's shape and dtype."""
    shape, target_shape = shape_of(prediction), shape_of(target)
    if shape != target_shape:
        raise ValueError(
            f"{loss} compares element with element, but the prediction has shape {shape} and the target {target_shape}.\n"
            f"Reshape one of them: target.reshape({shape})."
        )
    return _in_dtype_of(prediction, target)


def _in_dtype_of(prediction, target):
    """The target in the prediction's dtype, if that is a floating-point one; a Tensor stays as it is.

    Of whole numbers the target becomes float64, and what is computed with it: differences of uint8 wrap around.
    """
    dtype = getattr(prediction, "dtype", None)
    if dtype is None or dtype.kind not in "fc":
        return as_floating(target if hasattr(target, "__array_function__") else np.asarray(target))
    if isinstance(target, Node):
        return target
    target = target if hasattr(target, "__array_function__") else np.asarray(target)
    return target.astype(dtype, copy=False)


def _reduced(losses, reduction):
    """The elements' losses as one number, or as they are. One number needs no reduction."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f'A loss has reduction="mean", "sum" or "none"; not {reduction!r}.')
    if reduction == "none" or shape_of(losses) == ():
        return losses
    return mean(losses) if reduction == "mean" else sum(losses)
