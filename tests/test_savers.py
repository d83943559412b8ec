"""`.save` by type and suffix: one table, entered by the front door."""

from importlib import import_module

import pytest

import microgradnn
from microgradnn.savers import SAVERS, save, saver, suffix_of, suffixes_of


def test_every_entry_is_a_function_that_is_there():
    """Each entry of the table names a function of a module of the package."""
    assert SAVERS
    for place in SAVERS.values():
        module, _, function = place.rpartition(".")
        assert callable(getattr(import_module(f"microgradnn.{module}"), function))
    assert microgradnn.SAVERS is SAVERS


def test_suffixes():
    """The suffixes of a type are those of the table, whatever their case; others are refused, with those that there are."""
    assert suffixes_of("BackwardSteps") == [".html", ".gif"]
    assert suffix_of("a/b.HTML", "BackwardSteps") == ".html"
    with pytest.raises(ValueError, match=r"^Cannot tell the format of 'b.svg': its suffix should be one of .html, .gif. Or so"):
        suffix_of("a/b.svg", "BackwardSteps", " Or so.")


def test_a_new_saver_is_one_entry(tmp_path, monkeypatch):
    """What is entered in the table is called with the thing, the path and the options."""
    called = []

    class Thing:
        """Something that can be saved."""

    monkeypatch.setitem(SAVERS, ("Thing", ".txt"), "pictures.diagram.write_it")

    def write_it(*args, **options):
        called.append((args, options))

    monkeypatch.setattr("microgradnn.pictures.diagram.write_it", write_it, raising=False)
    thing = Thing()
    assert save(thing, tmp_path / "thing.TXT", size=3) == tmp_path / "thing.TXT"
    assert called == [((thing, tmp_path / "thing.TXT"), {"size": 3})]
    assert saver(thing, ".txt") is not None
