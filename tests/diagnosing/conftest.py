"""What all tests of the health report share: looks cost nothing here, so that a busy machine sees as many as an idle one."""

import pytest

from microgradnn.diagnosing import pace


@pytest.fixture(autouse=True, scope="package")
def time_enough():
    """Let looks take as long as they do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pace, "ALLOWANCE", float("inf"))
        yield
