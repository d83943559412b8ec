"""The text of a module: laid out as black would do it, with nothing that ruff finds."""

import subprocess
import sys

import numpy as np
import pytest
from unrolled import home, many_lines, network

from microgradnn import Tensor, nn
from microgradnn.programs.unrolling import unroll


def checked(command, source, tmp_path):
    path = tmp_path / "by_hand.py"
    path.write_text(source, encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", *command, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr + source


@pytest.mark.parametrize(
    "command", [["ruff", "check", "--isolated"], ["black", "--check", "-q"]], ids=lambda command: command[0]
)
@pytest.mark.parametrize("buffers", [False, True])
def test_linters_have_nothing_to_say(command, buffers, tmp_path):
    """The source is as black would write it, and ruff finds nothing, such as a variable that is not used."""
    pytest.importorskip(command[0])
    W = Tensor(np.ones((2, 3)), requires_grad=True, name="W")
    classified = nn.cross_entropy(np.ones((5, 2)) @ W, np.array([0, 1, 2, 1, 0]))
    gaussian = np.exp(-((W - 1) ** 2) / 2).sum()
    without_numpy = (W * W).sum()
    images = nn.Sequential(nn.Conv2d(1, 2, 3, rng=np.random.default_rng(0)), nn.MaxPool2d(2))(np.ones((2, 1, 6, 6))).mean()
    for loss, leaves in (
        home(),
        network(4)[::2],
        many_lines(),
        *((L, [W]) for L in (classified, gaussian, without_numpy)),
        (images, None),
    ):
        checked(command, unroll(loss, leaves, buffers=buffers).source, tmp_path)
