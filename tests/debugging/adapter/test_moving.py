"""Steps forth and back, in passes and lines, as an editor asks for them."""

import numpy as np
from dap_client import TRAIN, at_pass, debugged
from hypothesis import given
from hypothesis import strategies as st

from microgradnn.watching.observers import observing

LINE = TRAIN.splitlines().index("    L.backward()") + 1


def test_a_training_loop_forth_and_back(tmp_path):
    """Stopped at pass 57: into its first rule, back inside it and into pass 56, and on to where the loss rises."""
    with debugged(TRAIN, tmp_path, **at_pass(57)) as client:
        assert client.first == ("breakpoint", "pass 57, step 0, loss 0.249")
        assert client.frames() == [("<module>", "program.py", LINE)]
        assert client.go("stepIn") == ("step", "pass 57, step 1, loss 0.249")
        rule, made, program = client.frames()
        assert rule[:2] == ("Mean.dx → ∂L/∂((… − o)²)", "reduction.py")
        assert made == ("made L", "program.py", LINE - 1) and program == ("<module>", "program.py", LINE)
        assert client.go("next")[1].startswith("pass 57, step 2")
        for _ in range(2):
            client.go("stepBack")
        assert client.go("stepBack") == ("step", "pass 56, step 7 of 7, loss 0.1047")
        assert client.go("stepOut")[1].startswith("pass 56, step 7 of 7")
        client.ask("setFunctionBreakpoints", breakpoints=[{"name": "rises"}])
        assert client.go("continue") == ("breakpoint", "pass 57, step 0, loss 0.249")
        assert client.go("continue")[1].startswith("pass 58, step 0")
        client.ask("setFunctionBreakpoints", breakpoints=[])
        assert client.go("reverseContinue") == ("entry", "pass 1, step 0 of 7, loss 0.7001")
        assert client.go("stepBack")[1].startswith("pass 1, step 0")
        assert "this is the oldest step that is kept" in client.printed


def test_lines_forward(tmp_path):
    """In the program a step is a line; over backward() it goes as over any call, into it to the first rule; out of it back."""
    with debugged(TRAIN, tmp_path, launch={"stopOnEntry": True}) as client:
        assert client.first == ("step", "forward, 0 passes done")
        assert client.go("stepBack")[1] == "forward, 0 passes done"
        client.ask("setBreakpoints", source={"path": client.path}, breakpoints=[{"line": LINE}])
        assert client.go("continue")[0] == "breakpoint"
        assert client.frames()[0][2] == LINE
        assert client.go("next") == ("step", "forward, 1 pass done")
        assert client.frames()[0][2] == LINE + 1
        assert client.go("stepBack") == ("step", "pass 1, step 7 of 7, loss 0.7001")
        assert client.go("next") == ("step", "forward, 1 pass done")
        client.go("continue")
        assert client.go("stepIn")[1].startswith("pass 2, step 1")
        for _ in range(6):
            client.go("next")
        assert client.go("next") == ("step", "forward, 2 passes done")
        assert client.frames()[0][2] == LINE + 1
        client.go("continue")
        client.go("stepIn")
        assert client.go("stepOut") == ("step", "forward, 3 passes done")


def test_over_a_pass(tmp_path):
    """At the start of a pass a step over it leads to the line after; at that of one that is over, to its end."""
    with debugged(TRAIN, tmp_path, **at_pass(3)) as client:
        assert client.go("next") == ("step", "forward, 3 passes done")
        for _ in range(9):
            client.go("stepBack")
        assert client.go("next")[1].startswith("pass 3, step 0")
        assert client.go("next")[1].startswith("pass 3, step 7 of 7")
        assert client.go("next") == ("step", "forward, 3 passes done")


def test_functions_of_the_program(tmp_path):
    """Steps go into functions of the program and out of them, and not into those of others."""
    program = "import json\ndef f(x):\n    y = json.dumps(x)\n    return y\na = f([1])\nb = 2\n"
    with debugged(program, tmp_path, launch={"stopOnEntry": True}) as client:
        lines = [client.frames()[0][2]]
        for command in ("next", "next", "stepIn", "stepIn", "stepOut"):
            client.go(command)
            lines.append(client.frames()[0][2])
        assert client.go("next") is None
    assert lines == [1, 2, 5, 3, 4, 6]


MOVES = st.lists(st.sampled_from(["next", "stepIn", "stepOut", "stepBack", "reverseContinue", "stepBack"]), max_size=25)
PROGRAM = TRAIN.replace("range(1, 101)", "range(1, 6)")


@given(moves=MOVES)
def test_walks_forth_and_back_end_in_the_same_gradients(moves, tmp_path_factory):
    """However one moves, the program computes what it does by itself, to the last bit."""
    names = {}
    exec(PROGRAM, names)
    with debugged(PROGRAM, tmp_path_factory.mktemp("walk"), **at_pass(2)) as client:
        for move in moves:
            if client.go(move) is None:
                break
        else:
            client.ask("setFunctionBreakpoints", breakpoints=[])
            while client.go("continue") is not None:
                pass
        ran = client.adapter.session
        newest = ran.passes[-1]
        for name in ("W", "V"):
            (leaf,) = [node for node in newest.nodes if node.name == name]
            assert np.array_equal(leaf.data, names[name].data)
            assert np.array_equal(leaf.grad, names[name].grad)
    assert ran not in observing()
