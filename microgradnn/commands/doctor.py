"""`microgradnn doctor script.py`: run a script to its end, look at its training from time to time, and say what is wrong."""

from ..diagnosing.finding import passes_text
from ..diagnosing.health import Health
from .script import CommandError, Ran, positive, run_program

EPILOG = """examples:
  microgradnn doctor train.py
  microgradnn doctor train.py -o health.html     a picture of what was measured, too
  microgradnn doctor train.py -- --epochs 5      what stands after -- is the script's

Signs: ✗ keeps it from learning; ! makes it learn badly, or will; ? is a hint, which numbers alone cannot decide.

Exit codes: 0 nothing but hints; 1 something is wrong, or the script failed; 2 the command was wrong."""


def add_parser(commands):
    """Say what may be typed after `doctor`."""
    parser = commands.add_parser(
        "doctor",
        help="run a script, and say why its network does not learn",
        description="Run a script to its end, and look at its values, gradients and updates from time to time. Then say\n"
        "what is wrong, if anything: which tensor, on which line, by which figures, and the way out.",
        epilog=EPILOG,
    )
    parser.add_argument("script", help="the Python script to run")
    parser.add_argument("-o", "--output", metavar="FILE", help="draw what was measured: .svg or .html")
    parser.add_argument(
        "--every",
        type=positive,
        metavar="N",
        help="look at each N-th pass (default: at few, so that it costs a few percent of the time)",
    )
    return parser


def run(given):
    """Run a script under observation, and print the report."""
    health = Health(every=given.every, look_around=False)
    with health:
        ran = Ran()
        run_program(given.script, given.args, ran, lines=False)
        health.discover(ran.variables)
    if not health.passes:
        if ran.code == 0:
            raise CommandError(f"{given.script} ran to its end without a backward pass", code=1)
        return ran.code
    if ran.code:
        print(f"\n{given.script} ended with code {ran.code} after {passes_text(health.passes, 'backward')}; until then:")
    print(health)
    if given.output is not None:
        try:
            health.save(given.output)
        except (ValueError, OSError) as error:
            raise CommandError(error) from None
        print(f"\nsaved {given.output}")
    return ran.code or int(any(finding.severity != "hint" for finding in health.findings))
