"""Write the two stubs that tell type checkers and editors what the table of operations adds when microgradnn is imported.

The public names of a package are read from `__all__`, which checkers understand only as a list written out; and they do not
see the methods that a loop gives Tensor. So both are written out here, from what is there:

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
    """All operations, and the class that has those whose first parameter is x as methods."""
    families = sorted({family(function) for function in OPERATIONS.values()})
    lines = [HEAD.format(what="The operations and Tensor's methods, as type checkers read them.")]
    lines += ["from ..graph import Node", "from ..graph import Op as Op"]
    lines += ["from . import (", *[f"    {name}," for name in families], ")"]
    lines += [f"from .{name} import *" for name in families]
    lines += ["", "class Methods(Node):"]
    lines += [f"    {name} = {family(OPERATIONS[name])}.{name}" for name in methods()]
    return "\n".join([*lines, ""])


def methods():
    """The operations that are methods of Tensor: what the loop at the end of tensor.py has set."""
    return sorted(name for name, function in OPERATIONS.items() if vars(microgradnn.Tensor).get(name) is function)


STUBS = {PACKAGE / "__init__.pyi": stub_of_package, PACKAGE / "ops" / "__init__.pyi": stub_of_operations}

if __name__ == "__main__":
    for path, text_of in STUBS.items():
        path.write_text(text_of(), encoding="utf-8")
