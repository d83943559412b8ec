"""Which nodes of a recorded graph are drawn: all, or folded by names, by modules, by depth."""

import numpy as np

from ..errors import one_of
from ..graph import PYTHON_NUMBERS, Node, whole_graph
from ..nn.module import Module
from ..watching.calls import calls_of
from .meanings import NAMES, meanings_in

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
        self.nodes = whole_graph(output)
        self.calls = {node: calls_of(node) for node in self.nodes if calls_of(node)}
        self.names_only = names_only or fold in ("names", "repeats", "meaning")
        modules = [fold] if isinstance(fold, Module) else [] if isinstance(fold, str) or fold is None else list(fold)
        if (isinstance(fold, str) and fold not in FOLDS) or not all(isinstance(module, Module) for module in modules):
            raise ValueError(f"fold is one of {', '.join(FOLDS)}, a Module or a list of Modules; not {fold!r}.")
        self._check_unfolded()
        drawn = self._countable(self.nodes)
        if fold == "auto" and not names_only and len(drawn) > MOST_NODES:
            self.names_only = True
            self.notes.append(f"{len(drawn):,} operations and tensors: only named tensors are drawn (fold='names')")
        calls = [call for calls in self.calls.values() for call in calls]
        folded = {"modules": calls, "layers": _innermost(calls)}.get(fold) if isinstance(fold, str) else None
        self._close(modules if folded is None else [call.module for call in folded])
        self.meant = {}
        if isinstance(fold, str) and fold in ("meaning", "layers"):
            self._close_meanings()
        self.shown = {node: None for node in self.nodes if self._is_shown(node)}
        self._limit(depth, automatic=fold == "auto")

    def _check_unfolded(self):
        """Refuse to unfold what is not in the graph."""
        known = {*self.nodes, *(call.module for calls in self.calls.values() for call in calls)}
        for each in self.unfold:
            if isinstance(each, str):
                one_of(NAMES, each, "unfold")
            elif each not in known:
                what = f"the tensor {each.name or '(no name)'}" if isinstance(each, Node) else f"{each!r}"
                raise ValueError(f"unfold: {what} is no part of the graph that is drawn.")

    def _countable(self, nodes):
        return [node for node in nodes if type(node.data) not in PYTHON_NUMBERS]

    def _close(self, modules):
        """Draw the calls of these modules as one box each: their inner nodes and own parameters are absorbed."""
        for node, calls in self.calls.items():
            outermost = next((call for call in reversed(calls) if any(call.module is module for module in modules)), None)
            if outermost is not None and node not in self.absorbed and not self._is_opened(node, outermost):
                self.closed[node] = outermost
        for node, call in self.closed.items():
            own = {parameter for _, parameter in call.module.named_parameters()}
            inner = {n for n in self.nodes if n is not node and (call.contains(n) or n in own)}
            self.absorbed |= inner
        self.closed = {node: call for node, call in self.closed.items() if node not in self.absorbed}

    def _is_opened(self, node, call):
        """Whether a call of a module shall stay open; then what it made is shown, also what has no name."""
        if node not in self.unfold and call.module not in self.unfold:
            return False
        self.opened |= {n for n in self.nodes if call.contains(n)}
        return True

    def _close_meanings(self):
        """Draw groups of operations that have a name of their own as one box each, if nothing else uses what is within."""
        consumers = {}
        for node in self.nodes:
            for x in node.inputs:
                consumers.setdefault(x, set()).add(node)
        for node, meaning in meanings_in(self.nodes).items():
            inside, hidden = {*meaning.inside, node}, meaning.inside.difference(meaning.also)
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
        self._sources = {node: self._find_sources(node) for node in self.shown}
        distance, order = {self.output: 0}, [self.output]
        for node in order:
            for x in self._sources[node]:
                if x not in distance:
                    distance[x] = distance[node] + 1
                    order.append(x)
        kept = [node for node in order if depth is None or distance[node] <= depth]
        kept = kept[:MOST_NODES] if automatic else kept
        drawn = set(kept)
        self.cut = {node for node in kept if not drawn.issuperset(self._sources[node])}
        self.shown = {node: None for node in self.shown if node in drawn}
        if len(kept) < len(order):
            self.notes.append(f"{len(order) - len(kept):,} more, further from the output, are not drawn")

    def around(self, call):
        """The innermost call of a module that a call was made in, or None."""
        outer = [c for calls in self.calls.values() for c in calls if c.first < call.first and call.last <= c.last]
        return max(outer, key=_first_of, default=None)

    def sources(self, node):
        """The drawn nodes that a drawn one is computed from, in operand order, through what is folded between them."""
        return [x for x in self._sources[node] if x in self.shown]

    def _find_sources(self, node):
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


def _first_of(call):
    return call.first


def _innermost(calls):
    """Those calls in which no other was made."""
    return [call for call in calls if not any(call.first <= c.first and c.last <= call.last for c in calls if c is not call)]
