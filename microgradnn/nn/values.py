"""Tensors by name, as plain arrays, and back: what `state_dict` and files hold."""

import numpy as np

from ..errors import refuse_differences
from ..formulas.brief import visible
from ..graph import values_of
from ..watching.changes import put


def arrays_of(tensors):
    """Copies of the values of Tensors, by name.

    >>> from microgradnn import Tensor
    >>> arrays_of({"b": Tensor([1.0, 2.0])})
    {'b': array([1., 2.])}
    """
    return {name: np.array(tensor.data) for name, tensor in tensors.items()}


def fill(tensors, state, what, where):
    """Take over values into Tensors: all of them, or none.

    Parameters
    ----------
    tensors : dict of str to Tensor
        What to fill.
    state : dict of str to array
        The values, with the same names, shapes and dtypes.
    what, where : str
        How a message calls the state: at its beginning, and after "in".

    Raises
    ------
    ValueError
        If names, shapes or dtypes differ; the message lists all differences, and nothing has been changed.
    """
    arrays = {name: np.array(values_of(x)) for name, x in state.items()}
    refuse_other(tensors, arrays, what, where)
    put([(tensor, arrays[name]) for name, tensor in tensors.items()])


def refuse_other(tensors, state, what, where):
    """Raise ValueError if a state has other names, shapes or dtypes than Tensors have; `fill` tells of the parameters.

    Of the state nothing is asked but the shape and dtype of each of its values.
    """
    differences = [f"{visible(name)} is in {where} only" for name in state if name not in tensors]
    for name, tensor in tensors.items():
        if name not in state:
            differences.append(f"{visible(name)} is not in {where}")
        elif (state[name].shape, state[name].dtype) != (tensor.shape, tensor.dtype):
            other = state[name]
            differences.append(
                f"{visible(name)} is {tensor.dtype} of shape {tensor.shape}; in {where}, {other.dtype} of shape {other.shape}"
            )
    refuse_differences(f"{what} does not fit", differences)
