"""A network in a file, and back: NumPy's .npz, which holds arrays by name and no code."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from contextlib import contextmanager
from tokenize import TokenError
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import describe
from ..graph import Node
from ..nn.module import Module
from ..nn.values import arrays_of, fill, refuse_other

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
        The file; it is replaced only when it has been written whole, and may be written by many programs at once. `np.load`
        reads it too.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ValueError
        If a name cannot stand in a file: it has a null character or half of a surrogate pair.

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

    from ..saving.whole_files import whole_file

    arrays = arrays_of(_named(parameters))
    members = {_member(name): array for name, array in arrays.items()}
    with whole_file(path) as file, zipfile.ZipFile(file, "w") as archive:  # as np.savez, but for names that it keeps for itself
        for member, array in members.items():
            with archive.open(member, "w", force_zip64=True) as part:
                np.lib.format.write_array(part, array, allow_pickle=False)
    return Path(path)


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
        If names, shapes or dtypes differ; the message lists all differences. They are compared before any array is read. Also
        if the file is damaged, or no .npz file. Nothing has been changed.

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
    named, called = _named(parameters), Path(path).name
    try:
        with zipfile.ZipFile(path) as archive:
            refuse_other(named, _headers(archive), what=called, where="the file")
            arrays = {name: _array(archive, name) for name in named}
    except DAMAGED as error:
        raise ValueError(f"{called} cannot be read as an .npz file, and nothing was loaded: {error}") from None
    fill(named, arrays, what=called, where="the file")


# What reading a broken or foreign zip file raises: zipfile, the ways to compress, NumPy's reading of a header.
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, KeyError, OverflowError)
LONGEST_NAME = 60_000  # bytes; a zip file keeps 65,535


class Header(NamedTuple):
    """What stands at the beginning of an array's file."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def _member(name):
    """What the file of a parameter's array is called within the .npz file."""
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in name):
        raise ValueError(f"A parameter called {name!r} cannot be saved: no file can keep that name.")
    if len(name.encode()) > LONGEST_NAME:
        raise ValueError(f"A parameter called {name[:20]!r}... cannot be saved: its name has over {LONGEST_NAME:,} bytes.")
    return f"{name}.npy"


def _headers(archive):
    """The shape and dtype of each array in an .npz file, by name; no array is read."""
    headers = {}
    for member in archive.namelist():
        with archive.open(member) as part, _refused_as_damaged(member):
            version = np.lib.format.read_magic(part)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, dtype = read(part)
            headers[member.removesuffix(".npy")] = Header(shape, dtype)
    return headers


def _array(archive, name):
    """One array of an .npz file, all of it: bytes that are missing, too many, or other than the checksum says, are refused."""
    with archive.open(_member(name)) as part, _refused_as_damaged(name):
        array = np.lib.format.read_array(part, allow_pickle=False)
        if part.read(1):
            raise ValueError("there is more in it than its header says")
    return array


@contextmanager
def _refused_as_damaged(name):
    """Where NumPy cannot read an array, say which."""
    try:
        yield
    except (ValueError, SyntaxError, TokenError, MemoryError, OSError) as error:
        raise zipfile.BadZipFile(f"{name!r}: {error}") from None


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
