"""Which nodes of a recorded graph are drawn: all, or folded by names, by modules, by depth."""

from bisect import bisect_right

import numpy as np

from ..errors import one_of
from ..graph import PYTHON_NUMBERS, Node, whole_graph
from ..nn.module import Module
from ..watching.calls import calls_of
from .meanings import CELLS, NAMES, meanings_in

MOST_NODES = 250  # a larger graph is folded by itself
FOLDS = ("auto", "nothing", "names", "repeats", "meaning", "layers", "modules")


class View:
    """Which nodes of a graph are drawn, and what was left out.

    Attributes
    ----------
    shown : dict of Node
        The nodes drawn, oldest first.
    closed : dict of Node to Call
        Those that stand for a whole call of a module.
    meant : dict of Node to Meaning
        Those that stand for a group of operations with a name of its own.
    notes : list of str
        Sentences that say what was folded.
    """

    def __init__(self, output, fold, depth, names_only, unfold=()):
        self.output, self.notes, self.closed, self.absorbed = output, [], {}, set()
        self.unfold, self.opened, self.stands_for = set(unfold), set(), {}
        self.nodes = sorted(whole_graph(output), key=_birth)
        self.births, self.in_graph = [node.birth for node in self.nodes], set(self.nodes)
        self.calls = {node: calls_of(node) for node in self.nodes if calls_of(node)}
        self.names_only = names_only or fold in ("names", "repeats", "meaning")
        is_level = isinstance(fold, int) and not isinstance(fold, bool) and fold >= 0
        modules = [fold] if isinstance(fold, Module) else list(fold) if isinstance(fold, (list, tuple)) else []
        is_known = is_level or isinstance(fold, (Module, list, tuple)) or (isinstance(fold, str) and fold in FOLDS)
        if not is_known or not all(isinstance(module, Module) for module in modules):
            raise ValueError(
                f"fold is one of {', '.join(FOLDS)}, a Module, a list of Modules, "
                f"or how many levels of them are open; not {fold!r}."
            )
        self._check_unfolded()
        self.nesting = Nesting(call for calls in self.calls.values() for call in calls)
        self._close(self._calls_to_close(fold, modules))
        drawn = [node for node in self.nodes if node not in self.absorbed and type(node.data) not in PYTHON_NUMBERS]
        if fold == "auto" and not names_only and len(drawn) > MOST_NODES:
            self.names_only = True
            self.notes.append(f"{len(drawn):,} operations and tensors: only named tensors are drawn (fold='names')")
        self.meant = {}
        if is_level or (isinstance(fold, str) and fold in ("meaning", "layers")):
            self._close_meanings(NAMES)
        elif fold == "repeats":
            self._close_meanings(CELLS)
        self.shown = {node: None for node in self.nodes if self._is_shown(node)}
        self._limit(depth, automatic=fold == "auto")

    def _check_unfolded(self):
        """Refuse to unfold what is not in the graph."""
        known = {*self.in_graph, *(call.module for calls in self.calls.values() for call in calls)}
        for each in self.unfold:
            if isinstance(each, str):
                one_of(NAMES, each, "unfold")
            elif each not in known:
                what = f"the tensor {each.name or '(no name)'}" if isinstance(each, Node) else f"{each!r}"
                raise ValueError(f"unfold: {what} is no part of the graph that is drawn.")

    def _calls_to_close(self, fold, modules):
        """The calls that are one box each: those asked for; of a large graph, as few levels of them as are needed."""
        if modules:
            return [call for call in self.nesting.calls if any(call.module is module for module in modules)]
        if fold == "modules":
            return self.nesting.calls
        if fold == "layers":
            return self.nesting.innermost()
        if isinstance(fold, int):
            return self.nesting.from_level(fold)
        size = sum(type(node.data) not in PYTHON_NUMBERS for node in self.nodes)
        if fold != "auto" or self.names_only or size <= MOST_NODES or not self.nesting.calls:
            return []
        for level in range(self.nesting.deepest, -1, -1):
            closed = self.nesting.from_level(level)
            if size - sum(len(self._within(call)) for call in self.nesting.outermost(closed)) <= MOST_NODES:
                break
        self.notes.append(f"{size:,} operations and tensors: {self.said(level)} one box each; fold='nothing' draws all")
        return closed

    def said(self, level):
        """Which calls are closed at a level, by the classes of their modules."""
        closed = self.nesting.outermost(self.nesting.from_level(level))
        names = list(dict.fromkeys(type(call.module).__name__ for call in closed))
        return f"calls of {', '.join(names[:3])}{' and others' if len(names) > 3 else ''} are"

    def _within(self, call):
        """What a call's box stands for, but for its result: what was made in it, and its own parameters."""
        own = {parameter for _, parameter in call.module.named_parameters()}
        first, last = (bisect_right(self.births, birth) for birth in (call.first, call.last))
        found = dict.fromkeys(n for n in self.nodes[first:last] if n.birth != call.last)
        return found | dict.fromkeys(parameter for parameter in own if parameter in self.in_graph)

    def operations_in(self, call):
        """int: how many operations were recorded in a call."""
        first, last = (bisect_right(self.births, birth) for birth in (call.first, call.last))
        return sum(node.op is not None for node in self.nodes[first:last])

    def _close(self, calls):
        """Draw these calls of modules as one box each: their inner nodes and own parameters are absorbed."""
        chosen = {call.first for call in calls}
        for node, own in self.calls.items():
            outermost = next((call for call in reversed(own) if call.first in chosen), None)
            if outermost is not None and node not in self.absorbed and not self._is_opened(node, outermost):
                self.closed[node] = outermost
        for call in self.closed.values():
            self.absorbed.update(self._within(call))
        self.closed = {node: call for node, call in self.closed.items() if node not in self.absorbed}

    def _is_opened(self, node, call):
        """Whether a call of a module shall stay open; then what it made is shown, also what has no name."""
        if node not in self.unfold and call.module not in self.unfold:
            return False
        self.opened |= {n for n in self.nodes if call.contains(n)}
        return True

    def _close_meanings(self, names):
        """Draw groups of operations that have one of these names as one box each, if nothing else uses what is within."""
        consumers = {}
        for node in self.nodes:
            for x in node.inputs:
                consumers.setdefault(x, set()).add(node)
        for node, meaning in meanings_in(self.nodes).items():
            inside, hidden = {*meaning.inside, node}, meaning.inside.difference(meaning.also)
            if meaning.name not in names:
                continue
            if node in self.unfold or meaning.name in self.unfold:
                self.opened |= inside
            elif node not in self.absorbed and not any(consumers[x] - inside for x in hidden if x in consumers):
                self.meant[node] = meaning
                self.absorbed |= meaning.inside
                self.stands_for |= dict.fromkeys(meaning.also, node)

    def _is_shown(self, node):
        if node in self.absorbed or type(node.data) in PYTHON_NUMBERS:
            return False
        if self.names_only and node.op is None and not node.name and not node.requires_grad and np.size(node.data) == 1:
            return False  # a number, which stands in the formulas
        return (
            not self.names_only
            or node is self.output
            or node.op is None
            or bool(node.name)
            or node in self.closed
            or node in self.meant
            or node in self.opened
        )

    def _limit(self, depth, automatic):
        """Leave out what is further from the output than `depth`, or, if that is left to us, all but the MOST_NODES nearest."""
        self._sources = {node: self.sources_of(node) for node in self.shown}
        distance, order = {self.output: 0}, [self.output]
        for node in order:
            for x in self._sources[node]:
                if x not in distance:
                    distance[x] = distance[node] + 1
                    order.append(x)
        kept = [node for node in order if depth is None or distance[node] <= depth]
        kept = kept[:MOST_NODES] if automatic else kept
        self.rest = order[len(kept) :] if automatic else []
        drawn = set(kept)
        self.cut = {node for node in kept if not drawn.issuperset(self._sources[node])}
        self.shown = {node: None for node in self.shown if node in drawn}
        if len(kept) < len(order):
            self.notes.append(f"{len(order) - len(kept):,} more, further from the output, are not drawn")

    def open_calls(self, node):
        """Those calls that returned a drawn node and are not closed: of a closed one, those around it."""
        closed = self.closed.get(node)
        return [call for call in self.calls.get(node, ()) if closed is None or call.first < closed.first]

    def around(self, call):
        """The innermost call of a module that a call was made in, or None."""
        return self.nesting.parents[call.first]

    def sources(self, node):
        """The drawn nodes that a drawn one is computed from, in operand order, through what is folded between them."""
        return [x for x in self._sources[node] if x in self.shown]

    def sources_of(self, node):
        """The drawn nodes that any node is computed from, in operand order."""
        found, waiting, seen = {}, list(reversed(node.inputs)), set()
        while waiting:
            x = waiting.pop()
            if x in seen:
                continue
            seen.add(x)
            box = self.stands_for.get(x, x)
            x = x if box is node else box
            if x in self.shown:
                found[x] = None
            elif x not in self.absorbed or x.op is not None:
                waiting.extend(reversed(x.inputs))
        return list(found)


