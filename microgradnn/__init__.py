"""microgradnn: reverse-mode automatic differentiation on NumPy, whose backward pass can be seen."""

from importlib import import_module

from . import ops
from .errors import NonFiniteError
from .functional import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .graph import Op, no_grad
from .ops import *
from .saving.savers import SAVERS
from .tensor import Tensor

__version__ = "0.2.0"

# What is not needed to compute gradients is loaded when it is first asked for, so that `import microgradnn` is light.
LATER = {
    "Passes": "passes",
    **dict.fromkeys(("EarlyStopping", "batches", "fit", "load", "load_run", "save", "save_run"), "training"),
    "backward_steps": "debugging.steps",
    **dict.fromkeys(("break_on", "clear_breakpoints"), "debugging.in_code"),
    "chain_rule": "explaining.derivation",
    "compiled": "compiling.steps",
    **dict.fromkeys(("check_op", "gradcheck"), "checking.gradients"),
    "checked": "checking.checker",
    **dict.fromkeys(("contributors", "per_sample_grads"), "diagnosing.samples"),
    "draw": "drawing.graph_diagram",
    **dict.fromkeys(("load_ipython_extension", "unload_ipython_extension"), "debugging.magics"),
    **dict.fromkeys(("from_sklearn", "from_torch"), "nn"),
    "live": "pages.live_page",
    "name_tensors": "source.naming",
    "remember_lines": "source.lines",
    "step_through": "debugging.prompt.prompt",
    "unroll": "programs.unrolling",
    "watch": "diagnosing.health",
    "why": "diagnosing.reason",
}
PACKAGES = ("nn", "optim", "training")

# What `.save("picture.svg")` calls; "" stands for a notebook (see saving/savers.py).
SAVERS |= {
    **dict.fromkeys([("Diagram", suffix) for suffix in (".svg", ".png", ".pdf")], "pictures.diagram.save_rendered"),
    ("Diagram", ".dot"): "pictures.diagram.save_dot",
    ("Diagram", ".html"): "pictures.page.save_page",
    ("Diagram", ".mmd"): "pictures.diagram.save_mermaid",
    ("Live", ".html"): "pages.live_page.save_page",
    ("Live", ""): "pages.live_page.to_notebook",
    ("BackwardSteps", ".html"): "pages.step_page.save_page",
    ("BackwardSteps", ".gif"): "debugging.slides.save_animation",
    ("Health", ".svg"): "diagnosing.small_multiples.save_svg",
    ("Health", ".html"): "diagnosing.small_multiples.save_page",
    ("Contributors", ".svg"): "diagnosing.samples.save_svg",
    ("BackwardSteps", ""): "pages.step_page.to_notebook",
    ("Unrolled", "compile"): "compiling.functions.functions_of",  # no format, but a writer all the same
}

# `import *` leaves Python's own functions alone, and the module copy; microgradnn.sum and tensor.sum() are there.
__all__ = [  # noqa: PLE0604 - groups, not a list by the letter; some are loaded later
    *("NonFiniteError", "Op", "Tensor", "nn", "no_grad", "optim"),
    *("Passes", "load", "load_run", "save", "save_run"),
    *("EarlyStopping", "batches", "fit"),
    *("check_op", "grad", "gradcheck", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"),
    *("backward_steps", "break_on", "chain_rule", "checked", "clear_breakpoints", "compiled", "draw", "live", "name_tensors"),
    *("remember_lines", "step_through", "unroll", "watch", "why"),
    *("contributors", "from_sklearn", "from_torch", "per_sample_grads"),
    *sorted({*ops.__all__} - {"abs", "copy", "divmod", "max", "min", "round", "sum", "Op"}),
]


def __getattr__(name):
    """Load what is asked for the first time (PEP 562)."""
    if name in LATER:
        globals()[name] = found = getattr(import_module(f".{LATER[name]}", __name__), name)
        return found
    if name in PACKAGES:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *LATER, *PACKAGES})
