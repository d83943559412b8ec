"""A session: where it stops, and that going forth and back over passes changes nothing."""

import io
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompts import SCRIPT, TRAINING, live

from microgradnn import Tensor
from microgradnn.debugging.prompt.prompt import BackwardPrompt
from microgradnn.debugging.session import Session, of_recorded, spans
from microgradnn.passes import record
from microgradnn.watching.observers import observing


def weights(program):
    """What w ends as when a program runs by itself."""
    names = {"said": []}
    exec(program, names)
    return names["w"]


MOVES = ["next", "next 3", "back", "back 5", "pass", "pass 1", "restart", "finish", "reverse", "up", "w.grad", "goto 2"]


@given(commands=st.lists(st.sampled_from(MOVES), max_size=12))
def test_walks_forth_and_back_change_nothing(commands):
    """However one moves, the program computes what it does by itself, to the last bit."""
    _, prompt = live(TRAINING, *commands, "continue")
    alone = weights(TRAINING)
    assert np.array_equal(prompt.program["w"].data, alone.data)
    assert np.array_equal(prompt.program["w"].grad, alone.grad)


def test_steps_are_computed_when_they_are_reached():
    """At a step the rules that follow have not run; going back runs none again."""
    program = TRAINING.replace("for epoch", "h0 = w * 1\nh0.register_hook(lambda dh: said.append('reached'))\nfor epoch")
    program = program.replace("x @ w", "x @ h0")
    written, _ = live(program, "next 4", "said", "next", "next", "said", "back 5", "next 5", "said", "quit")
    told = [line for line in written.splitlines() if line.startswith("[")]
    assert told == ["[]", "['reached']", "['reached']"]


def test_back_into_earlier_passes():
    """From the start of a pass one goes back into the one before, whose tensors show what they were then."""
    commands = ["pass 3", "back", "print w.data[0, 0]", "print epoch", "next", "print w.data[0, 0]"]
    written, prompt = live(TRAINING, *commands, "quit")
    lines = written.splitlines()
    assert lines[2].startswith(" 5  (2, 2)  ∂L/∂w")
    assert lines[3] == "(pass 2 of 3: tensors show what they were; other variables are today's)"
    assert lines[5] == "3"
    assert lines[4] != lines[7]
    assert prompt.session.passes.total == 3


def test_memory_is_bounded():
    """No more passes are kept than were asked for; one that is gone is said to be."""
    written, prompt = live(TRAINING, "pass 5", "pass 1", "back 100", "passes", "quit", last=2)
    assert "pass 1 is not kept; kept are 3–5" in written
    assert "pass 3 from L" in written.splitlines()[3]
    assert "at most 2 passes and 256 MB" in written
    assert len(prompt.session.passes) == 2


def test_a_rule_that_raises_stops_there():
    """What is raised in a pass opens the prompt there, before the program sees it; then it sees it."""
    program = TRAINING.replace("for epoch", "w.register_hook(lambda dw: 1 / 0)\nfor epoch").replace(
        "    L.backward()", "    try: L.backward()\n    except ZeroDivisionError: said.append('caught'); break"
    )
    written, prompt = live(program, "h", "continue", steps=0)
    assert written.startswith("ZeroDivisionError: division by zero\nraised in pass 1, after 5 steps; next and continue")
    assert "Tensor([ 0.1974, -0.4636]" not in written and "name='h'" in written
    assert prompt.program["said"][0] == "caught"


RAISING = """\
from microgradnn import Tensor
from microgradnn.graph import Op
class Cube(Op):
    def forward(self, x): return x * x * x
    def dx(self, dz, z, x): return dz * 3 * x * missing
    vjps = dx,
x = Tensor([1.0, 2.0], requires_grad=True, name="x")
L = Cube()(x * 2).sum().named("L")
L.backward()
"""


def test_what_a_rule_that_raises_was_given():
    """Its line, and dz, z and x, as long as one stands there; one step back, the step's own."""
    written = io.StringIO()
    session = Session(None)
    prompt = BackwardPrompt(session, stdin=io.StringIO("args\nz + 1\nback\nnext\nback\nargs\ncontinue\n"), stdout=written)
    with session, pytest.raises(NameError):
        exec(compile(RAISING, "program.py", "exec"), {"__name__": "__main__"})
    text = written.getvalue().replace(prompt.prompt, "")
    assert "by dx of cube (program.py:5): args shows what it was given\nthe step before:\n 1  (2,)" in text
    assert "dz = array([1., 1.])\nz = array([ 8., 64.])\nx = array([2., 4.])\narray([ 9., 65.])\n" in text
    assert text.endswith("no step has been taken: next takes one\n")


def test_a_program_that_ends():
    """`quit` ends the program, in every thread that goes back; the observers are gone afterwards."""
    _, prompt = live(TRAINING, "quit")
    assert prompt.program["said"] == ["SystemExit"]
    assert prompt.session not in observing()


def test_passes_asked_for_at_the_prompt_are_not_the_programs():
    """A pass that the user runs at a stop is neither counted nor stopped at."""
    written, prompt = live(TRAINING, "(L * 2).backward()", "next", "quit")
    assert prompt.session.passes.total == 1
    assert written.splitlines()[-1].startswith(" 1  ")


def test_threads_stop_one_after_the_other():
    """Of passes that threads run at once each stops, and the others wait."""
    talked = []

    def talk(why):
        talked.append((threading.get_ident(), session.seen.recorded.number))
        session.going.steps = 1

    session = Session(talk)
    session.going.steps = 1

    def run():
        x = Tensor(2.0, requires_grad=True)
        (x * x).backward()

    with session:
        threads = [threading.Thread(target=run) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {number for _, number in talked} == {1, 2, 3}


def test_recorded_passes_alone():
    """A session without a program moves in what was recorded, and in nothing else."""
    x = Tensor(2.0, requires_grad=True, name="x")
    session = of_recorded([record((x * x).named("L"))])
    assert session.forth(1) is False and session.position == 1
    assert session.forth(5) is True and session.position == 2
    assert session.back(9) is True and session.position == 0
    assert session.back() is False
    with pytest.raises(ValueError, match="pass 0 is not kept; kept are 1"):
        session.to_pass(0)
    assert spans([3, 1, 2, 9]) == "1–3, 9"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
def test_interrupts(tmp_path):
    """Ctrl-C while the program runs returns to the prompt; and `continue` lets it run on."""
    program = tmp_path / "program.py"
    loop = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nprint('on')\n"
    program.write_text(SCRIPT + loop, encoding="utf-8")
    command = [sys.executable, "-m", "microgradnn", "debug", str(program)]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    typed = "continue\nwhere\ncontinue\n"
    done = subprocess.run(command, input=typed, capture_output=True, encoding="utf-8", timeout=60, env=environment, check=False)
    assert "the program was interrupted" in done.stdout
    assert "on\n" in done.stdout
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_program_that_catches_everything_can_be_left(tmp_path):
    """After `quit`, a program that catches SystemExit ends at its next pass."""
    program = tmp_path / "program.py"
    program.write_text(
        SCRIPT.replace("L.backward()", "while True:\n    try: L.backward()\n    except BaseException: print('caught')"),
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "microgradnn", "debug", str(program)]
    done = subprocess.run(command, input="quit\n", capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert (done.returncode, done.stdout.count("caught")) == (0, 1)
