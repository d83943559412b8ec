"""One query that attends to three values, with scores that make the softmax friendly."""

import math

import numpy as np

from ...formulas.formula import Name
from ...formulas.unicode_text import text
from ...ops.softmax_family import softmax
from ...tensor import Tensor
from .drawn import PictureOf
from .exercise import Blank, Derivative, Exercise, Given, Kind, Slip, partial

PLACES = (0, 1, 2)
STORY = (
    (
        "A query q is compared with three keys; the softmax of the scores says how much of each value is taken. "
        "The scores are multiples of ln 2, so that e to the power of a score is a power of 2."
    ),
    (
        "Write in the blanks: forward, r, the weights p, the output and the loss; then backward, the gradients of the values, "
        "of the weights, and of the scores s. The mean of ∂L/∂p, weighted with p, helps with the last."
    ),
)


class Attention(Kind):
    """Scores, softmax, the mean of the values, and a loss; gradients of values, weights and scores."""

    name = "attention"
    what = "one query and three keys: softmax by hand, and back through it"

    def draw(self, rng, conventions):
        """Keys and a query whose products are n, n, n + 1 or so: then the weights are ¼, ¼, ½."""
        numbers = {"q": rng.choice([-2, -1, 1, 2], 2), "k": np.array(np.divmod(rng.choice(25, 3, replace=False), 5)).T - 2}
        numbers |= {"v": rng.choice([-4, -2, 2, 4, 6, 8], 3, replace=False), "t": rng.integers(-4, 7)}
        q, K, v = (Tensor(numbers[name].astype(float), requires_grad=True) for name in "qkv")
        r = K @ q
        s = r * math.log(2)
        p = softmax(s)
        o = p @ v
        L = conventions.of(Tensor(float(numbers["t"])), o)
        L.backward()
        labels = {f"{name}{i}": conventions.name(name, i) for name in "rspv" for i in PLACES} | {
            name: Name(name) for name in "toL"
        }
        labels |= {f"k{i}{j}": conventions.name("k", i, j) for i in PLACES for j in (0, 1)}
        labels |= {f"q{j}": conventions.name("q", j) for j in (0, 1)}
        values = {f"q{j}": numbers["q"][j] for j in (0, 1)} | {f"v{i}": numbers["v"][i] for i in PLACES} | {"t": numbers["t"]}
        values |= {f"k{i}{j}": numbers["k"][i, j] for i in PLACES for j in (0, 1)}
        return Exercise(
            kind=self.name,
            title="Backprop through attention",
            story=[*STORY],
            formulas=[
                "rᵢ = q · kᵢ,   sᵢ = rᵢ ln 2",
                "pᵢ = exp(sᵢ) / Σⱼ exp(sⱼ)",
                f"o = Σᵢ pᵢ vᵢ,   {conventions.loss}",
            ],
            given=[Given(key, labels[key], int(value)) for key, value in values.items()],
            blanks=[*forward_blanks(labels, r, p, o, L, conventions), *backward_blanks(labels, s, p, v, o, conventions)],
            shown=[
                ("q", [numbers["q"].tolist()]),
                *((text(conventions.name("k", i)), [numbers["k"][i].tolist()]) for i in PLACES),
                ("v", [numbers["v"].tolist()]),
                ("t", int(numbers["t"])),
            ],
        )

    def picture(self, exercise, solved):
        """Scores, softmax, weights, and the values beside them."""
        drawn = PictureOf(exercise, solved)
        drawn.words("softmax", "softmax")
        for i in PLACES:
            drawn.box(f"s{i}", [f"r{i}", f"d_s{i}"])
            drawn.box(f"p{i}", [f"p{i}", f"d_p{i}"])
            drawn.box(f"v{i}", [f"v{i}", f"d_v{i}"], "parameter")
            drawn.arrow(f"s{i}", "softmax")
            drawn.arrow("softmax", f"p{i}")
        drawn.box("o", ["o", "t", "d_o"])
        drawn.box("L", ["L"], "output")
        for i in PLACES:
            drawn.arrow(f"p{i}", "o")
            drawn.arrow(f"v{i}", "o")
        drawn.arrow("o", "L")
        return drawn.picture


def forward_blanks(labels, r, p, o, L, conventions):
    """Products, weights, output, loss."""
    for i in PLACES:
        slips = [Slip(f"q0 * k{i}1 + q1 * k{i}0", "the elements are multiplied crosswise")]
        yield Blank(f"r{i}", labels[f"r{i}"], f"q0 * k{i}0 + q1 * k{i}1", r.data[i], slips=slips)
    for i in PLACES:
        shares = Slip(f"r{i} / (r0 + r1 + r2)", "shares of the scores, without the exponential")
        slips = [shares] if np.sum(r.data) else []
        yield Blank(f"p{i}", labels[f"p{i}"], f"2**r{i} / (2**r0 + 2**r1 + 2**r2)", p.data[i], slips=slips)
    slips = [Slip("(v0 + v1 + v2) / 3", "the plain mean")]
    yield Blank("o", labels["o"], "p0 * v0 + p1 * v1 + p2 * v2", o.item(), slips=slips)
    yield Blank("L", labels["L"], conventions.loss_rule, L.item())


def backward_blanks(labels, s, p, v, o, conventions):
    """Gradients of output, values, weights, their weighted mean, scores."""
    slips = [Slip(*slip) for slip in conventions.slope_slips]
    yield Blank("d_o", partial("L", "o"), conventions.slope_rule, o.grad.item(), Derivative("L", "o"), slips=slips)
    for i in PLACES:
        slips = [Slip(f"d_o * v{i}", "v stands for p")]
        label = partial("L", labels[f"v{i}"])
        yield Blank(f"d_v{i}", label, f"d_o * p{i}", v.grad[i], Derivative("L", f"v{i}"), slips=slips)
    for i in PLACES:
        slips = [Slip(f"d_o * p{i}", "p stands for v")]
        label = partial("L", labels[f"p{i}"])
        yield Blank(f"d_p{i}", label, f"d_o * v{i}", p.grad[i], Derivative("L", f"p{i}"), slips=slips)
    mean = " + ".join(f"p{i} * d_p{i}" for i in PLACES)
    yield Blank("mean", Name("mean of ∂L/∂p"), mean, float(p.data @ p.grad))
    for i in PLACES:
        slips = [
            Slip(f"p{i} * d_p{i}", "the mean is missing: a score also lowers the other weights"),
            Slip(f"p{i} * (1 - p{i}) * d_p{i}", "only the weight of its own"),
        ]
        label = partial("L", labels[f"s{i}"])
        rule = f"p{i} * (d_p{i} - mean)"
        yield Blank(f"d_s{i}", label, rule, s.grad[i], Derivative("L", f"r{i}", scale=1 / math.log(2)), marks=2, slips=slips)
