"""Losses: how far a prediction is from its target, in one number."""

import numpy as np

from ..graph import Node
from ..ops import log_softmax


def squared_error(prediction, target):
    """The sum of squared differences, Σ (t − o)².

    Parameters
    ----------
    prediction, target : Tensor or array
        Of the same shape.

    Returns
    -------
    Tensor
        One number.

    Raises
    ------
    ValueError
        If the shapes differ: broadcasting one against the other would compare every prediction with every target.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> nn.squared_error(Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    4.0
    """
    if np.shape(prediction) != np.shape(target):
        raise ValueError(
            f"squared_error compares element with element, but the prediction has shape {np.shape(prediction)} and the "
            f"target {np.shape(target)}.\nReshape one of them: target.reshape({np.shape(prediction)})."
        )
    target = target if isinstance(target, Node) else np.asarray(target)
    difference = (target - prediction) ** 2
    return difference.sum() if np.ndim(difference) else difference


def cross_entropy(logits, target):
    """−log of the probability that softmax(logits) gives to the right class, averaged over the samples.

    Parameters
    ----------
    logits : Tensor
        Of shape (samples, classes), or (classes,) for one sample.
    target : array or Tensor
        The right classes: integers of shape (samples,), or numbers of the logits' shape, 0–1 coded or any probabilities.

    Returns
    -------
    Tensor
        One number.

    Raises
    ------
    ValueError
        If the target's shape is neither, or a class is not among the logits.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> logits = Tensor([[2.0, 0.0], [0.0, 0.0]])
    >>> round(nn.cross_entropy(logits, [0, 1]).item(), 4)
    0.41
    >>> round(nn.cross_entropy(logits, [[1, 0], [0, 1]]).item(), 4)
    0.41
    """
    target = target if isinstance(target, Node) else np.asarray(target)
    samples = logits.shape[:-1]
    log_p = log_softmax(logits)
    if target.shape == logits.shape:
        loss = -(target * log_p).sum(axis=-1)
    elif target.shape == samples and target.dtype.kind in "iu":
        classes = target.data if isinstance(target, Node) else target
        if np.any((classes < 0) | (classes >= logits.shape[-1])):
            raise ValueError(f"cross_entropy: there are {logits.shape[-1]} classes, 0 to {logits.shape[-1] - 1}, not {classes}.")
        loss = -log_p[(*np.indices(samples), classes)]
    else:
        raise ValueError(
            f"cross_entropy: logits of shape {logits.shape} need a target of whole numbers of shape {samples}, or of "
            f"shape {logits.shape}; this one has shape {target.shape} and dtype {target.dtype}."
        )
    return loss.mean() if loss.ndim else loss
