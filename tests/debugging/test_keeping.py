"""A pass in a file: it is read as it was, and a file that asks for anything else is refused."""

import pickle

import numpy as np
import pytest
from prompts import TRAINING, live, session

from microgradnn import Op, Tensor, backward_steps, nn
from microgradnn.commands import main
from microgradnn.debugging.keeping import MARK, open_pass, save_pass
from microgradnn.passes import record


def test_a_pass_is_read_as_it_was(tmp_path):
    """Its steps, with their lines, gradients and derivations, are those of the pass that was saved."""
    _, prompt = live(TRAINING, "pass 2", "finish", f"save {tmp_path / 'run.pass'}", "quit")
    saved = prompt.session.seen.recorded
    opened = open_pass(tmp_path / "run.pass")
    assert str(backward_steps(opened)) == str(backward_steps(saved))
    assert (opened.number, opened.line) == (2, saved.line)
    assert len(opened.planned()) == len(saved.planned())
    written, _ = session("finish", "where", "explain w[0, 1]", output=opened)
    assert written.count("✓") >= 7


def test_a_network_in_a_file(tmp_path):
    """Layers, labels and numbers among the operands come back."""
    rng = np.random.default_rng(0)
    network = nn.Sequential(nn.Linear(2, 3, rng=rng), nn.Tanh(), nn.Linear(3, 1, rng=rng))
    recorded = record((network(np.ones((4, 2))) ** 2).mean().named("L"))
    opened = open_pass(save_pass(recorded, tmp_path / "run.pass"))
    assert str(backward_steps(opened)) == str(backward_steps(recorded))


def test_what_cannot_be_kept(tmp_path):
    """An operation of the user's own, and a pass that still runs, are not saved; the prompt says why."""

    class Twice(Op):
        def forward(self, x):
            return 2 * x

        def dx(self, dz, z, x):
            return 2 * dz

        vjps = (dx,)

    written, _ = session(f"save {tmp_path / 'a'}", output=Twice()(Tensor(1.0, requires_grad=True)))
    assert written == "the pass goes through operations of your own (Twice), which a file cannot hold\n"
    written, _ = live(TRAINING, "save", f"save {tmp_path / 'a'}", "quit")
    assert written.splitlines()[1] == "save needs a file: save run.pass"
    assert written.splitlines()[2] == "this pass still runs: finish completes it, then save it"


class Harmful:
    def __reduce__(self):
        return print, ("run",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"something else", "holds no pass"),
        (MARK + b"damaged", "is damaged, or of another version"),
        (MARK + pickle.dumps(Harmful()), "it asks for builtins.print"),
        (MARK + b"cmicrogradnn.commands\nmain\n.", "it asks for microgradnn.commands.main"),
        (MARK + pickle.dumps({}), "is damaged, or of another version"),
    ],
)
def test_files_that_are_none(tmp_path, content, message, capsys):
    """What is no pass, or would run code, is refused."""
    path = tmp_path / "run.pass"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        open_pass(path)
    if content.startswith(MARK):
        assert main(["debug", str(path)]) == 1
        assert message in capsys.readouterr().err
