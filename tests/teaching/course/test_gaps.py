"""What is cut from the file of a step."""

import ast
from pathlib import Path

import pytest

from microgradnn.teaching.course.gaps import STEPS, checks_of, gaps_of, open_gaps, source_of, text_of, with_answers, with_gaps


@pytest.mark.parametrize("step", STEPS)
def test_a_students_file(step):
    """It is Python with every gap open, and holds no hint, no check, and no import that only the package understands."""
    code, gaps = with_gaps(step), gaps_of(step)
    ast.parse(code)
    assert [*open_gaps(code)] == [gap.number for gap in gaps] == [*range(1, len(gaps) + 1)]
    for hidden in ("# hint", "# end", "# checks", "def check_", "from .", "noqa"):
        assert hidden not in code


@pytest.mark.parametrize("step", STEPS)
def test_the_worked_answer(step):
    """It is the same file with no gap open, and holds every line of every answer."""
    code = with_answers(step)
    ast.parse(code)
    assert open_gaps(code) == {}
    assert [line for line in code.split("\n") if "# gap" in line] == [
        line for line in with_gaps(step).split("\n") if "# gap" in line
    ]
    for gap in gaps_of(step):
        assert all(line.strip() in code for line in gap.answer.split("\n"))


@pytest.mark.parametrize("step", STEPS)
def test_hints(step):
    """Each gap has three hints; they grow in what they say, and none says all."""
    for gap in gaps_of(step):
        weak, medium, strong = gap.hints
        assert len({weak, medium, strong}) == 3
        assert gap.answer.strip() not in (weak, medium, strong)


@pytest.mark.parametrize("step", STEPS)
def test_steps_are_short(step):
    """A step has a title and a text, at most five gaps, and a file that fits on two screens; a line fits on one."""
    title, text = text_of(step)
    assert title
    assert 4 < len(text.split("\n")) < 16
    assert 2 <= len(gaps_of(step)) <= 5
    assert with_gaps(step).count("\n") < 125
    assert max(map(len, with_gaps(step).split("\n"))) <= 128


@pytest.mark.parametrize("step", STEPS)
def test_checks_stand_in_their_lines(step):
    """Checks keep the line numbers of the file, so that a message can quote the line."""
    lines = source_of(step).split("\n")
    for node in ast.parse(checks_of(step)).body:
        if isinstance(node, ast.FunctionDef):
            assert lines[node.lineno - 1].startswith(f"def {node.name}(")
            assert ast.get_docstring(node) or not node.name.startswith("check_")


def test_a_gap_that_is_filled():
    """A gap is open as long as the dots stand there, whatever is left of them; a comment does not fill it."""
    task = "    # gap 2: the sum\n"
    for dots in ("    ...\n", "    return ...\n", "    z = ...\n", "    return ...  # what?\n", "    p.data = ...\n"):
        assert open_gaps(task + dots) == {2: 2}
    for filled in ("    return x + y\n", "    z = x[..., 0]\n", "    return x[...]\n"):
        assert open_gaps(task + filled) == {}


def test_the_page_lists_the_steps():
    """demos/course.md has a row for each step, with its title."""
    page = (Path(__file__).parents[3] / "demos" / "course.md").read_text(encoding="utf-8")
    for step in STEPS:
        assert f"| {step} | {text_of(step)[0]} |" in page
