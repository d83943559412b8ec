"""What is noted in a step that is attended to."""

import numpy as np

from microgradnn import Tensor, no_grad
from microgradnn.diagnosing.attention import Attention, Lines
from microgradnn.diagnosing.pace import Pace
from microgradnn.source.lines import line_of


def test_lines_alone():
    """The lines of recorded operations, and nothing else."""
    w = Tensor([1.0], requires_grad=True)
    with Lines(Pace()):
        z = w * 2
    assert line_of(z)[0] == __file__


def test_departures_and_what_is_not_recorded():
    """Values that are read, what is computed within no_grad, and operations on constants, each with its line."""
    w, x = Tensor([1.0], requires_grad=True), Tensor(np.ones(1))
    attention = Attention(Pace())
    with attention:
        float(w)
        with no_grad():
            w * 2
        x * 3
        w * 4
    assert [(departure.node is w, departure.way) for departure in attention.departures] == [
        (True, "float()"),
        (True, "no_grad()"),
    ]
    assert [unrecorded.op.name for unrecorded in attention.unrecorded] == ["multiply"]
    assert [(x is w, made.op.name) for x, made in attention.used.items()] == [(True, "multiply")]
    assert attention.departures[0].place.file == __file__
    attention.forget()
    assert not attention.departures and not attention.used
