"""The package: what import costs in modules, its public names, and the demos, run as a user runs them."""

import ast
import builtins
import os
import subprocess
import sys
from pathlib import Path

import pytest

import microgradnn

PACKAGE = Path(microgradnn.__file__).parent
DEMOS = Path(__file__).parents[1] / "demos"


# What begins with an underscore and is public all the same: of named tuples, and of Python itself
NAMED_TUPLES = {"_replace", "_make", "_asdict", "_fields"}
OF_OTHERS = NAMED_TUPLES | {"_exit", "_getframe"}


def is_private(name):
    """Whether a name begins with one underscore."""
    return name.startswith("_") and not name.startswith("__") and name not in OF_OTHERS


def names_made(tree):
    """All names and attributes that a module defines or assigns to, in any class or function of it."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr


def others_private_names(path):
    """What a module uses of other modules although an underscore says that it is theirs alone: imported, or as attribute."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    made, imported = set(names_made(tree)), set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.ImportFrom, ast.Import)):
            yield from (alias.name for alias in node.names if is_private(alias.name))
            imported |= {alias.asname or alias.name for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            of_a_module = isinstance(node.value, ast.Name) and node.value.id in imported
            if of_a_module or node.attr not in made:
                yield ast.unparse(node)


def test_what_is_private_stays_within_its_module():
    """An underscore means: used only within its own module. No module imports such a name or asks another's object for one."""
    found = {
        f"{path.relative_to(PACKAGE)} uses {name}" for path in PACKAGE.rglob("*.py") for name in others_private_names(path)
    }
    assert not found


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
    """`from microgradnn import *` brings the public names, and replaces no function of Python's, nor the module copy."""
    names = {}
    exec("from microgradnn import *", names)
    assert {"Tensor", "chain_rule", "tanh", "nn"} <= {*microgradnn.__all__} <= names.keys()
    assert not {*dir(builtins), "copy"} & {*microgradnn.__all__}


@pytest.mark.parametrize("demo", sorted(DEMOS.glob("[0-9]*.py")), ids=lambda path: path.stem)
def test_demos_run(demo, tmp_path):
    """Each demo runs alone, with no output on standard error but its progress, and leaves pictures."""
    command = [sys.executable, "-W", "error", str(demo), "--out", str(tmp_path), "--epochs", "1"]
    command += ["--quick"] if demo.stem == "07_restarts" else []
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONUTF8": "1"}, check=False)
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) >= 3
