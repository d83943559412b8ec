"""Breakpoints that are typed at the prompt or set in an editor: their numbers, conditions and hits, and whether they stop.

Where they are is a place (places.py), asked of a `Step`, or of a pass that begins. A condition is an expression; the session
evaluates it. What a program sets in its own code: in_code.py.
"""

import re

from .places import meaning_of

OF_PASSES = {"n", "loss", "last"}  # what a condition may ask of a pass, where the program has no such variables
COUNTED = re.compile(r"\s*(==|>=|<=|>|<|%)?\s*(\d+)\s*")


class Stop:
    """One breakpoint.

    Attributes
    ----------
    number : int
        What it is called by.
    place : str
        What was typed.
    of_passes : bool
        Whether it is about passes that begin, or about steps.
    condition : str or None
        Stops only where this holds.
    ignored : int
        How many more times it is passed over.
    counted : str or None
        Stops only at these hits: "57", ">= 5", "% 10".
    once : bool
        Whether it goes when it has stopped.
    log : str or None
        What is said in place of a stop, with {expressions} in it.
    hits : int
        How often the program has come by.
    error : str or None
        Why its condition could not be evaluated; it stops then.
    """

    def __init__(self, number, place, holds, of_passes, once=False, condition=None, counted=None, log=None):
        if counted is not None and not COUNTED.fullmatch(counted):
            raise ValueError(f"a hit count is a number such as 57, >= 5 or % 10; it was given {counted!r}")
        self.number, self.place, self.is_there, self.of_passes = number, place, holds, of_passes
        self.once, self.condition, self.counted, self.log = once, condition, counted, log
        self.ignored, self.hits, self.error = 0, 0, None

    def wants(self, holds):
        """Whether its condition holds; one that cannot be evaluated does, and says why."""
        if self.condition is None:
            return True
        self.error = None
        try:
            return holds(self.condition)
        except Exception as error:  # noqa: BLE001 - whatever the user's condition raises
            self.error = f"its condition {self.condition!r} raises {type(error).__name__}: {error}"
            return True

    def hit(self, holds):
        """The program comes by: whether it stops."""
        if not self.wants(holds):
            return False
        self.hits += 1
        if self.ignored:
            self.ignored -= 1
            return False
        return self.counted is None or is_counted(self.counted, self.hits)

    def __str__(self):
        more = f", if {self.condition}" if self.condition else ""
        more += f", hit {self.counted}" if self.counted else ""
        more += f", ignored {self.ignored} more times" if self.ignored else ""
        more += ", once" if self.once else ""
        return f"{self.number}  {self.place}{more}" + (f"   stopped here {self.hits} times" if self.hits > 1 else "")


def in_two(text):
    """A place and a condition, parted by the first comma outside of brackets, or by " if "; None if there is no condition.

    >>> in_two("W[0, 0], n > 3"), in_two("tanh"), in_two("W if dx.max() > 1")
    (('W[0, 0]', 'n > 3'), ('tanh', None), ('W', 'dx.max() > 1'))
    """
    depth = 0
    for i, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and character == ",":
            return text[:i].strip(), text[i + 1 :].strip() or None
    place, found, condition = text.partition(" if ")
    return (place.strip(), condition.strip()) if found and " else " not in condition else (text.strip(), None)


def asked_of_pass(condition):
    """Which of n, loss and last a condition asks for.

    >>> sorted(asked_of_pass("loss > 2 * last")), asked_of_pass("n >")
    (['last', 'loss'], set())
    """
    try:
        return OF_PASSES & set(compile(condition or "0", "<condition>", "eval").co_names)
    except SyntaxError:
        return set()


def is_condition(text):
    """Whether a text is an expression of Python's, and more than a name."""
    try:
        compile(text, "<typed>", "eval")
    except SyntaxError:
        return False
    return not text.isidentifier()


def is_counted(counted, hits):
    """Whether a hit is among those that are counted.

    >>> [is_counted(text, 10) for text in ("10", "9", ">= 5", "%5", "< 3")]
    [True, False, True, True, False]
    """
    sign, number = COUNTED.fullmatch(counted).groups()
    number = int(number)
    answers = {"==": hits == number, ">=": hits >= number, "<=": hits <= number, ">": hits > number, "<": hits < number}
    if sign == "%":
        return number > 0 and hits % number == 0
    return answers[sign or "=="]


class Stops:
    """The breakpoints, in the order in which they were set.

    Attributes
    ----------
    found : list of Stop
    logged : callable
        What is called with a Stop that says something in place of stopping.
    """

    def __init__(self):
        self.found, self.logged, self._numbers = [], None, 0

    def add(self, place, expressions=None, **options):
        """Set one; ValueError if the place is none. `expressions` is the Evaluator that knows what is named."""
        holds, of_passes = meaning_of(place, expressions)
        self._numbers += 1
        stop = Stop(self._numbers, place, holds, of_passes, **options)
        self.found.append(stop)
        return stop

    def add_typed(self, text, expressions, once=False, or_condition=False):
        """Set one as typed at a prompt: a place, perhaps with a condition; or a condition alone, which passes are asked."""
        place, condition = in_two(text)
        try:
            return self.add(place, expressions, condition=condition, once=once)
        except ValueError:
            if not (or_condition and is_condition(text)):
                raise
            return self.add("backward", expressions, condition=text, once=once)

    def named(self, text):
        """The breakpoints that a number or a place means."""
        return [stop for stop in self.found if text in (str(stop.number), stop.place)]

    def remove(self, stops):
        """Forget some."""
        self.found = [stop for stop in self.found if stop not in stops]

    def at_pass(self, holds):
        """Why the program stops where a pass begins, or None; hits are counted."""
        return self._hit([stop for stop in self.found if stop.of_passes], None, holds)

    def at_step(self, step, holds):
        """Why the program stops after a step, or None; hits are counted."""
        return self._hit([stop for stop in self.found if not stop.of_passes], step, holds)

    def _hit(self, stops, step, holds):
        why = None
        for stop in stops:
            if stop.is_there(step, holds) and stop.hit(holds):
                if stop.log is not None:
                    self.logged(stop, step)
                    continue
                if stop.once:
                    self.remove([stop])
                why = why or stop
        return why

    def found_at_pass(self, holds):
        """The Stop at which one would stop where a known pass begins, or None; nothing is counted: the program does not run."""
        return self._found([stop for stop in self.found if stop.of_passes], None, holds)

    def found_at_step(self, step, holds):
        """The Stop at which one would stop after a known step, or None; nothing is counted."""
        return self._found([stop for stop in self.found if not stop.of_passes], step, holds)

    def _found(self, stops, step, holds):
        for stop in stops:
            if stop.log is None and stop.is_there(step, holds) and stop.wants(holds):
                return stop
        return None
