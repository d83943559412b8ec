"""Notes: what is remembered of a node, for as long as the node lives and no longer."""

import copy
import pickle
import weakref

import pytest

from microgradnn import Tensor
from microgradnn.watching.notes import Notes


def test_a_note_is_found_by_its_node():
    """Each node has its own note, which may be replaced; without one the default is given."""
    notes, x, y = Notes(), Tensor(1.0), Tensor(1.0)
    notes[x] = "first"
    notes[x] = "second"
    assert (notes.get(x), notes.get(y), notes.get(y, "none")) == ("second", None, "none")
    assert x in notes
    assert y not in notes


class Note:
    """Something that can be told to be gone."""


def test_notes_go_with_their_nodes(without_collector):
    """When a node goes its note goes too, at once; those of other nodes stay."""
    notes, x, y, note = Notes(), Tensor(1.0), Tensor(1.0), Note()
    notes[x] = "stays"
    notes[y] = note
    gone = weakref.ref(note)
    del note
    assert gone() is not None
    del y
    assert gone() is None
    assert notes.get(x) == "stays"


def test_tools_do_not_see_each_others_notes():
    """Each Notes has its own of a node."""
    some, others, x = Notes(), Notes(), Tensor(1.0)
    some[x] = "seen"
    assert (some.get(x), others.get(x)) == ("seen", None)
    assert x not in others


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_has_no_notes(copied):
    """What was noted of a node speaks of that node: a copy begins without notes, and the node keeps its own."""
    notes, x = Notes(), Tensor(1.0, requires_grad=True) * 2
    notes[x] = "seen"
    assert notes.get(copied(x)) is None
    assert notes.get(x) == "seen"
