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

    from ..annotations import FilePath

# (name of the type, suffix) -> "module.function", which is called with the thing, the path, and options.
# The suffix "" stands for what a notebook shows: that function is called with the thing alone, and returns HTML.
SAVERS: dict[tuple[str, str], str] = {}


def suffixes_of(kind: str) -> list[str]:
    """The suffixes that things of a type can be saved with, in the order of the table.

    >>> suffixes_of("Diagram")
    ['.svg', '.png', '.pdf', '.dot', '.html', '.mmd']
    """
    return [suffix for of, suffix in SAVERS if of == kind and suffix]


def kind_of(thing: Any) -> str:
    """The name in the table of a thing's type, or of the nearest type that it inherits from."""
    names = [cls.__name__ for cls in type(thing).__mro__]
    return next((name for name in names if any(name == of for of, _ in SAVERS)), names[0])


def saver(thing: Any, suffix: str) -> Any:
    """The function that writes a thing in a format."""
    module, _, function = SAVERS[kind_of(thing), suffix].rpartition(".")
    return getattr(import_module(f"..{module}", __package__), function)


def suffix_of(path: FilePath, kind: str, otherwise: str = "") -> str:
    """The suffix of a file that a thing of a type is to be saved in.

    Parameters
    ----------
    path : str or Path
    kind : str
        The name of the type.
    otherwise : str, optional
        What the message says beside the suffixes there are.

    Raises
    ------
    ValueError
        If things of this type are not saved with the suffix.
    """
    path = Path(path)
    known = suffixes_of(kind)
    if path.suffix.lower() not in known:
        raise ValueError(f"Cannot tell the format of {path.name!r}: its suffix should be one of {', '.join(known)}.{otherwise}")
    return path.suffix.lower()


def save(thing: Any, path: FilePath, otherwise: str = "", **options: Any) -> Path:
    """Write a thing to a file in the format that the suffix says, and return its path.

    The options are handed to the function of the table; for the rest, and for what is raised, see `suffix_of`.
    """
    suffix = suffix_of(path, kind_of(thing), otherwise)
    saver(thing, suffix)(thing, Path(path), **options)
    return Path(path)
