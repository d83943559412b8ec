"""`gallery`: every kind of picture, made by the code that stands beside it."""

from pathlib import Path

import pytest

from microgradnn.commands import main
from microgradnn.commands.gallery import KINDS, in_theme, made_by, page_of
from microgradnn.saving.savers import saver


@pytest.mark.parametrize("kind", KINDS, ids=[kind.file for kind in KINDS])
def test_the_code_that_is_shown_makes_a_diagram(kind):
    """Each line of code gives a thing that the suffix can be saved of, in any theme; no two kinds share a file."""
    assert saver(in_theme(made_by(kind), "dark"), Path(kind.file).suffix)
    assert sum(other.file == kind.file for other in KINDS) == 1


def test_the_gallery(tmp_path, monkeypatch, capsys, renderer):
    """The command writes a few kinds and the page that shows them, and says where; without a folder to write to, it says so."""
    monkeypatch.setattr("microgradnn.commands.gallery.KINDS", (KINDS[0], KINDS[-1]))
    monkeypatch.chdir(tmp_path)
    assert main(["gallery", "-o", "all", "--theme", "dark"]) == 0
    assert sorted(path.name for path in Path("all").iterdir()) == ["index.html", "network.svg", "text.dot"]
    assert capsys.readouterr().out.endswith(f"all of them: {Path('all') / 'index.html'}\n")
    assert main(["gallery", "-o", "no/such/folder"]) == 1


def test_the_page():
    """It shows each picture with its code, escaped."""
    page = page_of(KINDS)
    assert page.count("<section>") == len(KINDS)
    assert "chain_rule(L, W[0, 0]).diagram.save(&quot;derivation.svg&quot;)" in page
