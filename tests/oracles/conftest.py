"""Comparisons with engines that other people wrote, which are large; so they are no part of the default run.

    python -m pip install -e ".[test,oracles]"
    python -m pytest tests/oracles

What is not installed is skipped. A test file takes PyTorch by `torch = pytest.importorskip("torch")`. strategies.py and
op_table.py, in the folder above, can be imported as they are by the other tests.
"""

import sys

import pytest


@pytest.fixture(autouse=True)
def one_thread():
    """PyTorch on one thread: the arrays are small, and other programs want the processor too."""
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)
