"""Ways out that depend on how a value left."""

import pytest

from microgradnn.diagnosing.unreached import Lost
from microgradnn.diagnosing.ways import LEFT, OVERFLOW


@pytest.mark.parametrize(
    ("way", "said"), [("float()", "stack"), ("no_grad()", "outside of no_grad()"), (".data", "h itself, without .data")]
)
def test_way_out_of_a_departure(way, said):
    """Numbers are to be Tensors, no_grad is to end, and .data to be left out."""
    assert said in LEFT(Lost("left", "h", way, None), "W")


def test_overflow():
    """exp has functions that never overflow; else the numbers are to be smaller."""
    assert "logsumexp" in OVERFLOW("exp") and "float64" in OVERFLOW("multiply")
