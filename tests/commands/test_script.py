"""A script that a command runs: its arguments, folder, threads and exit code, and how it ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from scripts import NETWORK, SEVERAL_PASSES

from microgradnn import Tensor
from microgradnn.commands import main


@pytest.mark.parametrize("command", [["debug"], ["graph", "-o", "now.dot"], ["check"]])
def test_mistakes_have_no_traceback(script, command, capsys):
    """A missing script gives one line and exit code 2; what a script raises begins in the script, and gives 1."""
    assert main([*command, "nowhere.py"]) == 2
    assert capsys.readouterr().err == f"microgradnn {command[0]}: there is no file 'nowhere.py'\n"
    for text, last in (
        ("x = (", "SyntaxError: '(' was never closed"),
        ("def f():\n    1 / 0\nf()", "ZeroDivisionError: division by zero"),
    ):
        assert main([*command, script(text)]) == 1
        said = capsys.readouterr().err.splitlines()
        assert said[-1] == last
        assert "runpy" not in "".join(said) and "commands" not in "".join(said)
    assert said[1].strip() == f'File "{Path("script.py").absolute()}", line 3, in <module>'  # as Python itself says it


@pytest.mark.parametrize(("ending", "code"), [("sys.exit()", 0), ("sys.exit(0)", 0), ("sys.exit(3)", 3), ("sys.exit('no')", 1)])
def test_a_scripts_own_exit_code(script, ending, code, capsys):
    """A script that exits after its pass keeps its exit code, and its message is printed."""
    text = f"import sys\nfrom microgradnn import Tensor\nx = Tensor(1.0, requires_grad=True)\n(x * x).backward()\n{ending}"
    assert main(["check", script(text), "--passes", "9"]) == code
    assert (capsys.readouterr().err == "no\n") == ("'no'" in ending)


def test_arguments_of_the_script(script, capsys):
    """What stands after -- reaches the script; an option that is nobody's is refused, with a word on --."""
    text = "import sys\nprint(sys.argv)\n" + NETWORK
    assert main(["check", script(text), "--", "--epochs", "1"]) == 0
    assert capsys.readouterr().out.startswith("['script.py', '--epochs', '1']\n")
    with pytest.raises(SystemExit) as stopped:
        main(["check", "script.py", "--epochs", "1"])
    assert stopped.value.code == 2
    assert "stands after --" in capsys.readouterr().err


def test_nothing_stays_changed(script, capsys):
    """After a command, sys.argv, sys.path and Tensor.backward are what they were."""
    before = sys.argv, list(sys.path), Tensor.backward
    main(["check", script(), "--", "x"])
    main(["check", script("1 / 0")])
    assert before == (sys.argv, sys.path, Tensor.backward)


def test_a_script_that_changes_its_folder(script, tmp_path, capsys):
    """It finds its own file and its text is found; the picture goes where the shell stood when the command was typed."""
    (tmp_path / "elsewhere").mkdir()
    text = "import os\nfrom pathlib import Path\nos.chdir('elsewhere')\nassert Path(__file__).exists()\n" + NETWORK
    assert main(["graph", script(text, "my script.py"), "-o", "now.dot"]) == 0
    assert capsys.readouterr().out == "saved now.dot\n"
    assert (tmp_path / "now.dot").exists()
    os.chdir(tmp_path)
    assert main(["check", script(text + "1 / 0", "my script.py"), "--passes", "2"]) == 1
    assert "    1 / 0" in capsys.readouterr().err


def test_a_pass_in_a_thread(script):
    """A command has enough after the pass of a thread too: no traceback comes, and no further pass is looked at."""
    text = "import threading\n" + NETWORK.replace(
        "\ntrain()", "\nfor i in 1, 2:\n    t = threading.Thread(target=train)\n    t.start()\n    t.join()"
    )
    command = [sys.executable, "-m", "microgradnn", "check", "--passes", "1", script(text)]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout.count("leaf"), done.stderr) == (0, 1, "")


@pytest.mark.parametrize("command", [["graph", "-o", "now.dot"], ["check", "--passes", "1"], ["debug", "--json"]])
def test_a_script_that_catches_everything(script, command, capsys):
    """A bare except of the script's holds a command up only until the next backward pass, which is not looked at."""
    text = SEVERAL_PASSES.replace("    (x * x * i).backward()", "    try: (x * x * i).backward()\n    except: pass")
    assert main([*command, script(text + "(x * x).backward()\nprint('never')")]) == 0
    printed = capsys.readouterr().out
    assert printed.count("leaf") <= 1
    assert printed.count('"step"') <= 5
    assert "never" not in printed


def test_keywords_that_backward_has_not(script, capsys):
    """The message is that of `backward`, and not of what stands in its place while a command runs."""
    text = "from microgradnn import Tensor\nTensor(1.0, requires_grad=True).backward(retain_graph=True)"
    assert main(["check", script(text)]) == 1
    assert "TypeError: backward() takes no 'retain_graph'. The graph stays" in capsys.readouterr().err
    assert main(["graph", script(text), "-o", "graph.dot"]) == 1
    assert "TypeError: backward() takes no 'retain_graph'. The graph stays" in capsys.readouterr().err


def test_a_script_without_a_backward_pass(script, capsys):
    """There is nothing to check then, and the command says so: exit code 1."""
    assert main(["check", script("x = 1")]) == 1
    assert capsys.readouterr().err == "microgradnn check: script.py ran to its end without a backward pass\n"
