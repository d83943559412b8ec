"""What happens between two passes: where the loss goes, what moves, and what stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..formulas.brief import counted
from ..source.definitions import definition_of
from .finding import Finding, passes_text
from .growing import ids_held
from .pace import noted

if TYPE_CHECKING:
    from collections.abc import Iterator

FEW = 3  # looks that must agree before something is called lasting
TINY_STEPS = 1e-6  # of the length of a parameter; about 1e-3 is usual
LITTLE = 1e-3  # of it, for all steps together
RISEN = 10.0  # times the loss that it began with
EXPLODED = 100.0  # times as far as where the loss is level again
FADED = 0.1  # of the length that a weight began with
UNUSUAL_DECAY = 0.1  # weight_decay from which on it is suspected
WORSE = 1.1  # times the best loss
FALLEN = 1.5  # times the log-probability in the first quarter


def steps(health: Any, found: list[Finding]) -> Iterator[Finding]:
    """What is wrong with what happens between two passes."""
    adding = [look.parameters for look in health.looks]
    summed = [key for key, count in health.adding_up.items() if count >= FEW or key in health.summed]
    if summed:
        last = [parameters[key] for parameters in adding for key in summed if key in parameters]
        label = health.label(last[0].node)
        worst = max(last, key=lambda x: x.earlier / (x.own or np.inf))
        text = (
            f"Gradients of {counted(len(summed), 'parameter')} are added to those of passes before, which had been used in an "
            f"update: {label}.grad\nwas up to {worst.earlier / (worst.own or 1):.3g} times what the pass itself gave."
        )
        way = "Call optimiser.zero_grad() before each backward(), or set W.grad = None."
        yield Finding("error", "gradients add up", label, text, way, health.looks[0].place)
    yield from unchanged(health, found)
    yield from shrunk(health)
    for series in health.series.values():
        yield from course_of(health, series, bool(summed))


def unchanged(health, found):
    """Parameters that get gradients, and stay what they are."""
    followed = [look for look in health.looks if look.changed is not None]
    if len(followed) < FEW or any(
        finding.kind in ("learning rate is 0", "gradients forgotten", "other parameters") for finding in found
    ):
        return
    pairs = [pair for look in followed for pair in look.parameters.items()]
    moved, still = {key for key, parameter in pairs if parameter.ratio}, {}
    for key, parameter in pairs:
        if parameter.ratio == 0 and parameter.own > 0:
            still.setdefault(key, []).append(parameter)
    yield from left_behind(health, still, moved)
    if any(finding.kind == "no gradient" for finding in found):
        return  # that is why
    if not moved and still and any(record.steps == 0 for record in health.optimisers.values()):
        text = f"In {passes_text(health.passes)} no parameter changed by a bit, and no optimiser made a step."
        yield Finding("error", "never changed", "all parameters", text, "Call optimiser.step() after backward().")
    elif not moved and still and all(constant(series) for series in health.series.values()):
        text = f"In {passes_text(health.passes)} no parameter changed by a bit; the loss was the same each time."
        way = "Update them after backward(): W.data -= 0.1 * W.grad. W = W - 0.1 * W.grad makes another one, and changes none."
        yield Finding("error", "never changed", "all parameters", text, way, next(iter(health.series.values())).place)


def left_behind(health, still, moved):
    """Of parameters that did not change while others did, one finding for each line that makes some."""
    lines: dict[Any, list[Any]] = {}
    for key, seen in still.items() if moved else ():
        W = seen[0].node
        if key not in moved and len(seen) >= FEW and is_parameter(health, W):
            place = place_of_parameter(health, W)
            lines.setdefault(place or key, []).append((health.label(W), len(seen), place))
    for (label, count, place), *others in lines.values():
        text = f"It got a gradient in each of {counted(count, 'look')}, and did not change by a bit, while others did."
        if others:
            text += f"\nSo it is with {', '.join(name for name, *_ in others)}."
        way = "Give it to the optimiser, or update it with the others."
        yield Finding("warning", "never changed", label, text, way, place)


def shrunk(health):
    """Weights that decay has made small: all matrices that an optimiser holds, while it asks for a decay."""
    for record in health.optimisers.values():
        decay, held = getattr(record.optimiser, "weight_decay", 0), {id(W) for W in record.optimiser.parameters}
        lengths: dict[Any, list[float]] = {}
        for look in health.looks:
            for key, parameter in look.parameters.items():
                if key in held and parameter.node.ndim >= 2:
                    lengths.setdefault(key, []).append(parameter.length)
        shares = {key: seen[-1] / seen[0] for key, seen in lengths.items() if len(seen) >= FEW and seen[0]}
        most = max(shares.values(), default=1.0)
        uphill = decay >= UNUSUAL_DECAY and most < 1 and goes_up_again(health)
        if decay and (most < FADED or uphill):
            key = min(shares, key=lambda key: shares[key])
            W = next(look.parameters[key].node for look in health.looks if key in look.parameters)
            first, last = lengths[key][0], lengths[key][-1]
            text = f"Its length went from {first:.3g} to {last:.2g}; of no weight is more than {most:.1g} left."
            if uphill:
                text = f"Its length went from {first:.3g} to {last:.2g}. {uphill}"
            way = f"Make weight_decay smaller than {decay:g}: 1e-4 to 0.01 is usual."
            yield Finding("warning", "weights decay", health.label(W), text, way, place_of_parameter(health, W))


def goes_up_again(health):
    """What is said if the loss rises after it fell, by steps that go up the hill, as those of a decay do. Else nothing."""
    for series in health.series.values():
        followed = [look for look in series.looks if look.cosine is not None]
        best = min(range(len(series.losses)), key=series.losses.__getitem__)
        after = [look for look in followed if look.number > series.numbers[best]]
        risen = series.losses[-1] > WORSE * series.losses[best] > 0
        if risen and len(after) >= FEW and np.mean([look.cosine > 0 for look in after]) > 0.8:
            course = f"{series.losses[best]:.4g} in pass {series.numbers[best]}, and {series.losses[-1]:.4g} at the end"
            what = f"{series.output[0].upper()}{series.output[1:]}"
            return f"{what} was {course}:\nthe decay goes up the hill that the gradient goes down."
    return ""


def constant(series):
    """Whether the losses of five passes or more are one and the same number."""
    return len(series.losses) >= 5 and len(set(series.losses)) == 1


def is_parameter(health, W):
    """Whether a leaf is meant to be trained: a network's, an optimiser's, or one that goes with those."""
    known = {id(x) for module in health.modules for _, x in module.named_parameters()}
    held = {id(x) for record in health.optimisers.values() for x in record.optimiser.parameters}
    given = {id(x) for x in health.named.values()} if health.network is not None else set()
    return id(W) in known | held | given or (id(W) in health.weights and id(W) not in health.asked)


def course_of(health, series, summed):
    """A loss that rises, and why."""
    losses = np.array(series.losses)
    finite = losses[np.isfinite(losses)]
    if len(losses) < 5 or len(finite) < 2:
        return
    ups = np.count_nonzero(np.diff(losses) > 0)
    rises = ups >= 0.8 * (len(losses) - 1) and finite[-1] > finite[0]
    quarter = max(1, len(finite) // 4)
    diverges = len(finite) < len(losses) or middle(finite[-quarter:]) > RISEN * abs(middle(finite[:quarter])) > 0
    followed = [look for look in series.looks if look.cosine is not None]
    if not followed:
        return
    uphill = np.mean([look.cosine > 0 for look in followed]) > 0.8
    label = series.output
    course = f"{label} went from {finite[0]:.4g} to {losses[-1]:.4g}, "
    course += f"up at {ups} of {counted(len(losses) - 1, 'step')}{noted(health.passes)}"
    yield from likelihood(series, finite, course)
    meant = finite[0] < 0 or is_input(health, followed)  # as a log-likelihood, which is to grow, or an adversarial image
    if meant and uphill:
        return
    if uphill and (rises or diverges) and np.mean([look.cosine for look in followed]) > 0.3:
        W = next(iter(followed[0].parameters.values())).node
        cosine = np.mean([look.cosine for look in followed])
        text = f"{course}; the steps go along the gradient (cosine {cosine:.2f}), up the hill."
        way = "To make the loss smaller, go against it: W.data -= lr * W.grad. To make it larger, go down its negative."
        yield Finding("error", "wrong sign", health.label(W), text, way, series.place)
        return
    over = [look.overshoot for look in followed if look.overshoot is not None]
    too_far = bool(over) and np.mean([x > 1 for x in over]) >= 0.5
    exploded = bool(over) and max(over) > EXPLODED  # in one step, be it among the first
    diverges = diverges or (exploded and middle(finite[-quarter:]) > RISEN * abs(finite[0]) > 0)
    if (rises or diverges) and (too_far or (diverges and over and max(over) > 1)) and not summed:
        W = max(followed[-1].parameters.values(), key=lambda x: x.own).node
        yield learning_rate(health, series, health.label(W), course, over)
    shares, span = [look.moved for look in followed if look.moved], series.numbers[-1] - series.numbers[0] + 1
    if shares and span >= 10 and max(shares) < TINY_STEPS and max(shares) * span < LITTLE:
        text = (
            f"No step moved the parameters by more than {max(shares):.1g} of their length (about 0.001 is usual): "
            f"all {span:,} together\nby less than {max(shares) * span:.1g}. {course[0].upper()}{course[1:]}."
        )
        way = "Make the learning rate larger; or what gradients are clipped to, or scaled by."
        yield Finding("warning", "steps too small", label, text, way, series.place)
    if (
        series.negated
        and finite[-1] < RISEN * finite[0] < 0
        and np.count_nonzero(np.diff(finite) < 0) > 0.8 * (len(finite) - 1)
    ):
        text = f"{course}: it is minus an error, so that the error grew without bound."
        yield Finding("error", "wrong sign", label, text, "Leave out the minus: descent makes the loss smaller.", series.place)


def likelihood(series, finite, course):
    """The finding of log-probabilities without their minus, which become ever smaller."""
    quarter = max(1, len(finite) // 4)
    if series.likelihood and middle(finite[-quarter:]) < FALLEN * middle(finite[:quarter]) < 0:
        text = f"{course}: it is the log-probability of the targets, which become ever less likely."
        way = "Put a minus before it: loss = -log_p[np.arange(n), labels].mean(); nn.cross_entropy has it."
        yield Finding("error", "wrong sign", series.output, text, way, series.place)


def is_input(health, followed):
    """Whether what moved is no parameter of any network, while there are some: it may go up the hill on purpose."""
    moved = {id(parameter.node) for look in followed for parameter in look.parameters.values() if parameter.ratio}
    return bool(health.modules) and moved.isdisjoint(ids_held(health) | health.weights)


def middle(numbers):
    """A median, for which NumPy's own would import its masked arrays."""
    return np.sort(numbers)[len(numbers) // 2]


def learning_rate(health, series, label, course, over):
    """The finding of steps that go too far."""
    text = f"{course}.\nThe steps go down the gradient, and too far: up to {max(over):.3g} times as far as"
    text += " where the loss is level again."
    number, first = next(((number, found) for number, found in health.curvatures if found > 0), (0, 0.0))
    if first:  # later, where it has gone astray, the loss is curved as it never was before
        text += f"\nIn pass {number} the loss was curved by {first:.3g} along the gradient: "
        text += f"there gradient descent rises above lr = 2/{first:.3g} = {2 / first:.2g}."
    rates = [getattr(record.optimiser, "lr", None) for record in health.optimisers.values() if record.steps]
    than = f" than {rates[0]:g}" if rates and rates[0] else ""
    way = f"Make the learning rate smaller{than}; standardised inputs allow larger ones."
    return Finding("error", "learning rate too large", label, text, way, series.place)


def place_of_parameter(health: Any, W: Any) -> Any:
    """Where a program makes a parameter, or the network that it is in; None if that is not found."""
    return made_at(health, health.label(W)) or made_at(health, health.paths.get(id(W), ""))


def made_at(health: Any, label: str) -> Any:
    """Where a program makes what it calls so; None if that is not found."""
    files = dict.fromkeys(series.place.file for series in health.series.values())
    places = (definition_of(label, file) for file in files)
    return next((place for place in places if place is not None), None)
