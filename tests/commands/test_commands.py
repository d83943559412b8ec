"""The command line: demo, graph and check, and how commands end. `debug` and its prompt are tested in test_debugger.py."""

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import numpy as np
import pytest

from microgradnn import Tensor, __main__, __version__
from microgradnn.commands import INTERRUPTED, main
from microgradnn.commands.demo import source_network

NETWORK = """
import sys
from microgradnn import Tensor
def train():
    x = Tensor([0.5, -1.0])
    w = Tensor([0.2, 0.3], requires_grad=True)
    o = x @ w
    loss = (1 - o) ** 2
    loss.backward()
    print("the script goes on", *sys.argv[1:])
train()
"""
WRONG_RULE = """
import numpy as np
from microgradnn import Op, Tensor
class Cube(Op):
    def forward(self, x): return x ** 3
    def dx(self, dz, z, x): return dz * 2 * x ** 2
    vjps = dx,
x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor(3.0, requires_grad=True)
(Cube()(x).sum() * y).backward()
"""
SINGLE = """
import numpy as np
from microgradnn import *
np.seterr(all="ignore")
class Single(Op):
    def forward(self, x): return np.float32(x)
    def dx(self, dz, z, x): return dz
    vjps = dx,
"""
SEVERAL_PASSES = """
from microgradnn import Tensor
x = Tensor(1.0, requires_grad=True)
for i in range(9):
    (x * x * i).backward()
    print("after", i)
"""


@pytest.fixture(autouse=True)
def numpys_warnings_as_they_were():
    """A script that runs in this process may silence NumPy's warnings; the tests that follow want them."""
    before = np.geterr()
    yield
    np.seterr(**before)


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Write a script into a folder of its own, which is the current one: the name of its file."""
    monkeypatch.chdir(tmp_path)

    def write(text=NETWORK, name="script.py"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return write


def leaf_lines(printed):
    """The lines of the table, without its head."""
    lines = printed.partition("\n\n")[0].splitlines()
    return lines[next(i for i, line in enumerate(lines) if line.startswith("leaf")) + 1 :]


# check


def test_check_of_right_gradients(script, capsys):
    """Right gradients give a line each, named by the variables, and exit code 0; the script ends at its first pass."""
    assert main(["check", script()]) == 0
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
    assert main(["check", script(WRONG_RULE.replace("[1.0, 2.0]", "np.ones(5000)"))]) == 1
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
    """--passes checks so many passes, in all of which the script goes on; one that is wrong decides."""
    assert main(["check", script(SEVERAL_PASSES), "--passes", "2"]) == 0
    printed = capsys.readouterr().out
    assert [line for line in printed.splitlines() if line.startswith(("pass", "after"))] == ["pass 1", "after 0", "pass 2"]


@pytest.mark.parametrize("passes", ["0", "-1", "x"])
def test_a_number_of_passes_is_positive(passes, capsys):
    """Anything else is the command's mistake: exit code 2."""
    with pytest.raises(SystemExit) as stopped:
        main(["check", "script.py", "--passes", passes])
    assert stopped.value.code == 2
    assert "--passes" in capsys.readouterr().err


# graph


@pytest.mark.parametrize("suffix", ["dot", "mmd"])
def test_graph_as_text(script, suffix, capsys):
    """The graph of the loss is written as its suffix says, its tensors called as the variables; the script ends there."""
    assert main(["graph", script(), "-o", f"now.{suffix}"]) == 0
    assert capsys.readouterr().out == f"saved now.{suffix}\n"
    text = Path(f"now.{suffix}").read_text(encoding="utf-8")
    assert "loss" in text and "w" in text
    assert "∂loss/∂w" in text
    assert "not computed" not in text


@pytest.mark.parametrize("suffix", ["svg", "png", "html"])
def test_graph_as_a_picture(script, suffix, renderer):
    """Pictures and pages are written as well."""
    assert main(["graph", script(), "-o", f"now.{suffix}", "--theme", "dark", "--fold", "names"]) == 0
    assert Path(f"now.{suffix}").stat().st_size > 500


