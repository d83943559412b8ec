"""Shapes: the lengths asked for are named where they do not fit."""

from messages import W, message


def test_reshape_to_another_number_of_elements():
    """The lengths asked for are in the message."""
    assert message(ValueError, lambda: W.reshape(4, 2)) == (
        "reshape(shape=(4, 2)) cannot be computed for x = 'W' of shape (2, 3): a reshape keeps the number of elements.\n"
        "One of the new lengths may be -1; it follows from the others."
    )
