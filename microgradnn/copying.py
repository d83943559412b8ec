"""Graphs in copies and pickles, which go into what they are given by recursion: a deep graph goes there as a flat list."""

import weakref


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