def test_graph_of_an_element(script, capsys):
    """--of draws the chain rule of one element; an expression that is none is a mistake of the command, without a traceback."""
    assert main(["graph", script(), "-o", "w.dot", "--of", "w[0]"]) == 0
    assert "∂loss/∂w₁" in Path("w.dot").read_text(encoding="utf-8")
    assert main(["graph", script(), "-o", "w.dot", "--of", "nothing[0]"]) == 2
    assert "--of 'nothing[0]': NameError" in capsys.readouterr().err


def test_graph_of_a_script_that_never_goes_back(script, capsys):
    """Without a backward pass, the Tensor computed last is drawn; without any, the command says so."""
    text = "from microgradnn import Tensor\nx = Tensor(2.0, requires_grad=True)\nfirst = x * x\nlast = first * 3\n"
    assert main(["graph", script(text), "-o", "now.dot"]) == 0
    assert "last" in Path("now.dot").read_text(encoding="utf-8")
    assert main(["graph", script("x = 1"), "-o", "now.dot"]) == 1
    assert "holds no recorded Tensor" in capsys.readouterr().err


@pytest.mark.parametrize("file", ["now.jpeg", "now", "nowhere/now.svg"])
def test_files_that_cannot_be_written(script, file, capsys):
    """An unknown suffix and a missing folder are refused before the script runs."""
    assert main(["graph", script(), "-o", file]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and len(captured.err.splitlines()) == 1


def test_without_a_renderer(script, monkeypatch, capsys):
    """Where a picture needs a renderer and there is none, the command says how to install one; demo goes on without."""
    monkeypatch.setattr("shutil.which", lambda *args, **options: None)
    monkeypatch.delenv("MICROGRADNN_DOT", raising=False)
    assert main(["graph", script(), "-o", "now.svg"]) == 1
    assert 'pip install "microgradnn[render]"' in capsys.readouterr().err
    assert main(["demo"]) == 0
    assert "No picture: There is no Graphviz renderer" in capsys.readouterr().out
    monkeypatch.setenv("MICROGRADNN_DOT", "no-such-program")
    assert main(["graph", script(), "-o", "now.svg"]) == 1
    assert "could not be run" in capsys.readouterr().err


# demo


def test_demo(monkeypatch, tmp_path, capsys):
    """The demo derives both gradients, and saves the picture under the name that is asked for."""
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "-o", "now.dot"]) == 0
    printed = capsys.readouterr().out
    assert "∂L/∂W₁₁ = ∂L/∂o · ∂o/∂h₁ · ∂h₁/∂W₁₁" in printed
    assert "∂L/∂W₁₂ = ∂L/∂o · ∂o/∂h₂ · ∂h₂/∂W₁₂" in printed
    assert printed.count("✓") == 4 and "✗" not in printed
    assert [path.name for path in tmp_path.iterdir()] == ["now.dot"]
    assert main(["demo", "-o", "now.jpeg"]) == 2


def test_the_demo_agrees_with_the_sources_formula():
    """∂L/∂W₁₁ of the demo's network is 2 V₁ (t − o) x₁ (h₁² − 1), as the answer to the question says."""
    L, W = source_network()
    L.backward()
    named = {}
    nodes = [L]
    for node in nodes:
        named[node.name] = node.data
        nodes += node.inputs
    expected = 2 * named["V"][0] * (named["t"] - named["o"]) * named["x"][0] * (named["h"][0] ** 2 - 1)
    assert W.grad[0, 0] == pytest.approx(expected, rel=1e-12)


# How commands end


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
    command = [sys.executable, "-m", "microgradnn", "check", script(text)]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout.count("leaf"), done.stderr) == (0, 1, "")


@pytest.mark.parametrize("command", [["graph", "-o", "now.dot"], ["check"], ["debug", "--json"]])
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
    assert "TypeError: backward() got an unexpected keyword argument 'retain_graph'" in capsys.readouterr().err


