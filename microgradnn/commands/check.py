"""`microgradnn check script.py`: compare the gradients of a script's backward passes with finite differences."""

import numpy as np

from ..checking.differences import Recomputed, in_double
from ..checking.gradients import check_op
from ..checking.leaves import MOST_ELEMENTS, NAN, Row, check_leaf, row_of_unreached
from ..diagnosing.finding import passes_text
from ..diagnosing.reason import said_of_loss, way_to, where_lost
from ..diagnosing.variables import tensors_in, users_variables
from ..errors import GradcheckError
from ..formulas.brief import counted
from ..formulas.labels import label_of
from ..formulas.spelling import spell_made
from ..graph import values_of
from ..passes import record
from ..source.expressions import short_path
from ..source.lines import place_of
from ..source.naming import name_tensors
from ..tensor import Tensor
from ..watching.observers import Observer
from .script import CommandError, Ran, positive, run_program

MOST_PASSES = 10  # that are checked, if nothing else is typed

EPILOG = """examples:
  microgradnn check train.py
  microgradnn check train.py --passes 3        the first three passes
  microgradnn check train.py --pass 100        the hundredth alone
  microgradnn check train.py -- --epochs 1     what stands after -- is the script's

Exit codes: 0 every gradient is right; 1 one is wrong or could not be checked, or the script failed; 2 the command was wrong."""


def add_parser(commands):
    """Say what may be typed after `check`."""
    parser = commands.add_parser(
        "check",
        help="run a script, and check the gradients of its backward passes",
        description="Run a script up to its tenth backward pass, of .backward() or grad(), and hold the gradient of every\n"
        f"leaf in each of them against central differences, which run the recorded operations again in float64. Of\n"
        f"leaves with more than {MOST_ELEMENTS} elements, {MOST_ELEMENTS} are compared, drawn at random. Parameters that a\n"
        "pass did not come to are said, too.",
        epilog=EPILOG,
    )
    parser.add_argument("script", help="the Python script to run")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--passes",
        type=positive,
        default=MOST_PASSES,
        metavar="N",
        help=f"check so many backward passes before ending the script (default: {MOST_PASSES})",
    )
    which.add_argument("--pass", type=positive, dest="only", metavar="N", help="check the N-th backward pass alone")
    return parser


class PassChecker(Observer):
    """Checks the passes of a script, and ends it when there were enough.

    Attributes
    ----------
    right : list of bool
        Of each pass that was checked.
    enough : bool
        Whether it has what it needs.
    """

    def __init__(self, passes, only):
        self.first, self.last = (only, only) if only else (1, passes)
        self.number, self.right, self.enough, self._busy = 0, [], False, False
        self.unreached = {}  # of the parameters of the program those that no pass came to, with their rows

    def complete(self, output, grads, earlier, wanted):
        """A pass is over: check it, if it is one of those."""
        if self.enough:  # again, if the script caught it the first time
            raise SystemExit
        if self._busy:
            return
        self.number += 1
        if self.number >= self.first:
            self._busy = True
            try:
                self._check(output, values_of(grads[output]))
            finally:
                self._busy = False
        if self.number == self.last:
            self.enough = True
            raise SystemExit

    def _check(self, output, seed):
        with np.errstate(all="ignore"):
            recorded = record(output, seed)
        variables = users_variables()
        name_tensors(variables)
        parameters = [x for x in parameters_in(variables) if x not in recorded.gradients]
        alone = self.first == self.last or self.number == 1
        self.right.append(report(recorded, parameters, "" if alone else f"pass {self.number}"))
        missing = {id(x): x for x in parameters}
        self.unreached = missing if len(self.right) == 1 else {key: x for key, x in self.unreached.items() if key in missing}


def parameters_in(variables):
    """The leaves that require a gradient among a program's variables: alone, in lists, in modules; each once."""
    found = {}
    for name, value in variables.items():
        if isinstance(value, Tensor):
            found[value] = None
        elif hasattr(value, "named_tensors") and not isinstance(value, type):
            found |= dict.fromkeys(value.named_tensors().values())
        else:
            found |= {tensor: None for _, tensor in tensors_in(name, value)}
    return [x for x in found if x.op is None and x.requires_grad]


def run(given):
    """Check the backward passes of a script."""
    checker = PassChecker(given.passes, given.only)
    ran = Ran()
    run_program(given.script, given.args, ran, watching=checker)
    if ran.code == 0 and not checker.right:
        had = f"after {passes_text(checker.number, 'backward')}" if checker.number else "without a backward pass"
        raise CommandError(f"{given.script} ran to its end {had}", code=1)
    return ran.code or int(not all(checker.right) or bool(checker.unreached))


def report(recorded, unreached=(), title=""):
    """Print what is to be said of one pass; returns whether all gradients are right.

    Of a pass with a title that is all a line, if nothing else is to be said; else it is a table, with a line for each leaf.
    """
    nodes, values = recorded.nodes, recorded.values
    leaves = [node for node in reversed(nodes) if node.op is None]
    with np.errstate(all="ignore"):
        again = Recomputed(recorded.output, recorded.seed, nodes, values)
        rows = [check_leaf(leaf, recorded.gradients[leaf], again, i) for i, leaf in enumerate(leaves, start=1)]
    right = all(row.right for row in rows)
    if title and right and not any("is 0" in row.why for row in rows):
        largest = max((row.error for row in rows if row.error), key=float, default="0")
        print(f"{title}: {counted(len(rows), 'leaf').replace('leafs', 'leaves')}, largest error {largest}  ✓")
        return right
    if title:
        print(title)
    harmless = all(np.isfinite(recorded.gradients[x]).all() for x in leaves) and np.isfinite(values[nodes[0]]).all()
    for node in reversed(nodes):  # oldest first: where it began; what a mask makes −∞ does no harm
        if not harmless and not np.isfinite(values[node]).all():
            print(non_finite_line(node, values[node]))
            break
    print_rows([explained_zero(row, leaf, recorded) for row, leaf in zip(rows, leaves, strict=True)], unreached)
    if any(row.right is False and row.error != NAN for row in rows):
        print(wrong_rule(recorded), end="")
    if any(row.error == NAN for row in rows):
        print("\nWithin `with microgradnn.checked():`, the script stops at the operation that made it.")
    return right


def explained_zero(row, leaf, recorded):
    """A row, and if its gradient is 0, where on the way that began."""
    if row.right and row.why.endswith("is 0 in every element"):
        lost = where_lost(way_to(leaf, recorded.output, recorded.gradients))
        if lost is not None:
            return row._replace(why=f"{row.why}: {said_of_loss(*lost)[0]}")
    return row


def print_rows(rows, unreached):
    """The table: a line for each leaf, and for each parameter that was not reached."""
    rows = [Row("leaf", "shape", "largest error", None, ""), *rows, *map(row_of_unreached, unreached)]
    names, shapes, errors = (max(map(len, column)) for column in list(zip(*rows, strict=True))[:3])
    for row in rows:
        mark = {True: "✓", False: "✗"}.get(row.right, "–" if row.why.startswith("no gradient") else "?" if row.why else "")
        print(f"{row.name:{names}}  {row.shape:{shapes}}  {row.error:>{errors}}  {mark}  {row.why}".rstrip())


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
