"""A compiled step at work: which address is whose array, what must not have changed since, and what is told afterwards."""

from operator import attrgetter, is_

import numpy as np

from ..graph import Audience, Node, audience, births, tell, values_of
from ..optim import SGD, Optimiser
from ..programs.recordings import as_example
from ..watching.changes import change_at, known, owner_of, put, written
from .blas import find_blas
from .c_source import CSource
from .native import Native, is_bindable
from .outside import is_equal
from .recorded_steps import recorded_step
from .update_rules import update_rules

data_of, is_training = attrgetter("data"), attrgetter("training")
WATCHED = [event for event in Audience.__slots__ if event != "update"]  # what observers see of a graph, and not of a step in C
PRECISION = 1e4  # units in the last place, of the largest number, that compiled and eager may differ by


class Run:
    """A step for arguments of one kind, compiled.

    Parameters
    ----------
    step : CompiledStep
    args : sequence
    """

    def __init__(self, step, args):
        self.optimiser = step.optimiser
        parameters = step.all_parameters()
        recorded = recorded_step(step.function, step.called, parameters, args)
        self.wanted, self.modules, self.outside = recorded.wanted, recorded.modules, recorded.outside
        self.fixed = [(i, x) for i, x in enumerate(args) if not isinstance(as_example(x), Node)]
        self.own = set(self.wanted)
        self.unreached = [x for x in parameters if x not in self.own]
        self.modes = [*map(is_training, self.modules)]
        self.last_other = 1 + recorded.others
        self.has_rule = self.optimiser is not None and is_usual(self.optimiser, recorded.wanted, parameters)
        updates, slots = update_rules(recorded.program, self.optimiser) if self.has_rule else ((), {})
        slots = recorded.slots | slots
        self.native = Native(CSource(recorded.program, updates, find_blas()).module)
        self.function, self.argument, self.loss = self.native.function, self.native.argument, self.native.results[0]
        found = [(i, *slots[x]) for i, x in enumerate(recorded.program.parameters)]
        self.arguments = [(i, what[0]) for i, kind, *what in found if kind == "argument"]
        self.places = [i for i, kind, *_ in found if kind == "tensor"]
        self.nodes = [what[0] for _, kind, *what in found if kind == "tensor"]
        self.memories = [(i, *what) for i, kind, *what in found if kind == "memory"]
        self.kinds = [(x.shape, x.data.dtype) for x in self.nodes]
        listed = set(parameters)
        self.trained = [(i, x.requires_grad) for i, x in enumerate(self.nodes) if x in listed]
        self.args, self.data = [None] * len(args), [None] * len(self.nodes)
        self.boxes, self.ids = [], []
        self.bind_numbers(found)
        names = [name for name in self.optimiser.setting_names if name != "lr"] if self.has_rule else []
        self.settings = {name: getattr(self.optimiser, name) for name in names}
        self.quick_step = self.written_step(args)

    def bind_numbers(self, found):
        """Bind constants, and arrays for the learning rate and the number of the step."""
        self.noted = -1
        self.rate, self.rates, self.t = None, [], np.ones(1)
        for i, kind, *what in found:
            if kind in ("constant", "lr", "t"):
                array = what[0] if kind == "constant" else self.t if kind == "t" else np.ones(1, what[0])
                self.native.bind(i, array)
                self.rates += [array] * (kind == "lr")
        self.counted = []  # of which the optimiser counts the steps: seen after the first one, which is eager
        for i, x in enumerate(self.optimiser.parameters if self.has_rule else ()):
            self.counted += [i] * (x in self.own and "t" in self.optimiser.memories[i])

    # Guards

    def written_step(self, args):
        """A function of arguments that takes a step; its result is None if C has not these, or something is another now.

        All that each call costs stands in it, written out.
        """
        names = {"run": self, "given": self.args, "data": self.data, "optimiser": self.optimiser, "audience": audience}
        for kind, things in {"node": self.nodes, "module": self.modules, "setting": self.settings.values()}.items():
            names |= {f"{kind}{i}": thing for i, thing in enumerate(things)}
        tests = [f"not audience.{event}" for event in WATCHED]
        tests += [f"node{i}.data is data[{i}]" for i in range(len(self.nodes))]
        tests += [f"node{i}.requires_grad is {trained}" for i, trained in self.trained]
        tests += [f"module{i}.training is {mode}" for i, mode in enumerate(self.modes)]
        tests += [f"optimiser.{name} == setting{i}" for i, name in enumerate(self.settings)]
        tests += ["run.are_memories()"] * bool(self.counted) + self.outside.tests(names)
        lines = ["def quick_step(args):", "    try:", f"        {''.join(f'x{i}, ' for i in range(len(args))) or '()'} = args"]
        lines += [f"        if not ({' and '.join(tests)}): return None", "    except (KeyError, ValueError): return None"]
        places = {position: i for i, position in self.arguments}
        for position in range(len(args)):
            other = [f"    if x{position} is not given[{position}]: return None"]
            i = places.get(position)
            lines += other if i is None else [f"    x = x{position}", *self.native.taking(i, names, "return None")]
        exec("\n".join([*lines, *self.taking_step(names)]), names)  # noqa: S102 - the source is ours
        return names["quick_step"]

    def taking_step(self, names):
        """The lines that take the step: those of `__call__`, without what this optimiser and this loss do not ask for."""
        if not self.has_rule or self.counted or self.last_other > 1 or self.loss.ndim:
            return ["    return run()"]
        names |= {"function": self.function, "argument": self.argument, "births": births, "loss": self.loss}
        return [
            "    if run.boxes or optimiser.lr != run.rate or audience.update: return run()",
            "    if wrong := function(argument): run.refuse_index(wrong)",
            "    now = next(births)",
            "    if now != run.noted + 1: now = run.note()",
            "    run.noted = now",
            "    return loss[()]",
        ]

    def can_be_right(self, args):
        """Bind what is another array now; whether all is such as it was compiled for."""
        if not self.outside.is_same() or not all(is_equal(args[i], x) for i, x in self.fixed):
            return False
        if any(self.nodes[i].requires_grad is not trained for i, trained in self.trained):
            return False
        same_arrays = all(map(is_, map(data_of, self.nodes), self.data)) or self.bind_tensors()
        self.take(args)
        same_modes = [*map(is_training, self.modules)] == self.modes
        same_settings = all(getattr(self.optimiser, name) == value for name, value in self.settings.items())
        return same_arrays and same_modes and same_settings and self.bind_memories()

    def bind_tensors(self):
        """Bind the arrays that Tensors have now; whether they are such as were compiled for."""
        self.data[:] = map(data_of, self.nodes)
        if [(np.shape(x), getattr(x, "dtype", None)) for x in self.data] != self.kinds:
            return False
        self.boxes, self.noted = [], -1
        for i, node, array in zip(self.places, self.nodes, self.data, strict=True):
            is_changed = node in self.own and self.has_rule
            if is_bindable(array) and (array.flags.writeable or not is_changed):
                self.native.bind(i, array)
            else:  # a NumPy scalar, or an array with gaps, or for reading only: it goes through a box
                self.boxes.append((node, np.array(array, order="C")))
                self.native.bind(i, self.boxes[-1][1])
        self.ids = [known(owner_of(x.data) if isinstance(x.data, np.ndarray) else x) for x in self.wanted]
        return True

    def are_memories(self):
        """Whether what the optimiser remembers lies where it lay, and all steps were equally many."""
        memories, held = self.optimiser.memories, self.native.held
        for i, position, name in self.memories:
            if memories[position].get(name) is not held[i]:
                return False
        return len({memories[position].get("t", 0) for position in self.counted}) <= 1

    def bind_memories(self):
        """Bind what the optimiser remembers now, making it where there is nothing yet; whether that can be."""
        for i, position, name in self.memories:
            memory, W = self.optimiser.memories[position], self.optimiser.parameters[position]
            if memory.get(name) is None or memory[name] is not self.native.held[i]:
                memory[name] = np.array(memory.get(name, np.zeros(W.shape)), W.data.dtype, order="C")
                self.native.bind(i, memory[name])
        return not self.has_rule or self.are_memories()

    def take(self, args):
        """Bind arguments. What is no array, or shares memory with a parameter, is copied, and so taken anew each time."""
        self.args[:] = args
        for i, position in self.arguments:
            array = values_of(args[position])
            shares = self.has_rule and any(np.may_share_memory(array, x.data) for x in self.wanted)
            self.native.take(i, array, shares)

    # The step

    def __call__(self):
        self.compute()
        if not self.has_rule:
            self.hand_back()
        else:
            now = next(births)
            self.noted = now if now == self.noted + 1 else self.note()  # no node was made since: what was noted holds
            if self.counted or self.boxes or audience.update:
                self.tell()
        loss = self.loss[()] if self.loss.ndim == 0 else self.loss.copy()
        return loss if self.last_other == 1 else (loss, *(x.copy()[()] for x in self.native.results[1 : self.last_other]))

    def compute(self):
        """Run it on what is bound."""
        if self.has_rule and self.optimiser.lr != self.rate:
            self.rate = self.optimiser.lr
            for array in self.rates:
                array[0] = self.rate
        if self.counted:
            self.t[0] = self.optimiser.memories[self.counted[0]].get("t", 0) + 1
        for node, box in self.boxes:
            box[...] = node.data
        if wrong := self.function(self.argument):
            self.refuse_index(wrong)

    def refuse_index(self, wrong):
        """Raise IndexError."""
        raise IndexError(f"An index is out of bounds for an axis of size {wrong - 1}; nothing has been changed.")

    def note(self):
        """Note that the parameters have changed; returns when."""
        now = change_at()
        written.update(dict.fromkeys(self.ids, now))
        return now

    def tell(self):
        """Say that the parameters have changed: to those without memory of their own, to the optimiser, to observers."""
        if self.boxes:
            put([(node, box.copy()[()]) for node, box in self.boxes if node in self.own])
            self.data[:] = map(data_of, self.nodes)
        t = int(self.t[0])
        for position in self.counted:
            self.optimiser.memories[position]["t"] = t
        tell(audience.update, self.optimiser)

    def hand_back(self):
        """Put gradients where backward() puts them; what the optimiser does with them is its own affair."""
        for x, gradient in zip(self.wanted, self.native.results[self.last_other :], strict=True):
            x.grad = gradient.copy()
        for x in self.unreached:
            x.grad = None
        if self.optimiser is not None:
            self.optimiser.step()


def refuse_difference(pairs):
    """Raise RuntimeError unless compiled and eager numbers agree, but for rounding."""
    scale = max((np.max(np.abs(b), initial=0, where=np.isfinite(b)) for _, b in pairs), default=0)
    for ours, theirs in pairs:
        precision = PRECISION * np.finfo(np.asarray(theirs).dtype).eps
        if not np.allclose(ours, theirs, rtol=precision, atol=precision * scale, equal_nan=True):
            raise RuntimeError("What was compiled gave other numbers than the usual step did.")


def is_usual(optimiser, wanted, parameters):
    """Whether an optimiser does nothing in a step but what its rule says, to these parameters, and to all of them alike."""
    own, reached = {id(x) for x in optimiser.parameters}, {id(x) for x in wanted}
    known_step = type(optimiser).step in (Optimiser.step, SGD.step)
    pairs = zip(optimiser.parameters, optimiser.memories, strict=True)
    counts = {memory.get("t", 0) for x, memory in pairs if id(x) in reached}  # one may have been frozen for some steps
    is_alike = not optimiser.own_settings and len(counts) <= 1
    return known_step and is_alike and own.issuperset(reached) and own.issubset(map(id, parameters))
