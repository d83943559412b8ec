"""Which passes are looked at: the first ones and then fewer and fewer, and never for more than a small share of the time.

Of the others, the first thousand are noted: their losses, updates and calls of layers; then a few in each sixty. What lies
between is counted, and nothing else: in a network of a few numbers, noting takes a tenth of a step.

All times are the processor's, so that a machine that is busy with something else does not make looks dear.
"""

from __future__ import annotations

from time import process_time

FIRST = 4  # passes that are looked at in any case
GROWTH = 1.25  # how much later each further look is
SHARE = 0.02  # of the program's time, what looks may take
ALLOWANCE = 0.04  # seconds beyond that: nobody notices them, and a short run is looked at alike each time
A_LINE = 1e-6  # seconds that it takes to note the line of an operation
ALL_NOTED, NOTED = 1000, 4  # passes of which all are noted; and those between two rests
REST = 57  # passes; a prime number with those noted, so that what comes once an epoch is not missed each time


def at_least(number: int) -> str:
    """What is said before a count of what happened in so many passes, if not all were noted."""
    return "at least " if number > ALL_NOTED else ""


def or_before(number: int) -> str:
    """What is said after the first pass that was seen to do something, if it may have been one before."""
    return " or before" if number > ALL_NOTED else ""


def noted(number: int) -> str:
    """What is said after a count of all that was noted in so many passes, if that was not all that happened."""
    return " that were noted" if number > ALL_NOTED else ""


class Pace:
    """Decides when there is a look, by what looks cost.

    What a look costs is the median of what they did cost: the first one also loads what is needed.

    Attributes
    ----------
    costs : list of float
        Of each look, how many seconds were spent since the one before it.
    next : int
        The pass at which a look is planned.
    """

    def __init__(self, every: int | None = None) -> None:
        if every is not None and not every >= 1:
            raise ValueError(f"watch looks at each so many passes: every is 1 or more; it was given {every!r}.")
        self.every = every
        self.costs: list[float] = []
        self.next, self.began, self.ended = 1, process_time(), 0.0
        self._since = 0.0  # seconds spent since the latest look

    def spend(self, seconds: float) -> None:
        """Note seconds that were spent on looking."""
        self._since += seconds

    def looked(self, number: int) -> None:
        """A pass was looked at."""
        self.costs.append(self._since)
        self._since = 0.0
        self.next = max(number + 1, int(number * GROWTH) + 1)

    def is_due(self, number: int) -> bool:
        """Whether a pass is to be looked at."""
        if number <= FIRST:
            return True
        if self.every is not None:
            return number % self.every == 0
        return number >= self.next and self._can_afford_another()

    def _can_afford_another(self):
        usual = sorted(self.costs)[len(self.costs) // 2]
        return (len(self.costs) + 1) * usual <= ALLOWANCE + SHARE * (process_time() - self.began)

    def wakes_at(self, number: int) -> int:
        """The pass at which to ask again whether one is due, if pass `number` is not: rarely, since to ask costs, too."""
        return number if self.every is not None else max(self.next - 1, number + number // 50)

    @property
    def share(self) -> float:
        """float: which share of the time looks have taken."""
        return (sum(self.costs) + self._since) / max((self.ended or process_time()) - self.began, 1e-12)
