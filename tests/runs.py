"""Small programs with a planted bug, healthy ones, and how they are run under observation."""

import contextlib
import io
import re
from pathlib import Path
from typing import NamedTuple

from microgradnn.commands.script import Ran, run_program
from microgradnn.diagnosing.health import Health

FOLDER = Path(__file__).parent
PLANTED = sorted(path.stem for path in (FOLDER / "planted").glob("*.py"))
HEALTHY = sorted(path.stem for path in (FOLDER / "healthy").glob("*.py"))


class Expected(NamedTuple):
    """What stands in the docstring of a planted bug, and the line that is marked."""

    finding: str
    tensor: str
    way: str
    line: int | None


def expected(name):
    """What is to be found in a program."""
    text = (FOLDER / "planted" / f"{name}.py").read_text(encoding="utf-8")
    said = [re.search(rf"^{field}: (.*)$", text, re.MULTILINE)[1] for field in ("finding", "tensor", "way")]
    marked = [number for number, line in enumerate(text.splitlines(), start=1) if line.endswith("# planted")]
    return Expected(*said, marked[0] if marked else None)


def watched(folder, name):
    """The health of a program's run; what it prints is nobody's concern here."""
    health = Health(look_around=False)
    with contextlib.redirect_stdout(io.StringIO()), health:
        ran = Ran()
        run_program(str(FOLDER / folder / f"{name}.py"), [], ran, lines=False)
        health.discover(ran.variables)
    assert ran.code == 0, name
    return health
