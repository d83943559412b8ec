"""`microgradnn check script.py`: compare the gradients of a script's backward pass with finite differences."""

import argparse
from typing import NamedTuple

import numpy as np

from ..backprop import backpropagate, data_of, upstream
from ..expressions import short_path
from ..gradcheck import GradcheckError, check_op
from ..graph import reachable, recompute
from ..lines import place_of
from ..spelling import spell_made
from ..tensor import Tensor
from .script import CommandError, Enough, name_by_variables, run_script

MOST_ELEMENTS = 100  # of one leaf; of a larger one so many are drawn at random
NAN = "nan"  # the largest error, where the gradient is not finite
STEP = np.finfo(float).eps ** (1 / 3)  # where rounding and truncation of central differences are about equal
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
        doutput = upstream(output, gradient)
        name_by_variables(frame)
        if given.passes > 1:
            print(f"pass {len(right) + 1}")
        right.append(report(output, doutput))
        if len(right) == given.passes:
            raise Enough
        output.backward(gradient)

    ran = run_script(given.script, given.args, at_backward)
    if ran.code == 0 and not right:
        raise CommandError(f"{given.script} ran to its end without a call of .backward()", code=1)
    return ran.code or int(not all(right))


class Row(NamedTuple):
    """What is said of one leaf; `right` is None where it could not be checked."""

    name: str
    shape: str
    error: str
    right: bool | None
    why: str


def report(output, doutput):
    """Print a line for each leaf of one pass; returns whether all gradients are right."""
    nodes = reachable(output)
    leaves = [node for node in reversed(nodes) if node.op is None]
    for node in reversed(nodes):  # oldest first: where it began
        if not np.isfinite(node.data).all():
            print(non_finite_line(node))
            break
    with np.errstate(all="ignore"):
        grads = backpropagate(output, doutput, nodes, data_of)
        again = Again(output, doutput, nodes)
        rows = [check_leaf(leaf, grads[leaf], again, i) for i, leaf in enumerate(leaves, start=1)]
    names, shapes, errors = (max(map(len, column)) for column in list(zip(*rows, strict=True))[:3])
    for row in [Row("leaf", "shape", "largest error", None, ""), *rows]:
        mark = {True: "✓", False: "✗"}.get(row.right, "?" if row.why else "")
        line = f"{row.name:{max(names, 4)}}  {row.shape:{max(shapes, 5)}}  {row.error:>{max(errors, 13)}}  {mark}  {row.why}"
        print(line.rstrip())
    if any(row.right is False and row.error != NAN for row in rows):
        print(wrong_rule(nodes), end="")
    if any(row.error == NAN for row in rows):
        print("\nWithin `with microgradnn.checked():`, the script stops at the operation that made it.")
    return all(row.right for row in rows)


def wrong_rule(nodes):
    """What is said of the oldest operation whose own rule is off at the values that it got; nothing if there is none."""
    for node in (node for node in reversed(nodes) if node.op is not None):
        operands = [Tensor(in_double(x.data), requires_grad=True) if x in nodes else x.data for x in node.inputs]
        try:
            check_op(node.op, *operands, order=1)
        except GradcheckError as error:
            if error.certain:
                return f"\n{at_line(node)}{error}\n"
        except ValueError:  # the operation does not take what lies beside these values
            continue
    return ""


def non_finite_line(node):
    """What is said of a value with NaN or inf: the operation, and the line of the script that asked for it."""
    bad = np.size(node.data) - np.count_nonzero(np.isfinite(node.data))
    made = (node.name or "") + (" = " * bool(node.name and node.op)) + (spell_made(node) or "")
    return f"{at_line(node)}{made or 'a leaf'} is not finite in {bad} of {np.size(node.data)} elements"


def at_line(node):
    """Where the script asked for an operation, to begin a sentence with; empty if that is not known."""
    place = place_of(node)
    return "" if place is None else f"{short_path(place.file)}:{place.line}: "


def in_double(x):
    """An array in double precision."""
    return np.asarray(x, complex if np.iscomplexobj(x) else float)


