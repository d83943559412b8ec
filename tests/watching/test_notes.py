"""Notes: what is remembered of a node, for as long as the node lives and no longer."""

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


def test_notes_keep_no_node_alive(without_collector):
    """When a node goes its note goes too, at once; those of other nodes stay."""
    notes, x = Notes(), Tensor(1.0)
    notes[x] = "stays"
    for i in range(10):
        notes[x + i] = "goes"
    assert len(notes) == 1
    assert notes.get(x) == "stays"
