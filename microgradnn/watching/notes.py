"""What a tool remembers of nodes without keeping them alive."""

from __future__ import annotations

import weakref

from ..graph import Node


class Reference(weakref.ref[Node]):
    """A reference to a node that does not keep it alive, and still knows its birth when it is gone."""

    __slots__ = ("birth",)


class Notes:
    """What a tool remembers of nodes: a dict from node to note, whose entries go when their nodes do.

    >>> from microgradnn import Tensor
    >>> notes, x = Notes(), Tensor(1.0)
    >>> notes[x] = "seen"
    >>> notes.get(x), notes.get(x + 1)
    ('seen', None)
    """

    def __init__(self):
        self._entries = {}  # birth of a node -> its note, and the reference that ends both

    def __setitem__(self, node, note):
        reference = Reference(node, self._forget)
        reference.birth = node.birth
        self._entries[node.birth] = note, reference

    def _forget(self, reference):
        self._entries.pop(reference.birth, None)

    def get(self, node, default=None):
        """The note, or `default` if there is none."""
        return self._entries.get(node.birth, (default,))[0]

    def __contains__(self, node):
        return node.birth in self._entries

    def __len__(self):
        return len(self._entries)
