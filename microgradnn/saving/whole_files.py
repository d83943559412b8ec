"""Files that are written whole or not at all. Whatever this package saves, it writes here.

What is saved goes into a temporary file beside the one that is meant, which it replaces when all of it is there. Until then,
and for good where something fails, the file is what it was.
"""

from __future__ import annotations

import io
import os
import stat
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from ..annotations import FilePath

SUFFIX = ".unfinished"  # of the temporary files
FORGOTTEN = 3600  # seconds without a change, after which such a file is taken for one that a killed program has left


def write(path: FilePath, content: bytes | str) -> None:
    """Write bytes, or text in UTF-8, to a file: see `whole_file`. What cannot be encoded touches no file."""
    if isinstance(content, str):
        content = content.encode("utf-8")
    with whole_file(path) as file:
        file.write(content)


@contextmanager
def whole_file(path: FilePath) -> Iterator[BinaryIO]:
    """Open a file to write bytes; at the end of the block, and not before, it stands at `path`.

    Any number of threads and processes may write to one path at once: the file is whole, and by one of them. It keeps its mode,
    and a new one gets what the umask leaves. Through a symbolic link its target is written. A device or a pipe, such as
    /dev/stdout, gets all bytes at the end. A program that is killed leaves its temporary file; who writes to the same path an
    hour later removes it.

    Parameters
    ----------
    path : str or path-like

    Raises
    ------
    OSError
        If the file or its folder cannot be written; the file is as it was.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "x.txt")
    ...     with whole_file(path) as file:
    ...         count = file.write(b"all of it")
    ...         print(path.exists())
    ...     print(path.read_text())
    False
    all of it
    """
    path = Path(path)
    there = status_of(path)
    output = None if there is None else own_output(there)
    if there is not None and (output is not None or not stat.S_ISREG(there.st_mode)):
        content = io.BytesIO()
        yield content
        with path.open("ab") if output is None else os.fdopen(os.dup(output), "wb") as file:
            file.write(content.getbuffer())
        return
    target = Path(os.path.realpath(path))
    remove_forgotten(target)
    unfinished = target.with_name(f"{beginning(target)}{os.urandom(8).hex()}{SUFFIX}")
    try:
        with opened(unfinished, path, there) as file:
            yield file
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def status_of(path):
    """What the system tells of a file, or None if there is none."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def own_output(status):
    """The descriptor of this program's output or errors, if they go to this file: replaced, it would get no more of them."""
    for descriptor in (1, 2):
        try:
            if os.path.samestat(status, os.fstat(descriptor)):
                return descriptor
        except OSError:  # closed
            continue
    return None


def beginning(target):
    """How the names of the temporary files of a path begin; long ones are cut, since a name has at most 255 bytes."""
    return f".{target.name[:50]}."


def remove_forgotten(target):
    """Remove what killed programs have left beside a file when they were about to write it."""
    before = time.time() - FORGOTTEN
    try:
        files = list(target.parent.iterdir())
    except OSError:  # there is no such folder, as will be said, or it is not ours to look into
        return
    for left in files:
        if left.name.startswith(beginning(target)) and left.name.endswith(SUFFIX):
            status = status_of(left)
            if status is not None and status.st_mtime < before:
                left.unlink(missing_ok=True)


def opened(unfinished, path, there):
    """The temporary file, open; with the mode of the file that is there, before anything stands in it."""
    if there is not None and not os.access(path, os.W_OK):
        raise PermissionError(13, "The file must not be written", str(path))
    try:
        file = unfinished.open("xb")
    except OSError as error:
        error.filename = str(path)  # the one that the user knows
        raise
    if there is not None:
        unfinished.chmod(stat.S_IMODE(there.st_mode))
    return file
