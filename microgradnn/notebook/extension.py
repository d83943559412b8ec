"""What IPython calls for `%load_ext microgradnn` and `%unload_ext microgradnn`."""

from __future__ import annotations

from typing import Any

from .magics import load, unload


def load_ipython_extension(shell: Any) -> None:
    """Bring `%%backprop` and `%explain`: called by `%load_ext microgradnn`."""
    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Let errors be shown as before: called by `%unload_ext microgradnn`."""
    unload(shell)
