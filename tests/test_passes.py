"""Passes: what a backward pass was stays what it was, whatever changes afterwards; and how many are kept."""

import gc
import threading
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import small_network
from strategies import generators

from microgradnn import Passes, Tensor, backward_steps, concatenate, grad, optim
from microgradnn.passes import record
from microgradnn.watching.observers import Observer, observing


def frozen(recorded):
    """All numbers of a pass, as bytes."""
    arrays = [*recorded.values.values(), *recorded.gradients.values()]
    arrays += [array for c in recorded.contributions for array in (c.dz, c.full, c.dx, c.old, c.new) if array is not None]
    return [np.asarray(array).tobytes() for array in arrays]


def test_a_pass_is_what_backward_does():
    """Its gradients are those of backward(), to the last bit; no .grad is touched, and hooks are not called."""
    L, at = small_network()
    hook = at["h"].register_hook(lambda dx: pytest.fail("called"))
    recorded = record(L)
    assert all(tensor.grad is None for tensor in at.values())
    hook.remove()
    L.backward()
    assert [*recorded.gradients] == recorded.nodes
    for node, dz in recorded.gradients.items():
        assert np.array_equal(dz, node.grad)


def test_what_changes_later_changes_nothing_of_it():
    """Weights that are updated, views of them, gradients that are clipped in place: a pass has its own copies of all."""
    W = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="W")
    x = np.array([0.5, -1.0])
    with Passes() as passes:
        L = ((Tensor(x, name="x") @ W.T).named("h").tanh() + W.reshape(4)[:2]).sum()
        L.backward()
    (recorded,) = passes
    before = frozen(recorded)
    W.data -= 0.1 * W.grad
    x[:] = 7
    for node in recorded.nodes:
        if isinstance(node.grad, np.ndarray):
            node.grad *= 0
    assert frozen(recorded) == before
    assert recorded.values[W].tolist() == [[1, 2], [3, 4]]


@given(rng=generators, size=st.integers(1, 20))
def test_gradients_after_some_contributions(rng, size):
    """Each contribution brings the gradient of its input from `old` to `new`; after the last, they are those of the end."""
    a, b = (Tensor(rng.normal(size=3), requires_grad=True) for _ in range(2))
    nodes = [a, b, a * b]
    for _ in range(size):
        x, y = (nodes[rng.integers(len(nodes))] for _ in range(2))
        nodes.append([x + y, x * y, (x - y).tanh(), concatenate([x, y])[:3]][rng.integers(4)])
    recorded = record((nodes[-1] + nodes[2]).sum())
    for i, contribution in enumerate(recorded.contributions):
        before, after = recorded.gradients_after(i), recorded.gradients_after(i + 1)
        assert before.get(contribution.input) is contribution.old
        assert after[contribution.input] is contribution.new
    assert recorded.gradients_after(len(recorded.contributions)) == recorded.gradients


def test_what_a_hook_made_of_a_gradient():
    """A pass tells the gradients as hooks left them, also where a hook changed the array in place."""
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    h = w * 2

    def halve(dh):
        dh *= 0.5

    hooks = h.register_hook(halve), w.register_hook(lambda dw: dw * 10)
    with Passes() as passes:
        (h * h).sum().backward()
    for hook in hooks:
        hook.remove()
    (recorded,) = passes
    last = recorded.contributions[-1]
    assert (last.node, last.input) == (h, w)
    assert np.array_equal(last.dz, h.grad)
    assert np.array_equal(last.new, last.dz * 2)
    assert np.array_equal(recorded.gradients[w], w.grad)
    assert np.array_equal(w.grad, last.new * 10)


def test_steps_tell_the_truth_after_an_update():
    """Steps of a pass show what was true then: rule, local derivative and operands after the weights have changed."""
    w = Tensor([0.5, -1.0], requires_grad=True, name="w")
    L = ((w * w).named("h").exp().sum()).named("L")
    steps = backward_steps(L)
    told = str(steps), [(step.local, step.z, step.xs) for step in steps]
    copies = [[None if x is None else np.array(x) for x in (local, z, *xs)] for local, z, xs in told[1]]
    w.data += 1
    assert str(steps) == told[0]
    for step, (local, z, *xs) in zip(steps, copies, strict=True):
        assert np.array_equal(step.z, z)
        assert all(np.array_equal(x, then) for x, then in zip(step.xs, xs, strict=True))
        assert (step.local is None) == (local is None) and (local is None or np.array_equal(step.local, local))
    assert np.array_equal(steps[-1].dx, steps[-1].dz * (w.data - 1))


