"""`watch(network)`: look at a training run from time to time, and say afterwards why it does not learn.

`Health` is an observer of complete passes, updates and calls of modules, which cost a pass nothing while it runs: at the end
of a pass, all values and gradients stand in its graph. Every pass is counted; a few are looked at, the first ones and then
fewer and fewer, and never for more than a small share of the time that has passed. In a long run there are rests in between,
in which nothing but the end of each pass is told.
"""

from __future__ import annotations

import sys
import weakref
from dataclasses import dataclass, field
from time import process_time, thread_time
from typing import TYPE_CHECKING, Any

import numpy as np

from ..formulas.brief import counted
from ..formulas.labels import label_of
from ..graph import Node, audience, birth_of, reachable, values_of
from ..saving.savers import save
from ..source.lines import Place, place_of, users_place
from ..source.naming import name_tensors
from ..watching.observers import PACKAGE, Observer
from .anew import MadeAnew
from .attention import Attention, Lines
from .curvature import curvature_along_gradient
from .finding import SIGNS, passes_text, worst_first
from .growing import Kept, carried_over, ids_held
from .look import Look, follow, look_at_parameter, look_at_stage
from .modes import Modes
from .pace import ALL_NOTED, FIRST, NOTED, REST, Pace
from .reason import adds_up, said_of_loss, way_to, where_lost
from .recognising import recognise
from .signs import is_likelihood, is_negated, signs_in
from .stages import WEIGHING, is_array, label_of_stage, stages_of, unshaped
from .symmetry import equal_units
from .unreached import losses_of
from .variables import buffers_of, named_parameters, tensors_in, users_frame, users_variables

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

    from ..annotations import FilePath
    from .finding import Finding

ATTENTIVE = 3  # of the first passes, those in whose steps it is noted what leaves the graph
NOTHING = 1e-8  # of the largest learning rate there was: what is less is as good as 0
FEW_IN_A_ROW = 3  # passes in a row that add to used gradients, at the beginning, where all are looked at
MOST_CURVATURES = 3  # second derivatives along the gradient, each of which costs several passes


@dataclass
class Series:
    """The passes that begin at one line of the program: their numbers, losses and numbers of nodes."""

    place: Place | None
    numbers: list[int] = field(default_factory=list)  # three lists of numbers, which the garbage collector need not go through
    losses: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)  # of the graphs, in nodes
    output: str = "the loss"
    negated: bool = False  # whether it is minus a squared error or the like
    likelihood: bool = False  # whether it is a log-likelihood, and not minus one
    looks: list[Look] = field(default_factory=list)


@dataclass
class OptimiserRecord:
    """What an optimiser was seen to do."""

    optimiser: Any
    place: Place | None = None
    steps: int = 0
    idle: int = 0  # steps at which none of its parameters had a gradient
    forgotten: int = 0  # of these, those whose gradients were there at the pass, and had been set to None
    at_zero: int = 0  # steps with a learning rate of 0
    zero_since: int = 0
    largest_lr: float = 0.0
    usual_above: float = np.inf  # of a learning rate between this and the largest there is nothing to note


def watch(network: Any = None, *, every: int | None = None) -> Health:
    """Look at a training run while it goes on, and print afterwards what is wrong.

    Parameters
    ----------
    network : Module, dict of str to Tensor, or iterable of Tensor, optional
        Whose parameters are meant to learn. If not given, those that the program's variables hold.
    every : int, optional
        Look at each `every`-th pass, whatever it costs. If not given, at the first four and then at fewer and fewer, so that
        all looks together take a few percent of the time, and 40 ms at the beginning.

    Returns
    -------
    Health
        A context manager, which `fit(callbacks=[watch(network)])` takes, too. Afterwards it is a report: `findings` is a list,
        worst first, `print` shows it, `save("health.svg")` draws what was measured.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, nn, optim, watch
    >>> X, y = np.eye(3), np.ones((3, 1))
    >>> net = nn.MLP([3, 2, 1], rng=np.random.default_rng(0))
    >>> net.hidden.W.data[...] = net.out.W.data[...] = 0.5  # all units alike
    >>> descent = optim.SGD(net.parameters(), lr=0.1)
    >>> with watch(net) as health:
    ...     for _ in range(6):
    ...         descent.zero_grad()
    ...         nn.mse_loss(net(X), y).backward()
    ...         descent.step()
    >>> [(finding.kind, finding.tensor) for finding in health.findings]
    [('equal units', 'hidden.W')]
    """
    return Health(network, every)


