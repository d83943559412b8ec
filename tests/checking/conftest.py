"""What the tests of checked() share: no program that stopped half-way leaves its hooks."""

import pytest

from microgradnn.watching.observers import observing


@pytest.fixture(autouse=True)
def no_hooks_are_left():
    """Programs that stop half-way do not remove their hooks."""
    before = observing()
    yield
    for observer in observing():
        if observer not in before:
            observer.remove()
