"""Arrays in boxes: what is said of those whose numbers are not shown."""

import numpy as np

from microgradnn.pictures.arrays import told_of


def test_what_is_not_finite_hides_no_range():
    """The range above a heat map is that of its finite numbers; how many are not is said beside it."""
    array = np.linspace(-1, 2, 36).reshape(6, 6)
    array[0, 0], array[1, 1] = np.nan, np.inf
    assert told_of(array) == ["−0.91 … 2", "1 NaN, 1 inf"]


def test_the_mean_of_many_cells_is_said():
    """Where a cell stands for several numbers, the label says of how many it is the mean."""
    assert told_of(np.ones((200, 300)))[-1] == "a cell: the mean of up to 17 × 25"
