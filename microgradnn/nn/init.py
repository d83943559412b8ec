"""Where weights begin: functions of a shape and a random generator that return an array.

Too small, and what goes forward and the gradients coming back fade from layer to layer; too large, and they grow; all
equal, and all units of a layer stay equal for ever. The formulas ask how many numbers go into an output (the fan in) and
how many outputs a number goes into (the fan out).

Every layer with weights takes one of these as `init`; `functools.partial(init.uniform, low=-0.1, high=0.1)` for another
range. Names and defaults are PyTorch's (torch.nn.init), without the final underscore, since nothing is changed in place.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .randomness import random_generator

if TYPE_CHECKING:
    from typing import Literal

    from ..annotations import Array, Seed, Shape


def fans(shape: Shape) -> tuple[int, int]:
    """Fan in and fan out of a weight.

    Parameters
    ----------
    shape : tuple of int
        (inputs, outputs), as in `Linear`; or (output channels, input channels, rows, columns), as in `Conv2d`, with any
        number of axes after the channels.

    Returns
    -------
    fan_in, fan_out : int

    Raises
    ------
    ValueError
        If there are fewer than two axes.

    Examples
    --------
    >>> fans((3, 4)), fans((8, 3, 5, 5))
    ((3, 4), (75, 200))
    """
    if len(shape) < 2:
        raise ValueError(
            f"A weight of shape {shape} has no inputs and outputs to count: it needs two axes or more.\n"
            "For others there are zeros, ones, constant, uniform and normal."
        )
    if len(shape) == 2:
        return shape
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


def gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much to enlarge weights because the activation after them makes numbers smaller: torch.nn.init.calculate_gain.

    Parameters
    ----------
    nonlinearity : str
        "linear", "sigmoid", "tanh", "relu", "leaky_relu", or "conv1d", "conv2d".
    param : float, optional
        The slope of leaky_relu for negative numbers, 0.01 if not given.

    Returns
    -------
    float
        The factor.

    Raises
    ------
    ValueError
        If there is no gain for this name.

    Examples
    --------
    >>> gain("tanh")
    1.6666666666666667
    """
    slope = 0.01 if param is None else param
    gains = {"tanh": 5 / 3, "relu": math.sqrt(2), "leaky_relu": math.sqrt(2 / (1 + slope**2))}
    gains |= dict.fromkeys(["linear", "sigmoid", "conv1d", "conv2d"], 1)
    if nonlinearity not in gains:
        raise ValueError(f"gain({nonlinearity!r}): there is one for {', '.join(sorted(gains))}.")
    return gains[nonlinearity]


def zeros(shape: int | Shape, *, rng: Seed = None) -> Array:
    """All 0.

    Parameters
    ----------
    shape : int or tuple of int
    rng : numpy.random.Generator or int, optional
        Not used; it is here so that all can be called alike.

    Returns
    -------
    numpy.ndarray
        Of that shape, float64.

    Examples
    --------
    >>> zeros(2)
    array([0., 0.])
    """
    return np.zeros(shape)


def ones(shape: int | Shape, *, rng: Seed = None) -> Array:
    """All 1. Parameters and result as for `zeros`.

    Examples
    --------
    >>> ones(2)
    array([1., 1.])
    """
    return np.ones(shape)


def constant(shape: int | Shape, value: float, *, rng: Seed = None) -> Array:
    """All the same number. A hidden layer that begins so keeps all its units equal.

    Other parameters and result as for `zeros`.

    Parameters
    ----------
    value : float

    Examples
    --------
    >>> constant(2, 0.1)
    array([0.1, 0.1])
    """
    return np.full(shape, float(value))


def uniform(shape: int | Shape, low: float = 0.0, high: float = 1.0, *, rng: Seed = None) -> Array:
    """Evenly distributed between two bounds.

    Parameters
    ----------
    shape : int or tuple of int
    low, high : float, optional
    rng : numpy.random.Generator or int, optional

    Returns
    -------
    numpy.ndarray
        Of that shape, float64.

    Examples
    --------
    >>> uniform(2, -1, 1, rng=np.random.default_rng(0)).round(2)
    array([ 0.27, -0.46])
    """
    return random_generator(rng).uniform(low, high, shape)


