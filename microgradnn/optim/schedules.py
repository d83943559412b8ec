"""Schedules: the learning rate as a function of the epoch.

Each has PyTorch's name and parameters, and gives the learning rate in closed form, so that its state is one number, the
epoch. Several schedules of one optimiser multiply: each says which share of the first learning rate is left, and one that is
gone leaves the share that it said last.
"""

from __future__ import annotations

import itertools
import math
from operator import setitem
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, WeakSet

from ..watching.changes import all_at_once
from .configured import Configured, missing_and_unknown, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from .optimiser import Optimiser


class Together:
    """The schedules of one optimiser."""

    def __init__(self):
        self.living: WeakSet[Schedule] = WeakSet()  # those that somebody holds
        self.shares: dict[int, float] = {}  # of each, by its place, the share of α₀ that it leaves; also of those that are gone


places = itertools.count()
together: WeakKeyDictionary[Optimiser, Together] = WeakKeyDictionary()


class Schedule(Configured):
    """The base of all schedules. One of your own has a method `at(epoch)` that returns the learning rate.

    Parameters
    ----------
    optimiser : Optimiser
        Its lr at this moment is the schedule's `base_lr`, α₀; or that of its first schedule, if it has one already.
    **settings : float
        What the formula has besides.

    Raises
    ------
    ValueError
        If the optimiser has another schedule, and one of the two does not give shares of α₀ (`eta_min` is no share).

    Examples
    --------
    >>> from microgradnn import Tensor, optim
    >>> class InverseLR(optim.Schedule):
    ...     def at(self, epoch):
    ...         return self.base_lr / (1 + epoch)
    >>> descent = optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.6)
    >>> schedule = InverseLR(descent)
    >>> for epoch in range(2):
    ...     print(descent.lr)
    ...     schedule.step()
    0.6
    0.3
    """

    optimiser: Optimiser
    base_lr: float
    epoch: int

    def __init__(self, optimiser: Optimiser, **settings: Any) -> None:
        others = together.setdefault(optimiser, Together())
        if not others.living:
            others.shares.clear()  # it begins with what is left
        first = next(iter(others.living), None)
        super().__init__(base_lr=first.base_lr if first else optimiser.lr, epoch=0, **settings)
        self._sign_in(optimiser)
        self.set_lr()

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what a copy or a pickle holds, and count among the schedules of the optimiser in it."""
        vars(self).update(state)
        self._sign_in(self.optimiser)

    def _sign_in(self, optimiser):
        others = together.setdefault(optimiser, Together())
        refuse_together([*others.living, self])
        self.optimiser, self._place = optimiser, next(places)
        others.living.add(self)
        others.shares[self._place] = self._share()

    def _sign_out(self):
        """Count no longer among the schedules of the optimiser."""
        others = together[self.optimiser]
        others.living.discard(self)
        others.shares.pop(self._place, None)

    def _share(self):
        """Which share of α₀ it leaves."""
        return self.at(self.epoch) / self.base_lr if self.base_lr else 0.0

    def at(self, epoch: int) -> float:
        """The learning rate in an epoch, counted from 0."""
        raise NotImplementedError(f"{type(self).__name__} needs a method at(self, epoch) that returns the learning rate")

    def step(self) -> None:
        """Go on to the next epoch, and set the optimiser's learning rate for it."""
        self._take({"epoch": self.epoch + 1})

    def set_lr(self) -> None:
        """Set the optimiser's learning rate: α₀ times the shares of all its schedules; of one alone, as `at` gives it."""
        self._take({})

    def _take(self, settings):
        """Change settings, and with them the learning rate: both or none."""
        changed = object.__new__(type(self))  # not copied, which would count as a schedule
        vars(changed).update({**vars(self), **settings})
        lr, shares = changed.at(changed.epoch), together[self.optimiser].shares
        for place, share in shares.items():
            if place != self._place:
                lr = lr * share
        all_at_once(
            [
                (vars(self).update, settings),
                (setitem, shares, self._place, changed._share()),
                (setattr, self.optimiser, "lr", lr),
            ]
        )

    def state_dict(self) -> dict[str, Any]:
        """dict of numbers: the settings, the learning rate begun with, and the epoch."""
        return self.settings

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take a state back, and set the optimiser's learning rate by it.

        Raises
        ------
        ValueError
            If it is the state of another kind of schedule; nothing has been changed.
        """
        self.refuse_state(missing_and_unknown(self.setting_names, state))
        self._take({name: plain(state[name]) for name in self.setting_names})


def refuse_together(schedules):
    """Raise ValueError if schedules of one optimiser do not multiply: one has a lowest rate that is no share of the first."""
    for schedule in schedules:
        if len(schedules) > 1 and getattr(schedule, "eta_min", 0) != 0:
            raise ValueError(
                f"{schedule!r} ends at eta_min, whatever the optimiser's other schedule does: the two cannot be multiplied.\n"
                "Leave eta_min at 0, or write both as one function of the epoch: LambdaLR(optimiser, lr_lambda)."
            )


class StepLR(Schedule):
    """α₀ γ^⌊epoch / step_size⌋: every `step_size` epochs, the learning rate becomes γ times what it was.

    Parameters
    ----------
    optimiser : Optimiser
        Its lr at this moment is α₀.
    step_size : int
        After how many epochs the next step comes.
    gamma : float, optional
        γ.

    Raises
    ------
    ValueError
        If `step_size` is less than 1.

    Examples
    --------
    >>> from microgradnn import Tensor, optim
    >>> schedule = optim.StepLR(optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.5), step_size=3, gamma=0.5)
    >>> [schedule.at(epoch) for epoch in range(7)]
    [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]
    """

    step_size: int
    gamma: float

    def __init__(self, optimiser: Optimiser, step_size: int, gamma: float = 0.1) -> None:
        if step_size < 1:
            raise ValueError(f"StepLR: step_size is a number of epochs, at least 1; not {step_size}.")
        super().__init__(optimiser, step_size=step_size, gamma=gamma)

    def at(self, epoch: int) -> float:
        return self.base_lr * self.gamma ** (epoch // self.step_size)


class ExponentialLR(Schedule):
    """α₀ γ^epoch.

    Parameters
    ----------
    optimiser : Optimiser
        Its lr at this moment is α₀.
    gamma : float
        γ.

    Examples
    --------
    >>> from microgradnn import Tensor, optim
    >>> schedule = optim.ExponentialLR(optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.5), gamma=0.5)
    >>> [schedule.at(epoch) for epoch in range(4)]
    [0.5, 0.25, 0.125, 0.0625]
    """

    gamma: float

    def __init__(self, optimiser: Optimiser, gamma: float) -> None:
        super().__init__(optimiser, gamma=gamma)

    def at(self, epoch: int) -> float:
        return self.base_lr * self.gamma**epoch


class CosineAnnealingLR(Schedule):
    """α_min + (α₀ − α_min) (1 + cos(π epoch / T_max)) / 2: down half a cosine wave (Loshchilov and Hutter, 2017, "SGDR").

    After `T_max` epochs the wave goes up again.

    Parameters
    ----------
    optimiser : Optimiser
        Its lr at this moment is α₀.
    T_max : int
        The epoch at which the learning rate is lowest.
    eta_min : float, optional
        α_min.

    Raises
    ------
    ValueError
        If `T_max` is less than 1.

    Examples
    --------
    >>> from microgradnn import Tensor, optim
    >>> schedule = optim.CosineAnnealingLR(optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.5), T_max=4)
    >>> [round(schedule.at(epoch), 4) for epoch in range(6)]
    [0.5, 0.4268, 0.25, 0.0732, 0.0, 0.0732]
    """

    T_max: int
    eta_min: float

    def __init__(self, optimiser: Optimiser, T_max: int, eta_min: float = 0.0) -> None:
        if T_max < 1:
            raise ValueError(f"CosineAnnealingLR: T_max is a number of epochs, at least 1; not {T_max}.")
        super().__init__(optimiser, T_max=T_max, eta_min=eta_min)

    def at(self, epoch: int) -> float:
        return self.eta_min + (self.base_lr - self.eta_min) * (1 + math.cos(math.pi * epoch / self.T_max)) / 2


class LinearLR(Schedule):
    """From `start_factor` times α₀ to `end_factor` times α₀, evenly, in `total_iters` epochs: a warm-up.

    Parameters
    ----------
    optimiser : Optimiser
        Its lr at this moment is α₀.
    start_factor, end_factor : float, optional
        The first and the last share of α₀.
    total_iters : int, optional
        How many epochs it takes.

    Raises
    ------
    ValueError
        If `total_iters` is less than 1.

    Examples
    --------
    >>> from microgradnn import Tensor, optim
    >>> schedule = optim.LinearLR(optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.5), start_factor=0.5, total_iters=2)
    >>> [schedule.at(epoch) for epoch in range(4)]
    [0.25, 0.375, 0.5, 0.5]
    """

    start_factor: float
    end_factor: float
    total_iters: int

    def __init__(
        self, optimiser: Optimiser, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5
    ) -> None:
        if total_iters < 1:
            raise ValueError(f"LinearLR: total_iters is a number of epochs, at least 1; not {total_iters}.")
        super().__init__(optimiser, start_factor=start_factor, end_factor=end_factor, total_iters=total_iters)

    def at(self, epoch: int) -> float:
        share = min(epoch, self.total_iters) / self.total_iters
        return self.base_lr * (self.start_factor + share * (self.end_factor - self.start_factor))


class SequentialLR(Schedule):
    """Several schedules one after the other, each from its beginning: a warm-up, then a decay.

    Schedules of one optimiser that were not put into one of these multiply, which is PyTorch's ChainedScheduler.

    Parameters
    ----------
    optimiser : Optimiser
    schedules : sequence of Schedule
        Of this optimiser; they are part of this one from now on, and are not stepped by themselves.
    milestones : sequence of int
        The epochs at which the second, third, ... begin; one less than there are schedules.

    Raises
    ------
    ValueError
        If a schedule is another optimiser's, or the milestones do not rise or are too few or too many.

    Examples
    --------
    >>> from microgradnn import Tensor, optim
    >>> descent = optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.5)
    >>> parts = [optim.LinearLR(descent, start_factor=0.5, total_iters=2), optim.ExponentialLR(descent, gamma=0.5)]
    >>> schedule = optim.SequentialLR(descent, parts, milestones=[2])
    >>> [schedule.at(epoch) for epoch in range(5)]
    [0.25, 0.375, 0.5, 0.25, 0.125]
    """

    def __init__(self, optimiser: Optimiser, schedules: Sequence[Schedule], milestones: Sequence[int]) -> None:
        self.parts, self.milestones = list(schedules), list(milestones)
        if any(part.optimiser is not optimiser for part in self.parts):
            raise ValueError("SequentialLR: its schedules are those of its optimiser; one of them is another optimiser's.")
        rising = all(a < b for a, b in zip([0, *self.milestones], self.milestones, strict=False))
        if len(self.milestones) != len(self.parts) - 1 or not rising:
            raise ValueError(
                f"SequentialLR: {len(self.parts)} schedules have {len(self.parts) - 1} milestones that rise; "
                f"not {self.milestones}."
            )
        for part in self.parts:
            part._sign_out()
        super().__init__(optimiser)
        self.base_lr = self.parts[0].base_lr
        self.set_lr()

    def at(self, epoch: int) -> float:
        i = sum(milestone <= epoch for milestone in self.milestones)
        return self.parts[i].at(epoch - (self.milestones[i - 1] if i else 0))


class LambdaLR(Schedule):
    """α₀ times any function of the epoch. The function is not part of the state.

    Parameters
    ----------
    optimiser : Optimiser
        Its lr at this moment is α₀.
    lr_lambda : callable
        lr_lambda(epoch), the share of α₀ in that epoch.

    Examples
    --------
    >>> from microgradnn import Tensor, optim
    >>> def warm_up_then_decay(epoch):
    ...     return (epoch + 1) / 2 if epoch < 2 else 0.5 ** (epoch - 1)
    >>> schedule = optim.LambdaLR(optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.5), warm_up_then_decay)
    >>> [schedule.at(epoch) for epoch in range(4)]
    [0.25, 0.5, 0.25, 0.125]
    """

    def __init__(self, optimiser: Optimiser, lr_lambda: Callable[[int], float]) -> None:
        self.lr_lambda = lr_lambda
        super().__init__(optimiser)

    def at(self, epoch: int) -> float:
        return self.base_lr * self.lr_lambda(epoch)
