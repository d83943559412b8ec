"""`microgradnn debug script.py`: stop a script at its first backward pass, and step through it."""

import argparse
import json

from ..stepping.plain import as_json
from ..stepping.prompt import step_through
from ..stepping.steps import backward_steps
from .script import CommandError, Enough, name_by_variables, run_script

EPILOG = """examples:
  microgradnn debug train.py              next, back, where, print W.grad, explain W[0, 0]; help lists them all
  microgradnn debug train.py --epochs 1   what follows the script's name is the script's
  microgradnn debug --json train.py       all steps, for other tools"""


def add_parser(commands):
    """Say what may be typed after `debug`."""
    parser = commands.add_parser(
        "debug",
        help="run a script, and step through its first backward pass",
        description="Run a script, and open a prompt at its first .backward() to step through it, back and forth.\n"
        "Tensors without a name are called as the variables that hold them.",
        epilog=EPILOG,
    )
    parser.add_argument("--json", action="store_true", help="print all steps as JSON, one object a line, and stop")
    parser.add_argument("script", help="the Python script to run")
    parser.add_argument("args", nargs=argparse.REMAINDER, help="its arguments")
    return parser


def run(given):
    """Run a script whose first `.backward()` opens the prompt, or prints its steps."""
    seen = []

    def at_backward(output, gradient, frame):
        if seen:
            output.backward(gradient)
            return
        seen.append(output)
        name_by_variables(frame)
        if given.json:
            print_steps(output, gradient)
            raise Enough
        step_through(output, gradient, frame)

    ran = run_script(given.script, given.args, at_backward)
    if not seen and ran.code == 0:
        raise CommandError(f"{given.script} ran to its end without a call of .backward()", code=1)
    return ran.code


def print_steps(output, gradient):
    """All steps of a backward pass, as JSON, one object a line."""
    for step in backward_steps(output, gradient):
        print(json.dumps(as_json(step), ensure_ascii=False))
