"""Write the stubs that tell type checkers and editors what microgradnn adds to itself when it is imported.

The public names of a package are read from `__all__`, which checkers understand only as a list written out; and they do not
see the methods and operators that the operations give Tensor. So all of this is written out here, from what is there:

    python .ci/stubs.py

tests/test_typing.py fails while they are not current, and names this command.
"""

import inspect
from pathlib import Path

import microgradnn
from microgradnn import ops
from microgradnn.graph import OPERATIONS

PACKAGE = Path(microgradnn.__file__).parent
HEAD = '"""{what} Written by .ci/stubs.py, not by hand."""\n'


def family(function):
    """The module of ops/ that an operation stands in."""
    return function.__module__.rpartition(".")[2]


def stub_of_package():
    """Where each public name comes from, in the form that checkers take for public."""
    names = {*microgradnn.__all__, *ops.__all__} - {"nn", "optim"}
    places = sorted(
        (inspect.getmodule(getattr(microgradnn, name)).__name__.removeprefix("microgradnn"), name) for name in names
    )
    lines = [HEAD.format(what="The public names, as type checkers read them.")]
    lines += [f"from . import {name} as {name}" for name in ("nn", "ops", "optim")]
    lines += [f"from {module} import {name} as {name}" for module, name in places]
    return "\n".join([*lines, "", "__version__: str", ""])


def stub_of_operations():
    """All operations, by family."""
    lines = [HEAD.format(what="The operations, as type checkers read them.")]
    lines += ["from ..graph import Op as Op", *[f"from .{name} import *" for name in families()]]
    return "\n".join([*lines, ""])


def stub_of_methods():
    """The class that has the operations as methods and operators, from which Tensor inherits for type checkers."""
    lines = [HEAD.format(what="What operations give Tensor, as type checkers read it: no module to run.")]
    used = [family(OPERATIONS[name]) for name in methods()] + [family(function) for function in ops.OPERATORS.values()]
    lines += ["from .graph import Node", "from .ops import (", *[f"    {name}," for name in sorted({*used})], ")"]
    lines += ["from .tensor import Tensor as Tensor", "", "class Methods(Node):"]
    lines += [f"    {name} = {family(OPERATIONS[name])}.{name}" for name in methods()]
    lines += [f"    {name} = {family(function)}.{function.__name__}" for name, function in ops.OPERATORS.items()]
    lines += [f"    def {name}(self, other: Operand) -> Tensor: ..." for name in ops.REFLECTED]
    for name in ops.PROPERTIES:
        lines += ["    @property", f"    def {name}(self) -> {'At' if name == 'at' else 'Tensor'}: ..."]
    lines[1:1] = ["from .annotations import Operand"]
    lines.insert(lines.index("from .tensor import Tensor as Tensor"), "from .ops.assignment import At")
    return "\n".join([*lines, ""])


def families():
    """The modules of ops/ that operations stand in."""
    return sorted({family(function) for function in OPERATIONS.values()})


def methods():
    """The operations that are methods of Tensor."""
    return sorted(name for name, function in OPERATIONS.items() if vars(microgradnn.Tensor).get(name) is function)


STUBS = {
    PACKAGE / "__init__.pyi": stub_of_package,
    PACKAGE / "methods.pyi": stub_of_methods,
    PACKAGE / "ops" / "__init__.pyi": stub_of_operations,
}

if __name__ == "__main__":
    for path, text_of in STUBS.items():
        path.write_text(text_of(), encoding="utf-8")
