"""The text of a module: laid out as black would do it, with nothing that ruff finds."""

import subprocess
import sys

import numpy as np
import pytest
from unrolled import home, many_lines, network

from microgradnn import Tensor, nn
from microgradnn.programs.unrolling import unroll


def checked(command, sources, folder):
    for i, source in enumerate(sources):
        (folder / f"by_hand_{i}.py").write_text(source, encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", *command, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, "\n".join([done.stdout, done.stderr, *sources])


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
    graphs = [
        home(),
        network(4)[::2],
        many_lines(),
        *((L, [W]) for L in (classified, gaussian, without_numpy)),
        (images, None),
    ]
    checked(command, [unroll(loss, leaves, buffers=buffers).source for loss, leaves in graphs], tmp_path)
