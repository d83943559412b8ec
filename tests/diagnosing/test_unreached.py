"""How a parameter got lost: which of several reads was it, never used, or used for something else."""

import numpy as np

from microgradnn import Tensor
from microgradnn.diagnosing.attention import Attention
from microgradnn.diagnosing.pace import Pace
from microgradnn.diagnosing.unreached import losses_of


def test_the_read_that_came_back_is_meant():
    """Of a print and a detach, the one whose values are in the loss is named; a comparison is none."""
    W, V, idle, aside = (Tensor(np.array([1.5, 2.5]), requires_grad=True, name=name) for name in ("W", "V", "idle", "aside"))
    attention = Attention(Pace())
    with attention:
        f"{W}"
        h = (W * 2).named("h")
        d = h.detach()
        h.numpy().mean()
        (W > 1).any()
        aside * 2
        loss = (d * V).sum()
        loss.backward()
    lost = losses_of([W, idle, aside], loss, attention)
    assert (lost[id(W)].how, lost[id(W)].label, lost[id(W)].way) == ("left", "h", ".numpy()") or lost[id(W)].way == ".detach()"
    assert lost[id(W)].place.file == __file__
    assert (lost[id(idle)].how, lost[id(aside)].how) == ("unused", "aside")
    assert lost[id(aside)].place.line == lost[id(W)].place.line + (3 if lost[id(W)].way == ".detach()" else 2)
    assert losses_of([], loss, attention) == {}
