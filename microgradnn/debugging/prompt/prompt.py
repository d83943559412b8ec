"""A prompt to go through backward passes, forth and back, in the manner of pdb.

`step_through(L)` opens it from code, `python -m microgradnn debug script.py` for a script (commands/debug.py). It stands where
the program stands, inside of the pass: what lies ahead is computed when it is reached; going back changes nothing.
The commands that set breakpoints are in breaking.py, those that look in looking.py.
"""

from __future__ import annotations

import cmd
import inspect
import os
import shutil
import signal
from contextlib import nullcontext
from typing import TYPE_CHECKING

import numpy as np

from ...backprop import backward
from ...formulas.brief import counted
from ...source.expressions import file_name, short_path
from ..breakpoints import Stop
from ..evaluating import Evaluator, attributes_that_begin_so, rule_names
from ..frames import called, given_to, users_frames
from ..interrupts import on_interrupt
from ..session import Session
from .breaking import Breaking
from .layout import INDENT, step_rows, wrapped
from .looking import Looking

if TYPE_CHECKING:
    from types import FrameType

    from ...annotations import Operand
    from ...tensor import Tensor

# Habits of pdb, and what they stand for here
SHORT = {"n": "next", "s": "next", "step": "next", "c": "continue", "cont": "continue", "rc": "reverse", "r": "finish"}
SHORT |= {"return": "finish", "unt": "until", "w": "where", "bt": "where", "p": "print", "pp": "print", "l": "list"}
SHORT |= {"q": "quit", "exit": "quit", "h": "help", "a": "args", "u": "up", "d": "down", "cl": "clear", "watch": "display"}
NAMES_FIRST = "hwplabud"  # each, alone in a line, prints the tensor that is called so, if there is one
# What needs a pass that has begun
OF_A_PASS = {"back", "b", "reverse", "goto", "finish", "restart", "where", "args", "explain", "graph", "passes", "diff", "save"}