def test_the_nodes_as_they_were():
    """Inside `steps.at(...)` each node's values and gradient are what they were then; afterwards what they are."""
    L, at = small_network()
    steps = backward_steps(L)
    then = at["W"].data.copy()
    same = at["V"].data
    at["W"].data += 1
    L.backward()
    now = at["W"].data, at["W"].grad
    with steps.at(len(steps)):
        assert np.array_equal(at["W"].data, then)
        assert np.array_equal(at["W"].grad, steps.gradients_after(len(steps))[at["W"]])
        assert at["V"].data is same
    assert (at["W"].data, at["W"].grad) == (pytest.approx(now[0]), pytest.approx(now[1]))
    assert at["W"].data is now[0]


def test_pages_and_frames_tell_the_truth(renderer, tmp_path):
    """Page and pictures of a pass are the same after an update as before it."""
    w = Tensor([0.5, -1.0], requires_grad=True, name="w")
    steps = backward_steps((w * w).sum().named("L"))

    def saved():
        page = steps.save(tmp_path / "steps.html").read_bytes()
        return page, [path.read_bytes() for path in steps.save_frames(tmp_path / "frames")]

    before = saved()
    w.data *= 3
    assert saved() == before


# While it runs


class Looking(Observer):
    """Notes what is known of the pass that runs, at each of its contributions."""

    def __init__(self, passes):
        self.passes, self.found, self.steps = passes, [], None

    def contribute(self, contribution):
        running = self.passes.running
        self.steps = self.steps or backward_steps(running)
        self.found.append((len(self.steps), len(running.planned()), len(running.contributions), self.steps[-1].input))


def test_a_pass_that_runs():
    """It is known from the start what gets a gradient and how many contributions there will be; its steps grow."""
    L, at = small_network()
    with Passes() as passes:
        looking = Looking(passes)
        with looking:
            assert passes.running is None
            L.backward()
    assert passes.running is None
    planned = len(passes[0].planned())
    steps, plans, done, inputs = zip(*looking.found, strict=True)
    assert set(plans) == {planned} and done == tuple(range(1, planned + 1))
    assert list(steps) == sorted(steps) and steps[-1] == len(backward_steps(passes[0]))
    assert [(node, node.inputs[i]) for node, i in passes[0].planned()] == [(c.node, c.input) for c in passes[0].contributions]
    assert passes[0].expected == passes[0].nodes
    assert inputs[-1] in at.values()


def test_passes_that_are_over_can_be_kept():
    """Those of a file go after what is there, with the numbers that they have."""
    x = Tensor(2.0, requires_grad=True)
    passes = Passes()
    recorded = record(x * x)
    recorded.number = 7
    passes.keep([recorded])
    assert (list(passes), passes.total) == ([recorded], 7)


# Keeping


def train(steps):
    """A weight after a few updates."""
    w = Tensor(3.0, requires_grad=True, name="w")
    descent = optim.SGD([w], lr=0.25)
    for _ in range(steps):
        descent.zero_grad()
        (w * w).backward()
        descent.step()
    return w


def test_the_latest_are_kept():
    """Of many passes the last few stay, oldest first, with the numbers that they had."""
    with Passes(last=3) as passes:
        w = train(10)
    assert [recorded.number for recorded in passes] == [8, 9, 10]
    assert [recorded.values[w] for recorded in passes] == [3 / 2**7, 3 / 2**8, 3 / 2**9]
    assert passes[-1] is passes[2]
    assert passes[:2] == [passes[0], passes[1]]
    assert (len(passes), passes.total, repr(passes)) == (3, 10, "<3 of 10 backward passes>")
    assert observing() == []


def test_the_bytes_are_bounded():
    """Older passes go when the bytes are used up; a pass that is larger by itself is not kept, the next one is."""
    w = Tensor(np.ones(1000), requires_grad=True)
    with Passes() as passes:
        for _ in range(5):
            (w * w).sum().backward()
    size = passes[0].nbytes
    assert passes.nbytes == 5 * size
    with Passes(limit=2.5 * size) as passes:
        for _ in range(5):
            (w * w).sum().backward()
            assert passes.nbytes <= 2.5 * size
        assert [recorded.number for recorded in passes] == [4, 5]
        big = Tensor(np.ones(10_000), requires_grad=True)
        (big * big).sum().backward()
        assert passes[-1].number == 5
        (w * w).sum().backward()
    assert [recorded.number for recorded in passes] == [5, 7]
    with pytest.raises(ValueError, match="Passes keeps at least one pass and one byte; it was given last=0"):
        Passes(last=0)


