"""Settings: attributes that are shown, may change, and come back out of files."""

import io

import numpy as np
import pytest

from microgradnn import Tensor, optim
from microgradnn.optim.configured import Configured


def test_settings_may_change():
    """Momentum that is switched on between two steps begins then, and switched off it ends."""
    W = Tensor([8.0], requires_grad=True)
    descent = optim.SGD([W], lr=1)
    for momentum, expected in ((0, 7), (0.5, 6), (0.5, 4.5), (0, 3.5)):
        descent.momentum = momentum
        W.grad = np.ones(1)
        descent.step()
        assert W.data.tolist() == [expected]


def test_repr():
    """An optimiser shows its settings."""
    descent = optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.1)
    assert repr(descent) == "SGD(lr=0.1, momentum=0, dampening=0, weight_decay=0, nesterov=False)"


def test_settings_are_attributes():
    """What something was made with is its attributes; shown and kept is what they are now, and nothing beside them."""
    made = Configured(rate=0.5, pair=(1, 2))
    made.rate, made.other = 0.25, "no setting"
    assert made.settings == {"rate": 0.25, "pair": (1, 2)}
    assert repr(made) == "Configured(rate=0.25, pair=(1, 2))"


@pytest.mark.parametrize("made", [optim.Adam, optim.RMSprop, optim.SGD], ids=lambda kind: kind.__name__)
def test_settings_come_back_from_a_file(made):
    """Numbers, pairs and switches that were in a file are of Python's types again, so that they are shown alike."""
    W = Tensor([1.0], requires_grad=True)
    one, other = made([W], lr=0.1, weight_decay=0.5), made([W], lr=7)
    file = io.BytesIO()
    np.savez(file, **one.state_dict())
    with np.load(io.BytesIO(file.getvalue())) as state:
        other.load_state_dict(state)
    assert [type(x) for x in other.settings.values()] == [type(x) for x in one.settings.values()]
    assert other.settings == one.settings


def test_all_differences_at_once():
    """A state is refused with all that is wrong with it, by the kind of what it was for; without differences it is not."""
    made = Configured(rate=1)
    made.refuse_state([])
    with pytest.raises(ValueError) as caught:
        made.refuse_state(["rate is missing", "pace is unknown here"])
    said = "The state does not fit this Configured, and nothing was loaded:\n    rate is missing\n    pace is unknown here"
    assert str(caught.value) == said
