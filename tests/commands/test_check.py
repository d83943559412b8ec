"""`check`: gradients of a script's backward passes against differences, and what cannot be compared."""

import pytest
from scripts import SEVERAL_PASSES, SINGLE, WRONG_RULE, leaf_lines

from microgradnn.commands import main


def test_check_of_right_gradients(script, capsys):
    """Right gradients give a line each, named by the variables, and exit code 0; with one pass the script ends there."""
    assert main(["check", script(), "--passes", "1"]) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["leaf", "shape", "largest", "error"]
    assert line.split()[:2] == ["w", "(2,)"]
    assert line.endswith("✓")


def test_check_of_a_wrong_rule(script, capsys):
    """A wrong gradient is found, at its worst element, and the rule that made it, with its line; other leaves are right."""
    assert main(["check", script(WRONG_RULE)]) == 1
    printed = capsys.readouterr().out
    x, y = leaf_lines(printed)
    assert x.endswith("✗  received 24, expected 36 at x[1]")
    assert y.startswith("y") and y.endswith("✓")
    first, *_, last = printed.partition("\n\n")[2].splitlines()
    assert first.startswith("script.py:9: cube: the gradient of input 0 is wrong at element [")
    assert last == "The rule: dx = dz * 2 * x ** 2"


def test_a_kink_is_no_wrong_rule(script, capsys):
    """Of the operations before a wrong one, none is accused for a kink, nor for values that it cannot take."""
    kinks = WRONG_RULE.replace("Cube()(x)", "Cube()(x + abs(x * 0) + np.linalg.cholesky(x[:1, None] * 1e-9))")
    assert main(["check", script(kinks)]) == 1
    assert "script.py:9: cube: the gradient" in capsys.readouterr().out