class Again:
    """The recorded operations, run again in float64 with one element of a leaf shifted.

    Attributes
    ----------
    exact : bool
        Whether all of it was computed in float64; an operation that asks for another dtype keeps it from that.
    """

    def __init__(self, output, doutput, nodes):
        self.output = output
        self.doutput = in_double(doutput)
        constants = {x for node in nodes for x in node.inputs if x.op is None and not x.requires_grad}
        self.start = {
            node: in_double(node.data)
            for node in (*constants, *(node for node in nodes if node.op is None))
            if np.asarray(node.data).dtype.kind in "fc"
        }
        computed = recompute(output, self.start)
        self.exact = all(np.asarray(value).dtype in (float, complex) for value in computed.values())
        self.value = self.of(computed)
        tolerance = 1e-9 if all(node.data.dtype == np.float64 for node in nodes) else 1e-2
        self.same = np.allclose(computed[output], output.data, rtol=tolerance, atol=tolerance, equal_nan=True)

    def of(self, values):
        """⟨doutput, output⟩, the number whose gradient a backward pass computes."""
        return np.sum(self.doutput * values[self.output])

    def shifted(self, leaf, index, by):
        """That number with one element of a leaf shifted."""
        array = self.start[leaf].copy()
        array[index] += by
        return self.of(recompute(self.output, {**self.start, leaf: array}))


def check_leaf(leaf, dx, again, place):
    """Compare the gradient of one leaf, as a Row."""
    dx, name, shape = np.asarray(dx), leaf.name or f"leaf {place}", str(leaf.shape)
    if dx.size == 0:
        return Row(name, shape, "", True, "no elements")
    if np.iscomplexobj(dx) or np.iscomplexobj(again.doutput):
        return Row(name, shape, "", None, "complex numbers are not compared with differences")
    bad = dx.size - np.count_nonzero(np.isfinite(dx))
    if bad:
        return Row(name, shape, NAN, False, f"the gradient is not finite in {bad} of {dx.size} elements")
    if not again.exact:
        return Row(
            name, shape, "", None, "an operation asks for another type than float64, where differences are mostly rounding"
        )
    if not again.same:
        return Row(name, shape, "", None, "the data has changed since it was computed from: check before it does")
    if not np.isfinite(again.value):
        return Row(name, shape, "", None, "the output is not a finite number, so there are no differences of it")
    return compare(leaf, dx, again, name, shape)


def compare(leaf, dx, again, name, shape):
    """Compare every element of a gradient, or some of a large one, with differences."""
    flat = np.arange(dx.size)
    if dx.size > MOST_ELEMENTS:
        flat = np.sort(np.random.default_rng(0).choice(dx.size, MOST_ELEMENTS, replace=False))
    note = f"{len(flat)} of {dx.size:,} elements" if len(flat) < dx.size else ""
    rounding = 1e-5 if dx.dtype == np.float64 else 10 * np.sqrt(np.finfo(dx.dtype).eps)
    worst, errors, kinks = None, [], []
    for index in (np.unravel_index(i, dx.shape) for i in flat):
        step = STEP * max(1.0, abs(float(leaf.data[index])))
        right = (again.shifted(leaf, index, step) - again.value) / step
        left = (again.value - again.shifted(leaf, index, -step)) / step
        error = abs(float(dx[index]) - (right + left) / 2)
        errors.append(error)
        if error <= rounding * (1 + abs(right + left) / 2):
            continue
        if abs(right - left) > 1e-2 * (1e-3 + max(abs(right), abs(left))):
            kinks.append((index, left, right))
        elif worst is None or error > worst[0]:
            worst = error, index, (right + left) / 2
    largest = f"{max(errors):.1e}"
    if worst is not None:
        at = f"[{', '.join(map(str, worst[1]))}]" if worst[1] else ""
        return Row(name, shape, largest, False, f"received {dx[worst[1]]:.6g}, expected {worst[2]:.6g} at {name}{at}")
    if kinks:
        index, left, right = kinks[0]
        at = f"[{', '.join(map(str, index))}]" if index else ""
        return Row(name, shape, largest, None, f"a kink at {name}{at}: slope {left:.4g} to the left, {right:.4g} to the right")
    return Row(name, shape, largest, True, note)
