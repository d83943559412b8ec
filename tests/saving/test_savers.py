"""What `.save` does: the writer is found by type and suffix, and nothing else is tried."""

import pytest

from microgradnn import Tensor, draw
from microgradnn.saving import savers
from microgradnn.saving.savers import SAVERS, save, saver, suffix_of, suffixes_of


class Diagram:
    """A thing that is called like one that can be saved."""


def test_every_entry_leads_to_a_function():
    """Each line of the table names a function that is there."""
    for kind, suffix in SAVERS:
        assert callable(saver(type(kind, (), {})(), suffix)), (kind, suffix)


def test_the_suffix_decides(monkeypatch, tmp_path):
    """Suffixes are told apart whatever their case; options reach the writer; the path comes back."""
    written = []

    def saver_for(thing, suffix):
        return lambda *given, **options: written.append((suffix, given, options))

    monkeypatch.setattr(savers, "saver", saver_for)
    thing, path = Diagram(), tmp_path / "now.SVG"
    assert save(thing, str(path), theme="dark") == path
    assert written == [(".svg", (thing, path), {"theme": "dark"})]


@pytest.mark.parametrize("name", ["now", "now.jpeg", ".svg"])
def test_another_suffix_is_refused(name, tmp_path):
    """The message lists the suffixes that there are, and what else the caller has to say; nothing is written."""
    with pytest.raises(ValueError) as caught:
        save(Diagram(), tmp_path / name, otherwise=" Or print it.")
    assert str(caught.value) == (
        f"Cannot tell the format of {name!r}: its suffix should be one of .svg, .png, .pdf, .dot, .html, .mmd. Or print it."
    )
    assert not [*tmp_path.iterdir()]


def test_a_type_that_nobody_writes():
    """What has no line in the table has no suffixes."""
    assert suffixes_of("Tensor") == []


def test_a_diagram_is_saved_by_the_table(tmp_path):
    """`draw(L).save` goes this way."""
    diagram = draw(Tensor(2.0, requires_grad=True, name="x") * 2)
    assert diagram.save(tmp_path / "now.dot").read_text(encoding="utf-8") == diagram.source


def test_suffixes():
    """The suffixes of a type are those of the table, whatever their case; others are refused, with those that there are."""
    assert suffixes_of("BackwardSteps") == [".html", ".gif"]
    assert suffix_of("a/b.HTML", "BackwardSteps") == ".html"
    with pytest.raises(ValueError, match=r"^Cannot tell the format of 'b.svg': its suffix should be one of .html, .gif. Or so"):
        suffix_of("a/b.svg", "BackwardSteps", " Or so.")
