"""`microgradnn check script.py`: compare the gradients of a script's backward pass with finite differences."""

import argparse

import numpy as np

from ..checking.differences import Recomputed, in_double
from ..checking.gradients import check_op
from ..checking.leaves import MOST_ELEMENTS, NAN, Row, check_leaf
from ..errors import GradcheckError
from ..formulas.labels import label_of
from ..formulas.spelling import spell_made
from ..passes import record
from ..source.expressions import short_path
from ..source.lines import place_of
from ..tensor import Tensor
from .script import CommandError, Enough, name_by_variables, run_script

EPILOG = """examples:
  microgradnn check train.py
  microgradnn check train.py --passes 3
  microgradnn check train.py -- --epochs 1     what stands after -- is the script's

Exit codes: 0 every gradient is right; 1 one is wrong or could not be checked, or the script failed; 2 the command was wrong."""


def add_parser(commands):
    """Say what may be typed after `check`."""
    parser = commands.add_parser(
        "check",
        help="run a script up to its first backward pass, and check its gradients",
        description="Run a script up to its first .backward(), and hold the gradient of every leaf against central\n"
        f"differences, which run the recorded operations again in float64. Of leaves with more than\n{MOST_ELEMENTS} elements, "
        f"{MOST_ELEMENTS} are compared, drawn at random.",
        epilog=EPILOG,
    )
    parser.add_argument("script", help="the Python script to run")
    parser.add_argument(
        "--passes",
        type=positive,
        default=1,
        metavar="N",
        help="check so many backward passes before ending the script (default: 1)",
    )
    return parser


def positive(text):
    """A number of passes."""
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def run(given):
    """Check the first backward passes of a script."""
    right = []

    def at_backward(output, gradient, frame):
        with np.errstate(all="ignore"):
            recorded = record(output, gradient)
        name_by_variables(frame)
        if given.passes > 1:
            print(f"pass {len(right) + 1}")
        right.append(report(recorded))
        if len(right) == given.passes:
            raise Enough
        output.backward(gradient)

    ran = run_script(given.script, given.args, at_backward)
    if ran.code == 0 and not right:
        raise CommandError(f"{given.script} ran to its end without a call of .backward()", code=1)
    return ran.code or int(not all(right))


def report(recorded):
    """Print a line for each leaf of one pass; returns whether all gradients are right."""
    nodes, values = recorded.nodes, recorded.values
    leaves = [node for node in reversed(nodes) if node.op is None]
    for node in reversed(nodes):  # oldest first: where it began
        if not np.isfinite(values[node]).all():
            print(non_finite_line(node, values[node]))
            break
    with np.errstate(all="ignore"):
        again = Recomputed(recorded.output, recorded.seed, nodes, values)
        rows = [check_leaf(leaf, recorded.gradients[leaf], again, i) for i, leaf in enumerate(leaves, start=1)]
    names, shapes, errors = (max(map(len, column)) for column in list(zip(*rows, strict=True))[:3])
    for row in [Row("leaf", "shape", "largest error", None, ""), *rows]:
        mark = {True: "✓", False: "✗"}.get(row.right, "?" if row.why else "")
        line = f"{row.name:{max(names, 4)}}  {row.shape:{max(shapes, 5)}}  {row.error:>{max(errors, 13)}}  {mark}  {row.why}"
        print(line.rstrip())
    if any(row.right is False and row.error != NAN for row in rows):
        print(wrong_rule(recorded), end="")
    if any(row.error == NAN for row in rows):
        print("\nWithin `with microgradnn.checked():`, the script stops at the operation that made it.")
    return all(row.right for row in rows)


def wrong_rule(recorded):
    """What is said of the oldest operation whose own rule is off at the values that it got; nothing if there is none."""
    values, grads = recorded.values, recorded.gradients
    for node in (node for node in reversed(grads) if node.op is not None):
        operands = [Tensor(in_double(values[x]), requires_grad=True) if x in grads else values[x] for x in node.inputs]
        try:
            check_op(node.op, *operands, order=1)
        except GradcheckError as error:
            if error.certain:
                return f"\n{at_line(node)}{error}\n"
        except ValueError:  # the operation does not take what lies beside these values
            continue
    return ""


def non_finite_line(node, value):
    """What is said of a value with NaN or inf: the operation, and the line of the script that asked for it."""
    bad = np.size(value) - np.count_nonzero(np.isfinite(value))
    made = (label_of(node.name) or "") + (" = " * bool(node.name and node.op)) + (spell_made(node) or "")
    return f"{at_line(node)}{made or 'a leaf'} is not finite in {bad} of {np.size(value)} elements"


def at_line(node):
    """Where the script asked for an operation, to begin a sentence with; empty if that is not known."""
    place = place_of(node)
    return "" if place is None else f"{short_path(place.file)}:{place.line}: "
