"""What the tests of commands share: a script in a folder of its own."""

import numpy as np
import pytest
from scripts import NETWORK


@pytest.fixture(autouse=True)
def numpys_warnings_as_they_were():
    """A script that runs in this process may silence NumPy's warnings; the tests that follow want them."""
    before = np.geterr()
    yield
    np.seterr(**before)


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Write a script into a folder of its own, which is the current one: the name of its file."""
    monkeypatch.chdir(tmp_path)

    def write(text=NETWORK, name="script.py"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return write
