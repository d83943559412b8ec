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

# From the inside out: a module imports only from lines above its own.
LAYERS = [
    {"errors"},
    {"graph"},
    {"observers", "lines", "expressions", "rules"},
    {"ops"},
    {"backprop"},
    {"tensor"},
    {"annotations"},
    {"nn", "optim", "functional"},
    {"training"},
    {"symbols", "notation"},  # what a formula is, and how it is written: a Symbol's repr writes it
    {"spelling", "paths"},
    {"cone"},
    {"picture", "themes"},
    {"dot_text", "mermaid_text", "render"},
    {"diagram", "page"},
    {"chain_rule", "cone_diagram"},
    {"unrolling"},
    {"unroll"},
    {"mathml"},
    {"tensor_diagram", "naming", "saving", "steps", "steppage"},
    {"drawing", "debugger", "gradcheck", "nonfinite"},
    {"checking"},
    {"stepping"},
    {"commands"},
    {"__main__"},
]


def imported_modules(path):
    """The modules of the package that a file imports when it runs, by their first name."""
    inside = path.relative_to(PACKAGE).parts[:-1]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unseen = {node for branch in ast.walk(tree) if is_for_checkers(branch) for part in branch.body for node in ast.walk(part)}
    for node in ast.walk(tree):
        if node in unseen:
            continue
        if isinstance(node, ast.ImportFrom) and node.level > len(inside):
            names = [node.module.split(".")[0]] if node.module else [alias.name for alias in node.names]
            yield from (name for name in names if not name.startswith("_"))


def is_for_checkers(node):
    """Whether a statement is `if TYPE_CHECKING:`, whose body never runs."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def test_imports_point_one_way():
    """Operations and Tensors know nothing of drawing, stepping or layers: each module imports only from further in."""
    depth = {name: i for i, names in enumerate(LAYERS) for name in names}
    for path in sorted(PACKAGE.rglob("*.py")):
        own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if own != "__init__":
            for imported in imported_modules(path):
                assert depth[imported] <= depth[own], f"{path.relative_to(PACKAGE)} imports {imported}"


def test_import_is_light():
    """Importing microgradnn loads neither graphviz nor anything else that is only needed for pictures or demos."""
    heavy = {"graphviz", "subprocess", "matplotlib", "sklearn", "sympy", "numpy.typing", "microgradnn.annotations"}
    code = f"import microgradnn, sys; print(*{heavy} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_functions_and_modules_have_names_of_their_own():
    """No public function hides a module of the same name, but for the one that holds it."""
    modules = {path.stem for path in PACKAGE.glob("*.py")}
    assert modules & set(microgradnn.__all__) <= {"chain_rule", "gradcheck", "nn", "ops", "optim", "unroll"}


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