class Health(Observer):
    """What was seen of a training run; `watch` makes one.

    Attributes
    ----------
    passes : int
        How many backward passes there were.
    looks : list of Look
        What was measured, of those that were looked at.
    """

    def __init__(self, network: Any = None, every: int | None = None, look_around: bool = True) -> None:
        self.network, self.look_around, self.pace = network, look_around, Pace(every)
        self.named = dict(named_parameters(network))
        self.modules: list[Any] = [network] if hasattr(network, "modules") else []
        self.passes = 0
        self.looks: list[Look] = []
        self.series: dict[Any, Series] = {}
        self.labels: dict[int, str] = {id(tensor): name for name, tensor in self.named.items()}
        self.paths: dict[int, str] = {}  # from the variables of the program, for tensors of the same name
        self.optimisers: dict[int, OptimiserRecord] = {}
        self.unreached: dict[int, Any] = {id(tensor): tensor for tensor in self.named.values()}  # no pass has come to them yet
        self.lost: dict[int, Any] = {}  # of them, where their values left the graph
        self.zero_because: dict[Hashable, Any] = {}  # of a parameter whose gradient is 0: text, way out, place
        self.adding_up: dict[int, int] = {}  # of a leaf: passes in a row that added to a gradient which an update had used
        self.signs: dict[Any, Any] = {}  # what single graphs show, by kind and place
        self.equal: dict[Hashable, Any] = {}
        self.carried: list[Any] = []  # of looks: what a graph took over from the one before
        self.curvatures: list[tuple[int, float]] = []
        self.summed: set[int] = set()  # of leaves, those that had been added up in the first passes, one after the other
        self.kept, self.modes, self.anew = Kept(), Modes(), MadeAnew()
        self._called: dict[Hashable, tuple[str, Place | None]] = {}  # of stages what they are called, and their lines
        self._due, self._busy, self._followed = True, False, None
        self._birth, self._last, self._was_bad, self._series, self._wake, self._noting = -1, None, False, None, 0, False
        self._rest_begins, self._rest_ends = ALL_NOTED, 0  # after which pass, and with which; 0 while there is none
        self._code, self._instruction = None, -1  # where the latest pass began
        self._record: OptimiserRecord | None = None  # of the optimiser that made the latest step
        self.attention, self._lines = Attention(self.pace), Lines(self.pace)
        self.bent: set[int] = set()  # the ids of weights before which something is bent, in some pass
        self.weights: set[int] = set()  # the ids of leaves that weigh what comes in
        self.asked: set[int] = set()  # the ids of leaves that grad was asked for, such as the inputs of a physical law
        self.buffers: set[int] = set()  # the ids of tensors without gradient that modules of the user's keep
        self._findings: list[Finding] | None = None

    # Signing in and out

    def __enter__(self):
        self.pace.began = process_time()
        if self.look_around:
            self.discover(users_variables())
        self.attention.watch()
        return super().__enter__()

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self):
        """End it; a second time does nothing."""
        super().remove()
        self.attention.remove()
        self._lines.remove()
        if not self.pace.ended:
            self.pace.ended = process_time()
            if self.look_around:
                self.discover(users_variables())
            self._look_at_the_end()
            self.modes.close()
            self.kept.close()

    # What it is told

    def complete(self, output, grads, earlier, wanted):
        """A backward pass is over. To be counted is all that happens to most: so each line here costs little."""
        if self._busy:
            return
        self.passes = number = self.passes + 1
        self._last = weakref.ref(output)
        data = output.data
        loss = float(data) if type(data) is np.float64 else number_of(output)
        if number < self._rest_ends and loss - loss == 0:
            return
        frame = sys._getframe(3)  # that called backward or grad, which tells of it
        if frame.f_lasti != self._instruction or frame.f_code is not self._code:
            self._find_series(frame, output)
        series = self._series
        series.numbers.append(number)
        series.losses.append(loss)
        series.sizes.append(len(grads))
        if number >= self._wake or loss - loss != 0:
            began, self._busy = thread_time(), True
            try:
                self._note_pass(output, grads, earlier, wanted, series, loss)
            finally:
                self._busy = False
                self.pace.spend(thread_time() - began)
        elif self.unreached or self.modes.pending:
            self._note_what_is_waited_for(grads)
        self._birth = output.birth
        if number >= self._rest_begins:
            self._rest_or_listen(number)

    def _rest_or_listen(self, number):
        """Begin a rest, if nothing is waited for; or listen for some passes, if one is over."""
        if self._rest_ends:
            self._listen(True)
            self._rest_begins, self._rest_ends = number + NOTED, 0
        elif not (self._due or self._followed is not None or self.unreached or self.modes.pending or self.pace.every):
            self._listen(False)
            self._rest_ends = number + REST

    def _listen(self, listens):
        """Be told, or no longer, of updates, and of calls if there are layers with modes."""
        told = [(audience.update, self.update), (audience.call, self.call)]
        for listeners, method in told if self.modes.seen else told[:1]:
            (listeners.append if listens else listeners.remove)(method)

    def _find_series(self, frame, output):
        """Turn to the series of passes that begin at a frame's line; where that is not the user's, as in fit, further out."""
        self._code, self._instruction = frame.f_code, frame.f_lasti
        if frame.f_code.co_filename.startswith(PACKAGE):
            frame, self._code = users_frame(), None  # to be asked each time, since it may be called at several lines
        key = (id(frame.f_code), frame.f_lasti)  # the hash of code itself is made of all that is in it
        if key not in self.series:
            made = {"negated": is_negated(output), "likelihood": is_likelihood(output)}
            self.series[key] = Series(Place(frame.f_code, frame.f_lasti), **made)
        self._series = self.series[key]

    def update(self, optimiser):
        """An optimiser has made a step: as a rule one with a usual learning rate, and with gradients."""
        record = self._record
        if record is None or record.optimiser is not optimiser:
            record = self._record = self.optimisers.setdefault(id(optimiser), OptimiserRecord(optimiser))
        record.steps += 1
        lr = getattr(optimiser, "lr", 1.0)
        if not record.usual_above < lr <= record.largest_lr or optimiser.parameters[0].grad is None:
            self._note_step(record, lr)

    def _note_step(self, record, lr):
        """Do what there is to do about a step that is not as usual."""
        record.place = record.place or users_place()
        record.largest_lr = max(record.largest_lr, lr)
        if lr <= NOTHING * record.largest_lr:
            record.at_zero += 1
            record.zero_since = record.zero_since or self.passes
            record.usual_above = np.inf  # the next one ends it, or is counted, too
        else:
            record.at_zero, record.zero_since, record.usual_above = 0, 0, NOTHING * record.largest_lr
        if all(W.grad is None for W in record.optimiser.parameters):
            record.idle += 1
            output = self._last() if self._last is not None else None
            if output is not None and not reachable(output).keys().isdisjoint(record.optimiser.parameters):
                record.forgotten += 1

    def call(self, module, inputs, output):
        """A module was called."""
        if type(module) not in self.modes.without:
            self.modes.note_call(module, output, self.passes)
        if self.passes < ATTENTIVE:
            self.anew.note_call(module, self.passes, self._birth, self.named)

    # Looking

    def _note_pass(self, output, grads, earlier, wanted, series, loss):
        """Do what there is to do about a pass, and decide when there will be more."""
        self._note_what_is_waited_for(grads)
        bad = loss - loss != 0 and is_array(output.data)  # NaN or inf
        look = self._due or (bad and not self._was_bad)
        self._was_bad = self._was_bad or bad
        if look or self._followed is not None:
            if wanted is not None:
                grads = {node: values_of(dz) for node, dz in grads.items()}  # with create_graph they are Tensors
            with np.errstate(all="ignore"):
                if self._followed is not None:
                    self._follow(output, grads, earlier, wanted, series)
                if look:
                    self._look(output, grads, earlier, wanted, series, loss)
        self._attend(self.passes + 1)

    def _note_what_is_waited_for(self, grads):
        """Which parameters a pass came to for the first time, and which calls of layers that have modes it belongs to."""
        if self.unreached:
            self.unreached = {key: tensor for key, tensor in self.unreached.items() if tensor not in grads}
        if self.modes.pending:
            self.modes.note_pass(grads, self.passes)

    def _attend(self, number):
        """Decide whether the next pass is looked at, and if so, note the lines of its operations; and when to ask again."""
        if number == ATTENTIVE + 1:
            self.attention.remove()
            if not self.modes.seen:
                audience.call.remove(self.call)
        if number <= ATTENTIVE + 1:
            self.attention.forget()
        self._due = self.pace.is_due(number)
        if number > ATTENTIVE and self._due != self._noting:
            (self._lines.watch if self._due else self._lines.remove)()
            self._noting = self._due
        self._wake = number if self._due or self._followed is not None else self.pace.wakes_at(number)

    def _look(self, output, grads, earlier, wanted, series, loss):
        if self.passes <= ATTENTIVE:
            self.discover(users_variables())
            self.unreached = {key: tensor for key, tensor in self.unreached.items() if tensor not in grads}
            series.output = label_of(output.name) or "the loss"
            self.lost |= losses_of(self.unreached.values(), output, self.attention)
        look = Look(self.passes, loss, series.place)
        nodes = sorted(grads, key=birth_of)
        keys = self._keys(nodes, wanted, series)
        self.asked.update(id(x) for x in wanted or () if x.op is None)
        self.weights.update(weights_in(nodes, self))
        for node, key in keys.items():
            if is_array(grads[node]):
                look.parameters[key] = look_at_parameter(node, grads[node], earlier.get(node))
                self._note_zero(key, node, output, grads, look)
        for stage in stages_of(nodes):
            label, place = self._called.get(stage.key, ("", None))
            if not label or place is None:  # asked for once, since to spell a formula takes longer than all else
                label, place = label or label_of_stage(stage), place_of(stage.nodes[0])
                self._called[stage.key] = label, place
            seen = look_at_stage(stage, grads, label, place)
            if seen is not None:
                look.stages[stage.key] = seen
        for leaf, units in equal_units(nodes, grads).items():
            self.equal.setdefault(keys.get(leaf, id(leaf)), {})[self.passes] = units
        signs_in(self.signs, self, output, nodes, grads)
        if not self.pace.ended:
            self.carried.append((self.passes, series.place, carried_over(nodes, self._birth, self)))
        self.kept.note(nodes)
        if self.kept.most and self.kept.keeper is None and not self.pace.ended:
            self.kept.ask(users_variables())
        self.looks.append(look)
        series.looks.append(look)
        self._followed = look
        self.pace.looked(self.passes)

    def _keys(self, nodes, wanted, series):
        """What tells the leaves of a pass apart: their identity; of what grad(f) makes of its arguments, their order."""
        leaves, wanted = [node for node in nodes if node.op is None], set(wanted or ())
        fresh = [leaf for leaf in leaves if leaf in wanted and leaf.birth > self._birth]
        numbers = {leaf: ("argument", id(series), i) for i, leaf in enumerate(fresh)}
        return {leaf: numbers.get(leaf, id(leaf)) for leaf in leaves}

    def _look_at_the_end(self):
        """Look at the latest pass, if its graph is still there and was not looked at."""
        output = self._last() if self._last is not None else None
        if output is None or self.looks[-1].number == self.passes:
            return
        if len(self.series) == 1 and self._series.numbers[-1] != self.passes:  # it was in a rest
            self._series.numbers.append(self.passes)
            self._series.losses.append(number_of(output))
        grads = {node: node.grad for node in reachable(output) if node.grad is not None}
        with np.errstate(all="ignore"):
            self._look(output, grads, {}, None, self._series, number_of(output))
        self._followed = None

    def _follow(self, output, grads, earlier, wanted, series):
        """What became of the parameters since the look at the pass before."""
        look, self._followed = self._followed, None
        leaves = self._keys(sorted(grads, key=birth_of), wanted, series)
        again = {key: leaf for leaf, key in leaves.items() if isinstance(key, tuple)}
        for key, parameter in look.parameters.items():
            if isinstance(key, tuple):
                parameter.node = again.get(key, parameter.node)
        for parameter in look.parameters.values():
            node = parameter.node
            if (
                node in earlier
                and is_array(node.data)
                and np.any(earlier[node])
                and not np.array_equal(node.data, parameter.value)
            ):
                self.adding_up[id(node)] = count = self.adding_up.get(id(node), 0) + 1
                if count >= FEW_IN_A_ROW and self.passes <= FIRST + 1:
                    self.summed.add(id(node))
            elif node in grads:
                self.adding_up[id(node)] = 0
        follow(look, grads, earlier)
        rising = len(series.losses) > 1 and series.losses[-1] > series.losses[-2]
        if rising and (look.overshoot or 0) > 1 and len(self.curvatures) < MOST_CURVATURES:
            found = curvature_along_gradient(output, [x for x in grads if x.op is None])
            if found is not None:
                self.curvatures.append((self.passes, found))

    def _note_zero(self, key, node, output, grads, look):
        """Where the gradient of a parameter got lost, if it is 0 everywhere; asked once, while the graph is there."""
        parameter = look.parameters[key]
        if parameter.own == 0 and parameter.value.size and key not in self.zero_because:
            lost = where_lost(way_to(node, output, grads))
            if lost is not None and not adds_up(*lost):  # what does not count is no bug, as the bias before a difference
                self.zero_because[key] = said_of_loss(*lost)

    def discover(self, variables: dict[str, Any]) -> None:
        """Look into the variables of a program for parameters, modules and optimisers, and name tensors by them."""
        name_tensors(variables)
        for name, value in list(variables.items()):
            if name.startswith("_") or isinstance(value, type):
                continue
            if isinstance(value, Node):
                self._know(name, value)
            elif hasattr(value, "named_tensors"):
                if all(value is not module for module in self.modules):
                    self.modules.append(value)
                for path, tensor in value.named_tensors().items():
                    self.paths.setdefault(id(tensor), f"{name}.{path}")
                    self._know(path, tensor)
                self.buffers |= buffers_of(value)
            elif hasattr(value, "step") and hasattr(value, "memories"):
                self.optimisers.setdefault(id(value), OptimiserRecord(value))
            else:
                for path, tensor in tensors_in(name, value):
                    self._know(path, tensor)
        self.kept.ask(variables)

    def _know(self, name, tensor):
        """Note a leaf, by the name that leads to it; without a network that was given, it is one to be trained."""
        if not tensor.is_leaf:
            return
        label = self.labels.setdefault(id(tensor), label_of(tensor.name) or name)
        known = any(tensor is other for other in self.named.values())
        if tensor.requires_grad and not known and self.network is None and self.passes <= ATTENTIVE:
            self.named[label if label not in self.named else self.paths.get(id(tensor), f"{label}, {len(self.named)}")] = tensor
            if not any(id(tensor) in look.parameters for look in self.looks):
                self.unreached[id(tensor)] = tensor

    def label(self, tensor: Any) -> str:
        """What a report calls a tensor."""
        label = label_of(tensor.name) or self.labels.get(id(tensor)) or f"a parameter of shape {tensor.shape}"
        namesakes = {id(other) for other in self.named.values() if other.name == tensor.name}
        return self.paths.get(id(tensor), label) if len(namesakes) > 1 else label

    # The report

    @property
    def findings(self) -> list[Finding]:
        """list of Finding: what is wrong, worst first; empty where there is nothing to say."""
        if self._findings is not None and self.pace.ended:
            return self._findings
        self._findings = worst_first(recognise(self))
        return self._findings

    def save(self, path: FilePath) -> Path:
        """Write what was measured as a picture, .svg, or a page, .html.

        Raises
        ------
        ValueError
            If the suffix is another one.
        """
        return save(self, path)

    def __str__(self) -> str:
        found = self.findings
        head = f"Health of {passes_text(self.passes, 'backward')}, {len(self.looks)} of them looked at"
        counts = {severity: sum(finding.severity == severity for finding in found) for severity in SIGNS}
        said = ", ".join(
            f"{sign} {counted(counts[severity], severity)}" for severity, sign in SIGNS.items() if counts[severity]
        )
        return "\n\n".join([f"{head}: {said or 'nothing to say'}", *map(str, found)])

    def __repr__(self) -> str:
        return f"<Health of {self.passes} backward passes: {counted(len(self.findings), 'finding')}>"


def number_of(output):
    """The value of a loss; NaN if it is not one number, or not computed yet."""
    data = output.data
    return float(data) if isinstance(data, (float, int)) or (is_array(data) and data.size == 1) else float("nan")


def weights_in(nodes, health):
    """The ids of leaves that weigh what comes in: those on the right of it, and those on the left of what is no leaf."""
    for node in nodes:
        if node.op is not None and node.op.name in WEIGHING:
            operands = [unshaped(x) for x in node.inputs]
            for position, x in enumerate(operands):
                if x.op is None and x.requires_grad and (position > 0 or not is_weight(operands[1], health)):
                    yield id(x)


def is_weight(x, health):
    """Whether something is a weight by itself: a leaf that is trained, or a frozen one of a network."""
    return x.op is None and (x.requires_grad or id(x) in ids_held(health))
