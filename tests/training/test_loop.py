"""fit and evaluate: the loop by hand, modes, schedules, interruptions, and what is refused."""

import sys

import numpy as np
import pytest
from compilers import needs_compiler
from trainings import Falling, TwoLayers, points, trained

import microgradnn
from microgradnn import EarlyStopping, Tensor, fit, nn, optim
from microgradnn.training import History, accuracy, evaluate


def test_fit_is_the_loop_by_hand():
    """fit does what the loop by hand does, to the last bit, and records the mean loss of the samples."""
    network, _, history = trained(epochs=3)
    rng = np.random.default_rng(0)
    by_hand, (X, y), losses = TwoLayers(rng), points(), []
    optimiser = optim.Adam(by_hand.parameters(), lr=0.05)
    for _ in range(3):
        order, total = rng.permutation(60), 0
        for start in range(0, 60, 16):
            chosen = order[start : start + 16]
            optimiser.zero_grad()
            L = nn.cross_entropy(by_hand(Tensor(X[chosen])), y[chosen])
            L.backward()
            optimiser.step()
            total += len(chosen) * L.item()
        losses.append(total / 60)
    for W, other in zip(network.parameters(), by_hand.parameters(), strict=True):
        assert np.array_equal(W.numpy(), other.numpy())
    assert history["loss"] == pytest.approx(losses, rel=1e-14)
    assert history["lr"] == [0.05] * 3
    assert history.epochs == 3
    assert history.ended is None


def test_the_same_seed_gives_the_same_bits():
    """Two trainings with the same seed agree to the last bit, in weights and history; another seed gives another network."""
    options = {"validation": points(20, 1), "clip": 1.0, "stop": EarlyStopping(2), "metrics": {"accuracy": accuracy}}
    (one, _, history), (other, _, again), (third, _, _) = (trained(seed, **options) for seed in (3, 3, 4))
    assert history == again
    assert all(np.array_equal(W.numpy(), V.numpy()) for W, V in zip(one.parameters(), other.parameters(), strict=True))
    assert not np.array_equal(one.out.W.numpy(), third.out.W.numpy())


def test_fit_learns():
    """A network learns which points lie in the circle, and judges unseen ones by it."""
    _, _, history = trained(epochs=60, validation=points(200, 1), metrics={"accuracy": accuracy})
    assert list(history) == ["loss", "accuracy", "validation_loss", "validation_accuracy", "lr"]
    assert history["loss"][-1] < 0.3 * history["loss"][0]
    assert history["validation_accuracy"][-1] > 0.85


def test_evaluate_learns_nothing():
    """evaluate gives the figures of the whole set, whatever the batches, records nothing and changes nothing."""
    network, _, _ = trained()
    X, y = points(50, 2)
    before = network.hidden.W.numpy().copy()
    network.zero_grad()
    recorded = []
    figures = [evaluate(network, nn.cross_entropy, X, y, batch_size=size, metrics={"accuracy": accuracy}) for size in (7, 50)]
    evaluate(network, lambda o, t: recorded.append(o.requires_grad) or nn.cross_entropy(o, t), X, y)
    logits = network(Tensor(X))
    assert recorded == [False]
    assert figures[0] == pytest.approx(figures[1], rel=1e-12)
    assert figures[1] == {
        "loss": nn.cross_entropy(logits, y).item(),
        "accuracy": np.mean(logits.numpy().argmax(axis=1) == y),
    }
    assert np.array_equal(network.hidden.W.numpy(), before)
    assert network.hidden.W.grad is None


def test_accuracy():
    """Accuracy takes class indices and 0–1 codes, and refuses a target of another length."""
    logits = np.array([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]])
    assert accuracy(logits, np.array([0, 1, 1])) == pytest.approx(2 / 3)
    assert accuracy(logits, np.eye(2)[[0, 1, 1]]) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match=r"^accuracy: predictions of shape \(3, 2\) do not fit a target of shape \(4,\)\.$"):
        accuracy(logits, np.zeros(4, int))


@pytest.mark.parametrize("shape", [(3, 1), (3,)])
def test_accuracy_needs_classes(shape):
    """One number a sample has no largest class: it is refused, not taken for right, with what to compute instead."""
    with pytest.raises(ValueError) as caught:
        accuracy(np.full(shape, 0.9), np.zeros(shape))
    assert str(caught.value) == (
        f"accuracy: predictions of shape {shape} have not one number for each of two or more classes.\n"
        "Of one probability a sample, the share that is right is np.mean((prediction > 0.5) == target); of a logit, > 0."
    )


class ModeKeeper(nn.Module):
    """A network that notes in which mode it was called."""

    def __init__(self):
        self.w, self.modes, self.mode = Tensor(1.0, requires_grad=True), [], None

    def train(self, mode=True):
        self.mode = "train"

    def eval(self):
        self.mode = "eval"

    def forward(self, x):
        self.modes.append(self.mode)
        return x * self.w


