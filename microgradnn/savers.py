"""What `.save("picture.svg")` does: one table, by the type of the thing and the suffix of the file.

A thing that can be saved calls `save`. Who writes which format is entered in the table by the front door, `__init__.py`, the
one module that knows all rooms; so a room need not know of those above it, and a new writer is one line there.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from .annotations import FilePath

# (name of the type, suffix) -> "module.function", which is called with the thing, the path, and options.
# The suffix "" stands for what a notebook shows: that function is called with the thing alone, and returns HTML.
SAVERS: dict[tuple[str, str], str] = {}


def suffixes_of(kind: str) -> list[str]:
    """The suffixes that things of a type can be saved with, in the order of the table.

    >>> suffixes_of("Diagram")
    ['.svg', '.png', '.pdf', '.dot', '.html', '.mmd']
    """
    return [suffix for of, suffix in SAVERS if of == kind and suffix]


def saver(thing: Any, suffix: str) -> Any:
    """The function that writes a thing in a format."""
    module, _, function = SAVERS[type(thing).__name__, suffix].rpartition(".")
    return getattr(import_module(f".{module}", __package__), function)


def save(thing: Any, path: FilePath, otherwise: str = "", **options: Any) -> Path:
    """Write a thing to a file in the format that the suffix says.

    Parameters
    ----------
    thing : Diagram, BackwardSteps, ...
    path : str or Path
    otherwise : str, optional
        What a message says beside the suffixes there are.
    **options
        Handed to the function of the table.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ValueError
        If the suffix is another one.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    known = suffixes_of(type(thing).__name__)
    if suffix not in known:
        raise ValueError(f"Cannot tell the format of {path.name!r}: its suffix should be one of {', '.join(known)}.{otherwise}")
    saver(thing, suffix)(thing, path, **options)
    return path
