"""The frames of the user's program."""

import sys

from prompts import live

from microgradnn.debugging.frames import source_around, users_frames


def test_frames_up_to_the_module():
    """`up` goes from the rule to the program, and on to its callers, as far as the module; `down` back."""
    program = "def train(x):\n    y = x * x\n    y.backward()\ntrain(Tensor(2.0, requires_grad=True, name='x'))"
    program = f"from microgradnn import Tensor\n{program}"
    written, _ = live(program, "next", "up", "y.shape", "up", "up", "down", "down", "down", "quit")
    lines = [line for line in written.splitlines() if "program.py" in line or "frame" in line]
    assert [line.split(" in ")[-1] for line in lines if " in " in line] == ["train", "<module>", "train"]
    assert "the oldest frame" in lines and "the newest frame" in lines


def test_frames_of_the_package_are_left_out():
    """Innermost first; frames of the package are none of the user's."""
    found = users_frames(sys._getframe())
    assert found[0].f_code.co_name == "test_frames_of_the_package_are_left_out"


def test_lines_around():
    """Lines of a file with their numbers; of one that is not there, none."""
    assert (1, '"""The frames of the user\'s program."""') in source_around(__file__, 3)
    assert source_around("nowhere.py", 3) == []
