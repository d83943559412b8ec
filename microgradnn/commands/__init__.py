"""The command line: `microgradnn COMMAND`, or `python -m microgradnn COMMAND`. One file a command.

Each of them has `add_parser`, which says what may be typed, and `run`, which returns the exit code. Those that run a script of
the user's do it by script.py.
"""

import argparse
import os
import sys

from .. import __version__
from . import check, course, dap, debug, demo, doctor, gallery, graph, vscode, worksheet
from .script import CommandError

INTERRUPTED, PIPE_CLOSED = 130, 141  # 128 + the number of the signal, as shells have it


def main(arguments=None, program="microgradnn"):
    """Run a command.

    Parameters
    ----------
    arguments : list of str, optional
        What was typed after the program's name; `sys.argv[1:]`, if not given. What stands after `--` goes to the script.
    program : str, optional
        What help texts call the program.

    Returns
    -------
    int
        The exit code: 0 done; 1 the script failed, or what it computed is wrong; 2 the command was wrong.

    Examples
    --------
    >>> main(["graph", "network.py", "-o", "network.jpeg"])
    2
    """
    typed = list(sys.argv[1:] if arguments is None else arguments)
    split = typed.index("--") if "--" in typed else len(typed)
    parser = command_parser(program)
    given, unknown = parser.parse_known_args(typed[:split])
    if unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)} (what is meant for the script stands after --)")
    given.args = [*getattr(given, "args", []), *typed[split + 1 :]]
    try:
        code = given.run(given)
        sys.stdout.flush()
    except CommandError as error:
        print(f"{program} {given.command}: {error}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # who read it has seen enough; Python must not try to write the rest at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    return code


def command_parser(program):
    """What may be typed."""
    parser = argparse.ArgumentParser(
        prog=program,
        description="See a backward pass happen.",
        epilog=f"`{program} COMMAND --help` says more. Exit codes: 0 done; 1 the script failed, or a gradient is wrong; "
        "2 the command was wrong.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"microgradnn {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (demo, debug, dap, vscode, graph, gallery, check, doctor, course, worksheet):
        command = module.add_parser(commands)
        command.set_defaults(run=module.run, program=program)
        command.formatter_class = argparse.RawDescriptionHelpFormatter
        command.allow_abbrev = False
        command.epilog = command.epilog.replace("microgradnn", program)
    return parser
