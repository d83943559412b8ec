"""Schedules: numbers that PyTorch gave (tests/oracles compares the two), several together, states, refusals."""

import copy
import gc
import pickle

import numpy as np
import pytest

from microgradnn import Tensor, optim

# schedule, options, the learning rates of some epochs from 0.4 on: all from PyTorch 2.13
SCHEDULES = [
    (optim.StepLR, {"step_size": 4, "gamma": 0.3}, {0: 0.4, 3: 0.4, 4: 0.12, 8: 0.036, 11: 0.036}),
    (optim.ExponentialLR, {"gamma": 0.8}, {0: 0.4, 1: 0.32, 5: 0.13107200000000005, 11: 0.03435973836800002}),
    (
        *(optim.CosineAnnealingLR, {"T_max": 7, "eta_min": 0.02}),
        {0: 0.4, 1: 0.38118408490145966, 6: 0.038815915098540384, 7: 0.02, 8: 0.03881591509854036, 11: 0.2522789774516995},
    ),
    (optim.LinearLR, {}, {0: 0.13333333333333333, 1: 0.18666666666666668, 4: 0.34666666666666673, 5: 0.4, 11: 0.4}),
    (optim.LinearLR, {"start_factor": 0.1, "end_factor": 0.7, "total_iters": 12}, {0: 0.04, 1: 0.06, 11: 0.26}),
    (optim.LambdaLR, {"lr_lambda": lambda epoch: 0.9**epoch / (1 + epoch)}, {0: 0.4, 1: 0.18, 11: 0.010460353203}),
]


@pytest.mark.parametrize(("kind", "options", "expected"), SCHEDULES)
def test_schedules(kind, options, expected):
    """Each schedule gives the optimiser PyTorch's learning rates; taken up from its state in the middle, the same."""
    descent, other = (optim.SGD([Tensor(1.0, requires_grad=True)], lr=lr) for lr in (0.4, 0.9))
    schedule, resumed = kind(descent, **options), kind(other, **options)
    for epoch in range(12):
        if epoch == 6:
            resumed.load_state_dict(schedule.state_dict())
        if epoch in expected:
            assert descent.lr == pytest.approx(expected[epoch], rel=1e-12)
        if epoch >= 6:
            assert other.lr == descent.lr
        schedule.step()
        resumed.step()


# schedules together, the learning rates of some epochs from 1 on: all from PyTorch 2.14
TOGETHER = [
    ([(optim.StepLR, {"step_size": 1, "gamma": 0.1}), (optim.ExponentialLR, {"gamma": 0.5})], [1, 0.05, 0.0025, 0.000125]),
    (
        [(optim.LinearLR, {"start_factor": 0.5, "total_iters": 2}), (optim.StepLR, {"step_size": 2, "gamma": 0.5})],
        [0.5, 0.75, 0.5, 0.5, 0.25],
    ),
    (
        [(optim.CosineAnnealingLR, {"T_max": 4}), (optim.ExponentialLR, {"gamma": 0.5})],
        [1, 0.42677669529663687, 0.125, 0.018305826175840777],
    ),
]


@pytest.mark.parametrize(("kinds", "expected"), TOGETHER)
def test_schedules_together(kinds, expected):
    """Several schedules of one optimiser multiply, in whichever order they are made and stepped."""
    for order in (1, -1):
        descent = optim.SGD([Tensor(1.0, requires_grad=True)], lr=1.0)
        schedules, received = [kind(descent, **options) for kind, options in kinds[::order]], []
        for _ in expected:
            received.append(descent.lr)
            for schedule in schedules:
                schedule.step()
        assert np.allclose(received, expected, rtol=1e-12)


def test_schedules_that_do_not_multiply():
    """A lowest learning rate is no share of the first: beside another schedule it is refused, and nothing has changed."""
    descent = optim.SGD([Tensor(1.0, requires_grad=True)], lr=1.0)
    first = optim.ExponentialLR(descent, gamma=0.5)
    first.step()
    with pytest.raises(ValueError, match=r"^CosineAnnealingLR\(.*eta_min"):
        optim.CosineAnnealingLR(descent, T_max=4, eta_min=0.1)
    assert descent.lr == 0.5
    first.step()
    assert descent.lr == 0.25


def test_a_schedule_that_nobody_holds():
    """Where all schedules are gone, the next one begins with the learning rate that is left."""
    descent = optim.SGD([Tensor(1.0, requires_grad=True)], lr=1.0)
    optim.ExponentialLR(descent, gamma=0.5).step()
    schedule = optim.StepLR(descent, step_size=1, gamma=0.1)
    schedule.step()
    assert (schedule.base_lr, descent.lr) == (0.5, 0.05)


