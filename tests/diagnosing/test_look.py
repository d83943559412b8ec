"""One look: histograms, dead units, and what a step did."""

import numpy as np

from microgradnn import Tensor
from microgradnn.diagnosing.look import Look, dead_units, follow, histogram, look_at_parameter


def test_histogram_counts_every_finite_number():
    """Bins are equally wide from −bound to bound; the largest is in the last; NaN and inf are left out."""
    bound, counts = histogram(np.array([-2.0, 0.0, 2.0, np.nan, np.inf]))
    assert bound == 2.0 and counts.sum() == 3
    assert counts[0] == counts[-1] == 1
    assert histogram(np.zeros(5))[1].sum() == 5


def test_dead_units():
    """A unit is dead if it is 0 for all samples, and of several nodes in all of them; of images, a channel at all places."""
    z = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 2.0]])
    assert dead_units([(z, z)]).tolist() == [False, True, False]
    assert dead_units([(z, z), (z[:, ::-1] + [0, 0, 0], z)]).tolist() == [False, True, False]
    image = np.zeros((2, 2, 3, 3))
    image[0, 1, 2, 2] = 1.0
    assert dead_units([(image, image)]).tolist() == [True, False]


def test_follow_measures_the_step_that_was_made():
    """Of a parabola: how far a step went, along which way, and how far of the way to where the loss is level again."""
    w = Tensor([3.0, 4.0], requires_grad=True)
    look = Look(1, 0.0, None, parameters={0: look_at_parameter(w, 2 * w.data, None)})
    w.data -= 0.75 * 2 * w.data  # of w², a step of 1 comes to the same height on the other side
    follow(look, {w: 2 * w.data}, {})
    assert np.isclose(look.cosine, -1) and look.changed
    assert np.isclose(look.overshoot, 0.75) and np.isclose(look.parameters[0].ratio, 1.5)
