"""Runs in files: resumed is as uninterrupted, to the bit; what does not fit is refused."""

import numpy as np
import pytest

from microgradnn import fit, load_run, nn, optim, save, save_run

X = np.random.default_rng(0).normal(size=(24, 3))
Y = X[:, :1] * X[:, 1:2]


def made(kind=optim.Adam, **options):
    """A network with dropout and running averages, an optimiser, a schedule and a generator, as a program makes them."""
    rng = np.random.default_rng(5)
    network = nn.Sequential(
        nn.Linear(3, 8, rng=rng), nn.BatchNorm(8), nn.Tanh(), nn.Dropout(0.2, rng=7), nn.Linear(8, 1, rng=rng)
    )
    optimiser = kind(network.parameters(), lr=0.05, **options)
    return network, optimiser, optim.ExponentialLR(optimiser, gamma=0.8), rng


def train(network, optimiser, schedule, rng, epochs):
    options = {"batch_size": 5, "schedule": schedule, "progress": False}
    return fit(network, nn.mse_loss, optimiser, X, Y, epochs=epochs, rng=rng, **options)["loss"]


@pytest.mark.parametrize(
    ("kind", "options"),
    [(optim.Adam, {"amsgrad": True}), (optim.SGD, {"momentum": 0.9, "nesterov": True}), (optim.RMSprop, {}), (optim.AdamW, {})],
)
def test_resumed_is_as_uninterrupted(kind, options, tmp_path):
    """Killed after two epochs of five, and gone on with in new objects: losses and weights are the same, to the last bit."""
    network, optimiser, schedule, rng = made(kind, **options)
    whole = train(network, optimiser, schedule, rng, 5)
    first = made(kind, **options)
    begun = train(*first, 2)
    path = save_run(tmp_path / "run.npz", first[0], first[1], schedule=first[2], rng=first[3], epoch=2)
    other, descent, rates, generator = made(kind, **options)
    train(other, descent, rates, generator, 1)  # whatever they were before
    done = load_run(path, other, descent, schedule=rates, rng=generator)
    resumed = train(other, descent, rates, generator, 5 - done)
    assert whole == begun + resumed
    state, expected = other.state_dict(), network.state_dict()
    assert all(np.array_equal(state[name], expected[name]) for name in expected)
    assert descent.lr == optimiser.lr and generator.random() == rng.random()


def test_several_optimisers_and_generators(tmp_path):
    """Dicts of them are kept by their names; every kind of generator is."""
    network, rngs = nn.Linear(2, 1, rng=0), {"a": np.random.default_rng(1), "b": np.random.Generator(np.random.MT19937(2))}
    both = {"fast": optim.SGD([network.W], lr=1.0), "slow": optim.Adam([network.b], lr=0.1)}
    path = save_run(tmp_path / "run.npz", network, both, rng=rngs)
    drawn = [rng.normal() for rng in rngs.values()]
    both["fast"].lr = 3.0
    assert load_run(path, network, both, rng=rngs) == 0
    assert both["fast"].lr == 1.0 and [rng.normal() for rng in rngs.values()] == drawn


def test_another_run_is_refused(tmp_path):
    """Other parts, other kinds, a network's file, a damaged one: refused, with what differs."""
    network, optimiser, schedule, rng = made()
    path = save_run(tmp_path / "run.npz", network, optimiser, schedule=schedule, rng=rng)
    with pytest.raises(ValueError, match="optimiser was Adam; it is SGD") as caught:
        load_run(path, network, optim.SGD(network.parameters()), schedule=schedule)
    assert "rng was PCG64; it is not given" in str(caught.value) and "nothing was loaded" in str(caught.value)
    with pytest.raises(ValueError, match="holds no run"):
        load_run(save(network, tmp_path / "network.npz"), network, optimiser)
    (tmp_path / "broken.npz").write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match="cannot be read"):
        load_run(tmp_path / "broken.npz", network, optimiser)


def test_a_seed_has_no_state(tmp_path):
    """A seed in the place of a generator is refused: nothing of the program's own generator would be kept."""
    network, optimiser, _, _ = made()
    with pytest.raises(TypeError, match="of 0 the program has another one"):
        save_run(tmp_path / "run.npz", network, optimiser, rng=0)
    assert not list(tmp_path.iterdir())


def test_nothing_is_half_loaded(tmp_path):
    """Where the optimiser does not fit, the network stays what it was, too."""
    network, optimiser, schedule, rng = made()
    path = save_run(tmp_path / "run.npz", network, optimiser, schedule=schedule, rng=rng)
    train(network, optimiser, schedule, rng, 1)
    other = optim.Adam(network.parameters()[:1])
    again = optim.ExponentialLR(other, gamma=0.8)
    kept = network.state_dict()
    train(network, other, again, rng, 1)
    path = save_run(tmp_path / "run.npz", network, optimiser, schedule=schedule, rng=rng)
    network.load_state_dict(kept)
    with pytest.raises(ValueError, match="does not fit this Adam"):
        load_run(path, network, other, schedule=again, rng=rng)
    state = network.state_dict()
    assert all(np.array_equal(state[name], kept[name]) for name in kept)
