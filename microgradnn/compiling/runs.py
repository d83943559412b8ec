"""A compiled step at work: which address is whose array, what must not have changed since, and what is told afterwards."""

from operator import attrgetter, is_

import numpy as np

from ..graph import Node, audience, births, tell, values_of
from ..optim import SGD, Optimiser
from ..programs.recordings import as_example
from ..watching.changes import change_at, known, owner_of, put, written
from .blas import find_blas
from .c_source import CSource
from .native import Native, address_of, is_bindable
from .outside import is_equal
from .recorded_steps import recorded_step
from .update_rules import UpdateRules

data_of, is_training = attrgetter("data"), attrgetter("training")
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
        recorded = recorded_step(step.function, step.called, step.parameters, args)
        self.wanted, self.modules, self.outside = recorded.wanted, recorded.modules, recorded.outside
        self.fixed = [(i, x) for i, x in enumerate(args) if not isinstance(as_example(x), Node)]
        self.own = set(self.wanted)
        self.unreached = [x for x in step.all_parameters() if x not in self.own]
        self.modes = [*map(is_training, self.modules)]
        self.last_other = 1 + recorded.others
        self.has_rule = self.optimiser is not None and is_usual(self.optimiser, recorded.wanted, step.parameters)
        rules = UpdateRules(recorded.program, self.optimiser) if self.has_rule else None
        slots = {**recorded.slots, **(rules.slots if rules else {})}
        self.native = Native(CSource(recorded.program, rules.updates if rules else (), find_blas()).module)
        self.function, self.argument, self.loss = self.native.function, self.native.argument, self.native.results[0]
        found = [(i, *slots[x]) for i, x in enumerate(recorded.program.parameters)]
        self.arguments = [(i, what[0]) for i, kind, *what in found if kind == "argument"]
        self.places = [i for i, kind, *_ in found if kind == "tensor"]
        self.nodes = [what[0] for _, kind, *what in found if kind == "tensor"]
        self.memories = [(i, *what) for i, kind, *what in found if kind == "memory"]
        self.kinds = [(x.shape, x.data.dtype) for x in self.nodes]
        listed = set(step.parameters)
        self.trained = [(i, x.requires_grad) for i, x in enumerate(self.nodes) if x in listed]
        self.args, self.data = [None] * len(args), [None] * len(self.nodes)
        self.boxes, self.ids, self.ranges = [], [], []
        self.bind_numbers(found)
        names = [name for name in self.optimiser.setting_names if name != "lr"] if self.has_rule else []
        self.settings = {name: getattr(self.optimiser, name) for name in names}
        self.is_right = self.written_test(args)

    def bind_numbers(self, found):
        """Bind constants, and arrays for the learning rate and the number of the step."""
        self.noted = -1
        self.rate, self.rates, self.t = None, [], np.ones(1)
        for i, kind, *what in found:
            if kind in ("constant", "lr", "t"):
                array = what[0] if kind == "constant" else self.t if kind == "t" else np.ones(1, what[0])
                self.native.bind(i, array)
                self.rates += [array] * (kind == "lr")
        plain = (
            type(self.optimiser).step is SGD.step and not (self.optimiser.momentum or self.optimiser.weight_decay)
            if self.has_rule
            else True
        )
        self.counted = [] if plain else [[id(x) for x in self.optimiser.parameters].index(id(node)) for node in self.wanted]

    # Guards

    def written_test(self, args):
        """A function of arguments: whether C has them, and nothing else has changed. It is asked in each call: written out."""
        names = {"given": self.args, "data": self.data, "optimiser": self.optimiser, "are_memories": self.are_memories}
        for kind, things in {"node": self.nodes, "module": self.modules, "setting": self.settings.values()}.items():
            names |= {f"{kind}{i}": thing for i, thing in enumerate(things)}
        tests = [f"len(args) == {len(args)}"]
        tests += [f"node{i}.data is data[{i}]" for i in range(len(self.nodes))]
        tests += [f"node{i}.requires_grad is {trained}" for i, trained in self.trained]
        tests += [f"module{i}.training is {mode}" for i, mode in enumerate(self.modes)]
        tests += [f"optimiser.{name} == setting{i}" for i, name in enumerate(self.settings)]
        tests += ["are_memories()"] * bool(self.counted) + self.outside.tests(names)
        lines = ["def is_right(args):", f"    if not ({' and '.join(tests)}): return False"]
        places = {position: i for i, position in self.arguments}
        for position in range(len(args)):
            other = [f"    if x is not given[{position}]: return False"]
            i = places.get(position)
            lines += [f"    x = args[{position}]", *(other if i is None else self.native.taking(i, names, "return False"))]
        exec("\n".join([*lines, "    return True"]), names)  # noqa: S102 - the source is ours
        return names["is_right"]

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
        return same_arrays and same_modes and same_settings and (not self.has_rule or self.bind_memories())

    def are_memories(self):
        """Whether what the optimiser remembers lies where it lay."""
        memories, held = self.optimiser.memories, self.native.held
        for i, position, name in self.memories:
            if memories[position].get(name) is not held[i]:
                return False
        return not self.counted or len({memories[position].get("t", 0) for position in self.counted}) == 1

    def bind_tensors(self):
        """Bind the arrays that Tensors have now; whether they are such as were compiled for."""
        self.data[:] = map(data_of, self.nodes)
        if [(np.shape(x), getattr(x, "dtype", None)) for x in self.data] != self.kinds:
            return False
        self.boxes, self.ranges, self.noted = [], [], -1
        for i, node, array in zip(self.places, self.nodes, self.data, strict=True):
            bound = array
            is_changed = node in self.own and self.has_rule
            if not is_bindable(array) or (is_changed and not array.flags.writeable):  # it goes through a box
                bound = np.array(array, order="C")
                self.boxes.append((node, bound))
            self.native.bind(i, bound)
            if node in self.own:
                self.ranges.append((address_of(bound), address_of(bound) + bound.nbytes))
        self.ids = [known(owner_of(x.data) if isinstance(x.data, np.ndarray) else x) for x in self.wanted]
        return True

    def bind_memories(self):
        """Bind what the optimiser remembers now, making it where there is nothing yet; whether all steps were equally many."""
        memories = self.optimiser.memories
        for i, position, name in self.memories:
            memory, W = memories[position], self.optimiser.parameters[position]
            array = memory.get(name)
            if array is None or array is not self.native.held[i]:
                array = np.zeros(W.shape, W.data.dtype) if array is None else np.array(array, W.data.dtype, order="C")
                memory[name] = array
                self.native.bind(i, array)
        return len({memories[position].get("t", 0) for position in self.counted}) <= 1

    def take(self, args):
        """Bind arguments. What is no array, or shares memory with a parameter, is copied, and so taken anew each time."""
        self.args[:] = args
        for i, position in self.arguments:
            array = values_of(args[position])
            if not is_bindable(array) or self.overlaps(array):
                array = np.array(array, order="C")
            if array is not self.native.held[i]:
                self.native.bind(i, array)

    def overlaps(self, array):
        """Whether an array may share memory with a parameter that the step changes."""
        first = address_of(array)
        return self.has_rule and any(start < first + array.nbytes and first < end for start, end in self.ranges)

    # The step

    def __call__(self):
        if self.has_rule and self.optimiser.lr != self.rate:
            self.rate = self.optimiser.lr
            for array in self.rates:
                array[0] = self.rate
        if self.counted:
            self.t[0] = self.optimiser.memories[self.counted[0]].get("t", 0) + 1
        for node, box in self.boxes:
            box[...] = node.data
        if wrong := self.function(self.argument):
            raise IndexError(f"An index is out of bounds for an axis of size {wrong - 1}; nothing has been changed.")
        if not self.has_rule:
            self.hand_back()
        else:
            now = next(births)
            if now != self.noted + 1:  # else no node was made since, and what was noted holds
                now = change_at()
                written.update(dict.fromkeys(self.ids, now))
            self.noted = now
            if self.counted or self.boxes or audience.update:
                self.tell()
        loss = self.loss[()] if self.loss.ndim == 0 else self.loss.copy()
        return loss if self.last_other == 1 else (loss, *(x.copy()[()] for x in self.native.results[1 : self.last_other]))

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

    # The comparison

    def compare(self, args, before, result):
        """Raise RuntimeError unless it does, from where the eager step began, what that did."""
        values, memories = before
        self.bind_tensors()
        self.take(args)
        at = dict(zip(self.nodes, self.places, strict=True))
        for node, array in values.items():
            if node in at:
                self.native.bind(at[node], array)
        for i, position, name in self.memories:
            array = memories[position].get(name)
            self.native.bind(i, np.zeros_like(self.optimiser.parameters[position].data) if array is None else array)
        after, counted = self.optimiser and self.optimiser.memories, self.counted
        self.t[0] = (memories[counted[0]].get("t", 0) if counted else 0) + 1
        for array in self.rates:
            array[0] = self.optimiser.lr
        self.native.function(self.native.argument)
        given = result if isinstance(result, tuple) else (result,)
        pairs = [*zip(self.native.results, given, strict=False)]
        if self.has_rule:
            pairs += [(values[x], x.data) for x in self.wanted]
            pairs += [(self.native.held[i], after[position][name]) for i, position, name in self.memories]
        else:
            pairs += [*zip(self.native.results[self.last_other :], [x.grad for x in self.wanted], strict=True)]
        refuse_difference(pairs)
        self.data[:], self.args[:] = [None] * len(self.nodes), [None] * len(args)
        if self.has_rule:
            for x in self.wanted:
                x.grad = None


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
