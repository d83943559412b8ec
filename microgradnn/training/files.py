"""A network in a file, and back: NumPy's .npz, which holds arrays by name and no code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from ..errors import describe
from ..graph import Node
from ..nn.module import Module
from ..nn.values import arrays_of, fill

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..annotations import FilePath
    from ..tensor import Tensor


def save(parameters: Module | Mapping[str, Tensor], path: FilePath) -> Path:
    """Write parameters to an .npz file.

    Parameters
    ----------
    parameters : Module or dict of str to Tensor
        A network, whose parameters and buffers are called by their paths (what its `state_dict` holds), or Tensors by name.
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
    from pathlib import Path

    arrays = arrays_of(_named(parameters))
    path = Path(path)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            np.savez(file, **arrays)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def load(parameters: Module | Mapping[str, Tensor], path: FilePath | None = None) -> None:
    """Read what `save` wrote, into the parameters themselves.

    Parameters
    ----------
    parameters : Module or dict of str to Tensor
        With the names, shapes and dtypes that are in the file.
    path : str or path-like

    Raises
    ------
    TypeError
        If one of the two is missing, or `parameters` is something else.
    ValueError
        If names, shapes or dtypes differ; the message lists all differences, and nothing has been changed.

    Examples
    --------
    >>> import tempfile
    >>> from microgradnn import Tensor, load, save
    >>> kept, other = {"w": Tensor([1.0, 2.0])}, {"w": Tensor([0.0, 0.0])}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load(other, save(kept, f"{folder}/parameters.npz"))
    >>> other["w"]
    Tensor([1., 2.])
    """
    from pathlib import Path

    if path is None:
        raise TypeError("load reads a file into a network that you have made before: load(network, 'network.npz').")
    named = _named(parameters)
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    fill(named, arrays, what=Path(path).name, where="the file")


def _named(parameters):
    """Tensors by name: those that a network's state_dict holds, or those of a dict."""
    if isinstance(parameters, Module):
        return parameters.named_tensors()
    if not hasattr(parameters, "items"):
        raise TypeError(f"Parameters are a network's, or Tensors by name: {{'W': W}}; not a {type(parameters).__name__}.")
    for name, tensor in parameters.items():
        if not isinstance(name, str) or not isinstance(tensor, Node):
            raise TypeError(f"Parameters are Tensors by name: {{'W': W}}; not {name!r}: {describe(tensor)}.")
    return dict(parameters)
