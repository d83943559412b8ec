"""`step_through(L)`: `L.backward()` with a prompt to step through it first.

The prompt itself is in debugger.py, which is imported when it is opened.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from .annotations import Operand
    from .tensor import Tensor


def step_through(output: Tensor, gradient: Operand | None = None, frame: FrameType | None = None) -> None:
    """Open a prompt to step through `output.backward(gradient)`, back and forth; leaving it runs the pass.

    Parameters
    ----------
    output : Tensor
        Usually a loss: one number.
    gradient : array or number, optional
        The upstream gradient, of output's shape; needed if `output` is not one number.
    frame : frame, optional
        Whose variables `print` sees and whose source `list` lists: the caller's, if not given.

    Raises
    ------
    RuntimeError, ValueError
        As `backward` does.
    SystemExit
        If the user quits, as in pdb.
    """
    from .debugger import BackwardPrompt
    from .steps import backward_steps

    prompt = BackwardPrompt(backward_steps(output, gradient), frame or sys._getframe(1))
    prompt.cmdloop()
    if prompt.left_by == "quit":
        raise SystemExit(0)
    output.backward(gradient)
