"""`microgradnn debug script.py`: stop a script at its backward passes, and step through them, forth and back."""

import argparse
import json
import sys
from contextlib import contextmanager
from pathlib import Path

from ..debugging.breakpoints import asked_of_pass
from ..debugging.interrupts import on_interrupt
from ..debugging.keeping import MARK, open_pass
from ..debugging.plain import as_json
from ..debugging.prompt.prompt import BackwardPrompt
from ..debugging.session import KEPT, LIMIT, Session, of_recorded
from ..debugging.steps import backward_steps
from ..source.lines import users_frame
from .script import CommandError, Enough, Ran, name_by_variables, run_program, run_script

EPILOG = """examples:
  microgradnn debug train.py                        stops at the first pass; next, back, break W, print W.grad, help
  microgradnn debug --pass 57 train.py              at the 57th
  microgradnn debug --when "loss > 2 * last" train.py   where the loss has doubled
  microgradnn debug --when nonfinite train.py       where a NaN or inf appears in a gradient; also W, tanh, rises
  microgradnn debug -m package.train --epochs 1     a module; what follows its name, or the script's, is its own
  microgradnn debug --post-mortem train.py          where the program fails
  microgradnn debug run.pass                        a pass that `save` at the prompt has kept
  microgradnn debug --json train.py                 all steps of the first pass, for other tools"""

WHEN = """stop at a tensor, an operation, nonfinite, rises, or where a pass begins for which an expression holds; it knows the
program's variables, n, loss and last"""


def add_parser(commands):
    """Say what may be typed after `debug`."""
    parser = commands.add_parser(
        "debug",
        help="run a script, and step through its backward passes, forth and back",
        description="Run a script, and open a prompt at its first backward pass, or a later one, to step through it, back and\n"
        "forth, and on to others. Tensors without a name are called as the variables that hold them.",
        epilog=EPILOG,
    )
    parser.add_argument("--pass", type=int, dest="number", metavar="N", help="stop where the N-th pass begins")
    parser.add_argument("--when", metavar="PLACE", help=WHEN)
    parser.add_argument("--post-mortem", action="store_true", help="stop only where something is raised")
    parser.add_argument("--keep", type=int, default=KEPT, metavar="N", help="passes to go back to (default: %(default)s)")
    parser.add_argument(
        "--memory", type=float, default=LIMIT / 2**20, metavar="MB", help="and what they may take (default: %(default)g)"
    )
    parser.add_argument("--json", action="store_true", help="print all steps of the first pass as JSON, and stop")
    parser.add_argument("-m", dest="module", action="store_true", help="what follows is the name of a module")
    parser.add_argument("script", help="the Python script to run, a module's name after -m, or a pass that was saved")
    parser.add_argument("args", nargs=argparse.REMAINDER, help="its arguments")
    return parser


def run(given):
    """Run a script whose backward passes open the prompt, or whose first one is printed."""
    if given.json:
        return print_steps(given)
    if not given.module and is_pass(given.script):
        return step_through_file(given.script)
    if given.keep < 1 or given.memory <= 0:
        raise CommandError("--keep and --memory are more than 0")
    session = Session(None, given.keep, given.memory * 2**20)
    prompt = BackwardPrompt(session)
    begin(session, given)
    ran = Ran()

    def at_error(error):
        if session.passes.total or given.post_mortem:
            after(session, error)

    with session, interrupts(session):
        run_program(given.script, given.args, ran, given.module, at_error)
    if session.passes.total == 0 and ran.code == 0:
        raise CommandError(f"{given.script} ran to its end without a backward pass", code=1)
    if prompt.left_by is None and ran.code == 0:
        print(f"{given.script} ran to its end: {session.passes.total} passes, and none to stop at")
        for name in sorted(asked_of_pass(given.when) & ran.variables.keys()):
            print(f"({name} is your program's variable, and was taken for that; --pass stops at the pass of a number)")
    elif not session.leaving and ran.code == 0:
        say_what_never_came(given.script, session)
    return ran.code


def say_what_never_came(script, session):
    """Where the program has run to its end on the way to a place that it did not come to, say so."""
    passes = f"{session.passes.total} pass{'es' * (session.passes.total != 1)}"
    if session.going.to_pass is not None:
        print(f"{script} ran to its end: {passes}, and none with the number {session.going.to_pass}")
    for stop in session.stops.found:
        if stop.once:
            asked = " if ".join(part for part in (stop.place, stop.condition) if part not in (None, "backward"))
            print(f"{script} ran to its end: {passes}, and it never came to {asked}")


def begin(session, given):
    """Say where the program stops first."""
    if given.number is not None:
        session.going.to_pass = given.number
    elif given.when is not None:
        session.first = given.when
    elif not given.post_mortem:
        session.going.steps = 1


def after(session, error):
    """Look at a program that has failed, but for a pass that one has looked at as it failed."""
    if session.raised is error or session.leaving:
        return
    innermost = error.__traceback__
    while innermost.tb_next is not None:
        innermost = innermost.tb_next
    session.raised, session.frame = error, users_frame(innermost.tb_frame)
    try:
        session.stop("failed")
    except SystemExit:
        return


@contextmanager
def interrupts(session):
    """Let Ctrl-C, and the program's own `breakpoint()`, open the prompt where the program runs."""
    hook, sys.breakpointhook = sys.breakpointhook, session.breakpoint_called
    try:
        with on_interrupt(lambda number, frame: session.interrupt(users_frame(frame))):
            yield
    finally:
        sys.breakpointhook = hook


def is_pass(path):
    """Whether a file is a pass that was saved."""
    try:
        with Path(path).open("rb") as file:
            return file.read(len(MARK)) == MARK
    except OSError:
        return False


def step_through_file(path):
    """Open the prompt over a pass that was saved."""
    try:
        session = of_recorded([open_pass(path)])
    except ValueError as error:
        raise CommandError(error, code=1) from None
    BackwardPrompt(session).talk("pass")
    return 0


def print_steps(given):
    """All steps of a script's first backward pass, as JSON, one object a line."""
    seen = []

    def at_backward(output, gradient, frame):
        name_by_variables(frame)
        seen.append(output)
        for step in backward_steps(output, gradient):
            print(json.dumps(as_json(step), ensure_ascii=False))
        raise Enough

    ran = run_script(given.script, given.args, at_backward)
    if not seen and ran.code == 0:
        raise CommandError(f"{given.script} ran to its end without a call of .backward()", code=1)
    return ran.code
