"""The prompt: every command, wrong input, forth and back; the command line, through pipes and a pseudo-terminal."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompts import SCRIPT, session, unit

from microgradnn import Tensor, backward_steps, nn
from microgradnn.debugging.prompt.prompt import BackwardPrompt

FIRST = " 1  ()      ∂L/∂(1 − o) = 2.395  power: dx = dz * y * x ** (y - (y != 0))\n"


def test_next_and_back():
    """`next` takes a step and shows it; `back` goes back to what was before; both take a count."""
    written, prompt = session("next", "n 2", "back 2")
    lines = written.splitlines(keepends=True)
    assert lines[0] == lines[2] == FIRST
    assert lines[1].startswith(" 3  ()      ∂L/∂(x w)")
    assert prompt.session.position == 1


def test_an_empty_line_repeats_the_last_command():
    """As in pdb, Enter alone does it again."""
    _, prompt = session("next", "")
    assert prompt.session.position == 2


def test_at_both_ends():
    """Beyond the last step and before the first, the prompt says where one is, and moves nowhere."""
    written, prompt = session("next 100", "next", "back 100", "back")
    assert "the pass is complete; `back` still moves" in written
    assert "pass 1 from L = 1.434: 4 contributions" in written
    assert written.endswith("this is the start of pass 1, the oldest that is kept\n")
    assert prompt.session.position == 0


def test_restart():
    """`restart` goes back to the start; breakpoints stay."""
    _, prompt = session("break w", "continue", "restart")
    assert (prompt.session.position, [stop.place for stop in prompt.session.stops.found]) == (0, ["w"])


def test_without_breakpoints_continue_leaves():
    """With no breakpoint ahead, `continue` leaves, and the program runs on; `quit` ends it."""
    assert session("continue")[1].left_by == "continue"
    assert session("quit")[1].left_by == "quit"
    assert session("EOF")[1].left_by == "quit"


def test_where():
    """`where` lists all nodes in order: done, current, pending, with what is known of their gradients."""
    written, _ = session("next 2", "where")
    assert written.splitlines()[1:] == [
        "✓ ∂L/∂L = 1   L = (1 − o)²",
        "→ ∂L/∂(1 − o) = 2.395",
        "✓ ∂L/∂o = −2.395   o = tanh(x w)",
        "· ∂L/∂(x w) = not computed yet",
        "· ∂L/∂w = not computed yet",
    ]


def layers():
    """A Sequential of two layers: L = (tanh(x W⁽¹⁾ + b⁽¹⁾) W⁽²⁾ + b⁽²⁾)², and its network."""
    rng = np.random.default_rng(0)
    network = nn.Sequential(nn.Linear(2, 3, rng=rng), nn.Tanh(), nn.Linear(3, 1, rng=rng))
    return (network(np.ones(2)) ** 2).sum().named("L"), network


@pytest.mark.parametrize("name", ["0.W", "W⁽¹⁾"])
def test_a_tensor_of_a_layer_by_path_or_label(name):
    """Where the W of a Sequential's first layer is shown as W⁽¹⁾, that and its path are taken by print, break and explain."""
    commands = f"print {name}.shape", f"print {name}.grad", f"break {name}", f"explain {name}[1, 2]"
    written, _ = session(*commands, output=layers()[0])
    lines = written.splitlines()
    assert lines[:2] == ["(2, 3)", "not computed yet"]
    assert lines[2].startswith(f"breakpoint 1 at {name}: 1 step ahead")
    assert lines[3].startswith("∂L/∂W⁽¹⁾₂₃ = ")


def test_habits_of_pdb():
    """`b` with a name sets a breakpoint, without or with a number it goes back; `s`, `step`, `pp`, `h`, `exit` are pdb's."""
    written, prompt = session("s", "step 2", "b", "b 1", "b w", "b soon")
    assert prompt.session.position == 1
    assert [stop.place for stop in prompt.session.stops.found] == ["w"]
    assert written.splitlines()[-1].startswith("'soon' is no named tensor of this graph, no operation")
    assert session("pp 1 + 1")[0] == "2\n"
    assert session("h next")[0] == session("help next")[0]
    assert session("exit")[1].left_by == "quit"


