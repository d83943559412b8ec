"""Parameters in a file, and back: NumPy's .npz, which holds arrays by name and no code."""

import os
from pathlib import Path

import numpy as np

from .errors import describe
from .graph import Node
from .nn.module import Module


def save(parameters, path):
    """Write parameters to an .npz file.

    Parameters
    ----------
    parameters : Module or dict of str to Tensor
        A network, whose parameters are called by their paths, or Tensors by name.
    path : str or path-like
        The file; it is replaced only when it has been written whole.

    Returns
    -------
    pathlib.Path
        The file.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from microgradnn import load, nn, save
    >>> layer, other = (nn.Linear(2, 1, rng=np.random.default_rng(seed)) for seed in (0, 1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save(layer, f"{folder}/layer.npz")
    ...     load(other, path)
    >>> bool((layer.W.data == other.W.data).all())
    True
    """
    path = Path(path)
    arrays = {name: tensor.numpy() for name, tensor in _named(parameters).items()}
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(unfinished, "wb") as file:
            np.savez(file, **arrays)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def load(parameters, path):
    """Read what `save` wrote, into the parameters themselves.

    Parameters
    ----------
    parameters : Module or dict of str to Tensor
        With the names, shapes and dtypes that are in the file.
    path : str or path-like

    Raises
    ------
    ValueError
        If names, shapes or dtypes differ; the message lists all differences, and nothing has been changed.
    """
    tensors = _named(parameters)
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    differences = [f"{name} is in the file, and no parameter" for name in arrays if name not in tensors]
    for name, tensor in tensors.items():
        if name not in arrays:
            differences.append(f"{name} is not in the file")
        elif (arrays[name].shape, arrays[name].dtype) != (tensor.shape, tensor.dtype):
            differences.append(
                f"{name} is {tensor.dtype} of shape {tensor.shape}; in the file, {arrays[name].dtype} of shape {arrays[name].shape}"
            )
    if differences:
        raise ValueError(f"{Path(path).name} does not fit, and nothing was loaded:\n    " + "\n    ".join(differences))
    for name, tensor in tensors.items():
        tensor.data[...] = arrays[name]


def _named(parameters):
    """Parameters by name."""
    if isinstance(parameters, Module):
        return dict(parameters.named_parameters())
    for name, tensor in parameters.items():
        if not isinstance(name, str) or not isinstance(tensor, Node):
            raise TypeError(f"Parameters are Tensors by name: {{'W': W}}; not {name!r}: {describe(tensor)}.")
    return dict(parameters)
