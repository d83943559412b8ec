"""Attention."""

import numpy as np
from sheets_of import some


def test_scores_are_friendly():
    """The weights are shares that a person can compute, positive and together 1; no keys are equal."""
    for exercise in some("attention"):
        key = exercise.numbers()
        p = [key[f"p{i}"] for i in range(3)]
        assert min(p) > 0
        assert np.isclose(sum(p), 1)
        assert np.allclose(np.round(p, 2), p)
        keys = {str(value) for name, value in exercise.shown if name[0] == "k"}
        assert len(keys) == 3


def test_gradients_of_scores_add_up_to_zero():
    """A softmax does not change if all scores grow alike."""
    for exercise in some("attention"):
        key = exercise.numbers()
        assert np.isclose(sum(key[f"d_s{i}"] for i in range(3)), 0)