def test_modes():
    """Batches are learnt in training mode, validation and what comes after fit are in the mode for use."""
    network, X = ModeKeeper(), np.ones(4)
    options = {"epochs": 2, "batch_size": 2, "rng": None, "progress": False}
    fit(network, nn.mse_loss, optim.SGD(network.parameters()), X, X, validation=(X, X), **options)
    assert network.modes == 2 * ["train", "train", "eval", "eval"]
    fit(network, nn.mse_loss, optim.SGD(network.parameters()), X, X, **options)
    assert network.modes[8:] == 4 * ["train"]
    assert network.mode == "eval"


def test_a_function_can_be_fitted():
    """The network may be any function of Tensors; early stopping gives its parameters back, too."""
    w = Tensor(2.0, requires_grad=True)
    descent, X = optim.SGD([w], lr=2), np.ones(1)  # too far at every step: w − 1 becomes −3 (w − 1)
    stop = EarlyStopping(2)
    history = fit(
        lambda x: x * w, nn.mse_loss, descent, X, X, epochs=9, shuffle=False, validation=(X, X), stop=stop, progress=False
    )
    assert history["loss"] == [1, 9, 81]
    assert history["validation_loss"] == [9, 81, 729]
    assert w.item() == -2


def test_schedule_and_clip():
    """The schedule is stepped after each epoch, and gradients are clipped before each step."""
    w = Tensor([0.0], requires_grad=True)
    descent, X = optim.SGD([w], lr=1), np.full((1, 1), 1000.0)
    schedule = optim.StepLR(descent, step_size=1, gamma=0.5)
    options = {"rng": None, "schedule": schedule, "clip": 1, "progress": False}
    history = fit(lambda x: 0 * x + w, nn.mse_loss, descent, X, X, epochs=3, **options)
    assert history["lr"] == [1, 0.5, 0.25]
    assert w.item() == pytest.approx(1 + 0.5 + 0.25, rel=1e-6)


def test_interrupted():
    """Ctrl-C ends a training like a last epoch: the epochs so far are returned, the best comes back, the history says so."""
    w, X = Tensor([0.0], requires_grad=True), np.ones((1, 1))

    def losses():
        yield from (3, 2, 2.5)
        raise KeyboardInterrupt

    stop = EarlyStopping(9)
    history = fit(
        lambda x: x * w, Falling(losses()), optim.SGD([w], lr=1), X, X, epochs=9, shuffle=False, stop=stop, progress=False
    )
    assert history["loss"] == [3, 2, 2.5]
    assert history.ended == "interrupted in epoch 4"
    assert w.item() == 2


@pytest.mark.parametrize("loss", [lambda o, t: 0.5, lambda o, t: np.mean((o.numpy() - t) ** 2)])
def test_a_loss_that_is_no_tensor(loss):
    """A loss that gives a plain number is refused: nothing was recorded that could be learnt from."""
    network = nn.Linear(1, 1, rng=np.random.default_rng(0))
    X = np.ones((2, 1))
    with pytest.raises(TypeError, match=r"^fit: the loss gave a .*float.*, not a Tensor\.\nCompute it from the prediction"):
        fit(network, loss, optim.SGD(network.parameters()), X, X, epochs=1, shuffle=False, progress=False)


@pytest.mark.parametrize("kind", [optim.SGD, optim.Adam])
def test_data_that_is_not_in_memory(kind):
    """Of Dask's arrays each batch is computed when its turn comes; the network learns to the same bits."""
    da = pytest.importorskip("dask.array")
    X = np.random.default_rng(0).normal(size=(20, 2))
    weights = []
    for data in (X, da.from_array(X, chunks=7)):
        network = nn.Linear(2, 1, rng=np.random.default_rng(0))
        optimiser = kind(network.parameters())
        history = fit(
            *(network, nn.mse_loss, optimiser, data, data[:, :1]),
            epochs=2,
            rng=np.random.default_rng(1),
            batch_size=8,
            validation=(data, data[:, :1]),
            clip=1.0,
            progress=False,
        )
        assert history.epochs == 2
        weights.append(network.W.data)
    assert type(weights[1]) is np.ndarray
    assert (weights[0] == weights[1]).all()


def test_nothing_to_fit():
    """A training on no samples is refused."""
    network = TwoLayers(np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"^There is no sample: the arrays are of length 0\.$"):
        fit(
            network,
            nn.mse_loss,
            optim.SGD(network.parameters()),
            np.zeros((0, 2)),
            np.zeros(0),
            epochs=1,
            shuffle=False,
            progress=False,
        )


def test_progress(capsys, monkeypatch):
    """The progress bar shows epochs and figures on standard error; without tqdm, or unasked for, there is silence."""
    trained(progress=True)
    shown = capsys.readouterr()
    assert "4/4" in shown.err
    assert "loss=" in shown.err
    assert shown.out == ""
    trained(progress=False)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    trained(progress=True)
    assert capsys.readouterr() == ("", "")