class BackwardPrompt(Breaking, Looking, cmd.Cmd):
    """The prompt over a session.

    Attributes
    ----------
    session : Session
    level : int
        Which frame expressions are evaluated in: 0, the rule of the step, or else the program's innermost; then its callers.
    left_by : str or None
        The command that let the program run on: continue, quit, ...
    """

    prompt = "(backprop) "
    doc_header = "Commands (help NAME explains one; an empty line repeats the last; any other line is evaluated)"

    def __init__(self, session, stdin=None, stdout=None):
        super().__init__(stdin=stdin, stdout=stdout)
        self.use_rawinput = stdin is None
        self.session, self.level, self.displayed, self.left_by = session, 0, [], None
        self.frames, self.greeted, self.told_today = [], False, None
        self.awaited = None  # the Stop that `until` has set, which any other stop ends
        self.coloured = self.stdout.isatty() and "NO_COLOR" not in os.environ
        session.talk, session.stops.logged = self.talk, self.show_log

    @property
    def width(self):
        """How wide the terminal is now; 0 for a file or a pipe."""
        return shutil.get_terminal_size().columns if self.stdout.isatty() else 0

    # Talking

    def talk(self, why):
        """Say why the program stops, and take commands until it shall run on."""
        self.left_by, self.told_today = None, None
        self.session.stops.remove([self.awaited])
        in_program = why in ("failed", "interrupted", "breakpoint()") and self.session.passes.running is None
        self.level = int(in_program and self.session.step is not None)
        self.frames = users_frames(self.session.frame)
        self.say_why(why, in_program)
        with on_interrupt(signal.default_int_handler):  # which raises KeyboardInterrupt
            while self.left_by is None:
                try:
                    self.cmdloop()
                except KeyboardInterrupt:
                    self.say("\n--KeyboardInterrupt--")
                except Exception as error:
                    if type(error).__name__ != "StdinNotImplementedError":
                        raise
                    self.say("the prompt cannot open, as this front end of the notebook takes no input; the pass goes on")
                    self.left_by = "continue"

    def say(self, text, lit=False):
        """Write lines; what is longer than the terminal is wide goes on in the next."""
        for line in wrapped(str(text).splitlines() or [""], self.width):
            self.stdout.write(f"\033[1;33m{line}\033[0m\n" if lit and self.coloured else f"{line}\n")

    def say_why(self, why, in_program=False):
        """What is said where the program stops, in a pass or between passes."""
        session = self.session
        if isinstance(why, Stop):
            self.say_hit(why)
        if why == "breakpoint()" and in_program:
            self.say("breakpoint()")
        if why == "interrupted":
            self.say("\nthe program was interrupted; continue lets it run on")
        if why == "exception":
            self.say_raised()
        if why == "failed":  # all of the message stands in the traceback, just above
            self.say(f"{type(session.raised).__name__}: {str(session.raised).partition(chr(10))[0]}")
            self.say("your program has failed; up and down lead through it, continue ends it")
        if in_program and self.frames:
            self.show_frame()
            if session.step is not None:
                self.say(f"behind it, pass {session.seen.recorded.number} has ended with")
        if session.seen is None:
            self.say("no backward pass has begun yet")
        elif why == "end":
            self.say(f"pass {session.seen.recorded.number} is complete: next goes on to the next pass, continue runs on")
            self.show_displayed()
        else:
            self.show_position()

    def say_raised(self):
        """What was raised in the pass, and by which rule or hook."""
        session, failed = self.session, self.session.failed_rule
        done = f"after {counted(len(session.seen), 'step')}"
        self.say(f"{type(session.raised).__name__}: {session.raised}")
        self.say(f"raised in pass {session.seen.recorded.number}, {done}; next and continue let it go on")
        if failed is not None:
            frame, line = failed
            self.say(f"by {called(frame)} ({file_name(frame.f_code.co_filename)}:{line}): args shows what it was given")
        self.say("the step before:" if session.step is not None else "it was the first step")

    def show_position(self):
        """Where one stands: the step just taken, or the start of a pass; and what is displayed."""
        session = self.session
        steps, recorded = session.seen, session.seen.recorded
        newest = max(session.known())
        if self.session.step is None:
            number = len(recorded.planned())
            place = f"  ({short_path(recorded.line[0])}:{recorded.line[1]})" if recorded.line else ""
            loss = f" = {self.number_text(session.losses[recorded.number])}" if recorded.number in session.losses else ""
            help_text = "" if self.greeted else "; `next` takes one step, `help` lists the commands"
            self.greeted = True
            told = f"pass {recorded.number} from {steps.label(steps.output)}{loss}: {counted(number, 'contribution')}"
            self.say(f"{told}{help_text}{place}")
        else:
            names = max((len(steps.gradient_name(node)) for node in recorded.expected if node.name), default=0)
            for row in step_rows(session.step, self.width, names):
                self.say(row, lit=True)
        if recorded.number not in (newest, self.told_today):
            self.told_today = recorded.number
            if self.frames:
                self.say(f"(pass {recorded.number} of {newest}: tensors show what they were; other variables are today's)")
        self.show_displayed()

    def show_displayed(self):
        """The expressions that are displayed after every move."""
        for expression in self.displayed:
            self.say(f"    {expression} = {self.evaluated(expression)}")

    # Expressions

    def rule(self):
        """The names of the rule, where one looks at one: that of the step, or the one that raised after it."""
        if self.level:
            return {}
        failed = self.session.failed_rule
        if failed is not None:
            return given_to(failed[0])
        return rule_names(self.session.step) if self.session.step is not None else {}

    def frame(self):
        """The frame of the program that one looks at; None if there is none."""
        level = self.level - (self.session.step is not None)
        return self.frames[max(level, 0)] if self.frames else None

    @property
    def expressions(self):
        """What evaluates what is typed, where one stands."""
        session = self.session
        about = {} if session.seen is None else session.about(session.seen.recorded)
        return Evaluator(session.seen, self.frame(), self.rule(), about)

    def evaluated(self, expression):
        """What is said of an expression, with the values and gradients as they were at this step."""
        with self.fitting():
            return self.expressions.said(expression, self.session.position)

    def fitting(self):
        """A context manager: inside it arrays are written to fit the terminal."""
        return np.printoptions(linewidth=max(20, self.width - len(INDENT))) if self.width else nullcontext()

    # Moving

    def do_next(self, argument):
        """next [COUNT]: take one step, or several; from the end of a pass, on to the next pass."""
        count = self.count_of(argument)
        return self.moved(self.session.forth(count), "next") if count else None

    def do_back(self, argument):
        """back [COUNT]: go back one step, or several, also into earlier passes that are kept."""
        count = self.count_of(argument)
        if not count:
            return
        if self.session.back(count):
            self.level = 0
            self.show_position()
        else:
            self.say(f"this is the start of pass {self.session.seen.recorded.number}, the oldest that is kept")

    def count_of(self, argument):
        """The number after a command, 1 if there is none; 0, with a word of why, if it is no number."""
        if not argument:
            return 1
        if argument.isdigit():
            return int(argument)
        self.say(f"how many steps? {argument!r} is not a number")
        return 0

    def moved(self, runs_on, command):
        """After a move: leave the prompt if the program must run on for it, else show where one is."""
        self.level = 0
        if not runs_on:
            self.show_position()
            return None
        if self.frames or self.session.passes.running is not None:
            self.left_by = command
            return True
        if command == "continue":
            self.left_by = command
            return True
        self.say("the pass is complete; `back` still moves")
        return None

    def do_continue(self, argument):
        """continue: go on to the next breakpoint; if there is none, your program runs to its end."""
        return self.moved(self.run_on(), "continue")

    def run_on(self):
        """Go on to the next breakpoint, and name it if it is at what is known; whether the program must run on for it."""
        runs_on = self.session.run()
        if not runs_on:
            self.say_hit(self.session.hit)
        return runs_on

    def say_hit(self, stop):
        """Name the breakpoint at which one stops."""
        self.say(f"breakpoint {stop.number} at {stop.place}" + (f"; {stop.error}" if stop.error else ""))

    def do_reverse(self, argument):
        """reverse: go back to the breakpoint before, through earlier passes too, or to the oldest step that is kept."""
        stop = self.session.run_back()
        self.level = 0
        if stop is None:
            self.say("no breakpoint behind; this is the oldest step that is kept")
        else:
            self.say_hit(stop)
        self.show_position()

    def do_until(self, argument):
        """until PLACE | CONDITION: go on to the next such place, once: until nonfinite, until W, until loss < 0.1"""
        if not argument:
            self.say("until what? For example: until nonfinite, until W, until loss < 0.1")
            return None
        stop = self.add_stop(argument, once=True, or_condition=True)
        if stop is None:
            return None
        runs_on = self.run_on()
        if runs_on:
            self.awaited = stop
        else:
            self.session.stops.remove([stop])
        return self.moved(runs_on, "continue")

    def do_pass(self, argument):
        """pass [NUMBER]: go to the start of a pass, back to one that is kept or on to one that comes; alone, to the next."""
        own = self.session.seen.recorded.number if self.session.seen is not None else 0
        if argument and not argument.isdigit():
            self.say(f"which pass? {argument!r} is not a number")
            return None
        try:
            return self.moved(self.session.to_pass(int(argument) if argument else own + 1), "next")
        except ValueError as error:
            self.say(error)
            return None

    def do_goto(self, argument):
        """goto NUMBER: go to a step of this pass, back or forth."""
        if not argument.isdigit():
            self.say("goto which step? For example: goto 3")
            return None
        by = int(argument) - self.session.position
        if by < 0:
            self.session.back(-by)
        return self.moved(by > 0 and self.session.forth(by), "next")

    def do_finish(self, argument):
        """finish: go to the end of this pass; breakpoints on the way stop."""
        return self.moved(self.session.to_end(), "next")

    def do_restart(self, argument):
        """restart: go back to the start of this pass; breakpoints and displayed expressions stay."""
        self.session.back(self.session.position)
        self.level = 0
        self.show_position()

    def do_quit(self, argument):
        """quit: leave, and end your program."""
        self.left_by, self.session.leaving = "quit", True
        return True

    def do_EOF(self, argument):
        """The end of the input: quit."""
        self.say("")
        return self.do_quit(argument)

    # Reading lines

    def do_b(self, argument):
        """b [COUNT]: back, one step or several. b PLACE: break there, as pdb's b does."""
        if argument and not argument.isdigit():
            return self.do_break(argument)
        return self.do_back(argument)

    def get_names(self):
        """Commands for `help` and completion, without what is short for another."""
        return [name for name in super().get_names() if name not in ("do_EOF", "do_b")]

    def do_help(self, argument):
        """help [COMMAND]: list the commands, or explain one."""
        function = getattr(self, f"do_{SHORT.get(argument, argument)}", None)
        if not argument:
            super().do_help(argument)
        elif function is None:
            self.say(f"there is no command {argument!r}: `help` lists them")
        else:
            paragraphs = inspect.getdoc(function).split("\n\n")
            self.say("\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs))

    def print_topics(self, header, cmds, cmdlen, maxcol):
        """List commands in columns, as many as the terminal is wide."""
        if cmds:
            self.say(header)
            self.columnize(cmds, min(self.width or maxcol, maxcol))

    def parseline(self, line):
        """Command and argument; no command where its name begins an expression: b is one, b.grad is the gradient of b."""
        command, argument, line = super().parseline(line)
        if line.startswith("!"):
            return None, None, line
        rest = line[len(command) :] if command else ""
        goes_on = rest.startswith((".", "[", "(")) or rest.lstrip().startswith(("=", "+=", "-=", "*=", "/="))
        named = bool(command) and command in NAMES_FIRST and not argument and self.is_tensor(command)
        if goes_on or named:
            return None, None, line
        return SHORT.get(command, command), argument, line

    def is_tensor(self, name):
        """Whether a tensor of the graph is called so."""
        return self.session.seen is not None and name in self.expressions.nodes

    def emptyline(self):
        """Enter alone does the last command again."""
        return self.onecmd(self.lastcmd) if self.lastcmd else None

    def onecmd(self, line):
        """Run one line. `!` before it says that it is Python."""
        command, _, line = self.parseline(line)
        if command in OF_A_PASS and self.session.seen is None:
            self.say("no backward pass has begun yet: next goes on to it")
            return None
        if command is None and line and line != "EOF":
            self.lastcmd = line
            self.default(line)
            return None
        return super().onecmd(line)

    def default(self, line):
        """What is no command is Python: an expression is printed, a statement is run in your program."""
        text = line.removeprefix("!").strip()
        try:
            compile(text, "<typed>", "eval")
        except SyntaxError:
            if self.is_statement(text):
                self.execute(text)
                return
        answer = self.evaluated(text)
        if answer.startswith(("SyntaxError", "NameError")) and not line.startswith("!"):
            answer = f"{answer}; and there is no command {line.split()[0]!r}: `help` lists them"
        self.say(answer + self.hint(text))

    @staticmethod
    def is_statement(text):
        """Whether a text is a statement of Python's."""
        try:
            compile(text, "<typed>", "exec")
        except SyntaxError:
            return False
        return True

    def execute(self, text):
        """Run a statement in the program, and say which tensors of the graph it has changed: those shown are as they were."""
        values = {} if self.session.seen is None else self.session.seen.recorded.values
        named = [node for node in values if node.op is None and node.name and isinstance(node.data, np.ndarray)]
        before = [node.data.tobytes() for node in named]
        try:
            self.expressions.execute(text)
        except Exception as error:  # noqa: BLE001 - whatever the statement raises
            self.say(f"{type(error).__name__}: {error}")
        changed = [node.name for node, data in zip(named, before, strict=True) if np.asarray(node.data).tobytes() != data]
        if changed:
            self.say(f"({', '.join(changed)} changed in your program; this step shows what was then)")

    def hint(self, text):
        """A word where a name that is typed means something else than a learner may think."""
        frame = self.frame()
        own = {} if frame is None else {**frame.f_globals, **frame.f_locals}
        if text in self.rule() and (text in own or text in self.expressions.nodes):
            return f"   (the {text} of {self.session.step.op.name}; `up` leads to your program's)"
        return ""

    def completenames(self, text, *ignored):
        return sorted({*super().completenames(text, *ignored), *self.completed(text)})

    def completedefault(self, text, line, begidx, endidx):
        return self.completed(text)

    def completed(self, text):
        """Names of the rule, the program and the graph that begin so; after a dot, attributes."""
        names = {**self.expressions.nodes, **self.expressions.variables()}
        if "." in text:
            own = [name for name in self.expressions.nodes if name.startswith(text)]
            return sorted({*own, *attributes_that_begin_so(text, names)})
        return sorted(name for name in names if name.startswith(text) and not name.startswith("__"))


def step_through(output: Tensor, gradient: Operand | None = None, frame: FrameType | None = None) -> None:
    """Open a prompt to step through `output.backward(gradient)`, back and forth; leaving it runs the rest of the pass.

    Parameters
    ----------
    output : Tensor
        Usually a loss: one number.
    gradient : array or number, optional
        The upstream gradient, of output's shape; needed if `output` is not one number.
    frame : frame, optional
        Whose variables `print` sees and whose source `list` lists: the caller's, if not given.

    Raises
    ------
    RuntimeError, ValueError
        As `backward` does.
    SystemExit
        If the user quits, as in pdb.
    """
    session = prompt_session()
    session.going.steps, session.caller = 1, frame
    with session:
        backward(output, gradient)


def prompt_session():
    """A session that talks by a prompt, and keeps one pass."""
    session = Session(None, last=1, limit=float("inf"))
    BackwardPrompt(session)
    return session
