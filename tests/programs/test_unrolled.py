"""The unrolled function: its arguments, its file, steps into it with a debugger, copies of it."""

import bdb
import copy
import io
import pdb  # noqa: T100 (what is tested)
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
from compilers import needs_compiler
from unrolled import HOME, assert_equals_backward, home, network, unrolled_network, values

from microgradnn import Tensor
from microgradnn.programs.unrolling import unroll


def test_nothing_of_microgradnn_is_needed(tmp_path):
    """The saved file runs alone, and the object runs from the file then."""
    loss, leaves = home()
    by_hand = unroll(loss, leaves)
    path = by_hand.save(tmp_path / "by_hand.py")
    assert path.read_text(encoding="utf-8") == HOME
    assert by_hand.function().__code__.co_filename == str(path)
    code = "import sys, by_hand; print('microgradnn' in sys.modules, by_hand.loss_and_gradients)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("False <function loss_and_gradients")


def test_step_into_with_pdb():
    """A debugger steps from the call into the function, shows its lines, and knows the tensors' names as variables."""
    loss, leaves = home()
    by_hand = unroll(loss, leaves)
    arguments = [np.array([0.5, -1.2, 0.3]), *(x.data for x in leaves), np.float64(1.0)]
    by_hand(*arguments)
    said = io.StringIO()
    steps = io.StringIO("s\n" * 7 + "n\n" + "p h.shape\nq\n")
    before = sys.gettrace()
    try:
        with suppress(bdb.BdbQuit):
            pdb.Pdb(stdin=steps, stdout=said, nosigint=True, readrc=False).runcall(by_hand, *arguments)
    finally:
        sys.settrace(before)  # pdb forgets what traced before it, such as coverage
    assert "-> h = np.tanh(x @ W + b_h)" in said.getvalue()
    assert "-> o = h @ V + b_o\n(Pdb) (3,)" in said.getvalue()


def test_what_an_unrolled_function_says_of_itself():
    """Its repr names the parameters in their order."""
    loss, leaves = home()
    assert repr(unroll(loss, leaves)) == "Unrolled(x, W, b_h, V, b_o, t)"


def test_pickles_copies_and_threads():
    """An unrolled function can be pickled and copied, and called from several threads at once."""
    loss, data, leaves = network(8)
    by_hand = unrolled_network(8)
    by_hand(**values(data + leaves))
    for again in (pickle.loads(pickle.dumps(by_hand)), copy.deepcopy(by_hand)):
        assert again.source == by_hand.source
        assert_equals_backward(again, loss, leaves, values(data + leaves))
        with pytest.raises(ValueError, match="has shape"):
            again(**{**values(data + leaves), "T": np.ones((7, 1))})
    batches = [network(n) for n in (3, 5, 8)]
    expected = [float(loss.data) for loss, _, _ in batches]

    def train(i):
        _, data, leaves = batches[i]
        return {float(by_hand(**values(data + leaves))[0]) for _ in range(300)}

    with ThreadPoolExecutor() as threads:
        assert list(threads.map(train, range(3))) == [{L} for L in expected]


def test_wrong_arguments():
    """Missing, unknown and double arguments, and shapes that do not fit."""
    loss, leaves = home()
    by_hand = unroll(loss, leaves)
    x, t = np.ones(3), 1.0
    W, b_h, V, b_o = (leaf.data for leaf in leaves)
    takes = "The function takes x, W, b_h, V, b_o, t"
    for call, expected in [
        (lambda: by_hand(x, W, b_h), f"{takes}; V, b_o, t are missing."),
        (lambda: by_hand(x, W, b_h, V, b_o, t, 1), f"{takes}; it was given 7 arguments."),
        (lambda: by_hand(x, W, b_h, V, b_o, y=t), f"{takes}; 'y' is none of them."),
        (lambda: by_hand(x, W, b_h, V, b_o, x=t), f"{takes}; 'x' was given twice."),
    ]:
        with pytest.raises(TypeError) as failure:
            call()
        assert str(failure.value) == expected
    with pytest.raises(ValueError, match="shape") as failure:
        by_hand(x, W[:2], b_h, V, b_o, t)
    assert str(failure.value) == (
        "'W' has shape (2, 3), but the function takes (3, 3).\n"
        "All shapes are those recorded. A number in the graph may be made of the batch size: 2 in power, as the 0.01 of a "
        "mean of 100 is. So this size is the only one.\n"
        "For any size, unroll the function that computes the loss, with examples: unroll(f, x, t)."
    )
    _, data, leaves = network(8)
    with pytest.raises(ValueError, match="shape") as failure:
        unrolled_network(8)(**{**values(data + leaves), "T": np.ones((7, 1))})
    assert str(failure.value) == (
        "'T' has shape (7, 1), but the function takes (n, 1) with n = 8.\n"
        "The batch size n may vary; it is the same in all parameters."
    )


@pytest.mark.parametrize("options", [{"buffers": True}, {"compile": True}, {"compile": True, "buffers": True}])
@needs_compiler
def test_a_type_that_comes_later(options):
    """Numbers of another type are refused also where the shapes are those of the call before: they would be cut to fit."""
    w = Tensor(np.ones(3, np.float32), requires_grad=True, name="w")
    by_hand = unroll(lambda x: (x * w).sum(), np.ones(3, np.float32), **options)
    by_hand(np.ones(3, np.float32), w)
    with pytest.raises(TypeError, match="float64"):
        by_hand(np.ones(3), w)
