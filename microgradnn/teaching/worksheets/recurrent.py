"""A recurrent unit over three steps: the same two weights in each, whose gradients are sums over time."""

from ...formulas.formula import Name
from ...formulas.unicode_text import text
from ...passes import record
from ...tensor import Tensor
from .drawn import PictureOf
from .exercise import Blank, Derivative, Exercise, Given, Kind, Slip, partial

STEPS = 3
STORY = (
    "One unit reads three inputs, one after the other, with the same weights w and u in each step. It begins with the state s.",
    (
        "Write in the blanks: forward, the states, the output and the loss; then backward, the gradients of the states, "
        "the part that each step has in ∂L/∂w and ∂L/∂u, and their sums. (w⁽²⁾ is the w that stands in step 2.)"
    ),
)


class Recurrent(Kind):
    """hₜ = w hₜ₋₁ + u xₜ, and a loss at the end."""

    name = "rnn"
    what = "a recurrent unit over three steps: gradients that are sums over time"

    def draw(self, rng, conventions):
        """Whole weights, inputs and target."""
        values = {"w": pick(rng, (-2, -1, 2)), "u": pick(rng, (-2, -1, 1, 2, 3)), "t": pick(rng, range(-6, 7))}
        values |= {f"x{i}": pick(rng, (-2, -1, 1, 2, 3)) for i in range(STEPS)} | {"s": pick(rng, (-1, 1, 2))}
        labels = {key: Name(key) for key in "wut"} | {f"x{i}": conventions.name("x", i) for i in range(STEPS)}
        labels |= {"s": Name("s")} | {f"h{i}": conventions.name("h", i) for i in range(STEPS)}
        L, states, w, u = network(values, conventions)
        return Exercise(
            kind=self.name,
            title="A recurrent unit, backwards through time",
            story=[*STORY],
            formulas=[
                *(f"{text(labels[f'h{i}'])} = w {text(labels[before(i)])} + u {text(labels[f'x{i}'])}" for i in range(STEPS)),
                f"o = {text(labels[f'h{STEPS - 1}'])},   {conventions.loss}",
            ],
            given=[Given(key, labels[key], value) for key, value in values.items()],
            blanks=[*forward_blanks(labels, states, L, conventions), *backward_blanks(labels, L, states, w, u, conventions)],
            shown=[(text(labels[key]), value) for key, value in values.items()],
        )

    def picture(self, exercise, solved):
        """The three steps from top to bottom, with the part of each in the gradients of the weights at its arrows."""
        drawn = PictureOf(exercise, solved, "TB")
        drawn.box("s", ["s"], "constant")
        for i in range(STEPS):
            drawn.box(f"x{i}", [f"x{i}"], "constant")
            drawn.box(f"h{i}", [f"h{i}", f"d_h{i}"])
            drawn.arrow(before(i), f"h{i}", [f"w_{i}"])
            drawn.arrow(f"x{i}", f"h{i}", [f"u_{i}"])
        drawn.box("L", ["o", "t", "L", "d_o"], "output")
        drawn.arrow(before(STEPS), "L")
        return drawn.picture


def pick(rng, numbers):
    """One of some numbers, as an int."""
    return int(rng.choice([*numbers]))


def before(i):
    """The state that goes into a step."""
    return f"h{i - 1}" if i else "s"


def network(values, conventions):
    """The loss, the states, and both weights, recorded and gone back through."""
    w, u, s = (Tensor(float(values[key]), requires_grad=True) for key in "wus")
    states = [s]
    for i in range(STEPS):
        states.append(w * states[-1] + u * float(values[f"x{i}"]))
    L = conventions.of(float(values["t"]), states[-1])
    L.backward()
    return L, states[1:], w, u


def forward_blanks(labels, states, L, conventions):
    """The states, the output, the loss."""
    for i, state in enumerate(states):
        slips = [Slip(f"{before(i)} + u * x{i}", "w is missing")] if i else []
        yield Blank(f"h{i}", labels[f"h{i}"], f"w * {before(i)} + u * x{i}", state.item(), slips=slips)
    yield Blank("o", Name("o"), f"h{STEPS - 1}", states[-1].item())
    yield Blank("L", Name("L"), conventions.loss_rule, L.item())


def backward_blanks(labels, L, states, w, u, conventions):
    """Gradients of output and states, from the last to the first; then each step's part in those of the weights, and sums."""
    slips = [Slip(*slip) for slip in conventions.slope_slips]
    yield Blank("d_o", partial("L", "o"), conventions.slope_rule, states[-1].grad.item(), Derivative("L", "o"), slips=slips)
    for i in reversed(range(STEPS)):
        rule = "d_o" if i == STEPS - 1 else f"d_h{i + 1} * w"
        slips = [] if i == STEPS - 1 else [Slip(f"d_h{i + 1}", "w is missing"), Slip(f"d_h{i + 1} * h{i}", "h stands for w")]
        label = partial("L", labels[f"h{i}"])
        yield Blank(f"d_h{i}", label, rule, states[i].grad.item(), Derivative("L", f"h{i}"), slips=slips)
    for weight, tensor in {"w": w, "u": u}.items():
        parts = parts_in(L, tensor)
        for i in range(STEPS):
            other = f"x{i}" if weight == "u" else before(i)
            yield Blank(
                f"{weight}_{i}",
                partial("L", weight + "⁽¹⁾⁽²⁾⁽³⁾"[3 * i : 3 * i + 3]),
                f"d_h{i} * {other}",
                parts[i],
                Derivative("L", weight, through=f"h{i}"),
                slips=[Slip(f"d_h{i} * h{i}", "the state after the step, in place of what went in")],
            )
        parts_of = [f"{weight}_{i}" for i in range(STEPS)]
        yield Blank(
            f"d_{weight}",
            partial("L", weight),
            " + ".join(parts_of),
            tensor.grad.item(),
            Derivative("L", weight),
            slips=[Slip(parts_of[-1], "only the last step: the weight is used in all three")],
        )


def parts_in(L, weight):
    """What each step contributes to the gradient of a weight, first step first."""
    found = [contribution for contribution in record(L).contributions if contribution.input is weight]
    return [float(contribution.dx) for contribution in reversed(found)]
