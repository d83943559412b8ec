"""The magics of `%load_ext microgradnn`.

    %%backprop      the steps of what the cell computes last, as a page to go through in the notebook
    %explain W[0]   where an element's gradient comes from, in what was computed last

They are functions that IPython calls with text; IPython itself is imported nowhere.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from typing import Any

from ..explaining.derivation import chain_rule
from ..graph import Node, birth_of
from ..source.expressions import cell_of
from ..source.lines import remember_lines
from ..source.naming import name_tensors
from ..watching.observers import PACKAGE
from .prompt.prompt import step_through
from .steps import backward_steps

PARSER = argparse.ArgumentParser(prog="%%backprop", add_help=False, exit_on_error=False)
PARSER.add_argument("--prompt", action="store_true", help="open the prompt of step_through in place of the page")
PARSER.add_argument("--table", action="store_true", help="print the steps")


def load_ipython_extension(shell: Any) -> None:
    """Bring `%%backprop` and `%explain`: called by `%load_ext microgradnn`."""
    shell.register_magic_function(Magics(shell).backprop, "cell", "backprop")
    shell.register_magic_function(Magics(shell).explain, "line", "explain")
    shell.set_custom_exc((Exception,), show_error)


def unload_ipython_extension(shell: Any) -> None:
    """Let errors be shown as before: called by `%unload_ext microgradnn`. The magics stay, as IPython removes none."""
    shell.set_custom_exc((), None)


class Magics:
    """What the magics do in one shell."""

    def __init__(self, shell):
        self.shell = shell

    def backprop(self, line, cell):
        """%%backprop [--prompt | --table]: run the cell, and show the backward pass of what it computes last, step by step.

        The last line is an expression that gives a Tensor, or assigns one: L = ((t - o) ** 2). Tensors without a name are
        called as the variables that hold them.
        """
        try:
            options = PARSER.parse_args(line.split())
        except (argparse.ArgumentError, SystemExit) as error:
            raise ValueError(f"%%backprop takes --prompt or --table; it was given {line!r}") from error
        with remember_lines():
            output = self.run(cell)
        if not isinstance(output, Node):
            raise TypeError(
                f"%%backprop steps from what the cell computes last, a Tensor, back; its last line gives {output!r}.\n"
                "End it with the loss: L = ..., or L alone."
            )
        name_tensors(self.shell.user_ns)
        if options.prompt:
            step_through(output)
            return None
        steps = backward_steps(output)
        if options.table:
            print(steps)  # noqa: T201 - as asked
            return None
        return steps

    def run(self, cell):
        """Run a cell in the user's namespace; returns what its last statement gives."""
        text = f"# %%backprop\n{cell}"  # so that lines count as in the notebook
        file = self.shell.compile.cache(text, number_of_cell() or self.shell.execution_count)
        tree = ast.parse(text, file)
        target = last_target(tree)
        if isinstance(tree.body[-1] if tree.body else None, ast.Expr):
            target = "_backprop_output"
            last = tree.body[-1]
            tree.body[-1] = ast.copy_location(ast.Assign([ast.Name(target, ast.Store())], last.value), last)
            ast.fix_missing_locations(tree)
        exec(compile(tree, file, "exec"), self.shell.user_ns)  # noqa: S102 - the user's cell
        output = self.shell.user_ns.get(target)
        self.shell.user_ns.pop("_backprop_output", None)
        return output

    def explain(self, line):
        """%explain ELEMENT, or %explain OUTPUT, ELEMENT: derive its gradient by the chain rule: %explain W[0, 0]

        Without an output it is the scalar Tensor that was computed last among the variables.
        """
        variables = self.shell.user_ns
        if not line.strip():
            raise ValueError("%explain needs an element: %explain W[0, 0], or %explain L, W[0, 0].")
        name_tensors(variables)
        value = eval(line, variables)  # noqa: S307 - the user's own expression
        if isinstance(value, tuple):
            return chain_rule(*value)
        outputs = [x for x in variables.values() if isinstance(x, Node) and x.op is not None and x.shape == ()]
        outputs = [x for x in outputs if x is not value]
        if not outputs:
            raise ValueError("No variable holds a recorded number, such as a loss, to explain; name it: %explain L, W[0, 0].")
        return chain_rule(max(outputs, key=birth_of), value)


def number_of_cell():
    """The number of the cell that runs, as `In[3]` tells it; None if that is not known."""
    frame = sys._getframe(1)
    while frame is not None:
        found = re.search(r"\[(\d+)\]$", cell_of(frame.f_code.co_filename) or "")
        if found:
            return int(found[1])
        frame = frame.f_back
    return None


def last_target(tree):
    """The variable that the last statement of a cell assigns to; None if it assigns to none, or to several."""
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Assign) and len(last.targets) == 1 and isinstance(last.targets[0], ast.Name):
        return last.targets[0].id
    return None


def show_error(shell, kind, error, trace, tb_offset=None):
    """Show an error as ever, but where it was raised within this package, so that it ends at the user's own line.

    So does what `%debug` opens.
    """
    last_of_user, part = None, trace
    while part is not None:
        if not part.tb_frame.f_code.co_filename.startswith(PACKAGE):
            last_of_user = part
        part = part.tb_next
    if last_of_user is not None:
        last_of_user.tb_next = None
    sys.last_value = error
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