def test_any_other_line_is_evaluated():
    """What is no command is a Python expression; so is a command's name that goes on as one."""
    x, b = Tensor(2.0, name="x"), Tensor(3.0, requires_grad=True, name="b")
    written, prompt = session("b.grad", "x.data + 1", "b.data.item()", "1 / 0", "x +", output=(x * b).named("L"))
    assert written.splitlines()[:-1] == ["not computed yet", "np.float64(3.0)", "3.0", "ZeroDivisionError: division by zero"]
    assert written.splitlines()[-1].startswith("SyntaxError")
    assert prompt.session.position == 0


def test_display():
    """A displayed expression is printed after every move, until it is undisplayed."""
    written, _ = session("display o.grad", "next 2", "undisplay o.grad", "next", "display", "undisplay x", "watch 1", "display")
    lines = written.splitlines()
    assert lines[0] == "o.grad = not computed yet"
    assert lines[2].startswith("    o.grad = array(-2.39")
    assert lines[4:] == ["nothing is displayed", "x is not displayed", "1 = 1", "    1 = 1"]


def test_explain():
    """`explain` derives an element's gradient, whatever has been computed so far; what is wrong, it says."""
    written, _ = session("explain w[0]", "explain w", "explain nothing")
    assert written.startswith("∂L/∂w₁ = ∂L/∂o · ∂o/∂w₁\n")
    assert "w.grad[0]" in written
    assert "\n∂L/∂w = xᵀ" in written
    assert "NameError: name 'nothing' is not defined" in written


def test_graph(tmp_path):
    """`graph` saves the picture with the gradients so far and the current step lit."""
    path = tmp_path / "now.mmd"
    written, _ = session("next 3", f"graph {path}", "graph", "graph now.jpg")
    assert f"saved {path}\n" in written
    assert "graph needs a file: graph now.svg\n" in written
    assert "its suffix should be one of" in written
    text = path.read_text(encoding="utf-8")
    assert 'title: "step 3 of 4: ∂L/∂(x w) = ' in text
    assert '-- "dx" -->' in text
    assert "∂L/∂w not computed" in text


def test_wrong_input():
    """What is no command, and what is no number or place, is answered with what there is."""
    written, prompt = session("frobnicate", "next soon", "break nowhere")
    unknown, count, place = written.splitlines()
    assert unknown == "NameError: name 'frobnicate' is not defined; and there is no command 'frobnicate': `help` lists them"
    assert count == "how many steps? 'soon' is not a number"
    assert place.startswith("'nowhere' is no named tensor of this graph, no operation, no line and none of backward, ")
    assert place.endswith("; named are x, w, o, L")
    assert prompt.session.position == 0


def test_help():
    """`help` lists the commands, each of which explains itself."""
    written, _ = session("help")
    commands = [
        "back",
        "break",
        *("args", "clear", "condition", "continue", "diff", "display", "down", "explain", "finish", "goto", "graph", "help"),
        *("ignore", "list", "next", "pass", "passes", "print", "quit", "restart", "reverse", "save", "tbreak", "undisplay"),
        *("until", "up", "where"),
    ]
    assert set(commands) <= set(written.split())
    for command in commands:
        assert session(f"help {command}")[0].strip()
    assert session("help frobnicate")[0] == "there is no command 'frobnicate': `help` lists them\n"


def test_help_fits_the_terminal(monkeypatch):
    """The list, and every explanation, at 40 columns."""
    monkeypatch.setattr(BackwardPrompt, "width", 40)
    _, prompt = session("help")
    for name in prompt.get_names():
        if name.startswith("do_"):
            prompt.onecmd(f"help {name.removeprefix('do_')}")
    assert max(map(len, prompt.stdout.getvalue().splitlines())) <= 40


def test_completion():
    """Tab completes tensors of the graph, and for `break` operations too."""
    _, prompt = session()
    assert prompt.completedefault("o", "print o", 6, 7) == ["o"]
    assert prompt.complete_break("ta", "break ta", 6, 8) == ["tanh"]
    assert prompt.complete_until("nonf", "until nonf", 6, 10) == ["nonfinite"]
    assert "w.grad" in prompt.completedefault("w.gr", "print w.gr", 6, 10)
    assert "o" in prompt.completenames("o")
    assert "next" in prompt.completenames("ne")


COMMANDS = st.lists(
    st.sampled_from(["next", "back", "next 3", "back 2", "restart", "break w", "clear", "where", "print w.grad"])
)


