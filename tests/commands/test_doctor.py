"""`doctor`: the report of a script, its exit codes, and the picture."""

import pytest
from runs import FOLDER

from microgradnn.commands import main


@pytest.mark.parametrize(
    ("folder", "name", "code"),
    [("healthy", "logistic", 0), ("planted", "equal_units", 1), ("planted", "softmax_over_samples", 0)],
)
def test_exit_codes(folder, name, code, capsys):
    """0 of a healthy script and of one with hints alone, 1 of one with errors or warnings."""
    assert main(["doctor", str(FOLDER / folder / f"{name}.py")]) == code
    assert "Health of " in capsys.readouterr().out


def test_the_picture_and_the_scripts_arguments(script, capsys, tmp_path):
    """-o draws; what stands after -- is the script's; --every says which passes are looked at."""
    name = script(
        "import sys\nfrom microgradnn import Tensor\nw = Tensor(1.0, requires_grad=True)\n"
        "for i in range(int(sys.argv[1])):\n    w.grad = None\n    (w * w).backward()\n    w.data -= 0.1 * w.grad\n"
    )
    assert main(["doctor", name, "-o", "health.svg", "--every", "5", "--", "10"]) == 0
    assert "Health of 10 backward passes, 6 of them looked at: nothing to say" in capsys.readouterr().out
    assert (tmp_path / "health.svg").exists()
    assert main(["doctor", name, "-o", "health.jpg", "--", "3"]) == 2


def test_scripts_that_fail(script, capsys):
    """A script without a pass, one that raises (the report is still printed), one that is not there."""
    assert main(["doctor", script("x = 1")]) == 1
    assert "without a backward pass" in capsys.readouterr().err
    assert (
        main(
            ["doctor", script("from microgradnn import Tensor\nw = Tensor(1.0, requires_grad=True)\n(w * w).backward()\n1 / 0")]
        )
        == 1
    )
    told = capsys.readouterr()
    assert "ZeroDivisionError" in told.err and "Health of 1 backward pass" in told.out
    assert main(["doctor", "nowhere.py"]) == 2
    with pytest.raises(SystemExit):
        main(["doctor", "x.py", "--every", "0"])
