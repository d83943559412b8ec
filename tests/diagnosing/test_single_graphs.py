"""What signs of single graphs say: one finding of each, the overflow's once, and none where a better one is there."""

import numpy as np

from microgradnn import Tensor, exp, watch
from microgradnn.diagnosing.signs import Sign
from microgradnn.diagnosing.single_graphs import SAID, as_noted


def test_one_overflow_is_told_once():
    """What exp is given, and what is made of it, are near the end together; said of exp alone."""
    w = Tensor(np.array([60.0], np.float32), requires_grad=True, name="w")
    with watch([w]) as health:
        for _ in range(4):
            w.grad = None
            (exp(w) * 2).sum().backward()
    (found,) = [finding for finding in health.findings if finding.kind == "overflow ahead"]
    assert found.tensor == "w" and "exp was given 60" in found.evidence


def test_after_the_overflow_there_is_none_ahead():
    """Where a value is infinite, the finding is that."""
    w = Tensor(np.array([60.0], np.float32), requires_grad=True, name="w")
    with watch([w]) as health, np.errstate(all="ignore"):
        for _ in range(4):
            w.grad = None
            (exp(w) ** 2).sum().backward()
    assert [finding.kind for finding in health.findings if "finite" in finding.kind or "overflow" in finding.kind] == [
        "not finite"
    ]


def test_a_sign_may_bring_its_text():
    """Of a kind that is not in the table, text and way out stand in the sign."""
    sign = Sign("new", "W", None, {"severity": "hint", "text": "so it is", "way": "do otherwise"}, 1)
    assert as_noted(sign) == ("hint", "so it is", "do otherwise") and "new" not in SAID