@given(commands=COMMANDS)
def test_forth_and_back_changes_nothing(commands):
    """However one moves, no gradient is touched, and the pass that follows gives the same numbers."""
    L, names = unit()
    _, prompt = session(*commands, output=L)
    assert names["w"].grad is None
    after = prompt.session.seen.gradients_after(len(prompt.session.seen))[names["w"]]
    L.backward()
    assert np.array_equal(names["w"].grad, after)


def test_gradients_are_put_back():
    """Gradients shown for a moment are put back, also when showing them fails."""
    L, names = unit()
    with pytest.raises(KeyError), backward_steps(L).at(4):
        assert names["w"].grad is not None
        raise KeyError
    assert names["w"].grad is None


# The command line


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "unit.py"
    path.write_text(SCRIPT, encoding="utf-8")
    return str(path)


def run(*arguments, typed=""):
    command = [sys.executable, "-m", "microgradnn", *arguments]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    return subprocess.run(command, input=typed, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)


def test_debug_a_script(script):
    """The prompt opens at the script's first backward(), lists its source, and lets it run on."""
    done = run("debug", script, typed="next\nlist\ncontinue\n")
    assert done.returncode == 0
    first = FIRST.rstrip("\n") + "  (unit.py:5)\n"
    opening = "pass 1 from L = 1.434: 4 contributions; `next` takes one step, `help` lists the commands  ("
    assert done.stdout.startswith(opening) and f"unit.py:6)\n(backprop) {first}" in done.stdout
    assert '   5 -> L = ((1 - o) ** 2).named("L")\n' in done.stdout
    assert done.stdout.endswith("the script goes on: [-1.1507  2.3015]\n")


@pytest.mark.parametrize("typed", ["quit\n", ""])
def test_quitting_ends_the_script(script, typed):
    """`quit`, and the end of the input, end the script."""
    done = run("debug", script, typed=typed)
    assert done.returncode == 0
    assert "the script goes on" not in done.stdout


def test_json(script):
    """--json prints a step a line, for other tools."""
    done = run("debug", "--json", script)
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert [step["gradient"] for step in steps] == ["∂L/∂(1 − o)", "∂L/∂o", "∂L/∂(x w)", "∂L/∂w"]
    assert steps[-1]["shape"] == [2]
    assert steps[-1]["new"] == pytest.approx([-1.1507, 2.3015], abs=1e-4)


PROGRAM = "python -m microgradnn"


def test_scripts_that_fail(tmp_path):
    """A missing file, a script that raises and one that never goes back end with an exit code and a word of why."""
    assert (run("debug", "nowhere.py").returncode, run("debug", "nowhere.py").stderr) == (
        2,
        f"{PROGRAM} debug: there is no file 'nowhere.py'\n",
    )
    failing, idle = tmp_path / "failing.py", tmp_path / "idle.py"
    failing.write_text("1 / 0")
    idle.write_text("")
    assert run("debug", str(failing)).returncode == 1
    assert run("debug", str(failing)).stderr.endswith("ZeroDivisionError: division by zero\n")
    assert run("debug", str(idle)).stderr == f"{PROGRAM} debug: {idle} ran to its end without a backward pass\n"


