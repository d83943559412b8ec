"""The package: what imports what, what import costs in modules, and the demos, run as a user runs them."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import microgradnn

PACKAGE = Path(microgradnn.__file__).parent
DEMOS = Path(__file__).parents[1] / "demos"

# The floors of the house, from the ground up. A room (a folder, or a file that stands alone) imports from lower floors only;
# what is imported for type checkers counts as well.
FLOORS = [
    {"errors", "annotations"},
    {"savers", "graph"},
    {"observers"},
    {"backprop", "source"},
    {"formulas", "tensor"},
    {"pictures", "ops", "passes"},
    {"checking", "functional", "nn", "optim", "programs"},
    {"explaining", "training"},
    {"drawing"},
    {"stepping"},
    {"pages"},
    {"__init__"},
    {"commands"},
    {"__main__"},
]
# A stub: operations give Tensor its methods and return Tensors, which only type checkers must know at once.
FOR_CHECKERS = {"methods"}


def room_of(path):
    """The room that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path):
    """The rooms that a file imports from, also those that it loads later: those named in a table of `__init__.py`."""
    inside = path.relative_to(PACKAGE).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level > len(inside):
            names = [node.module.split(".")[0]] if node.module else [alias.name for alias in node.names]
            yield from (name if not name.startswith("_") else "__init__" for name in names)
    if path.parent == PACKAGE and path.stem == "__init__":
        yield from (place.split(".")[0] for place in [*microgradnn.LATER.values(), *microgradnn.SAVERS.values()])


def test_imports_point_down():
    """Every room imports from lower floors only: operations and Tensors know nothing of drawing, stepping or layers."""
    floor = {room: i for i, rooms in enumerate(FLOORS) for room in rooms}
    for path in sorted(PACKAGE.rglob("*.py")):
        for imported in {*imported_rooms(path)} - FOR_CHECKERS:
            assert floor[imported] < floor[room_of(path)], f"{path.relative_to(PACKAGE)} imports {imported}"


def test_every_room_has_a_floor():
    """The map names each room once, and none that is not there."""
    rooms = {room_of(path) for path in PACKAGE.rglob("*.py")}
    assert sorted(room for rooms in FLOORS for room in rooms) == sorted(rooms)


def test_import_is_light():
    """Importing microgradnn loads neither graphviz nor anything else that is only needed for pictures or demos."""
    heavy = {"graphviz", "subprocess", "matplotlib", "sklearn", "sympy", "numpy.typing", "microgradnn.annotations"}
    code = f"import microgradnn, sys; print(*{heavy} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_no_room_hides_a_public_name():
    """No module or folder is called like a public function: once imported, it would stand in its place."""
    modules = {part for path in PACKAGE.rglob("*.py") for part in path.relative_to(PACKAGE).with_suffix("").parts}
    assert modules & set(microgradnn.__all__) == {"nn", "ops", "optim"} & set(microgradnn.__all__)


def test_star_import_leaves_pythons_functions_alone():
    """`from microgradnn import *` brings the public names, and does not replace abs, max, min and sum."""
    names = {}
    exec("from microgradnn import *", names)
    assert {"Tensor", "chain_rule", "tanh", "nn"} <= names.keys()
    assert not {"abs", "max", "min", "sum"} & names.keys()


@pytest.mark.parametrize("demo", sorted(DEMOS.glob("[0-9]*.py")), ids=lambda path: path.stem)
def test_demos_run(demo, tmp_path):
    """Each demo runs alone, with no output on standard error but its progress, and leaves pictures."""
    command = [sys.executable, "-W", "error", str(demo), "--out", str(tmp_path), "--epochs", "1"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONUTF8": "1"}, check=False)
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) >= 3