def normal(shape: int | Shape, mean: float = 0.0, std: float = 1.0, *, rng: Seed = None) -> Array:
    """Normally distributed.

    Parameters
    ----------
    shape : int or tuple of int
    mean, std : float, optional
        The mean, and the standard deviation.
    rng : numpy.random.Generator or int, optional

    Returns
    -------
    numpy.ndarray
        Of that shape, float64.

    Examples
    --------
    >>> normal(2, rng=np.random.default_rng(0)).round(2)
    array([ 0.13, -0.13])
    """
    return random_generator(rng).normal(mean, std, shape)


def xavier_uniform(shape: Shape, gain: float = 1.0, *, rng: Seed = None) -> Array:
    """Uniform between ±gain √(6 / (fan_in + fan_out)): variance 2 gain² / (fan_in + fan_out).

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks (2010).

    Parameters
    ----------
    shape : tuple of int
        See `fans`.
    gain : float, optional
        How much larger, because of the activation that follows; see `gain`.
    rng : numpy.random.Generator or int, optional

    Returns
    -------
    numpy.ndarray
        Of that shape, float64.

    Raises
    ------
    ValueError
        If the shape has fewer than two axes.

    Examples
    --------
    >>> xavier_uniform((3, 4), rng=np.random.default_rng(0)).shape
    (3, 4)
    """
    bound = gain * math.sqrt(6 / sum(fans(shape)))
    return random_generator(rng).uniform(-bound, bound, shape)


def xavier_normal(shape: Shape, gain: float = 1.0, *, rng: Seed = None) -> Array:
    """Normal, with variance 2 gain² / (fan_in + fan_out). Linear and convolutional layers begin so, if not told otherwise.

    A compromise: going forward, variance is kept by 1 / fan_in; gradients going back keep theirs by 1 / fan_out.
    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks (2010).

    Parameters, result and errors as for `xavier_uniform`.

    Examples
    --------
    >>> xavier_normal((3, 4), rng=np.random.default_rng(0)).shape
    (3, 4)
    """
    return random_generator(rng).normal(0, gain * math.sqrt(2 / sum(fans(shape))), shape)


def kaiming_uniform(
    shape: Shape,
    a: float = 0,
    mode: Literal["fan_in", "fan_out"] = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: Seed = None,
) -> Array:
    """Uniform, with the variance of `kaiming_normal`: between ±gain √(3 / fan).

    Parameters, result and errors as for `kaiming_normal`.

    Examples
    --------
    >>> kaiming_uniform((3, 4), rng=np.random.default_rng(0)).shape
    (3, 4)
    """
    bound = math.sqrt(3) * _kaiming_std(shape, a, mode, nonlinearity)
    return random_generator(rng).uniform(-bound, bound, shape)


def kaiming_normal(
    shape: Shape,
    a: float = 0,
    mode: Literal["fan_in", "fan_out"] = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: Seed = None,
) -> Array:
    """Normal, with variance gain² / fan: for relu, 2 / fan_in, since relu loses half.

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers (2015).

    Parameters
    ----------
    shape : tuple of int
        See `fans`.
    a : float, optional
        The slope for negative numbers, of leaky_relu; 0 is relu.
    mode : {"fan_in", "fan_out"}, optional
        Whether to keep the variance of what goes forward, or of the gradients coming back.
    nonlinearity : str, optional
        What follows; see `gain`.
    rng : numpy.random.Generator or int, optional

    Returns
    -------
    numpy.ndarray
        Of that shape, float64.

    Raises
    ------
    ValueError
        If the shape has fewer than two axes, or there is no such mode or nonlinearity.

    Examples
    --------
    >>> kaiming_normal((3, 4), rng=np.random.default_rng(0)).shape
    (3, 4)
    """
    return random_generator(rng).normal(0, _kaiming_std(shape, a, mode, nonlinearity), shape)


def _kaiming_std(shape, a, mode, nonlinearity):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'mode={mode!r}: there is "fan_in" and "fan_out".')
    fan_in, fan_out = fans(shape)
    return gain(nonlinearity, a) / math.sqrt(fan_in if mode == "fan_in" else fan_out)
