"""Tensors by name, as plain arrays, and back: what `state_dict` and files hold."""

import numpy as np

from ..changes import put
from ..errors import refuse_differences
from ..graph import values_of


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
    differences = [f"{name} is in {where} only" for name in arrays if name not in tensors]
    for name, tensor in tensors.items():
        if name not in arrays:
            differences.append(f"{name} is not in {where}")
        elif (arrays[name].shape, arrays[name].dtype) != (tensor.shape, tensor.dtype):
            array = arrays[name]
            differences.append(
                f"{name} is {tensor.dtype} of shape {tensor.shape}; in {where}, {array.dtype} of shape {array.shape}"
            )
    refuse_differences(f"{what} does not fit", differences)
    put([(tensor, arrays[name]) for name, tensor in tensors.items()])
