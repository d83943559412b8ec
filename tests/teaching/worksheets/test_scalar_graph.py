"""Graphs of numbers."""

from itertools import pairwise

import numpy as np
from sheets_of import some

from microgradnn.teaching.worksheets.scalar_graph import LEAVES, MADE, random_operations


def test_graphs_use_all_and_one_twice():
    """Each leaf and each value is used, one of the values twice, and each operation uses the one before; many shapes come."""
    drawn = [random_operations(np.random.default_rng(seed)) for seed in range(40)]
    for operations in drawn:
        used = [name for _, _, x, y in operations for name in (x, y)]
        assert {*used} == {*LEAVES, *MADE[:-1]}
        assert sum(used.count(name) == 2 for name in MADE) == 1
        assert all(before[0] in after[2:] for before, after in pairwise(operations))
    assert len({str(operations) for operations in drawn}) > 30


def test_a_value_used_twice_has_two_marks():
    """Its gradient is a sum over both ways; to take one of them is the mistake that the key names."""
    for exercise in some("graph"):
        sums = [blank for blank in exercise.blanks if blank.marks == 2]
        assert sums
        assert all("gradients add up" in slip.words for blank in sums for slip in blank.slips)