def test_check_of_a_sample(script, capsys):
    """Of a large leaf a sample is compared, and the table says so; a wrong rule is found in it."""
    assert main(["check", script(WRONG_RULE.replace("[1.0, 2.0]", "np.ones(500)"))]) == 1
    assert main(["check", script(WRONG_RULE.replace("[1.0, 2.0]", "np.ones(5000)").replace("dz * 2", "dz * 3"))]) == 0
    right = capsys.readouterr().out.rpartition("leaf")[2]
    assert right.splitlines()[1].endswith("✓  100 of 5,000 elements")


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize(("factor", "code"), [(3, 0), (2, 1)])
def test_check_in_lower_precision(script, dtype, factor, code, capsys):
    """Gradients in lower precision are held against differences in float64, so that right ones pass and wrong ones do not."""
    text = WRONG_RULE.replace("[1.0, 2.0]", f"np.array([1.0, 2.0], '{dtype}')").replace("dz * 2", f"dz * {factor}")
    assert main(["check", script(text)]) == code, capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = Tensor([0.0, 1.0], requires_grad=True)\nrelu(x).sum().backward()", "?  at x[0], a kink: slope 0 to the left, 1"),
        ("x = Tensor(2.0, requires_grad=True); y = x * x; x.data = np.array(3.0); y.backward()", "?  the data has changed"),
        ("x = Tensor(1.0, requires_grad=True); (x * 1e9).sin().backward()", "?  at x, differences are too coarse here to tell"),
        ("x = Tensor([0.0, 1.0], requires_grad=True); sqrt(x).sum().backward()", "✗  the gradient is not finite in 1 of 2"),
        ("x = Tensor(0.0, requires_grad=True); y = log(x); (y + 1).backward()", "✗  the gradient is not finite in 1 of 1"),
        ("x = Tensor(1.0, requires_grad=True); (x + Tensor(np.inf)).backward()", "?  the output is not a finite number"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked(script, text, said, capsys):
    """A kink, changed data, what changes too fast, NaN and inf are told apart, and none of them passes."""
    assert main(["check", script(SINGLE + text)]) == 1
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(("factor", "code"), [("", 0), (" * 1.02", 1)])
def test_check_of_an_operation_in_float32(script, factor, code):
    """Where an operation asks for float32, it is checked with what float32 can tell: 2 % too much is found."""
    text = SINGLE.replace("return dz", "return dz" + factor) + "x = Tensor(2.0, requires_grad=True); Single()(x).backward()"
    assert main(["check", script(text)]) == code


def test_where_a_value_is_not_finite_first(script, capsys):
    """The first operation whose value is NaN or inf is named, with its line in the script."""
    text = "x = Tensor([0.0, 1.0], requires_grad=True)\ny = log(x)\n(y * 2).sum().backward()"
    assert main(["check", script(SINGLE + text)]) == 1
    assert capsys.readouterr().out.splitlines()[0] == "script.py:10: y = log(x) is not finite in 1 of 2 elements"


def test_check_of_several_passes(script, capsys):
    """All passes are checked until there were --passes, ten if not said; of the later ones a line, if all is right."""
    assert main(["check", script(SEVERAL_PASSES), "--passes", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:12] for line in lines if line.startswith(("pass", "after"))] == [
        "after 0",
        "pass 2: 1 le",
        "after 1",
        "pass 3: 1 le",
    ]
    assert lines[-1].endswith("✓")
    assert main(["check", script(SEVERAL_PASSES)]) == 0
    assert "pass 9" in capsys.readouterr().out


def test_one_pass_among_many(script, capsys):
    """--pass N checks that one alone, after which the script ends; if there are not so many, that is said."""
    assert main(["check", script(SEVERAL_PASSES), "--pass", "4"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("leaf") == 1 and "after 2" in printed and "after 3" not in printed
    assert main(["check", script(SEVERAL_PASSES), "--pass", "40"]) == 1
    assert capsys.readouterr().err == "microgradnn check: script.py ran to its end after 9 backward passes\n"


def test_a_wrong_pass_that_comes_later(script, capsys):
    """A rule that is wrong at some values alone is found in the pass that has them, with the table of that pass."""
    text = WRONG_RULE.replace("dz * 2 * x ** 2", "dz * 3 * x ** 2 * (1 + (x > 5))").rpartition("x, y")[0]
    text += "x = Tensor([1.0], requires_grad=True)\nfor i in range(3):\n    Cube()(x).sum().backward()\n    x.data += 3\n"
    assert main(["check", script(text)]) == 1
    printed = capsys.readouterr().out
    assert "pass 2: 1 leaf" in printed and "pass 3\nleaf" in printed and "✗  received 294, expected 147" in printed


def test_gradients_of_functions(script, capsys):
    """Passes of grad(f) are checked as those of .backward() are; a wrong rule is found there, too."""
    text = WRONG_RULE.rpartition("x, y")[0] + "from microgradnn import grad\ngrad(lambda x: Cube()(x).sum())(np.ones(2))\n"
    assert main(["check", script(text)]) == 1
    assert "✗  received 2, expected 3" in capsys.readouterr().out


def test_what_was_not_reached(script, capsys):
    """A parameter that no pass came to has a line, and the exit code says so, too; one of a later pass is fine."""
    two = "x, W = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0], requires_grad=True)\n"
    assert main(["check", script(SINGLE + two + "(x * W.data).sum().backward()")]) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("W ")]
    assert line.endswith("–  no gradient: the output was not computed from it")
    assert main(["check", script(SINGLE + two + "(x * 2).sum().backward(); (W * 2).sum().backward()")]) == 0


def test_a_gradient_of_zero_is_explained(script, capsys):
    """It is right, and of no use: which operation made it 0 is said."""
    assert main(["check", script(SINGLE + "x = Tensor([-1.0, -2.0], requires_grad=True); relu(x * 2).sum().backward()")]) == 0
    assert "✓  the gradient is 0 in every element: relu lost it" in capsys.readouterr().out


def test_overflow_is_told_from_changed_data(script, capsys):
    """Where float32 overflows and double precision does not, nothing has changed."""
    text = "x = Tensor(np.float32(60.0), requires_grad=True); (1 / (exp(x) ** 2)).backward()"
    assert main(["check", script(SINGLE + text)]) == 1
    printed = capsys.readouterr().out
    assert "overflow: power is not finite in float32, where it is in double precision" in printed and "changed" not in printed


@pytest.mark.parametrize("passes", ["0", "-1", "x"])
def test_a_number_of_passes_is_positive(passes, capsys):
    """Anything else is the command's mistake: exit code 2."""
    with pytest.raises(SystemExit) as stopped:
        main(["check", "script.py", "--passes", passes])
    assert stopped.value.code == 2
    assert "--passes" in capsys.readouterr().err


def test_an_empty_leaf(script, capsys):
    """A leaf without elements has nothing that could be wrong."""
    text = "x, y = Tensor(np.zeros((0, 2)), requires_grad=True), Tensor(1.0, requires_grad=True)\n(x.sum() + y).backward()"
    assert main(["check", script(SINGLE + text)]) == 0
    assert "✓  no elements" in capsys.readouterr().out
