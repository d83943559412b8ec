"""One look at a pass: the figures of its stages and parameters, as they were then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .stages import is_array, length_of, some_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ..annotations import Array
    from ..graph import Node
    from ..source.lines import Place
    from .stages import Stage

BINS = 24
SATURATED = {"tanh": lambda z: np.abs(z) > 0.99, "sigmoid": lambda z: np.abs(z - 0.5) > 0.49}


@dataclass
class StageLook:
    """A stage in one pass. Where it is there many times, figures are of all, and `norms` tells them apart."""

    label: str
    op: str
    parameters: tuple[Node, ...]
    place: Place | None
    mean: float
    deviation: float
    bound: float  # of the histogram of values, on both sides of 0
    values: Array  # how many values are in each of its bins
    gradient: float  # the root of the mean square of ∂L/∂z
    gradient_bound: float
    gradients: Array
    norms: list[float]  # of ∂L/∂z of each node, the oldest first
    saturated: float | None  # the share of elements whose slope is nearly 0, for what saturates
    dead: Array | None  # for relu: which units are 0 for the whole batch


@dataclass
class ParameterLook:
    """A parameter in one pass, and what became of it until the next."""

    node: Node
    value: Array  # a copy
    gradient: Array  # a copy; with what had been there before
    own: float  # the norm of what this pass gave
    earlier: float  # the norm of what was there before
    length: float  # the norm of its values
    ratio: float | None = None  # how far it moved, as a share of its length


@dataclass
class Look:
    """What is kept of one pass."""

    number: int
    loss: float
    place: Place | None
    stages: dict[Hashable, StageLook] = field(default_factory=dict)
    parameters: dict[Hashable, ParameterLook] = field(default_factory=dict)
    cosine: float | None = None  # between the step that followed and the gradient: −1 goes straight down
    overshoot: float | None = None  # how far the step went, where 1 is as far as the loss on this batch is level again
    moved: float = 0.0  # how far all parameters together went, as a share of their length
    changed: bool | None = None  # whether any parameter changed until the next pass


def look_at_stage(stage: Stage, grads: dict[Node, Any], label: str, place: Place | None) -> StageLook | None:
    """The figures of one stage; None if its values are no arrays of NumPy's."""
    pairs = [(node.data, grads[node]) for node in stage.nodes if is_array(node.data) and is_array(grads[node])]
    if not pairs:
        return None
    few = pairs if len(pairs) <= 8 else pairs[:: len(pairs) // 8]
    values = np.concatenate([some_of(z) for z, _ in few]).astype(float)
    gradients = np.concatenate([some_of(dz) for _, dz in few]).astype(float)
    saturated = SATURATED.get(stage.op)
    bound, counts = histogram(values)
    gradient_bound, gradient_counts = histogram(gradients)
    return StageLook(
        label=label,
        op=stage.op,
        parameters=stage.parameters,
        place=place,
        mean=float(values.mean()) if values.size else 0.0,
        deviation=float(values.std()) if values.size else 0.0,
        bound=bound,
        values=counts,
        gradient=float(np.sqrt(np.mean(gradients * gradients))) if gradients.size else 0.0,
        gradient_bound=gradient_bound,
        gradients=gradient_counts,
        norms=[length_of(dz) for _, dz in pairs],
        saturated=float(saturated(values).mean()) if saturated is not None and values.size else None,
        dead=dead_units(pairs) if stage.op == "relu" else None,
    )


def histogram(values: Array) -> tuple[float, Array]:
    """The largest magnitude, and how many of the finite values lie in each of equally wide bins from −it to it."""
    finite = values[np.isfinite(values)]
    bound = float(np.abs(finite).max()) if finite.size else 0.0
    if bound == 0:
        counts = np.zeros(BINS, int)
        counts[BINS // 2] = finite.size
        return 0.0, counts
    places = ((finite / bound + 1) * (BINS / 2)).astype(int)
    return bound, np.bincount(np.minimum(places, BINS - 1), minlength=BINS)


def dead_units(pairs: list[tuple[Array, Array]]) -> Array:
    """Which units of a relu are 0 for every sample and place: of images, which channels."""
    dead: Any = None
    for z, _ in pairs:
        units = 1 if z.ndim == 4 else z.ndim - 1
        found = (z <= 0).all(axis=tuple(axis for axis in range(z.ndim) if axis != units))  # of NaN nothing is said
        dead = found if dead is None or dead.shape != found.shape else dead & found
    return dead if dead is not None else np.zeros(0, bool)


def look_at_parameter(node: Node, gradient: Array, earlier: Array | None) -> ParameterLook:
    """The figures of one parameter."""
    own = gradient if earlier is None else gradient - earlier
    before = 0.0 if earlier is None else length_of(earlier)
    return ParameterLook(node, np.array(node.data), np.array(gradient), length_of(own), before, length_of(node.data))


def follow(look: Look, grads: dict[Node, Any], earlier: dict[Node, Array]) -> None:
    """Note, at the pass that comes after, what became of the parameters of a look."""
    along = moved_squared = gradient_squared = turned = squared = 0.0
    for parameter in look.parameters.values():
        node, before = parameter.node, parameter.value
        if not is_array(node.data) or np.shape(node.data) != before.shape:
            continue
        step = np.asarray(node.data) - before
        length, size = length_of(step), parameter.length
        parameter.ratio = length / size if size else (float("inf") if length else 0.0)
        down = float(np.vdot(step, parameter.gradient))
        along += down
        squared, moved_squared = squared + size**2, moved_squared + length**2
        gradient_squared += length_of(parameter.gradient) ** 2
        if node in grads and is_array(grads[node]):
            now = grads[node] - earlier[node] if node in earlier else grads[node]
            turned += float(np.vdot(step, now)) - down  # where gradients add up, a finding of its own
    look.changed, look.moved = moved_squared > 0, float(np.sqrt(moved_squared / squared)) if squared else 0.0
    if moved_squared > 0 and gradient_squared > 0:
        look.cosine = along / np.sqrt(moved_squared * gradient_squared)
    if along < 0:
        look.overshoot = turned / (-2 * along)  # of a parabola, above 1 where it ends higher than it began
    for parameter in look.parameters.values():  # the copies are no longer needed
        parameter.value = parameter.gradient = np.zeros(0)
