"""What is recognised in the figures of a run: each function here yields findings of one family, or none.

Where a threshold stands, its comment says why there: a finding should be silent on programs that learn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..formulas.brief import counted
from .anew import made_anew
from .finding import Finding, passes_text
from .growing import growing
from .modes import modes
from .pace import at_least, noted, or_before
from .single_graphs import single_graphs
from .steps import made_at, place_of_parameter, steps
from .ways import LEFT

if TYPE_CHECKING:
    from collections.abc import Iterator

FEW = 3  # looks that must agree before something is called lasting
VANISHING, EXPLODING = 1e-4, 1e4  # of the gradient from end to end; well-made networks of ten layers keep within 100
MANY_DEAD = 0.5  # of the units of a relu; a healthy network may have a few in ten
MANY_SATURATED = 0.5  # of the elements, at the beginning


def recognise(health: Any) -> list[Finding]:
    """All findings of a run."""
    found: list[Finding] = []
    for family in (without_gradient, made_anew, optimisers, steps, single_graphs, growing, alike, zero, faded, modes):
        found += family(health, found)
    return [with_place(health, finding) for finding in found]


def with_place(health: Any, finding: Finding) -> Finding:
    """A finding about a parameter whose line is not known, with the one where the program makes it."""
    return finding if finding.place is not None else finding._replace(place=made_at(health, finding.tensor))


# Gradients that are None


def without_gradient(health: Any, found: list[Finding]) -> Iterator[Finding]:
    """Parameters that no pass came to."""
    if not health.passes:
        return
    passes = passes_text(health.passes, "backward")
    aside = {id(W) for W in not_trained(health)}
    groups: dict[Any, list[str]] = {}
    for key, W in health.unreached.items():
        if key not in aside and not other_parameters(health, key):
            lost, label = health.lost.get(key), health.label(W)
            left = lost is not None and lost.how == "left"
            own = lost._replace(label="") if left and lost.label == label else lost
            groups.setdefault((own, None if left else place_of_parameter(health, W) or key), []).append(label)
    for (lost, _), (label, *others) in groups.items():
        start = f"Its gradient is None: none of the {passes} came to it."
        if others:
            start += f" So it is with {', '.join(others)}."
        if lost is not None and lost.how == "left":
            what = f"The values of {lost.label}, which was computed from it," if lost.label else "Its values"
            start += f"\n{what} left the graph here by {lost.way}."
            yield Finding("error", "no gradient", label, start, LEFT(lost, label), lost.place)
        elif lost is not None and lost.how == "aside":
            way = "Make what is computed from it part of the loss, or leave it out."
            text = f"{start}\nIt was used here, but the loss was not computed from that."
            yield Finding("error", "no gradient", label, text, way, lost.place)
        else:
            way = "It is never used: use it in the forward pass, or leave it out of the network and the optimiser."
            yield Finding("error", "no gradient", label, f"{start}\nNo operation took it.", way)


def not_trained(health):
    """The parameters of networks that no pass came to and no optimiser holds: a teacher, a copy to compare with."""
    held = {id(W) for record in health.optimisers.values() for W in record.optimiser.parameters}
    for module in health.modules:
        parameters = [W for _, W in module.named_parameters()]
        if module is not health.network and held and all(id(W) in health.unreached and id(W) not in held for W in parameters):
            yield from parameters


def other_parameters(health, key):
    """Whether a tensor belongs to an optimiser that holds no parameter of what was trained: a finding of its own."""
    for record in health.optimisers.values():
        ids = {id(W) for W in record.optimiser.parameters}
        idle = record.steps and record.idle == record.steps and not record.forgotten
        if key in ids and idle and not left_graph(health, record):
            return True
    return False


# Optimisers


def optimisers(health: Any, found: list[Finding]) -> Iterator[Finding]:
    """Optimisers that change nothing."""
    for record in health.optimisers.values():
        kind = type(record.optimiser).__name__
        forgotten = record.steps if never_in_time(health, record) else record.forgotten
        if forgotten >= FEW and forgotten >= record.steps / 2:
            at = f"At {forgotten} of {counted(record.steps, 'step')}{noted(health.passes)}"
            text = f"{at} every gradient was None, though each pass had computed them."
            way = "Call zero_grad() before backward(), and step() right after it: nothing in between may forget gradients."
            yield Finding("error", "gradients forgotten", kind, text, way, record.place)
        elif record.steps >= 2 and record.idle == record.steps and health.passes and not left_graph(health, record):
            count = counted(len(record.optimiser.parameters), "parameter")
            steps_seen = f"{counted(record.steps, 'step')}{noted(health.passes)}"
            text = f"None of its {count} had a gradient at any of {steps_seen}: nothing was changed."
            same = [W for W in record.optimiser.parameters if any(same_kind(W, other) for other in health.named.values())]
            if same:
                text += f"\nAnother network has {len(same)} of the same names and shapes."
            way = "It holds another network's parameters: make the optimiser after the network that is trained."
            yield Finding("error", "other parameters", kind, text, way, record.place)
        if record.at_zero >= FEW:
            rate, since = getattr(record.optimiser, "lr", 0), f"{record.zero_since}{or_before(record.zero_since)}"
            text = (
                f"The learning rate is {rate:.2g} since pass {since}, and was {record.largest_lr:g}: "
                f"{at_least(health.passes)}{counted(record.at_zero, 'step')} changed nothing."
            )
            way = "The schedule ended too early: step it once an epoch, or give it more steps (T_max, total_iters)."
            if not record.largest_lr:
                each = f"{counted(record.at_zero, 'step')}{noted(health.passes)}"
                text = f"The learning rate was 0 at each of {each}, which changed nothing."
                way = "A schedule that begins at 0 goes on with schedule.step(), after each step; without one, give another lr."
            yield Finding("error", "learning rate is 0", kind, text, way, record.place)


def never_in_time(health, record):
    """Whether none of its steps found a gradient, while the passes that were looked at gave its parameters some."""
    held = {id(W) for W in record.optimiser.parameters}
    return record.idle == record.steps and any(not held.isdisjoint(look.parameters) for look in health.looks)


def left_graph(health, record):
    """Whether the first parameter of an optimiser was used, and its values left the graph: a finding of its own."""
    lost = health.lost.get(id(record.optimiser.parameters[0]))
    return lost is not None and lost.how == "left"


def same_kind(W, other):
    """Whether two parameters could be the same one of two networks that are built alike."""
    return W is not other and W.name == other.name and W.shape == other.shape


# Units that are alike


def alike(health: Any, found: list[Finding]) -> Iterator[Finding]:
    """Units that stay equal."""
    for key, seen in health.equal.items():
        numbers = [look.number for look in health.looks if key in look.parameters]
        if len(seen) < FEW or len(seen) < len(numbers) / 2 or max(seen) < numbers[-1]:
            continue
        last = seen[max(seen)]
        W = next(look.parameters[key].node for look in health.looks if key in look.parameters)
        units = ", ".join(str(i + 1) for i in last.first) + (", …" if last.equal > len(last.first) else "")
        text = (
            f"{last.equal} of its {last.units} units ({units}) have the same weights and get the same gradient, in each of "
            f"{counted(len(seen), 'look')}\nup to pass {max(seen)}: they will stay equal for ever, and do the work of one."
        )
        way = "Begin with random weights, which differ from unit to unit: rng.normal(size=...), or a function of nn.init."
        place = made_at(health, health.label(W)) or next((equal.place for equal in seen.values() if equal.place), None)
        yield Finding("error", "equal units", health.label(W), text, way, place)


# Gradients that are zero, or fade


def zero(health: Any, found: list[Finding]) -> Iterator[Finding]:
    """Parameters whose gradient is 0 in every element, and relus that are off."""
    groups: dict[Any, list[Any]] = {}
    for key, because in health.zero_because.items():
        seen = [(look.number, look.parameters[key]) for look in health.looks if key in look.parameters]
        zeros = [number for number, parameter in seen if parameter.own == 0]
        lasting = len(zeros) >= FEW and seen[-1][1].own == 0 and len(zeros) >= len(seen) / 2
        if lasting and any(look.loss != 0 for look in health.looks):
            groups.setdefault(because, []).append((health.label(seen[0][1].node), zeros[0]))
    for (text, way, place), members in groups.items():
        (label, since), *others = members
        also = f" So are those of {', '.join(name for name, _ in others)}." if others else ""
        yield Finding(
            "error",
            "zero gradient",
            label,
            f"Its gradient is 0 in every element, since pass {since}.{also}\n{text}",
            way,
            place,
        )
    named = {name for members in groups.values() for name, _ in members}
    lines: dict[Any, list[Any]] = {}
    for stage, dead, since in dead_relus(health):
        if not named & {health.label(W) for W in stage.parameters}:
            lines.setdefault(stage.place or stage.label, []).append((stage, dead, since))
    for (stage, dead, since), *others in lines.values():
        units = f"{np.count_nonzero(dead)} of {dead.size} units ({dead.mean():.0%})"
        text = f"{units} are 0 for every sample, in every look since pass {since}."
        if others:
            text += f"\nSo it is, half of the units or more, in {counted(len(others), 'other layer')} at this line."
        way = "A smaller learning rate, or smaller biases at the beginning; leaky_relu has a slope on both sides."
        yield Finding("warning", "dead units", stage.label, text, way, stage.place)


def dead_relus(health):
    """(stage, units that were dead in every look, since when) of relus of which many are."""
    keys = dict.fromkeys(key for look in health.looks for key, stage in look.stages.items() if stage.dead is not None)
    for key in keys:
        seen = [(look.number, look.stages[key]) for look in health.looks if key in look.stages and is_hidden(look, key)]
        if not seen:  # the last one is no unit but a part of the loss, as a hinge
            continue
        shape = seen[-1][1].dead.shape
        lasting, since, count = seen[-1][1].dead, seen[-1][0], 0
        for number, stage in reversed(seen):
            if stage.dead.shape != shape or (lasting & stage.dead).mean() < MANY_DEAD:
                break
            lasting, since, count = lasting & stage.dead, number, count + 1
        if count >= FEW and lasting.size >= 4:
            yield seen[-1][1], lasting, since


def faded(health: Any, found: list[Finding]) -> Iterator[Finding]:
    """Gradients that vanish or explode on their way, and stages at the ends of what they are."""
    told = {finding.kind for finding in found}
    verdicts: dict[Any, list[Any]] = {}
    for look in health.looks:
        for kind, figures in fading_in(look):
            verdicts.setdefault((kind, figures[0]), []).append((look.number, figures))
    lasting = {key: seen for key, seen in verdicts.items() if len(seen) >= FEW and len(seen) >= len(health.looks) / 2}
    in_time = [key for key, seen in lasting.items() if seen[-1][1][3] == "steps"]
    for key in in_time[:-1] if "growing graph" not in told else in_time:  # a loop's stages fade together; the last one is bent
        del lasting[key]
    for (kind, _), seen in lasting.items():
        yield fading(health, kind, seen)
    keys = dict.fromkeys(key for look in health.looks for key, stage in look.stages.items() if stage.saturated is not None)
    for key in keys:
        seen = [(look.number, look.stages[key]) for look in health.looks if key in look.stages and is_hidden(look, key)]
        full = [number for number, stage in seen if stage.saturated >= MANY_SATURATED]
        early = len(full) >= FEW and full[0] <= FEW
        if early and len(full) >= len(seen) / 2 and not told & {"zero gradient", "learning rate too large"}:
            stage = seen[-1][1]
            ends = f"{stage.saturated:.0%} of its elements are at the ends of {stage.op}"
            text = f"{ends}, where the slope is nearly 0, since pass {full[0]}."
            way = "Standardise the inputs, and begin with smaller weights: a function of nn.init knows how large."
            first, began = seen[0]
            if began.saturated < MANY_SATURATED:
                text = f"{text[:-1]}; in pass {first} it was {began.saturated:.0%}: the steps drove it there."
                way = "Make the learning rate smaller; standardised inputs allow larger ones."
            yield Finding("warning", "saturated", stage.label, text, way, stage.place)


def is_hidden(look, key):
    """Whether parameters come after a stage: the last one may be at its ends, being right and sure."""
    keys = list(look.stages)
    return any(look.stages[later].op in ("affine", "matmul", "conv2d") for later in keys[keys.index(key) + 1 :])


def fading_in(look):
    """(kind, figures) of what vanishes or explodes in one look: through depth, and through time."""
    weighing = [(key, stage) for key, stage in look.stages.items() if stage.op in ("affine", "matmul", "conv2d")]
    deep = [(key, max(stage.norms), stage) for key, stage in weighing if np.isfinite(stage.norms).all()]
    if len(deep) >= 4 and deep[-1][1] > 0 and deep[0][1] > 0:
        share = deep[0][1] / deep[-1][1]
        if not VANISHING < share < EXPLODING:
            yield ("vanishing" if share < 1 else "exploding"), (deep[0][0], share, len(deep), "layers", deep[0][2])
    for key, stage in look.stages.items():
        if stage.op == "sigmoid" and not is_alone(stage, look):  # a gate: of a first state that is 0, it decides nothing
            continue
        norms = np.array(stage.norms)
        if len(norms) >= 8 and np.isfinite(norms).all() and norms[-1] > 0 and norms[0] > 0:
            share = norms[0] / norms[-1]
            if not VANISHING < share < EXPLODING:
                yield ("vanishing" if share < 1 else "exploding"), (key, share, len(norms), "steps", stage)


def is_alone(stage, look):
    """Whether nothing else is bent by the parameters of a stage, as it is in a cell with gates."""
    return not any(
        other is not stage and other.op == "tanh" and {*other.parameters} & {*stage.parameters}
        for other in look.stages.values()
    )


def fading(health, kind, seen):
    """The finding of gradients that vanish or explode."""
    number, (_, share, count, what, stage) = seen[-1]
    stage = next((figures[4] for _, figures in seen if figures[4].place is not None), stage)
    each = share ** (1 / (count - 1))
    label = stage.label if what == "steps" else health.label(stage.parameters[0]) if stage.parameters else stage.label
    text = (
        f"Of the gradient at the end of {count} {what}, {share:.2g} arrives at the beginning: each passes on {each:.2g} of it. "
        f"Seen in {len(seen)} looks, to pass {number}."
    )
    if kind == "exploding":
        way = "Smaller weights (an orthogonal matrix keeps lengths), normalisation; clip_grad_norm_ bounds what is left."
    elif what == "steps":
        way = "An LSTM or a GRU keeps gradients for longer; an orthogonal matrix, shorter sequences, too."
    else:
        way = (
            "relu with nn.init.kaiming_normal, or tanh with xavier_normal; normalisation, or ways around the layers (x + f(x))."
        )
    return Finding("warning", kind, label, text, way, stage.place)
