"""checked(): arrays that change between forward and backward, and the mode itself, which leaves nothing behind."""

import gc
import linecache
import subprocess
import sys
import threading

import numpy as np
import pytest
from checked_programs import message
from networks import leaf
from noted import noted

import microgradnn
from microgradnn import (
    NonFiniteError,
    Tensor,
    chain_rule,
    checked,
    exp,
    grad,
    gradcheck,
    log,
    nn,
    optim,
    remember_lines,
    sqrt,
    unroll,
)
from microgradnn.checking.checker import active, prints
from microgradnn.source import lines
from microgradnn.watching.observers import observing

# Arrays that change between forward and backward


def test_changed_before_backward():
    """An array that was changed after it was used is named, with the operation and the line that used it."""
    said = message(
        """
        W = Tensor([1.0, 2.0], requires_grad=True, name="W")
        L = (W * W).sum()
        W.data += 1
        L.backward()
        """,
        RuntimeError,
    )
    assert said.startswith("W of shape (2,) was changed after multiply had used it, before the backward pass.")
    assert "train.py:2:  L = (W * W).sum()" in said


def test_a_second_backward_after_an_update():
    """Parameters may change after the backward pass; a second one over the same graph is reported, a new loss is not."""
    w = leaf(3.0, "w")
    descent = optim.SGD([w], lr=0.1)
    with checked():
        for _ in range(2):
            L = (w * w).named("L")
            L.backward()
            L.backward()
            descent.step()
        with pytest.raises(RuntimeError, match="^'w' of shape"):
            L.backward()


def test_the_oldest_of_changed_views_is_named():
    """Through a reshape the array itself is named, not the view of it."""
    W = leaf([[1.0, 2.0]], "W")
    with checked():
        L = (W.reshape(2).named("flat") ** 2).sum()
        W.data[0, 0] = 5
        with pytest.raises(RuntimeError, match="^W of shape"):
            L.backward()


def test_a_changed_result_and_a_shared_array():
    """Results and constants that share memory with the user's array are looked at too."""
    x, buffer = leaf([1.0, 2.0]), np.array([3.0, 4.0])
    with checked():
        h = exp(x).named("h")
        L = h.sum()
        h.data *= 2
        with pytest.raises(RuntimeError, match="h of shape .* after exp had made it"):
            L.backward()
        L = (x * buffer).sum()
        buffer[0] = 0
        with pytest.raises(RuntimeError, match="buffer of shape"):
            L.backward()


@pytest.mark.parametrize(
    "use",
    [lambda x, i: x[i], lambda x, i: x.take(i), lambda x, i: x.at[i].set(0.0), lambda x, i: nn.cross_entropy(x[None], i[:1])],
)
def test_a_changed_index(use):
    """An index or a class that is changed after it was used would send the gradient to another element."""
    x, index = leaf([1.0, 2.0, 3.0]), np.array([0, 2])
    with checked():
        L = use(x, index).sum()
        index[:] = 1
        with pytest.raises(RuntimeError, match=r"The index of \w+ was changed after \w+ had used it"):
            L.backward()


# Updates


@pytest.mark.parametrize("settings", [{}, {"momentum": 0.9}])
def test_an_update_that_makes_inf(settings):
    """An optimiser's step that leaves a parameter NaN or inf is stopped at: parameter, line, gradient, and the way out."""
    W, b = leaf([1.0, 2.0], "W"), leaf(1.0)
    descent = optim.SGD([b, W], lr=1e200, **settings)
    with checked():
        (W * 1e200).sum().backward()
        with pytest.raises(NonFiniteError) as raised:
            descent.step()
    said = str(raised.value).splitlines()
    assert said[0] == "SGD.step() made -inf of W, out of numbers that were finite."
    assert "test_checker.py" in said[1] and said[1].endswith("descent.step()")
    assert said[-3:] == [
        "    W[0] = -inf     after the update, shape (2,), 2 of 2 not finite",
        "    g[0] = 1e+200   ∂L/∂W, its gradient",
        "The learning rate is too high: make lr smaller than 1e+200, or clip the gradients before the step.",
    ]


def test_an_update_by_a_gradient_that_is_not_finite():
    """Where the gradient was no number already, from outside of checked(), the message says that; a parameter has a number."""
    w = leaf([0.0])
    with np.errstate(all="ignore"):
        sqrt(w).sum().backward()
    with checked(), pytest.raises(NonFiniteError) as raised:
        optim.Adam([w]).step()
    said = str(raised.value)
    assert said.startswith("Adam.step() made NaN of parameter 0: its gradient is not finite.")
    assert said.endswith("Run backward() within checked(), too: it stops at the operation that made the gradient.")


