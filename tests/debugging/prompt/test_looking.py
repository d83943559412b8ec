"""The commands that look: where, args, passes. Those that the prompt began with are in test_prompt.py."""

from prompts import SCRIPT, TRAINING, live, session

from microgradnn import Tensor


def test_the_rules_names():
    """At a step dz, z, x, y and dx are those of its rule, read-only; `up` leads to the program's own."""
    written, _ = live(SCRIPT, "next 4", "args", "x", "dz", "dy = 0", "dy *= 2", "dy[0] = 1", "up", "x", "quit")
    lines = written.splitlines()
    assert [line.split(" = ")[0] for line in lines[2:7]] == ["dz", "z", "x", "y", "dy"]
    assert lines[7] == "array([ 0.5, -1. ])   (the x of matmul; `up` leads to your program's)"
    assert "dy tells what the rule had, and cannot be changed" in lines[9] and "dy tells" in lines[10]
    assert lines[11] == "ValueError: assignment destination is read-only"
    assert lines[-1] == "Tensor([ 0.5, -1. ], name='x')"


def test_before_the_first_step_there_is_no_rule():
    """`args` says so."""
    assert session("args")[0] == "no step has been taken: next takes one\n"


def test_a_statement_that_changes_a_tensor():
    """The program has the change, the step shows what was then, and the prompt says so."""
    written, prompt = live(TRAINING, "next", "!w.data[0, 0] = 9", "w.data[0, 0]", "continue")
    said, shown = written.splitlines()[-2:]
    assert said == "(w changed in your program; this step shows what was then)"
    assert shown.endswith("0.2)")
    assert prompt.program["w"].data[0, 0] > 8


def test_statements():
    """A statement runs in the program: in a module and in a function; names of commands can be assigned, too."""
    _, prompt = live(TRAINING, "!epoch_seen = epoch", "h = 3", "said.append(h)", "pass 2", "w.data = w.data * 0", "quit")
    assert prompt.program["epoch_seen"] == 1
    assert prompt.program["said"] == [3, "SystemExit"]
    assert not prompt.program["w"].data.any()
    function = "def f(x):\n    k = 1\n    (x * x).backward()\n    return k\nsaid.append(f(Tensor(1.0, requires_grad=True)))"
    function = f"from microgradnn import Tensor\n{function}"
    _, prompt = live(function, "k = 7", "continue")
    assert prompt.program["said"] == [7]


def test_names_that_are_commands():
    """A letter alone that is a tensor of the graph prints it: w, h; with nothing called so it is the command."""
    written, _ = live(TRAINING, "w", "h", "h.shape", "quit")
    assert "name='w'" in written and "name='h'" in written and "(2,)" in written
    assert "Commands" in session("h")[0]


def test_names_as_they_are_shown():
    """A name with a dot is accepted as shown, also where its first part is a variable of the program."""
    program = "hidden = Tensor(2.0, requires_grad=True, name='hidden.W')\n(hidden * hidden).backward()"
    program = f"from microgradnn import Tensor\n{program}"
    written, _ = live(program, "hidden.W", "hidden.W.data", "break hidden.W", "quit")
    assert written.splitlines()[1:3] == ["Tensor(2., name='hidden.W', requires_grad=True)", "array(2.)"]
    assert "breakpoint 1 at hidden.W: 2 steps ahead" in written


def test_where_of_many_nodes_is_summarised():
    """Of a long graph the nodes around the current one are told, and how many there are before and after."""
    z = x = Tensor(1.0, requires_grad=True, name="x")
    for _ in range(300):
        z = z * x
    written, _ = session("next 300", "where", "where all", output=z)
    summary, _, every = written.partition("nodes after")
    assert len(summary.splitlines()) < 20
    assert "✓ " in summary and " nodes before, complete" in summary
    assert len(every.splitlines()) > 300


def test_passes_are_listed():
    """`passes` lists those that are kept, with their losses and what stopped them."""
    written, _ = live(TRAINING, "pass 3", "passes", "quit")
    lines = written.splitlines()
    assert lines[2].split()[:2] == ["1", "1.249"]
    assert lines[4].startswith("→ 3")
    assert lines[5].startswith("kept: 1–3, ")


def test_explain_while_the_pass_runs():
    """A derivation is not held against a gradient that is not complete yet."""
    written, _ = live(TRAINING, "next 2", "explain w[0, 1]", "finish", "explain w[0, 1]", "quit")
    assert "✗" not in written
    assert "grad(L, w)[0, 1]" in written and "w.grad[0, 1]" in written
