"""What checks say."""

import numpy as np
import pytest

from microgradnn.teaching.course.checks import Wrong, near, same


def test_same_is_exact():
    """Numbers, texts, arrays and objects are the same, or both are told; an array also has its shape."""
    same(2.0, 2)
    same("+", "+")
    same(np.ones((2, 1)), [[1], [1]])
    node = object()
    same((node, node), (node, node))
    for received, expected, message in (
        (3.0, 6.0, "expected 6.0, received 3.0"),
        (None, 6.0, "expected 6.0, received None"),
        (np.ones(2), [1.0, 2.0], r"expected \[1. 2.\], received \[1. 1.\]"),
        (np.ones((4, 3)), np.ones(3), r"expected the shape \(3,\), received \(4, 3\)"),
        ((node,), (object(),), "expected"),
    ):
        with pytest.raises(Wrong, match=message):
            same(received, expected)


def test_near_is_as_near_as_asked():
    """Digits say how near; what is no number is told as such."""
    near(1.0 + 1e-9, 1.0)
    with pytest.raises(Wrong, match="expected 1"):
        near(1.0 + 1e-9, 1.0, digits=12)
    with pytest.raises(Wrong, match="no number"):
        near(None, 1.0)
