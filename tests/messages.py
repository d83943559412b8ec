"""What an error says, word for word, and the operands that the messages name."""

import numpy as np
import pytest
from networks import leaf

from microgradnn import Tensor

W = leaf(np.ones((2, 3)), name="W")
b = Tensor(np.ones(4), name="b")


def message(error, function):
    """What `function` says when it raises exactly this type of error."""
    with pytest.raises(error) as raised:
        function()
    assert raised.type is error
    return str(raised.value)
