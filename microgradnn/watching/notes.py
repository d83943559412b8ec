"""What a tool remembers of nodes: on each node its note, so that both go together."""

from __future__ import annotations


class Notes:
    """What a tool remembers of nodes: like a dict from node to note, kept by the nodes themselves, each under this tool.

    >>> from microgradnn import Tensor
    >>> notes, x = Notes(), Tensor(1.0)
    >>> notes[x] = "seen"
    >>> notes.get(x), notes.get(x + 1)
    ('seen', None)
    """

    def __setitem__(self, node, note):
        if node.notes is None:
            node.notes = {}
        node.notes[self] = note

    def get(self, node, default=None):
        """The note, or `default` if there is none."""
        return default if node.notes is None else node.notes.get(self, default)

    def __contains__(self, node):
        return node.notes is not None and self in node.notes
