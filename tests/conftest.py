"""What every test shares: how hard Hypothesis searches, and a seeded random generator.

The default run is for every save of a file; the deep one looks longer: `HYPOTHESIS_PROFILE=deep pytest`. A run in CI draws
the same examples each time, so that a pull request fails only for what it changed.
"""

import gc
import os
import shutil
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(__file__).parents[1] / ".pytest_cache" / "hypothesis")  # one cache directory, not two

os.environ.setdefault("MICROGRADNN_CACHE", str(Path(__file__).parents[1] / ".pytest_cache" / "compiled"))  # not the user's own

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("default", max_examples=8, deadline=None, derandomize="CI" in os.environ, suppress_health_check=QUIET)
settings.register_profile("deep", max_examples=1000, deadline=None, suppress_health_check=QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture
def rng():
    """A random generator that draws the same numbers in every run."""
    return np.random.default_rng(20240607)


@pytest.fixture
def no_observers_left():
    """The test leaves nobody watching."""
    from microgradnn.watching.observers import observing

    yield
    left = observing()
    for observer in left:
        observer.remove()
    assert left == []


@pytest.fixture(params=["dot", "graphviz-pure"])
def renderer(request, monkeypatch):
    """Each renderer that is installed, in turn."""
    monkeypatch.delenv("MICROGRADNN_DOT", raising=False)
    path = os.pathsep.join([os.environ.get("PATH", ""), sysconfig.get_path("scripts")])
    program = shutil.which(request.param, path=path)
    if program is None:
        pytest.skip(f"{request.param} is not installed")
    monkeypatch.setenv("MICROGRADNN_DOT", program)
    return request.param


@pytest.fixture
def without_renderers(monkeypatch):
    """No program in $MICROGRADNN_DOT, none on the path, none beside Python."""
    monkeypatch.delenv("MICROGRADNN_DOT", raising=False)
    monkeypatch.setattr("microgradnn.pictures.render.shutil.which", lambda *args, **kwargs: None)


@pytest.fixture(scope="session")
def browser():
    """One browser for all tests; skipped where there is none."""
    pytest.importorskip("selenium", reason="Selenium is not installed: pip install selenium")
    from browser import Browser, chromium

    for program, path in {"chromium": chromium(), "chromium-driver": shutil.which("chromedriver")}.items():
        if path is None:
            pytest.skip(f"{program} is not installed: apt install {program}")

    started = Browser()
    yield started
    started.driver.quit()


@pytest.fixture
def without_collector():
    """Python's reference counts alone free memory: no garbage collector comes to help."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()