class Nesting:
    """Calls of modules, and which was made in which.

    Attributes
    ----------
    calls : list of Call
        The outer ones before those made in them.
    parents : dict of int to Call or None
        By their first births, the innermost call that each was made in.
    levels : dict of int to int
        By their first births, how many calls each was made in.
    """

    def __init__(self, calls):
        self.calls = sorted(dict.fromkeys(calls), key=_first_of)
        self.parents, self.levels, self._inner, around = {}, {}, {}, []
        for call in self.calls:
            while around and around[-1].last < call.last:
                around.pop()
            self.parents[call.first], self.levels[call.first] = (around[-1] if around else None), len(around)
            if around:
                self._inner.setdefault(around[-1].first, []).append(call)
            around.append(call)

    @property
    def deepest(self):
        """int: the highest level."""
        return max(self.levels.values(), default=0)

    def from_level(self, level):
        """Calls that were made in so many others, or more."""
        return [call for call in self.calls if self.levels[call.first] >= level]

    def innermost(self):
        """Those calls in which no other was made."""
        outer = {parent.first for parent in self.parents.values() if parent is not None}
        return [call for call in self.calls if call.first not in outer]

    def directly_in(self, call):
        """The calls that were made in a call, and in no other in it."""
        return self._inner.get(call.first, [])

    def outermost(self, calls):
        """Those of some calls that were made in none of them."""
        chosen = {call.first for call in calls}
        return [call for call in calls if self.parents[call.first] is None or self.parents[call.first].first not in chosen]


def _first_of(call):
    return call.first


def _birth(node):
    return node.birth
