"""A program that is debugged: its backward passes as they run, those that are kept, and where among their steps one stands.

A `Session` watches the passes of a program. Where it stops, inside of the very pass that runs, it calls `talk`: a prompt, or an
editor's debugger, which moves and looks, and returns when the program shall run on. What lies behind was recorded when it
happened, so going back runs nothing; what lies ahead is computed when it is reached.
"""

import os
import sys
import threading
from dataclasses import dataclass

import numpy as np

from ..passes import Passes
from ..source.lines import users_frame
from ..source.naming import name_tensors
from ..watching.observers import Observer
from .breakpoints import Stops
from .evaluating import Evaluator, is_finite, rule_names
from .frames import raised_at
from .steps import BackwardSteps

KEPT = 200  # passes that one can go back to,
LIMIT = 256 * 2**20  # and the bytes that they may take


@dataclass
class Going:
    """How the program shall run on: so many steps, as far as a pass, or to the next breakpoint."""

    steps: int | None = None
    at_begin: bool = True  # whether the start of a pass ends such a step, too
    to_pass: int | None = None
    out: bool = False  # to the end of the pass that runs


class Session(Observer):
    """The passes of a program that is debugged.

    Parameters
    ----------
    talk : callable
        Called as talk(why) where the program stops.
    last, limit : int, float
        How many passes are kept, and the bytes that they may take; see `Passes`.

    Attributes
    ----------
    passes : Passes
        Those that are kept.
    seen : BackwardSteps or None
        The steps of the pass that one looks at; of a pass that runs, those that it has done.
    position : int
        How many of them are done, where one stands.
    frame : frame or None
        Where the user's program asked for the latest pass.
    stops : Stops
        The breakpoints.
    going : Going
        How the program runs on.
    leaving : bool
        Whether the program shall end,
    ends_with : type
        and the exception that ends it.
    hit : Stop or None
        The breakpoint at which one stopped when one last went back or forth over what is known.
    raised : BaseException or None
        What ended the latest pass, if something did.
    first : str or None
        A place or condition to stop at, as typed, that becomes a breakpoint when the first pass begins.
    caller : frame or None
        What is taken for the user's frame, if not the innermost one that is not of this package.
    """

    def __init__(self, talk, last=KEPT, limit=LIMIT):
        self.talk, self.passes, self.stops = talk, Passes(last, limit), Stops()
        self.seen, self.position, self.frame, self.raised = None, 0, None, None
        self.going, self.leaving, self.talking, self.caller = Going(), False, False, None
        self.first, self.hit, self.ends_with = None, None, SystemExit
        self.losses = {}  # of each pass, also of those that are not kept
        self.lock = threading.RLock()  # other threads wait while one stops
        self._steps = {}  # number of a pass -> its steps
        self._done = {}  # number of a pass -> how many of its steps the program has done

    # What the backward loop tells

    def begin(self, output, grads):
        with self.lock:
            if self.talking:
                return  # a pass that the user asks for at a stop
            if self.leaving and self.ends_with is SystemExit:
                end_at_once()  # the program caught what should have ended it
            self.leaving = False
            self.passes.begin(output, grads)
            running, frame = self.passes.running, self.caller or users_frame(sys._getframe(1))
            self.losses[running.number] = total(output.data)
            self.raised = None
            if frame is not None:
                self.frame, running.line = frame, (frame.f_code.co_filename, frame.f_lineno)
                name_tensors(dict(frame.f_locals))
                name_tensors(dict(frame.f_globals))
            self.forget_steps()
            self.set_first_stop(running)
            why = self.why_stop_at_begin(running)
            if why:
                self.stop(why)

    def contribute(self, contribution):
        with self.lock:
            running = None if self.talking else self.passes.running
            if running is None:
                return
            self.passes.contribute(contribution)
            done = self._done.get(running.number, 0)
            for step in self.steps_of(running)[done:]:
                self._done[running.number] = step.number
                why = self.why_stop_at(step)
                if why:
                    self.stop(why, step.number)

    def end(self, output, grads, error):
        with self.lock:
            if self.talking or self.passes.running is None:
                return
            running = self.passes.running
            self.passes.end(output, grads, error)
            self.raised = error
            if self.leaving:
                return
            if isinstance(error, Exception):
                self.stop("exception", of=running)
            elif self.going.steps or self.going.out:
                self.stop("end", of=running)

    def why_stop_at_begin(self, running):
        """Why the program stops where a pass begins: a word; None if it does not."""
        hit = self.stops.at_pass(lambda text: self.holds(text, running))
        if self.going.to_pass == running.number or (self.going.steps and self.going.at_begin):
            return hit or "pass"
        return hit

    def why_stop_at(self, step):
        """Why the program stops after a step: a word; None if it does not."""
        hit = self.stops.at_step(step, lambda text: self.holds(text, step.steps.recorded, step))
        if self.going.steps:
            self.going.steps -= 1
            if self.going.steps == 0:
                return hit or "step"
        return hit

    def stop(self, why, position=None, of=None):
        """Stop here, at the end of what is known of a pass or after so many of its steps, until the program shall run on."""
        recorded = of or self.passes.running
        if recorded is None and len(self.passes):
            recorded = self.passes[-1]
        if recorded is not None:
            self.seen = self.steps_of(recorded)
            self.position = len(self.seen) if position is None else position
        self.talking, self.going = True, Going()
        try:
            self.talk(why)
        finally:
            self.talking = False
        if self.leaving:
            raise self.ends_with

    def interrupt(self, frame):
        """Stop where the program is, as Ctrl-C asks; one that does not end when it should ends at once."""
        if self.leaving:
            end_at_once()
        if not self.talking:
            self.frame = frame or self.frame
            self.stop("interrupted")

    def breakpoint_called(self, *_, **__):
        """What `breakpoint()` does while the program is debugged: it stops, in the pass that runs or in the program."""
        if self.talking or os.environ.get("PYTHONBREAKPOINT") == "0":
            return
        if self.passes.running is None:
            self.frame = users_frame(sys._getframe(1)) or self.frame
        self.stop("breakpoint()")

    def set_first_stop(self, running):
        """Set the breakpoint that was asked for before the names of a graph were known; what is no place stops at once."""
        text, self.first = self.first, None
        if text is not None:
            try:
                self.stops.add_typed(text, Evaluator(self.steps_of(running), self.frame), or_condition=True)
            except ValueError as error:
                self.stops.add("backward", once=True).error = str(error)

    # Passes and their steps

    def known(self):
        """The passes that one can go to, by number: those that are kept, and the one that runs."""
        found = {kept.number: kept for kept in self.passes}
        if self.passes.running is not None:
            found[self.passes.running.number] = self.passes.running
        if self.seen is not None:
            found.setdefault(self.seen.recorded.number, self.seen.recorded)
        return dict(sorted(found.items()))

    def steps_of(self, recorded):
        """The steps of a pass; those of one that runs grow."""
        if recorded.number not in self._steps:
            self._steps[recorded.number] = BackwardSteps(recorded)
        return self._steps[recorded.number]

    def forget_steps(self):
        """Drop the steps of passes that are no longer kept."""
        known = self.known()
        self._steps = {number: steps for number, steps in self._steps.items() if number in known}
        self._done = {number: done for number, done in self._done.items() if number in known}

    @property
    def step(self):
        """Step or None: the one just taken; None at the start of a pass."""
        return self.seen[self.position - 1] if self.seen is not None and self.position else None

    @property
    def failed_rule(self):
        """(frame, line) of the rule, or hook, that ended the pass by raising, where one stands after the steps before it."""
        if self.raised is None or self.seen is None or self.position < len(self.seen) or not self.seen.recorded.stopped_by:
            return None
        return raised_at(self.raised) if self.is_now else None

    @property
    def is_now(self):
        """Whether one stands where the program does, and not before."""
        newest = self.passes.running or (self.passes[-1] if len(self.passes) else None)
        return self.seen is None or (self.seen.recorded is newest and self.position == len(self.seen))

    def holds(self, condition, recorded, step=None):
        """Whether a condition of the user's holds; it may raise anything.

        It knows the names of the rule, then the program's, then n, loss and last: the number of the pass, its loss, and that
        of the pass before.
        """
        names, steps = {}, self.steps_of(recorded)
        if step is not None:
            names = rule_names(step) | {"nonfinite": not is_finite(step.dx)}
        with steps.at(0 if step is None else step.number):
            return bool(np.all(Evaluator(steps, self.frame, names, self.about(recorded)).value(condition)))

    def about(self, recorded):
        """What conditions and expressions know of a pass, where the program has no such names."""
        loss = self.losses.get(recorded.number, np.nan)
        return {"n": recorded.number, "loss": loss, "last": self.losses.get(recorded.number - 1, np.inf)}

    def logged(self, stop, step):
        """The text of a log point, with the expressions in braces evaluated."""
        recorded = self.passes.running if step is None else step.steps.recorded
        names, steps = {} if step is None else rule_names(step), None if recorded is None else self.steps_of(recorded)
        expressions = Evaluator(steps, self.frame, names, {} if recorded is None else self.about(recorded))
        said, rest = "", stop.log
        while "{" in rest and "}" in rest.partition("{")[2]:
            before, _, rest = rest.partition("{")
            expression, _, rest = rest.partition("}")
            said += before + expressions.said(expression, 0 if step is None else step.number)
        return said + rest

    # Moving: each goes as far as what is known, and says whether the program must run on for the rest

    def forth(self, count=1):
        """Take steps; from the end of an earlier pass the next is the start of the pass after it."""
        while count and not self.is_now:
            count -= 1
            if self.position < len(self.seen):
                self.position += 1
            else:
                self.look_at(self.neighbour(+1), 0)
        self.going = Going(steps=count)
        return bool(count)

    def back(self, count=1):
        """Go back steps, and over the start of a pass into the one before; returns whether there was one to go to."""
        moved = False
        while count and (self.position or self.neighbour(-1)):
            count, moved = count - 1, True
            if self.position:
                self.position -= 1
            else:
                before = self.neighbour(-1)
                self.look_at(before, len(self.steps_of(before)))
        return moved

    def neighbour(self, by):
        """The pass that is known before or after the one that one looks at; None if there is none."""
        own = self.seen.recorded.number
        others = [recorded for number, recorded in self.known().items() if (number - own) * by > 0]
        return (others[0] if by > 0 else others[-1]) if others else None

    def look_at(self, recorded, position):
        """Stand after so many steps of a pass."""
        self.seen, self.position = self.steps_of(recorded), position

    def run(self):
        """Go on to the next breakpoint; where that is known, `hit` is what one stopped at."""
        while not self.is_now:
            if self.position < len(self.seen):
                self.position += 1
            else:
                self.look_at(self.neighbour(+1), 0)
            self.hit = self.found_here()
            if self.hit is not None:
                if self.hit.once:
                    self.stops.remove([self.hit])
                return False
        self.going = Going()
        return True

    def run_back(self):
        """Go back to the breakpoint before, or to the oldest step that is kept; `hit` is what one stopped at, or None."""
        self.hit = None
        while self.hit is None and self.back():
            self.hit = self.found_here()
        return self.hit

    def found_here(self):
        """The breakpoint at which one would stop at what is known here, or None."""
        recorded, step = self.seen.recorded, self.step

        def holds(text):
            return self.holds(text, recorded, step)

        return self.stops.found_at_pass(holds) if step is None else self.stops.found_at_step(step, holds)

    def to_pass(self, number):
        """Go to the start of a pass; ValueError if it is no longer kept."""
        known = self.known()
        if number in known:
            self.look_at(known[number], 0)
            return False
        newest = max(known, default=0)
        if number <= newest:
            raise ValueError(f"pass {number} is not kept; kept are {spans(known)}")
        self.going = Going(to_pass=number)
        return True

    def to_end(self):
        """Go to the end of the pass."""
        self.position = len(self.seen)
        self.going = Going(out=True)
        return self.seen.recorded is self.passes.running


def of_recorded(passes, talk=None):
    """A session over passes that are over, without a program; one stands at the start of the last."""
    session = Session(talk, last=max(len(passes), 1), limit=float("inf"))
    session.passes.keep(passes)
    for recorded in passes:
        session.losses[recorded.number] = total(recorded.values[recorded.output])
    if passes:
        session.look_at(passes[-1], 0)
    return session


def total(values):
    """The loss that a pass begins from, as one number; NaN of what is not computed yet, such as Dask's arrays."""
    return float(np.sum(values)) if isinstance(values, (np.ndarray, np.generic, int, float)) else np.nan


def spans(numbers):
    """Numbers in order, in a few characters.

    >>> spans([1, 2, 3, 7]), spans([])
    ('1–3, 7', 'none')
    """
    found = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in found) or "none"


def end_at_once():
    """End a program that cannot be ended by an exception, since it catches all."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)
