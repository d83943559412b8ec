"""Processes and threads: forks, Tensors and graphs sent to other processes, and training at the same time in two threads."""

import gc
import multiprocessing
import os
import pickle
import sys
import threading
import traceback
import warnings
import weakref

import numpy as np
import pytest
from networks import leaf

from microgradnn import Tensor, checked, grad, nn, no_grad, optim

forks = pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork")


def train(seed, steps=30, before_step=lambda: None):
    """Train a little network; the losses and the final parameters as bytes, so that every bit counts."""
    rng = np.random.default_rng(seed)
    W, V = leaf(rng.normal(size=(3, 4)), "W"), leaf(rng.normal(size=4), "V")
    X, t = rng.normal(size=(5, 3)), rng.normal(size=5)
    descent = optim.SGD([W, V], lr=0.05)
    losses = []
    for _ in range(steps):
        before_step()
        L = nn.squared_error((X @ W).tanh() @ V, t)
        descent.zero_grad()
        L.backward()
        descent.step()
        losses.append(L.item())
    return np.array(losses).tobytes() + W.data.tobytes() + V.data.tobytes()


def predict_only(seed, steps=30, before_step=lambda: None):
    """The same network without recording; whether anything was recorded, and the values as bytes."""
    rng = np.random.default_rng(seed)
    W, X = leaf(rng.normal(size=(3, 4))), rng.normal(size=(5, 3))
    found = []
    with no_grad():
        for _ in range(steps):
            before_step()
            h = (X @ W).tanh()
            found.append((h.requires_grad, h.op, h.data.tobytes()))
    return found


# Fork: the child has the parent's graph, and its own continuation of it


def in_child(function):
    """What a function returns in a forked child. It is written to a pipe; the child ends without pytest's cleaning up."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other tests may have left threads, which the child does not need
        child = os.fork()
    if child == 0:
        try:
            os.close(read)
            with os.fdopen(write, "wb") as pipe:
                pickle.dump(function(), pipe)
        except BaseException:  # noqa: BLE001  # whatever it was: the child must not go on as a second pytest
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    assert answer, "the child raised"
    return pickle.loads(answer)


@forks
def test_a_forked_child_goes_on_with_the_graph():
    """A child records on top of its parent's graph and differentiates it; the parent's gradients stay its own."""
    x = leaf([1.0, 2.0], "x")
    h = (x * x).named("h")

    def child():
        L = (h * 3).sum()
        L.backward()
        return x.grad, L.birth > h.birth

    dx, younger = in_child(child)
    np.testing.assert_array_equal(dx, [6, 12])
    assert younger
    assert x.grad is None
    h.sum().backward()
    np.testing.assert_array_equal(x.grad, [2, 4])


@forks
def test_a_tensor_of_a_child_joins_the_parents_graph():
    """What a forked child sends back is born anew: births of the two processes cannot clash."""
    x = leaf([1.0, 2.0], "x")

    def child():
        y = Tensor([3.0, 4.0], requires_grad=True, name="y")
        for _ in range(100):  # makes the child's births run ahead of the parent's
            y = y * 1.0
        return y

    y = in_child(child)
    L = (x * y).sum()
    assert max(x.birth, y.birth) < L.birth
    dx, dy = grad(L, [x, y])
    np.testing.assert_array_equal(dx, [3, 4])
    np.testing.assert_array_equal(dy, [1, 2])


@forks
def test_a_forked_child_trains_to_the_same_bits():
    """Training gives the same bits in a forked child, also where the fork happens inside checked() or no_grad()."""
    expected = train(1)
    assert in_child(lambda: train(1)) == expected
    with checked():
        assert in_child(lambda: train(1)) == expected
    with no_grad():
        assert in_child(lambda: (leaf(1.0) * 2).requires_grad) is False


# Pickles: a new process knows nothing of the old one


def double_and_differentiate(pickled):
    """Runs in a process of its own: goes on with a graph that came as a pickle."""
    L, x = pickle.loads(pickled)
    (L * 2).backward()
    return pickle.dumps((L, x, [type(x).__name__, x.name, x.grad.tolist()]))


def test_a_graph_goes_to_another_process_and_back():
    """A pickled graph can be continued and differentiated in a new interpreter, and once more when it is back."""
    x = leaf([1.0, 2.0], "x")
    L = ((x * x).named("h") * 3).sum()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        answer = pool.apply(double_and_differentiate, [pickle.dumps((L, x))])
        pool.close()
        pool.join()
    L, x, seen = pickle.loads(answer)
    assert seen == ["Tensor", "x", [12.0, 24.0]]
    assert L.inputs[0].inputs[0].name == "h"
    x.grad = None
    L.backward()
    np.testing.assert_array_equal(x.grad, [6, 12])


def test_a_pickled_graph_keeps_its_order():
    """Births are given out anew so that inputs stay older, whichever node of the graph the pickle meets first."""
    x = leaf([1.0, 2.0], "x")
    h = (x * x).named("h")
    L = (h + x).sum()
    for order in [(L, h, x), (x, h, L), (h, L, x)]:
        copies = {node.name: node for node in pickle.loads(pickle.dumps(order))}
        L2, h2, x2 = copies[None], copies["h"], copies["x"]
        assert x2.birth < h2.birth < L2.inputs[0].birth < L2.birth
        L2.backward()
        np.testing.assert_array_equal(x2.grad, [3, 5])


# Threads


def test_training_at_once_gives_the_same_bits():
    """Two threads that train and two that predict under no_grad, turn by turn, give what each gives alone, bit for bit."""
    jobs = [(train, 1), (predict_only, 2), (train, 3), (predict_only, 4)]
    alone = [job(seed) for job, seed in jobs]
    together, turn = [None] * len(jobs), threading.Barrier(len(jobs), timeout=60)
    interval = sys.getswitchinterval()

    def run(i):
        job, seed = jobs[i]
        try:
            together[i] = job(seed, before_step=turn.wait)
        finally:
            turn.abort() if together[i] is None else None

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(jobs))]
    sys.setswitchinterval(1e-5)  # so that they take turns within a step too
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert together == alone
    assert all((recorded, op) == (False, None) for recorded, op, _ in alone[1])


def test_checked_in_one_thread_of_two():
    """A thread inside checked() and one outside of it train at once to the same bits."""
    expected, turn, found = train(5), threading.Barrier(2, timeout=60), {}

    def run(inside):
        if inside:
            with checked():
                found[inside] = train(5, before_step=turn.wait)
        else:
            found[inside] = train(5, before_step=turn.wait)

    threads = [threading.Thread(target=run, args=(inside,)) for inside in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {True: expected, False: expected}


# Memory


def test_a_deep_graph_that_failed_is_freed_at_once():
    """A deep graph whose backward pass raised inside checked() is freed at once, without recursion or the collector."""
    x = leaf([0.0], "x")
    gc.collect()
    gc.disable()
    try:
        with checked():
            z = x.sqrt()
            for _ in range(20_000):
                z = z + 1.0
            first = weakref.ref(z.inputs[0])
            try:
                z.sum().backward()
            except FloatingPointError as error:
                assert "sqrt made inf" in str(error)
            del z
            assert first() is None
        assert gc.collect() == 0
    finally:
        gc.enable()