def test_an_interrupted_script(script):
    """Ctrl-C ends a command with 130, as shells have it, and without a traceback."""
    assert main(["check", script("raise KeyboardInterrupt")]) == INTERRUPTED


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for others")
def test_ctrl_c(script):
    """So it does when the signal comes from outside."""
    listening = "signal.signal(signal.SIGINT, signal.default_int_handler)"  # what a shell starts with & would not be
    name = script(f"import signal, time\n{listening}\nprint('running', flush=True)\ntime.sleep(60)")
    child = subprocess.Popen(
        [sys.executable, "-m", "microgradnn", "check", name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "running\n"
    time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    assert child.communicate(timeout=20)[1] == ""
    assert child.returncode == INTERRUPTED


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGPIPE")
def test_a_closed_pipe(script):
    """Output that nobody reads ends the command quietly."""
    name = script(
        "from microgradnn import Tensor\nx = Tensor(1.0, requires_grad=True)\nfor i in range(4000): x = x * 1\nx.backward()"
    )
    reader, writer = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-m", "microgradnn", "debug", "--json", name], stdout=writer, stderr=subprocess.PIPE, text=True
    )
    os.close(writer)
    os.close(reader)
    assert child.communicate(timeout=60)[1] == ""
    assert child.returncode == 141


@pytest.mark.parametrize("command", ["demo", "debug", "graph", "check"])
def test_help(command, capsys):
    """Each command has a help text with examples, in the name that the program was called by."""
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"], program="python -m microgradnn")
    assert stopped.value.code == 0
    printed = capsys.readouterr().out
    assert f"examples:\n  python -m microgradnn {command}" in printed


def test_both_ways_to_call_it():
    """`python -m microgradnn` and the installed script are the same program."""
    assert __main__.main is main
    installed = shutil.which("microgradnn", path=sysconfig.get_path("scripts"))
    assert installed
    for program in ([sys.executable, "-m", "microgradnn"], [installed]):
        done = subprocess.run([*program, "--version"], capture_output=True, text=True, check=True)
        assert done.stdout == f"microgradnn {__version__}\n"


def test_a_script_without_a_backward_pass(script, capsys):
    """There is nothing to check then, and the command says so: exit code 1."""
    assert main(["check", script("x = 1")]) == 1
    assert capsys.readouterr().err == "microgradnn check: script.py ran to its end without a call of .backward()\n"


def test_an_empty_leaf(script, capsys):
    """A leaf without elements has nothing that could be wrong."""
    text = "x, y = Tensor(np.zeros((0, 2)), requires_grad=True), Tensor(1.0, requires_grad=True)\n(x.sum() + y).backward()"
    assert main(["check", script(SINGLE + text)]) == 0
    assert "✓  no elements" in capsys.readouterr().out


def test_complex_leaves(script, capsys):
    """Gradients of complex numbers are not compared, and said to be so; as JSON they are texts."""
    text = "x = Tensor([1j, 2.0], requires_grad=True, name='x')\n(x * x).sum().backward()"
    assert main(["check", script(SINGLE + text)]) == 1
    first = leaf_lines(capsys.readouterr().out)[0].split("  ")
    assert first[-2:] == ["?", "complex numbers are not compared with differences"]
    assert main(["debug", "--json", "script.py"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["dz"] == "(1+0j)"


def test_json_of_the_first_pass_alone(script, capsys):
    """`debug` stops at the first pass; those after it run as they would."""
    text = "from microgradnn import Tensor\nx = Tensor(1.0, requires_grad=True)\n"
    assert main(["debug", "--json", script(text + "(x * x).backward()\nprint('not reached')")]) == 0
    assert "not reached" not in capsys.readouterr().out


def test_debug_names_tensors_by_their_variables(script, capsys):
    """Steps are told in the names of the script's variables, so that `break w` needs no named()."""
    assert main(["debug", "--json", script()]) == 0
    steps = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"∂loss/∂o", "∂loss/∂w"} <= {step["gradient"] for step in steps}
