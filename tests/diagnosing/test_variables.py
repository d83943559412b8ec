"""What is found in a program's variables."""

import numpy as np

from microgradnn import Tensor, nn
from microgradnn.diagnosing.variables import buffers_of, tensors_in, users_frame, users_variables


def test_lists_and_buffers():
    """Tensors in lists and dicts, by path; the buffers of the user's own modules, and not those of BatchNorm."""
    a, b = Tensor([1.0]), Tensor([2.0])
    assert list(tensors_in("held", [a, 3, b])) == [("held[0]", a), ("held[2]", b)]
    assert list(tensors_in("held", {"W": a})) == [("held['W']", a)]

    class Own(nn.Module):
        def __init__(self):
            self.mask, self.W = Tensor(np.ones(3)), Tensor(np.ones(3), requires_grad=True)
            self.inner = nn.BatchNorm(3)

    own = Own()
    assert buffers_of(own) == {id(own.mask)}


def test_the_users_frame():
    """The function that calls the package, with its variables before those of its module."""
    here = "a variable"
    assert users_frame().f_code.co_name == "test_the_users_frame"
    assert users_variables()["here"] is here and users_variables()["np"] is np
