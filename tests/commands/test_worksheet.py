"""`worksheet`: what is written, and what is refused."""

import pytest

from microgradnn.commands import main
from microgradnn.errors import RendererError
from microgradnn.pictures.render import find_renderer


def test_sheets_key_and_notebooks(tmp_path, capsys):
    """The pages are written into a folder that is made, with a notebook for each student; again, they are the same."""
    try:
        find_renderer()
    except RendererError:
        pytest.skip("there is no renderer")
    folder = tmp_path / "sheets"
    command = ["worksheet", "--kind", "matrix", "--seed", "7", "--students", "2", "--notebooks", "-o", str(folder)]
    assert main(command) == 0
    assert "2 x 17 marks" in capsys.readouterr().out
    assert sorted(path.name for path in folder.iterdir()) == ["key.html", "sheet_01.ipynb", "sheet_02.ipynb", "worksheets.html"]
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert main(command) == 0
    assert before == {path: path.read_bytes() for path in folder.iterdir()}


def test_what_is_refused(tmp_path, without_renderers, capsys):
    """Without a renderer nothing is written, and it says how to get one; a seed is not negative."""
    assert main(["worksheet", "-o", str(tmp_path / "sheets")]) == 1
    assert "Install one" in capsys.readouterr().err
    assert main(["worksheet", "--seed", "-1", "-o", str(tmp_path / "sheets")]) == 2
    assert [*tmp_path.iterdir()] == []
