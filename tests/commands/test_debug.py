"""`debug`: where it stops, of what it runs, and its JSON; its prompt is tested in debugging/test_prompt.py."""

import io
import json
import sys
from pathlib import Path

import pytest
from prompts import TRAINING
from scripts import NETWORK

from microgradnn import clear_breakpoints
from microgradnn.commands import main


@pytest.fixture
def typed(monkeypatch, capsys):
    """Run `debug` with these arguments, and type these lines: what is printed, and the exit code."""

    def run(arguments, *lines):
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        code = main(["debug", *arguments])
        return capsys.readouterr().out, code

    return run


@pytest.fixture
def training(script):
    """A training loop of six passes, as a script."""
    return script(f"said = []\n{TRAINING}")


def test_json_of_the_first_pass_alone(script, capsys):
    """`--json` ends at the first pass; those after it are not run."""
    text = "from microgradnn import Tensor\nx = Tensor(1.0, requires_grad=True)\n"
    assert main(["debug", "--json", script(text + "(x * x).backward()\nprint('not reached')")]) == 0
    assert "not reached" not in capsys.readouterr().out


def test_debug_names_tensors_by_their_variables(script, capsys):
    """Steps are told in the names of the script's variables, so that `break w` needs no named()."""
    assert main(["debug", "--json", script()]) == 0
    steps = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"∂loss/∂o", "∂loss/∂w"} <= {step["gradient"] for step in steps}


@pytest.mark.parametrize(
    ("options", "stopped"),
    [
        ([], "pass 1 from L"),
        (["--pass", "4"], "pass 4 from L"),
        (["--when", "n > 4"], "breakpoint 1 at backward\npass 5 from L"),
        (["--when", "epoch == 2"], "breakpoint 1 at backward\npass 2 from L"),
        (["--when", "w, n == 3"], "breakpoint 1 at w\n 5  "),
        (["--when", "tanh"], "breakpoint 1 at tanh\n"),
        (["--when", "nowhere"], "breakpoint 1 at backward; 'nowhere' is no named tensor"),
    ],
)
def test_where_it_stops(typed, training, options, stopped):
    """At the first pass, at that of a number, at a place, or where a condition holds; what is no place stops at once."""
    written, code = typed([*options, training], "quit")
    assert stopped in written and written.index(stopped) < 20
    assert code == 0


def test_nothing_to_stop_at(typed, training):
    """A program that runs to its end without a stop says how many passes there were."""
    written, code = typed(["--when", "nonfinite", training])
    assert (written, code) == ("script.py ran to its end: 6 passes, and none to stop at\n", 0)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("pass 99", "6 passes, and none with the number 99"),
        ("until loss < -5", "6 passes, and it never came to loss < -5"),
        ("until tanh if n > 9", "6 passes, and it never came to tanh if n > 9"),
    ],
)
def test_a_place_that_never_comes(typed, training, command, said):
    """Where the program ends on the way to a place, it says so; who only goes on hears nothing."""
    written, code = typed([training], command)
    assert written.endswith(f"script.py ran to its end: {said}\n")
    assert code == 0
    assert "ran to its end" not in typed([training], "continue")[0]


def test_a_name_that_the_program_has_too(typed, script):
    """Where --when asks for n, and the program's own n was taken, this is said at the end."""
    written, _ = typed(["--when", "n == 3", script(f"n, said = 100, []\n{TRAINING}")])
    assert written.endswith("(n is your program's variable, and was taken for that; --pass stops at the pass of a number)\n")


def test_memory(typed, training, capsys):
    """--keep and --memory bound what is kept; less than one pass is refused."""
    written, _ = typed(["--keep", "2", "--pass", "5", training], "passes", "quit")
    assert "at most 2 passes and 256 MB" in written
    assert typed(["--keep", "0", training])[1] == 2


def test_a_module(typed, script, tmp_path):
    """-m runs a module, or a package's __main__, with its own imports and arguments."""
    package = tmp_path / "training"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "parts.py").write_text("epochs = 1\n")
    (package / "__main__.py").write_text(f"import sys\nfrom .parts import epochs\nprint(sys.argv[1:])\nsaid = []\n{TRAINING}")
    script()  # stands in that folder
    written, code = typed(["-m", "training", "--epochs", "1"], "epochs", "quit")
    assert written.startswith("['--epochs', '1']\npass 1 from L") and "\n1\n" in written.replace("(backprop) ", "\n")
    assert code == 0
    assert typed(["-m", "no_such_module"])[1] == 2
    assert Path.cwd() == tmp_path


def test_after_a_failure(typed, script):
    """A program that fails after a pass opens the prompt there; with --post-mortem also before any, and nowhere else."""
    failing = script(NETWORK.replace('    print("the script goes on", *sys.argv[1:])', "    y = 7\n    1 / (y - 7)"))
    written, code = typed([failing], "continue", "y", "up", "w", "back", "quit")
    assert "your program has failed; up and down lead through it" in written
    assert "1 / (y - 7)\nbehind it, pass 1 has ended with\n" in written  # where it failed, before the latest step
    assert "(backprop) 7\n" in written
    assert code == 1
    written, code = typed(["--post-mortem", script("y = 3\n1 / 0")], "y", "quit")
    assert written.startswith("ZeroDivisionError: division by zero\n") and "no backward pass has begun yet" in written
    for command in (
        "where",
        "back",
        "b 2",
        "explain y",
        "diff 1 2",
        "passes",
        "break W",
        "break tanh",
        "list",
        "up",
        "next",
        "pass 3",
    ):
        assert typed(["--post-mortem", script("y = 3\n1 / 0")], command, "quit")[1] == 1
    assert "3" in written and code == 1


def test_a_saved_pass(typed, training, tmp_path):
    """`save` writes a pass, which `debug` opens without the program."""
    typed(["--pass", "2", training], "finish", "save run.pass", "quit")
    written, code = typed(["run.pass"], "next 5", "print w.grad.shape", "list", "quit")
    assert "pass 2 from L" in written and "(2, 2)" in written and "script.py" in written
    assert code == 0


def test_the_programs_own_breakpoints(typed, script):
    """breakpoint() in the program opens this prompt, too, and so does break_on, in the pass."""
    text = f"import microgradnn\nsaid = []\n{TRAINING}".replace("for epoch", "microgradnn.break_on(w)\nfor epoch")
    text = text.replace("    L.backward()", "    breakpoint()\n    L.backward()")
    written, code = typed(["--pass", "99", script(text)], "epoch", "continue", "dy.shape", "back", "quit")
    clear_breakpoints()
    assert written.startswith("breakpoint()\nscript.py:11 in <module>\n")
    assert "(backprop) 1\n" in written and "(2, 2)" in written and " 4  (2,)" in written
    assert code == 0
