"""The checks of the course: they pass on the worked answers, and find every gap and many a mistake."""

import re
import subprocess
import sys

import pytest

from microgradnn.teaching.course.gaps import STEPS, gaps_of, name_of, with_answers, with_gaps, with_own
from microgradnn.teaching.course.running import check, file_of, wrong_gaps


def write(folder, step, code):
    """A student's file."""
    file_of(folder, step).write_text(code, encoding="utf-8")


@pytest.mark.parametrize("step", STEPS)
def test_worked_answers_are_right(step, tmp_path):
    """Every check passes on the worked answer, on top of those of the steps before."""
    write(tmp_path, step, with_answers(step))
    done = check(tmp_path, step)
    assert len(done) >= 5
    assert [(one.sentence, one.why) for one in done if one.right is not True] == []


GAPS = [(step, gap.number) for step in STEPS for gap in gaps_of(step)]


def with_one_gap(step, number):
    """The worked answer with a single gap open."""
    opened, answered = with_gaps(step).split("# gap "), with_answers(step).split("# gap ")
    return "# gap ".join(opened[i] if i == number else part for i, part in enumerate(answered))


@pytest.mark.parametrize(("step", "number"), GAPS)
def test_every_gap_is_checked(step, number, tmp_path):
    """A file in which one gap is open does not pass: a check comes to it, and says which one it is."""
    write(tmp_path, step, with_one_gap(step, number))
    waiting = [one for one in check(tmp_path, step) if one.right is None]
    assert waiting
    assert all(one.why == f"gap {number} is open" for one in waiting)


MISTAKES = [  # step, what stands there, what a student may write
    (1, '"+", (self, other)', '"+", (other, self)'),
    (1, "self.data * other.data", "self.data + other.data"),
    (1, "x if isinstance(x, Node) else Node(x)", "Node(x)"),
    (2, "if x not in nodes:", "if True:"),
    (2, '"not computed" if node.grad is None', "0.0 if node.grad is None"),
    (2, "{number[x]} -> {number[node]}", "{number[node]} -> {number[x]}"),
    (3, "return dz * y", "return y"),
    (3, "x.grad = vjp(node.op, dz, z, *xs)", "x.grad = dz"),
    (4, "key=lambda node: node.birth, reverse=True", "key=lambda node: node.birth"),
    (4, "return sorted(whole_graph(output), key=lambda node: node.birth, reverse=True)", "return whole_graph(output)"),
    (4, "grads[x] + dx if x in grads else dx", "dx"),
    (5, "return -dz", "return dz"),
    (5, "x ** (self.n - 1)", "x ** self.n"),
    (5, "1 - z * z", "1 - x * x"),
    (5, "/ (2 * step)", "/ step"),
    (5, "p.data - rate * p.grad", "p.data + rate * p.grad"),
    (6, "return dz * np.ones(x.shape)", "return dz"),
    (6, "return dz @ y.T", "return y @ dz.T"),
    (7, "while len(dx.shape) > len(shape):", "if len(dx.shape) > len(shape):"),
    (7, "keepdims=True", "keepdims=False"),
    (7, "unbroadcast(vjp(node.op, dz, z, *xs), x.shape)", "vjp(node.op, dz, z, *xs)"),
    (8, "read(node), [read(x) for x in node.inputs]", "node.data, [x.data for x in node.inputs]"),
    (8, "grad(first, node)", "grad(f(node), node)"),
    (9, "self.binds < strength", "self.binds > strength"),
    (9, "{self.within(PRODUCT)} · {other.within(PRODUCT)}", "{self.text} · {other.text}"),
    (9, 'Symbol("1"), spelling', 'Symbol("2"), spelling'),
    (6, "return dz * np.ones(x.shape)", "return np.full(x.shape, dz)"),  # right for numbers, and not for Nodes
    (10, "return graph.reachable", "return graph.whole_graph"),
    (10, "return 3", "return 5"),
    (10, "dz * -2 * x * z * z", "dz * -2 * x * z"),
]


