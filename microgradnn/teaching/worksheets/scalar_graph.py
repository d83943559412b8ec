"""A graph of numbers: three given, four operations at random, with a value that is used twice, and a loss."""

from ...formulas.formula import Name
from ...passes import record
from ...tensor import Tensor
from .drawn import PictureOf
from .exercise import Blank, Derivative, Exercise, Given, Kind, Slip, partial

LEAVES, MADE = ("a", "b", "c"), ("u", "v", "w", "o")
STORY = (
    "o is computed from a, b and c in four operations, and compared with t.",
    (
        "Write in the blanks: forward, the values; at each arrow, the slope of its head with respect to its tail; "
        "then, backward, the gradients of L."
    ),
)
SIGNS = {"+": "+", "-": "−", "*": " "}


class ScalarGraph(Kind):
    """A graph that differs in its shape, not only in its numbers."""

    name = "graph"
    what = "a graph of numbers, with a value that is used twice: values, slopes along arrows, gradients"

    def draw(self, rng, conventions):
        """Small whole numbers, and a graph in which all of them are used."""
        operations = random_operations(rng)
        values = {leaf: int(rng.choice([-3, -2, -1, 2, 3, 4])) for leaf in LEAVES}
        tensors = {leaf: Tensor(float(value), requires_grad=True) for leaf, value in values.items()}
        for made, sign, x, y in operations:
            tensors[made] = computed(sign, tensors[x], tensors[y])
        values["t"] = int(rng.integers(-6, 7))
        L = conventions.of(values["t"], tensors["o"])
        return Exercise(
            kind=self.name,
            title="Backprop in a graph",
            story=[*STORY],
            formulas=[",   ".join(f"{made} = {formula(sign, x, y)}" for made, sign, x, y in operations), conventions.loss],
            given=[Given(name, Name(name), value) for name, value in values.items()],
            blanks=[
                *forward(operations, tensors),
                Blank("L", Name("L"), conventions.loss_rule, L.item()),
                *slopes(operations, tensors),
                *gradients(operations, tensors, L, conventions),
            ],
            shown=[*values.items()],
        )

    def picture(self, exercise, solved):
        """Values and gradients in the boxes, slopes at the arrows."""
        drawn = PictureOf(exercise, solved, "TB")
        for leaf in LEAVES:
            drawn.box(leaf, [leaf, f"d_{leaf}"], "parameter")
        for made in MADE:
            drawn.box(made, [made, f"d_{made}"])
        drawn.box("L", ["L", "t"], "output")
        for blank in exercise.blanks:
            if "__" in blank.key:
                drawn.arrow(blank.derivative.wrt, blank.derivative.of, [blank.key])
        drawn.arrow("o", "L")
        return drawn.picture


def random_operations(rng):
    """Four operations as (made, sign, x, y): each uses the value before; all leaves are used, and one value twice."""
    while True:
        known, operations = [*LEAVES], []
        for made in MADE:
            before = known[-1] if known[-1] in MADE else str(rng.choice(LEAVES))
            other = str(rng.choice([name for name in known if name != before]))
            x, y = (before, other) if rng.random() < 0.5 else (other, before)
            operations.append((made, str(rng.choice(["+", "-", "*", "*"])), x, y))
            known.append(made)
        used = [name for _, _, x, y in operations for name in (x, y)]
        products = sum(sign == "*" for _, sign, _, _ in operations)
        twice = [name for name in used if used.count(name) == 2 and name in MADE]
        if {*LEAVES, *MADE[:-1]} == {*used} and len(twice) == 2 and 2 <= products <= 3:
            return operations


def computed(sign, x, y):
    """An operation, by the engine."""
    return x + y if sign == "+" else x - y if sign == "-" else x * y


def formula(sign, x, y):
    """An operation as it is printed."""
    return f"{x} {y}" if sign == "*" else f"{x} {SIGNS[sign]} {y}"


def forward(operations, tensors):
    """The values."""
    for made, sign, x, y in operations:
        yield Blank(made, Name(made), f"{x} {sign} {y}", tensors[made].item())


def slopes(operations, tensors):
    """∂made/∂x and ∂made/∂y, along the arrows: what the rule makes of an upstream gradient of 1."""
    for made, sign, x, y in operations:
        for position, (wrt, other) in enumerate(((x, y), (y, x))):
            node = tensors[made]
            value = node.op.vjps[position](node.op, 1.0, node.data, *[operand.data for operand in node.inputs])
            rule = other if sign == "*" else "-1" if sign == "-" and position == 1 else "1"
            slips = {"*": [Slip(wrt, "the factor itself, in place of the other one")], "-": [Slip("1", "the sign is missing")]}
            yield Blank(
                f"{made}__{wrt}",
                partial(made, wrt),
                rule,
                float(value),
                Derivative(made, wrt, through=made),
                slips=slips.get(sign, []),
            )


def gradients(operations, tensors, L, conventions):
    """∂L/∂o, and from there back: the sum, over all that use x, of their gradient times the slope along the arrow."""
    found = record(L).gradients
    slips = [Slip(*slip) for slip in conventions.slope_slips]
    yield Blank("d_o", partial("L", "o"), conventions.slope_rule, float(found[tensors["o"]]), Derivative("L", "o"), slips=slips)
    for name in (*reversed(MADE[:-1]), *reversed(LEAVES)):
        terms = [f"d_{made} * {made}__{name}" for made, _, x, y in reversed(operations) if name in (x, y)]
        yield Blank(
            f"d_{name}",
            partial("L", name),
            " + ".join(terms),
            float(found[tensors[name]]),
            Derivative("L", name),
            marks=len(terms),
            slips=slips_with(terms),
        )


def slips_with(terms):
    """What goes wrong with a sum over the ways that a gradient comes by."""
    if len(terms) > 1:
        return [Slip(term, "one of the two ways only: gradients add up") for term in terms]
    return [Slip(terms[0].split(" * ")[1], "the slope alone, without the gradient that comes from above")]
