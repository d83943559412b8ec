"""The house: imports point down, its map and its walks are true, and each module has its tests where its name says.

.ci/house.py reads the imports, and draws the map in .github/ARCHITECTURE.md.
"""

import ast
import doctest
import importlib.util
import os
import re
import sys
from graphlib import CycleError
from pathlib import Path

import pytest
from documents import FENCED

from microgradnn.errors import RendererError
from microgradnn.pictures.render import find_renderer

ROOT = Path(__file__).parents[1]
TESTS = Path(__file__).parent
SCRIPT = importlib.util.spec_from_file_location("house", ROOT / ".ci" / "house.py")
house = importlib.util.module_from_spec(SCRIPT)
SCRIPT.loader.exec_module(house)
PAGE = house.PAGE.read_text(encoding="utf-8")
MODULES = {path.relative_to(house.PACKAGE).with_suffix("").as_posix() for path in house.PACKAGE.rglob("*.py")}
ROOMS = {folder for folder in house.folders() if "/" not in folder}


# Floors


def test_imports_point_down():
    """No room imports from its own floor or a higher one, also not for type checkers: there is no circle."""
    arrows = house.imports()
    floor = house.floors(arrows)
    assert sum(map(len, arrows.values())) > 50
    for room, rooms in arrows.items():
        assert all(floor[below] < floor[room] for below in rooms)


def test_a_circle_is_found():
    """Where two rooms import each other, the error names them."""
    with pytest.raises(CycleError, match="'nn', 'ops', 'nn'|'ops', 'nn', 'ops'"):
        house.floors(house.imports() | {"ops": {"tensor", "nn"}})


def test_what_is_needed_to_compute_knows_nothing_of_what_shows_it():
    """Below the operations: the engine, its errors and protocols, what it knows of graphs, and what reads the user's lines."""
    arrows, below = house.imports(), {"ops"}
    for _ in range(len(arrows)):
        below |= set().union(*(arrows[room] for room in below))
    assert {"tensor", "backprop", "graph"} <= below
    assert below & ROOMS == {"ops", "errors", "protocols", "source", "watching"}


def test_stubs_are_all_that_is_exempt():
    """What does not count as an import is a stub: there is no module of that name that could be imported."""
    for name in house.FOR_CHECKERS:
        assert (house.PACKAGE / f"{name}.pyi").exists()
        assert name not in MODULES


def test_what_is_private_stays_in_its_file():
    """No file imports a name with an underscore from another one."""
    shared = set()
    for path in house.PACKAGE.rglob("*.py"):
        for node in ast.walk(house.tree_of(path)):
            if isinstance(node, ast.ImportFrom) and node.level:
                shared |= {alias.name for alias in node.names if re.match("_[^_]", alias.name)}
    assert shared == set()


# The map


def test_helpers_of_the_map():
    """The examples in the script that draws it."""
    assert doctest.testmod(house).failed == 0


@pytest.mark.parametrize("theme", house.PICTURES)
def test_the_picture_is_that_of_todays_imports(theme):
    """Its boxes, its arrows and what is written in them are those that the script would draw now."""
    drawn = house.told(house.PICTURES[theme].read_text(encoding="utf-8"))
    assert drawn == house.to_tell(house.picture()), "run: python .ci/house.py"


def test_the_tables_are_todays():
    """Rooms, floors and files are those that there are, each with the first line of its docstring."""
    assert house.page(PAGE) == PAGE, "run: python .ci/house.py"


# The walks


def walks():
    """The code of each walk, and the functions that it comes by."""
    for code, steps in re.findall(r"^### `(.+?)`\n(.+?)(?=^##)", PAGE, re.DOTALL | re.MULTILINE):
        names = re.findall(r"`([\w.]+)`", steps)
        yield code, [name for name in names if name.split(".")[0] in ROOMS | MODULES and "." in name]


def called_by(code, names):
    """The functions of the package that are called while some code runs, as room.module.function."""
    called, folder = [], str(house.PACKAGE) + os.sep

    def note(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(folder):
            module = ".".join(Path(frame.f_code.co_filename[len(folder) :]).with_suffix("").parts)
            called.append(f"{module}.{frame.f_code.co_qualname}")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        exec(code, names)
    finally:
        sys.setprofile(before)
    return called


@pytest.mark.parametrize(("code", "steps"), [*walks()], ids=[code for code, _ in walks()])
def test_walks_go_where_the_page_says(code, steps, tmp_path, monkeypatch, capsys):
    """Run as they stand there, after the README's first lines, they call the functions of the page in its order."""
    if ".save(" in code:
        try:
            find_renderer()
        except RendererError:
            pytest.skip("there is no renderer")
    monkeypatch.chdir(tmp_path)
    first_minute = (ROOT / "README.md").read_text(encoding="utf-8").partition("## A first minute")[2]
    names = {}
    exec(FENCED.search(first_minute)[2].partition("draw(")[0], names)
    exec("from microgradnn import *", names)
    called = called_by(code, names)
    assert len(steps) > 3
    rest = iter(called)
    for step in steps:
        assert step in rest, f"{step} is not called{', or earlier' if step in called else ''}"


def test_there_are_six_walks():
    """One for each way to use a graph."""
    starts = [code.split("(")[0] for code, _ in walks()]
    assert starts == ["x @ W", "L.backward", "print", "draw", "backward_steps", "unroll"]


# The tests

# Modules that have no file of their own, and why.
ELSEWHERE = {
    "__init__": "hands names on; test_package.py looks at them",
    "__main__": "calls commands.main; commands/test_commands.py calls both",
    "annotations": "holds types; test_typing.py holds values against them",
    **{f"step_{step:02}": "a step of the course; course/test_running.py runs its checks" for step in range(1, 11)},
}
# Tests of a room that are not those of one module.
OF_A_ROOM = {"debugging/test_debugpy.py": "an editor's debugger"}


def file_for(module):
    """Where the tests of a module stand."""
    room, _, name = module.rpartition("/")
    return TESTS / room / f"test_{name}.py"


def test_each_module_has_its_tests():
    """microgradnn/ROOM/MODULE.py is tested in tests/ROOM/test_MODULE.py."""
    alone = {module for module in MODULES if module.rpartition("/")[2] not in ELSEWHERE}
    lacking = {module for module in alone if not file_for(module).exists()}
    assert not lacking, "these need a file of tests"


def test_each_file_of_tests_has_its_module():
    """What stands in the folder of a room tests one of its modules, by whose name it begins, or the room as a whole."""
    for room in house.folders():
        parts = {module.rpartition("/")[2] for module in MODULES if module.startswith(f"{room}/")} - {"__init__"} | {
            Path(room).name
        }
        for path in (TESTS / room).glob("test_*.py"):
            if f"{room}/{path.name}" not in OF_A_ROOM:
                assert path.stem.removeprefix("test_").startswith(tuple(parts)), path
