"""Which debugger `breakpoint()` opens, and what to do where it would not stop.

Two would pass by in silence. The kernel of a notebook has a hook that does nothing until a debugger is connected: there our own
prompt opens. An editor's debugger that shows only the user's own code does not stop in an installed package: there a function
that stands in the user's file, on the line that asked for the pass, stops in our place.
"""

import ast
import sys

STOP_HERE = """
def stop_here(step, dz, z, xs, dx, old, new):
    breakpoint()
    return dz, z, xs, dx, old, new
"""


def needs_prompt():
    """Whether `breakpoint()` would do nothing here: in a notebook's kernel to which no debugger is connected."""
    hook = sys.breakpointhook
    module = getattr(hook, "__module__", None) or ""
    if not (module.startswith(("ipykernel", "debugpy")) or "debugpy" in getattr(hook, "__name__", "")):
        return False
    return not is_connected()


def is_connected():
    """Whether an editor's debugger is connected."""
    if "pydevd" not in sys.modules:  # asking debugpy would load this part of it, which takes the place of Python's hook
        return False
    try:
        return bool(sys.modules["debugpy"].is_client_connected())
    except Exception:  # noqa: BLE001 - another version of it
        return False


def is_hidden(frame):
    """Whether an editor's debugger is connected that passes over the file of a frame, as it does with installed packages."""
    if not is_connected():
        return False
    try:
        debugger = sys.modules["pydevd"].get_global_debugger()  # the part of debugpy that stops
        return bool(debugger.apply_files_filter(frame, frame.f_code.co_filename, False))
    except Exception:  # noqa: BLE001 - another version of it: then it may stop here, as it should
        return False


def stop_in_users_line(step, frame):
    """Stop in a function that stands in the user's file, in the line that runs in a frame: the debugger takes it for theirs.

    It stops when the line after `breakpoint()` is reached: so that is the user's.
    """
    tree = ast.parse(STOP_HERE)
    function, line = tree.body[0], frame.f_lineno
    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            node.lineno = node.end_lineno = line
    for node in ast.walk(function.body[0]):
        if hasattr(node, "lineno"):
            node.lineno = node.end_lineno = line - 1 if line > 1 else 2
    names = {}
    exec(compile(tree, frame.f_code.co_filename, "exec"), names)  # noqa: S102 - our own text
    xs = [x.data for x in step.node.inputs]
    names["stop_here"](step, step.dz, step.node.data, xs, step.dx, step.old, step.new)
