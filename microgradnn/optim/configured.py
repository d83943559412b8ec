"""The numbers that an optimiser or a schedule was made with, and how they are kept, shown and taken back.

A state is a flat dict of plain numbers and arrays, so that NumPy can file it: `np.savez(path, **adam.state_dict())`, and
back with `adam.load_state_dict(np.load(path))`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import refuse_differences

if TYPE_CHECKING:
    from typing import Any


class Configured:
    """Something with settings: numbers that are its attributes, and that its state holds by the same names."""

    def __init__(self, **settings: Any) -> None:
        self.setting_names: tuple[str, ...] = tuple(settings)
        for name, value in settings.items():
            setattr(self, name, value)

    @property
    def settings(self) -> dict[str, Any]:
        """dict: the numbers it was made with, as they are now."""
        return {name: getattr(self, name) for name in self.setting_names}

    def refuse_state(self, differences: list[str]) -> None:
        """Raise ValueError, with all differences, if a state that is to be loaded has any."""
        refuse_differences(f"The state does not fit this {type(self).__name__}", differences)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.settings.items())})"


def plain(value):
    """A number or a pair of them, also one that has been in a file, as Python has them.

    >>> plain(np.array(0.5)), plain(np.array([0.9, 0.999]))
    (0.5, (0.9, 0.999))
    """
    value = np.asarray(value).tolist()
    return tuple(value) if isinstance(value, list) else value


def missing_and_unknown(expected, given):
    """What a state lacks, and what it has too many, as lines of a message."""
    missing = [f"{name} is missing" for name in expected if name not in given]
    return missing + [f"{name} is unknown here" for name in given if name not in expected]