def test_a_pass_that_is_too_large_is_given_up():
    """As soon as a pass is larger than the limit, no more of it is copied."""
    w = Tensor(np.ones(100_000), requires_grad=True)
    z = w
    for _ in range(20):
        z = z * 0.5
    L = z.sum()
    peaks = []
    for limit in (2**40, 2 * w.data.nbytes):
        tracemalloc.start()
        with Passes(limit=limit):
            grad(L, w)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] - 15 * w.data.nbytes


@pytest.mark.parametrize("shape", [(), (300, 300)])
def test_bytes_are_about_what_is_freed(shape):
    """`nbytes` is what goes with a pass, within a third: of large arrays, and of a long chain of scalars."""
    w = Tensor(np.ones(shape), requires_grad=True)

    def chain():
        z = w
        for _ in range(5 if shape else 5000):
            z = z * 0.999
            z = z + 0.001
        return z.sum() if shape else z

    record(chain())  # what is loaded at the first use
    gc.collect()
    tracemalloc.start()
    recorded = record(chain())
    held, size = tracemalloc.get_traced_memory()[0], recorded.nbytes
    tracemalloc.stop()
    assert size == pytest.approx(held, rel=1 / 3)


def test_a_pass_that_raised_is_kept():
    """What a pass had done until something was raised can be looked at, and says by what it was stopped."""
    x = Tensor([3.0, 1.0], requires_grad=True, name="x")
    h = (x * x).named("h")
    hook = h.register_hook(lambda dh: 1 / 0)
    with Passes() as passes, pytest.raises(ZeroDivisionError):
        (h * 2).sum().backward()
    hook.remove()
    (recorded,) = passes
    assert recorded.stopped_by == "ZeroDivisionError: division by zero"
    assert x not in recorded.gradients
    assert backward_steps(recorded)[-1].input is h


def test_a_pass_within_a_pass():
    """A hook may go back through another graph: both passes are told, each with its own contributions."""
    x, y = Tensor(3.0, requires_grad=True, name="x"), Tensor(2.0, requires_grad=True, name="y")
    hook = x.register_hook(lambda dx: (y * y * y).backward())
    with Passes() as passes:
        (x * 2 + x).backward()
    hook.remove()
    assert [(recorded.number, len(recorded.contributions)) for recorded in passes] == [(2, 4), (1, 3)]
    assert [{c.input.name for c in recorded.contributions} - {None} for recorded in passes] == [{"y"}, {"x"}]


def test_threads_do_not_mix():
    """Passes of threads that run at once are kept apart."""
    with Passes(last=100) as passes:

        def run(k):
            for _ in range(10):
                z = w = Tensor(float(k), requires_grad=True)
                for _ in range(k):
                    z = z * w
                z.backward()

        threads = [threading.Thread(target=run, args=(k,)) for k in range(1, 6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(passes) == 50
    for recorded in passes:
        (leaf,) = [node for node in recorded.nodes if node.op is None]
        assert len(recorded.contributions) == 2 * int(recorded.values[leaf])


def test_passes_of_grad_and_of_recorded_gradients():
    """grad() makes passes, too; where gradients are recorded themselves, a pass has their numbers."""
    x = Tensor(2.0, requires_grad=True, name="x")
    with Passes() as passes:
        slope = grad(x**3, x, create_graph=True)
        grad(slope, x)
    assert [recorded.gradients[x] for recorded in passes] == [12, 12]
    assert all(not isinstance(array, Tensor) for recorded in passes for array in recorded.gradients.values())


def test_steps_of_a_pass_take_no_gradient():
    """A pass has its own upstream gradient; another one is refused."""
    x = Tensor(2.0, requires_grad=True)
    recorded = record(x * x, 3.0)
    assert recorded.seed == 3
    with pytest.raises(TypeError, match="the pass began with its own, which is its .seed"):
        backward_steps(recorded, 1.0)
    assert repr(recorded) == f"<Pass 1 from {recorded.output!r}: 2 contributions>"