def test_a_schedule_that_goes_before_another():
    """What a schedule has done to the learning rate stays when it goes, as in PyTorch."""
    descent = optim.SGD([Tensor(1.0, requires_grad=True)], lr=1.0)
    first, second = optim.StepLR(descent, step_size=1, gamma=0.1), optim.ExponentialLR(descent, gamma=0.5)
    first.step()
    second.step()
    del first
    gc.collect()
    received = []
    for _ in range(2):
        second.step()
        received.append(descent.lr)
    assert received == pytest.approx([0.025, 0.0125])


def test_a_schedules_state_that_does_not_fit():
    """The state of another kind of schedule is refused, and nothing changed."""
    descent = optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.4)
    schedule = optim.StepLR(descent, step_size=2)
    before = schedule.state_dict()
    with pytest.raises(ValueError) as caught:
        schedule.load_state_dict({**optim.ExponentialLR(descent, gamma=0.5).state_dict(), "epoch": 3})
    assert str(caught.value) == "The state does not fit this StepLR, and nothing was loaded:\n    step_size is missing"
    assert schedule.state_dict() == before
    assert descent.lr == 0.4


@pytest.mark.parametrize(
    ("kind", "options"),
    [(optim.StepLR, {"step_size": 0}), (optim.CosineAnnealingLR, {"T_max": 0}), (optim.LinearLR, {"total_iters": 0})],
)
def test_schedules_need_epochs(kind, options):
    """A schedule over no epochs is refused, by the name of its parameter."""
    name = next(iter(options))
    with pytest.raises(ValueError, match=f"^{kind.__name__}: {name} is a number of epochs, at least 1; not 0.$"):
        kind(optim.SGD([Tensor(1.0, requires_grad=True)]), **options)


def pickled(x):
    return pickle.loads(pickle.dumps(x))


@pytest.mark.parametrize("copied", [copy.deepcopy, pickled])
@pytest.mark.parametrize("kinds", [kinds for kinds, _ in TOGETHER] + [[kinds] for kinds in SCHEDULES[:-1]])
def test_copies_of_schedules_go_on(copied, kinds):
    """Copied or unpickled with its optimiser, a schedule alone or among others goes on as the original would, and apart."""
    descent = optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.4)
    schedules = [kind(descent, **options) for kind, options, *_ in kinds]
    for schedule in schedules:
        schedule.step()
    other_descent, *others = copied((descent, *schedules))
    expected = []
    for schedule in schedules * 3:
        schedule.step()
        expected.append(descent.lr)
    assert other_descent.lr != descent.lr or len(set(expected)) == 1
    received = []
    for other in others * 3:
        other.step()
        received.append(other_descent.lr)
    assert received == pytest.approx(expected, rel=1e-12)


def test_one_schedule_after_the_other():
    """Each begins at its milestone from its own beginning, as PyTorch's SequentialLR; the others are no longer stepped."""
    descent = optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.1)
    warm, decay = optim.LinearLR(descent, start_factor=0.25, total_iters=3), optim.StepLR(descent, step_size=2, gamma=0.1)
    schedule = optim.SequentialLR(descent, [warm, decay], milestones=[3])
    rates = []
    for _ in range(8):
        rates.append(descent.lr)
        schedule.step()
    assert np.allclose(rates, [0.025, 0.05, 0.075, 0.1, 0.1, 0.01, 0.01, 0.001])  # PyTorch's
    other = optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.1)
    with pytest.raises(ValueError, match="one of them is another optimiser's"):
        optim.SequentialLR(other, [warm, decay], milestones=[3])
    with pytest.raises(ValueError, match="2 schedules have 1 milestones that rise"):
        optim.SequentialLR(descent, [warm, decay], milestones=[3, 5])


def test_a_sequence_of_schedules_goes_on_where_it_was():
    """Its state is its epoch: loaded, it sets the same rates."""

    def made():
        descent = optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.1)
        parts = [optim.LinearLR(descent, total_iters=2), optim.ExponentialLR(descent, gamma=0.5)]
        return descent, optim.SequentialLR(descent, parts, milestones=[2])

    descent, schedule = made()
    for _ in range(4):
        schedule.step()
    other, again = made()
    again.load_state_dict(schedule.state_dict())
    assert other.lr == descent.lr