def test_version():
    """--version says which one it is."""
    assert run("--version").stdout.startswith("microgradnn ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
class TestInATerminal:
    """pdb and the prompt, driven as a person would."""

    @staticmethod
    def spawn(*arguments, **environment):
        pexpect = pytest.importorskip("pexpect")
        plain = {"PYTHONUTF8": "1", "PYTHON_COLORS": "0"}  # pdb colours code from Python 3.14 on
        return pexpect.spawn(
            sys.executable, list(arguments), encoding="utf-8", timeout=20, env={**os.environ, **plain, **environment}
        )

    def test_the_prompt_in_a_terminal(self, script):
        """In a terminal the step is coloured, lines fit its width, and NO_COLOR is honoured."""
        child = self.spawn("-m", "microgradnn", "debug", script, TERM="xterm")
        child.expect_exact("(backprop) ")
        child.sendline("next")
        child.expect_exact("\033[1;33m")
        child.expect_exact("(backprop) ")
        child.sendline("continue")
        child.expect_exact("the script goes on")
        plain = self.spawn("-m", "microgradnn", "debug", script, TERM="xterm", NO_COLOR="1", COLUMNS="40")
        plain.expect_exact("(backprop) ")
        plain.sendline("next")
        plain.expect_exact("(backprop) ")
        assert "\033[1;33m" not in plain.before
        assert max(len(line) for line in plain.before.splitlines()) <= 40
        assert "unit.py:5" in plain.before and "(y != 0))" in plain.before

    @pytest.mark.parametrize(("debugger", "prompt"), [("pdb", "(Pdb) "), ("ipdb", "ipdb> ")])
    def test_break_on_in_a_terminal(self, tmp_path, debugger, prompt):
        """break_on stops in the debugger of $PYTHONBREAKPOINT, right after the rule; `up` leads to the program's own line."""
        pytest.importorskip(debugger)
        program = tmp_path / "program.py"
        program.write_text(SCRIPT.replace("L.backward()", "import microgradnn\nmicrogradnn.break_on(w)\nL.backward()"))
        child = self.spawn(str(program), PYTHONBREAKPOINT=f"{debugger}.set_trace", TERM="dumb", NO_COLOR="1")
        child.expect_exact(prompt)
        for command, answer in [("p dx", "array("), *[("up", "")] * 4, ("p w.grad, x.shape", "(None, (2,))")]:
            child.sendline(command)
            child.expect_exact(answer)
            child.expect_exact(prompt)
        child.sendline("continue")
        child.expect_exact("the script goes on")

    def test_break_on_in_pudb(self, tmp_path):
        """pudb, which fills the screen, shows the rule's names and the frames down to the program's own line; `c` goes on."""
        pytest.importorskip("pudb")
        program = tmp_path / "program.py"
        program.write_text(SCRIPT.replace("L.backward()", "import microgradnn\nmicrogradnn.break_on(w)\nL.backward()"))
        settings = tmp_path / "pudb" / "pudb.cfg"
        settings.parent.mkdir()
        settings.write_text("[pudb]\nseen_welcome = e999\n")
        screen = {"TERM": "xterm", "LINES": "40", "COLUMNS": "120", "XDG_CONFIG_HOME": str(tmp_path)}
        child = self.spawn(str(program), PYTHONBREAKPOINT="pudb.set_trace", **screen)
        child.setwinsize(40, 120)
        for shown in ("dx", "dz", "xs", "stop_here", "backpropagate", "backward", "program.py"):
            child.expect_exact(shown)
        child.send("c")
        child.expect_exact("the script goes on")

    def test_pdb_steps_into_a_rule(self, script):
        """pdb's `step` goes from backward() through the loop into a rule, where dz, z, x and y are plain arrays."""
        child = self.spawn("-m", "pdb", script)
        child.expect_exact("(Pdb) ")
        for command, answer in [
            ("import microgradnn.ops as ops", "(Pdb) "),
            ("break ops.Tanh.dx", "Breakpoint 1"),
            ("continue", "return dz * (1 - z * z)"),
            ("p dz", "-2.39"),
            ("p type(z).__name__", "'float64'"),
            ("where", "backpropagate"),
            ("continue", "the script goes on"),
        ]:
            child.sendline(command)
            child.expect_exact(answer)


def test_list_without_a_program():
    """Where the prompt knows no program, and no line of the step, `list` says so."""
    assert session("list")[0] == "there is no program to list\n"


def test_other_passes_stop_where_asked(tmp_path):
    """Without a breakpoint the script runs on; `pass 2` stops at its second pass, `--pass` and `--when` stop there at once."""
    twice = tmp_path / "twice.py"
    twice.write_text(SCRIPT.replace("L.backward()", "L.backward()\nL.backward()"), encoding="utf-8")
    done = run("debug", str(twice), typed="continue\n")
    assert done.returncode == 0
    assert done.stdout.count("(backprop) ") == 1
    assert done.stdout.endswith("the script goes on: [-2.3015  4.6029]\n")
    for options, typed in ((), "pass 2\nback\nquit\n"), (("--pass", "2"), "back\nquit\n"), (("--when", "n > 1"), "back\nq\n"):
        done = run("debug", *options, str(twice), typed=typed)
        assert "pass 2 from L" in done.stdout
        assert "(backprop)  4  (2,)    ∂L/∂w" in done.stdout
