"""The command line: `python -m microgradnn debug script.py`."""

import argparse
import json
import os
import runpy
import sys
import traceback

from . import __version__


def main(arguments=None):
    """Run a command; returns the exit code: 0 done, 1 the script failed, 2 the command was wrong."""
    parser = argparse.ArgumentParser(prog="python -m microgradnn", description="See a backward pass happen.")
    parser.add_argument("--version", action="version", version=f"microgradnn {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    debug = commands.add_parser(
        "debug",
        help="run a script, and step through its first backward pass",
        description="Run a script, and open a prompt at its first .backward() to step through it, forth and back.",
    )
    debug.add_argument("--json", action="store_true", help="print all steps as JSON, one object a line, and stop")
    debug.add_argument("script", help="the Python script to run")
    debug.add_argument("args", nargs=argparse.REMAINDER, help="its arguments")
    given = parser.parse_args(arguments)
    return run_until_backward(given.script, given.args, as_json=given.json)


def run_until_backward(script, args, as_json):
    """Run a script whose first `.backward()` opens the prompt, or prints its steps."""
    from .lines import remember_lines
    from .stepping import step_through
    from .tensor import Tensor

    if not os.path.isfile(script):
        print(f"there is no file {script!r}", file=sys.stderr)
        return 2
    real, seen = Tensor.backward, []

    def first_backward(self, gradient=None):
        Tensor.backward = real
        seen.append(self)
        if as_json:
            print_steps(self, gradient)
            raise SystemExit(0)
        step_through(self, gradient, sys._getframe(1))

    argv, path0 = sys.argv, sys.path[0]
    sys.argv, sys.path[0] = [script, *args], os.path.dirname(os.path.abspath(script))
    Tensor.backward = first_backward
    try:
        with remember_lines():
            runpy.run_path(script, run_name="__main__")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except Exception:
        traceback.print_exc()
        return 1
    finally:
        Tensor.backward = real
        sys.argv, sys.path[0] = argv, path0
    if not seen:
        print(f"{script} ran to its end without a call of .backward()", file=sys.stderr)
        return 1
    return 0


def print_steps(output, gradient):
    """All steps of a backward pass, as JSON, one object a line."""
    from .debugger import as_json
    from .steps import backward_steps

    try:
        for step in backward_steps(output, gradient):
            print(json.dumps(as_json(step), ensure_ascii=False))
    except BrokenPipeError:  # who read it has seen enough
        sys.stdout = None


if __name__ == "__main__":
    sys.exit(main())
