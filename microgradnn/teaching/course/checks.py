"""What the checks of a step are written with: `same` and `near` say what was expected, and what came."""

import numpy as np


class Wrong(AssertionError):
    """What a check says of the student's code."""


def same(received, expected):
    """Refuse what is not exactly as expected: an array also if its shape is another.

    Raises
    ------
    Wrong
        With both.

    Examples
    --------
    >>> same(np.ones(2), [1.0, 1.0])
    >>> same(3.0, 6.0)
    Traceback (most recent call last):
    ...
    microgradnn.teaching.course.checks.Wrong: expected 6.0, received 3.0
    """
    if isinstance(received, np.ndarray) or isinstance(expected, np.ndarray):
        compare(received, expected, np.array_equal)
    elif not (received is expected or bool(np.all(received == expected))):
        raise Wrong(f"expected {expected}, received {received}")


def near(received, expected, digits=6):
    """Refuse what differs from what is expected within the first digits. Raises as `same` does.

    Examples
    --------
    >>> near(0.1 + 0.2, 0.3)
    """
    compare(received, expected, lambda x, y: np.allclose(x, y, rtol=10.0**-digits, atol=10.0**-digits))


def compare(received, expected, alike):
    """Refuse an array, or a number, of another shape or with other numbers."""
    given, received, expected = received, np.asarray(received), np.asarray(expected)
    if received.dtype.kind not in "biuf":
        raise Wrong(f"expected {expected}, received {given!r}, which is no number and no array of numbers")
    if received.shape != expected.shape:
        raise Wrong(f"expected the shape {expected.shape}, received {received.shape}")
    if not alike(received, expected):
        raise Wrong(f"expected {shown(expected)}, received {shown(received)}")


def shown(x):
    """Numbers in a message: a matrix begins on a line of its own."""
    text = np.array2string(x, precision=8)
    return f"\n{text}\n" if "\n" in text else text