def test_updates_outside_are_not_looked_at():
    """Outside of checked(), and of parameters without a gradient inside, nothing is said."""
    w, unused = leaf([1.0]), leaf([np.inf])
    descent = optim.SGD([w, unused], lr=0.1)
    with checked():
        (w * 2).sum().backward()
        descent.step()
    descent.lr = np.inf
    descent.step()
    assert w.data[0] == -np.inf


# The mode itself


def test_everything_is_restored():
    """After it, an exception or nested calls, nothing watches, and NumPy warns as before."""
    before = np.geterr(), observing()
    with pytest.raises(ZeroDivisionError), checked(), checked():
        assert len(observing()) == 1
        _ = 1 / 0
    with checked():
        with checked():
            pass
        with pytest.raises(NonFiniteError):
            log(Tensor(0.0))  # the outer one is still on
    assert (np.geterr(), observing(), active.get()) == (*before, None)
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        log(Tensor(0.0))


def test_decorator_can_be_called_again():
    """As a decorator it holds for each call, after one that raised too, and keeps the function's name."""

    @checked()
    def root(x):
        return sqrt(x)

    for _ in range(2):
        with pytest.raises(NonFiniteError):
            root(Tensor(-1.0))
        assert root(Tensor(4.0)).item() == 2
    assert root.__name__ == "root"


def test_numpys_errors_do_not_come_first():
    """Where NumPy is set to raise, the error inside is ours, which says more."""
    with np.errstate(all="raise"), checked(), pytest.raises(NonFiniteError, match="log made -inf"):
        log(Tensor(0.0))


def test_another_thread_is_left_alone():
    """The mode of one thread does not stop the program of another."""
    found = []

    def other():
        x = leaf([0.0])
        with np.errstate(all="ignore"):
            sqrt(x).sum().backward()
            found.append((x.grad[0], log(Tensor(0.0)).item()))

    with checked():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert found == [(np.inf, -np.inf)]


def test_lines_are_remembered():
    """Inside, steps know the lines of the program, as in remember_lines(); both may be open at once."""
    x = leaf(2.0)
    with checked(), remember_lines():
        y = x * x
    assert lines.line_of(y) == (__file__, y_line())


def y_line():
    return next(i for i, line in enumerate(linecache.getlines(__file__), 1) if line.strip() == "y = x * x")


def test_nothing_is_kept():
    """A checked training step leaves no reference cycles, no lines and no fingerprints."""
    w = leaf([1.0, 2.0])
    gc.collect()
    gc.disable()
    try:
        before = noted(prints), noted(lines.places)
        with checked():
            for _ in range(3):
                L = (exp(w) * w).sum()
                L.backward()
                slope = grad(L, w, create_graph=True)
                del L, slope
                assert (noted(prints), noted(lines.places)) == before
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_without_source():
    """A program whose source is not to be had gets the message without the text of its line."""
    with checked(), pytest.raises(NonFiniteError, match=r"(?s)nowhere:1\n    result = -inf.*x = 0"):
        exec(compile("log(Tensor(0.0))", "nowhere", "exec"), vars(microgradnn).copy())


def test_source_that_was_changed_since():
    """Of a file that is no longer Python, as when it is being edited, the message still shows the line."""
    source = "z = log(x)\nif (\n"
    linecache.cache["edited.py"] = (len(source), None, source.splitlines(keepends=True), "edited.py")
    names = {**vars(microgradnn), "x": leaf([0.0])}
    with checked(), pytest.raises(NonFiniteError, match=r"(?s)edited.py:1:  z = log\(x\)\n.*\[0\] = 0 "):
        exec(compile("z = log(x)", "edited.py", "exec"), names)


def test_without_columns(tmp_path):
    """Where Python keeps no columns (-X no_debug_ranges), the message shows the line without carets."""
    program = tmp_path / "train.py"
    program.write_text(
        "from microgradnn import Tensor, checked, log\n"
        "x = Tensor([0.0], requires_grad=True)\n"
        "with checked():\n"
        "    z = x + log(x)\n"
    )
    command = [sys.executable, "-X", "no_debug_ranges", "train.py"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stderr
    after = said.partition("log made -inf out of finite numbers")[2].splitlines()
    assert after[1] == "  train.py:4:  z = x + log(x)"
    assert after[2].startswith("    result[0] = -inf")


def test_other_readers_of_the_rules():
    """Derivations, unrolled source and gradcheck are the same inside."""
    x, W = Tensor([0.5, -1.0], name="x"), leaf([[1.0, 2.0], [3.0, 4.0]], "W")

    def results():
        L = (x @ W).tanh().named("h").sum().named("L")
        L.backward()
        gradcheck(lambda W: (x @ W).tanh().sum(), W)
        return str(chain_rule(L, W[0, 1])), unroll(L, [W]).source

    outside = results()
    W.grad = None
    with checked():
        assert results() == outside
