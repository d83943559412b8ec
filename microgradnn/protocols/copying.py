"""Graphs in copies and pickles, which go into what they are given by recursion: a deep graph goes there as a flat list."""

from __future__ import annotations

import weakref

from ..graph import Number, reachable, whole_graph
from ..watching.changes import changed_now, changes_since


class Packed:
    """A node as it is pickled or copied within a graph: made anew, it is the node itself.

    One node has one of these for as long as a pickle or copy remembers it: so two outputs of one graph stay connected.
    """

    __slots__ = ("__weakref__", "node")

    def __init__(self, node):
        self.node = node

    def __reduce__(self):
        return reduced(self.node)


packings: weakref.WeakValueDictionary[int, Packed] = weakref.WeakValueDictionary()  # by birth, as long as somebody holds them


class Changed:
    """Where in a graph that is copied a leaf was changed: made anew, it notes that of the leaf's copy."""

    __slots__ = ("leaf",)

    def __init__(self, leaf):
        self.leaf = leaf

    def __reduce__(self):
        return changed_now, (self.leaf,)


def reduced_graph(node):
    """What pickle and copy.deepcopy are told of a node: all of the graph below it, one node after the other.

    They go into what they are given by recursion, and a graph may be deeper than Python's stack. So they get a list,
    oldest first: of each node's inputs they know already when its turn comes. Where a leaf has been changed after a node was
    computed from it, the list says so after that node: the copy of a graph that is refused is refused too.
    """
    if node.op is None:
        return reduced(node)
    changed = {}
    for x, user in changes_since(reachable(node)):
        changed.setdefault(user, []).append(Changed(packed(x)))
    parts = []
    for x in whole_graph(node):
        if not isinstance(x, Number):
            parts += [packed(x), *changed.get(x, ())]
    return last_of, (*parts, packed(node))


def packed(node):
    """What stands for a node in what is pickled: a leaf stands for itself."""
    if node.op is None:
        return node
    found = packings.get(node.birth)
    return packings.setdefault(node.birth, Packed(node)) if found is None else found


def reduced(node):
    """A node as pickle wants to be told: how an empty one is made, and what is put into it."""
    attributes, slots = node.__getstate__()
    inputs = tuple([packed(x) for x in node.inputs])
    return blank, (type(node),), (attributes, {**slots, "inputs": inputs})


def blank(node_class):
    """An empty node, which `__setstate__` fills."""
    return object.__new__(node_class)


def last_of(*nodes):
    """Of the nodes of an unpickled graph, oldest first, the one that was pickled."""
    return nodes[-1]
