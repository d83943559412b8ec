"""The tour, a notebook: it runs with and without a renderer, its answers too, and shows what today's code gives."""

import nbformat
import pytest
from documents import TOUR, run_notebook, without_folders


def texts(notebook):
    """What each cell prints or shows as text."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            found.append(without_folders(text))
    return found


def kinds(notebook, kind):
    """How many outputs there are of a kind, such as image/svg+xml."""
    return sum(kind in output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", []))


@pytest.fixture(scope="module")
def shown():
    """The notebook as it is in the repository."""
    return nbformat.read(TOUR, as_version=4)


def test_outputs_are_those_of_todays_code(shown, tmp_path):
    """All cells and answers run, by whichever renderer is there; texts are to the letter those in the file, pictures as many.

    If this fails: python tests/documents.py
    """
    notebook, _ = run_notebook(TOUR, tmp_path)
    assert texts(notebook) == texts(shown)
    assert kinds(notebook, "image/svg+xml") == kinds(shown, "image/svg+xml") == 4
    assert kinds(notebook, "image/png") == kinds(shown, "image/png") == 3
    assert kinds(notebook, "text/html") == 5  # the pictures, with their tooltips, and the page of the steps
    assert not list(tmp_path.iterdir())


def test_without_a_renderer(shown, tmp_path):
    """Where no renderer can be run, the tour runs to its end, and in place of each picture stands what to do about it."""
    notebook, answers = run_notebook(TOUR, tmp_path, MICROGRADNN_DOT="/nowhere/dot")
    assert kinds(notebook, "image/svg+xml") == kinds(notebook, "text/html") == 0
    assert kinds(notebook, "image/png") == 3
    now, then = texts(notebook), texts(shown)
    differ = [text for text, before in zip(now, then, strict=True) if text != before]
    assert len(differ) == 4
    for text in differ:
        assert "/nowhere/dot could not be run" in text
    assert len(answers) == 5


def test_it_shows_no_errors(shown):
    """Every cell of code has been run, in order, and none ended in an exception or wrote to standard error."""
    cells = [cell for cell in shown.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert all(output.output_type != "error" and output.get("name") != "stderr" for cell in cells for output in cell.outputs)
