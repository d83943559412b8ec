"""`course`: a student begins, fills gaps, asks for hints and answers, and checks."""

import re

import pytest

from microgradnn.commands import main
from microgradnn.teaching.course.gaps import with_answers


@pytest.fixture
def typed(monkeypatch, tmp_path, capsys):
    """What a command prints, and its exit code; it runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = main(["course", *arguments], program="python -m microgradnn")
        said = capsys.readouterr()
        return said.out + said.err, code

    return run


def test_the_list(typed):
    """Without a step, there are ten, and how far one is; next is the first that is not done."""
    printed, code = typed()
    assert code == 0
    assert printed.count("\n   ") + printed.count("\n  1") == 10
    assert "Next: python -m microgradnn course 1" in printed
    typed("2")  # writes the worked answer of step 1
    printed, _ = typed()
    assert "A number that remembers         ✓" in printed
    assert "3 gaps are open" in printed
    assert "Next: python -m microgradnn course 2" in printed


def test_from_gaps_to_right(typed, tmp_path):
    """A step is begun, checked with its gaps open, filled, and right; beginning it again changes nothing."""
    printed, code = typed("1")
    assert code == 0
    assert "course/step_01.py" in printed.replace("\\", "/")
    printed, code = typed("1", "--check")
    assert code == 1
    assert "(gap 3 is open)" in printed
    assert "3 gaps are open: 1 in line" in printed
    (tmp_path / "course" / "step_01.py").write_text(with_answers(1), encoding="utf-8")
    printed, code = typed("1", "--check")
    assert code == 0
    assert "✗" not in printed
    assert "Next: python -m microgradnn course 2" in printed
    typed("1")
    assert (tmp_path / "course" / "step_01.py").read_text(encoding="utf-8") == with_answers(1)


def test_hints_and_answers(typed, tmp_path):
    """A hint is for what is wrong and for the first open gap, and names a stronger one; answers are told, not written."""
    typed("3")
    weak, _ = typed("3", "--hint")
    assert weak.startswith("gap 1") and "gap 2" not in weak
    assert "course 3 --hint 2" in weak
    strong, _ = typed("3", "--hint", "3")
    assert "stronger" not in strong
    assert "Every gap of step 2 is right" in typed("2", "--hint")[0]  # the worked answer, since step 3 builds on it
    path = tmp_path / "course" / "step_03.py"
    path.write_text(path.read_text(encoding="utf-8").replace("return ...", "return dz * y", 1), encoding="utf-8")
    both, _ = typed("3", "--hint")
    assert re.findall(r"^gap (\d)", both, flags=re.MULTILINE) == ["1", "2"]  # the wrong one, and the first that is open
    answers, code = typed("3", "--answer", "--folder", "elsewhere")
    assert code == 0
    assert "return dz * y" in answers and answers.count("gap ") == 4


def test_what_is_refused(typed, tmp_path):
    """A check of what was not begun, and one of no step, say what to type; there is no step 11."""
    printed, code = typed("4", "--check", "--folder", "mine")
    assert code == 1
    assert "python -m microgradnn course 4 --folder mine" in printed
    printed, code = typed("--check")
    assert code == 2
    assert "which step?" in printed
    with pytest.raises(SystemExit):
        typed("11")
    assert [*tmp_path.iterdir()] == []