@pytest.mark.parametrize(("step", "right", "wrong"), MISTAKES)
def test_mistakes_are_found(step, right, wrong, tmp_path):
    """A likely mistake in a gap fails a check, with the line of the check or of the student's file."""
    code = with_answers(step)
    assert right in code
    write(tmp_path, step, code.replace(right, wrong))
    failed = [one for one in check(tmp_path, step) if one.right is False]
    assert failed
    assert all(one.why for one in failed)


OTHERWISE = [  # step, the worked answer, what is right as well
    (1, 'return Node(self.data + other.data, "+", (self, other))', 'return Node(self.data + other.data, "+", [self, other])'),
    (3, "return dz * y", "return y * dz"),
    (4, "grads[x] + dx if x in grads else dx", "grads.get(x, 0) + dx"),
    (5, "return -dz", "return -1 * dz"),
    (5, "1 - z * z", "1 - z**2"),
    (6, "return dz * np.ones(x.shape)", "return 0 * x + dz"),
    (6, "return dz @ y.T", "return np.matmul(dz, y.T)"),
]


@pytest.mark.parametrize(("step", "answer", "other"), OTHERWISE)
def test_other_right_answers(step, answer, other, tmp_path):
    """What is right otherwise than the worked answer passes the checks of its step, and of all that build on it."""
    assert answer in with_answers(step)
    for later in STEPS[step - 1 :]:
        write(tmp_path, later, with_answers(later).replace(answer, other) if later == step else with_answers(later))
    assert [one for later in STEPS[step - 1 : 9] for one in check(tmp_path, later) if not one.right] == []


def test_wrong_gaps(tmp_path):
    """Of the gaps that are filled those are wrong that are so alone, among worked answers; what is open is not wrong."""
    code = with_gaps(5).replace("return ...", "return -dz", 1)  # gap 1, right
    write(tmp_path, 5, code)
    assert wrong_gaps(tmp_path, 5) == []
    code = code.replace("p.data = ...", "p.data = p.data + rate * p.grad")  # gap 5, wrong
    write(tmp_path, 5, code)
    assert [gap.number for gap in wrong_gaps(tmp_path, 5)] == [5]
    write(tmp_path, 5, with_answers(5).replace("# gap 4", "# gone"))  # it may be right: nobody can tell
    assert [gap.number for gap in wrong_gaps(tmp_path, 5)] == [4]


@pytest.mark.parametrize(("step", "number"), GAPS)
def test_a_gap_is_found_in_a_students_file(step, number):
    """What stands in a gap is put among worked answers, however many lines it has, and whatever stands in other gaps."""
    code = with_answers(step)
    assert with_own(step, number, code) == code
    assert with_own(step, number, with_gaps(step)) == with_one_gap(step, number)


def test_an_error_is_told_with_its_line(tmp_path):
    """What a student's code raises is told with its line, and so is what Python cannot read."""
    write(tmp_path, 1, with_answers(1).replace("self.data + other.data", "self.data + other.dta"))
    assert re.search(r"step_01.py:\d+: return Node\(self.data \+ other.dta", check(tmp_path, 1)[0].why)
    write(tmp_path, 1, "def f(:\n")
    (one,) = check(tmp_path, 1)
    assert one.right is False
    assert "step_01.py:1: def f(:" in one.why


def test_a_gap_of_an_earlier_step(tmp_path):
    """Where an earlier step has an open gap, that is said; nothing of the earlier module is left over in the next run."""
    write(tmp_path, 1, with_gaps(1))
    write(tmp_path, 3, with_answers(3))
    assert "of step_01 is open" in " ".join(one.why for one in check(tmp_path, 3))
    write(tmp_path, 1, with_answers(1))
    assert all(one.right for one in check(tmp_path, 3))
    assert not {"step_01", "step_03"} & {*sys.modules}


def test_files_run_alone(tmp_path):
    """The worked answers are programs, each of which prints something."""
    for step in STEPS:
        write(tmp_path, step, with_answers(step))
    for step in (1, 5, 8, 9):
        done = subprocess.run(
            [sys.executable, "-X", "utf8", f"{name_of(step)}.py"],
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert len(done.stdout) > 40