def test_fit_wants_its_arguments_in_order():
    """A loss and an optimiser, or a network and a loss, the wrong way round are refused before anything is learnt."""
    network = nn.Linear(1, 1, rng=np.random.default_rng(0))
    descent, data = optim.SGD(network.parameters(), lr=0.1), (np.ones((2, 1)), np.ones((2, 1)))
    for swapped, named in [
        ((network, descent, nn.mse_loss), "Linear, SGD, mse_loss"),
        ((descent, nn.mse_loss, network), "SGD, mse_loss, Linear"),
    ]:
        with pytest.raises(TypeError, match=f"^fit takes a network, a loss and an optimiser, .*; it was given {named}"):
            fit(*swapped, *data, epochs=1, shuffle=False, progress=False)


def test_public_names():
    """fit, batches and EarlyStopping are public; the rest is in microgradnn.training."""
    assert {"fit", "batches", "EarlyStopping"} <= {*microgradnn.__all__}
    assert microgradnn.training.History is History


@needs_compiler
@pytest.mark.parametrize("clip", [None, 0.5])
@pytest.mark.parametrize("metrics", [None, {"accuracy": accuracy}])
def test_compiled_training_is_the_usual_one(clip, metrics):
    """Weights and figures are the same but for rounding, also with clipping, metrics, and a last batch that is smaller."""
    options = {"clip": clip, "metrics": metrics, "validation": points(20, 1), "epochs": 3}
    network, _, history = trained(**options)
    other, _, its_history = trained(**options, compiled=True)
    for W, V in zip(network.parameters(), other.parameters(), strict=True):
        np.testing.assert_allclose(V.data, W.data, rtol=1e-10, atol=1e-12)
    for name in ("loss", "validation_loss", *(metrics or {})):
        assert its_history[name] == pytest.approx(history[name], rel=1e-10)


@needs_compiler
def test_training_that_cannot_be_compiled_is_the_usual_one():
    """A warning says why; with random masks, each step has its own."""
    rng = np.random.default_rng(0)
    network = nn.Sequential(nn.Linear(2, 8, rng=rng), nn.Dropout(0.5, rng=rng), nn.Linear(8, 2, rng=rng))
    descent = optim.SGD(network.parameters(), lr=0.1)
    with pytest.warns(RuntimeWarning, match="draws random numbers"):
        history = fit(
            network, nn.cross_entropy, descent, *points(), epochs=8, batch_size=60, rng=rng, progress=False, compiled=True
        )
    assert history["loss"][-1] < history["loss"][0]


def test_accumulated_batches_are_one_large_batch():
    """Four batches a step give the same network as one that is four times as large, also where the last ones are smaller."""
    X, y = np.random.default_rng(0).normal(size=(2, 26, 1))

    def fitted(batch_size, accumulate):
        network = nn.MLP([1, 4, 1], rng=np.random.default_rng(1))
        descent = optim.SGD(network.parameters(), lr=0.1)
        options = {"batch_size": batch_size, "accumulate": accumulate, "progress": False}
        fit(network, nn.mse_loss, descent, X, y, epochs=3, rng=np.random.default_rng(2), **options)
        return network.state_dict()

    one, four = fitted(12, 1), fitted(3, 4)
    assert all(np.allclose(one[name], four[name], rtol=1e-12) for name in one)
    with pytest.raises(ValueError, match="one batch or more; accumulate is 0"):
        fitted(3, 0)
    with pytest.raises(ValueError, match="a compiled step is made of one batch; accumulate is 2"):
        w = Tensor(1.0, requires_grad=True)
        fit(lambda x: x * w, nn.mse_loss, optim.SGD([w]), X, y, epochs=1, shuffle=False, accumulate=2, compiled=True)


def test_callbacks():
    """Functions are told of each epoch; a context manager is entered before the first and left after the last."""
    told = []

    class Around:
        def __enter__(self):
            told.append("in")

        def __exit__(self, *_):
            told.append("out")

    X, y = np.random.default_rng(0).normal(size=(2, 8, 1))
    network = nn.Linear(1, 1, rng=np.random.default_rng(1))
    descent = optim.SGD(network.parameters(), lr=0.1)
    callbacks = [lambda epoch, figures: told.append((epoch, set(figures))), Around()]
    fit(network, nn.mse_loss, descent, X, y, epochs=2, shuffle=False, callbacks=callbacks, progress=False)
    assert told == ["in", (1, {"loss"}), (2, {"loss"}), "out"]
    with pytest.raises(TypeError, match="a callback is a function of"):
        fit(network, nn.mse_loss, descent, X, y, epochs=2, shuffle=False, callbacks=[3], progress=False)
