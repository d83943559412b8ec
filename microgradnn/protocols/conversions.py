"""Where a Tensor becomes a plain number: whether the program says so, and the warning where it does not.

`float(x)` says it; in `math.exp(x)` and `a[i] = x`, Python asks the Tensor for a number, and nobody sees that the gradient
ends there. Both call `Tensor.__float__`. Which of them did is known from the instruction of the caller that is running: its
positions say where its expression begins, and what was loaded from there on is the name of what is called.

    x = math.exp(w)        LOAD  math          begins where the call does
        ^^^^^^^^^^^        LOAD  exp           so does this, and is the last: the name
                           LOAD  w             begins later: an argument
                           CALL                runs
"""

import dis
import os
import sys
import warnings
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..errors import LostGradientWarning
from ..graph import NUMPY_FUNCTIONS, OPERATIONS, recording
from ..watching.observers import PACKAGE

# Who calls these, by name, wants a number, or asks something about it that has no derivative.
SAYING = {"float", "int", "complex", "__float__", "__int__", "__complex__", "isnan", "isinf", "isfinite", "isclose"}
LIBRARIES = (PACKAGE, str(Path(os.__file__).parent), str(Path(np.__file__).parents[1]), "<frozen ")  # not the user's own lines
ASSIGNMENT, EXPRESSION = "An assignment", "An expression"
FILLING = {ASSIGNMENT, "fill", "fromiter", "array", "append"}
COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")  # their expressions go on in the frame around them


def warn_unless_said():
    """Warn that a gradient is lost, if the line that asks a Tensor for a number does not say so; it stands two calls above."""
    frame = sys._getframe(2)
    if not recording.get() or says_number(frame.f_code, frame.f_lasti):
        return
    while frame.f_back is not None and (is_library(frame) or frame.f_code.co_name in COMPREHENSIONS):
        frame = frame.f_back
        if says_number(frame.f_code, frame.f_lasti):
            return
    code, line, name = frame.f_code, frame.f_lineno, frame.f_globals.get("__name__", "<unknown>")
    registry = frame.f_globals.setdefault("__warningregistry__", {})  # where Python notes what it has shown, to do it once
    message = said_of(called(code, frame.f_lasti))
    warnings.warn_explicit(message, LostGradientWarning, code.co_filename, line, name, registry)


def is_library(frame):
    """Whether a frame runs code of this package, of Python's library, or of a package that is installed beside NumPy."""
    return frame.f_code.co_filename.startswith(LIBRARIES)


def said_of(name):
    """The message about what is called by this name, or about an assignment or another expression."""
    what = name if name in (ASSIGNMENT, EXPRESSION) else f"{name}()"
    way = "compute with Tensors in place of numbers, by NumPy's functions"
    if name in FILLING:
        way = "keep Tensors in a list, and join them by stack([...])"
    elif getattr(np, name, None) in NUMPY_FUNCTIONS:
        way = f"np.{name}, which takes Tensors"
    elif name in OPERATIONS:
        way = f"microgradnn.{name}, which takes Tensors"
    return (
        f"{what} made a plain number of a Tensor that requires a gradient, which is lost here.\n"
        f"To keep it: {way}. If the number alone is meant, say so: x.item()."
    )


@lru_cache(4096)
def says_number(code, instruction):
    """Whether the expression that runs there says that it wants a plain number.

    >>> def called_at(text):
    ...     code = compile(text, "", "eval")
    ...     return says_number(code, next(x.offset for x in dis.get_instructions(code) if x.opname.startswith("CALL")))
    >>> called_at("float(x)"), called_at("math.exp(x)")
    (True, False)
    """
    here = until(code, instruction)[-1]
    if here.opname == "BINARY_OP":
        return here.argrepr in ("%", "%=")  # "%.3f" % x
    name = called(code, instruction)
    return name in SAYING or name.startswith("@py_assert") or hands_on(code, here)  # as pytest calls it


def called(code, instruction):
    """The last part of the name of what is called there: exp, of math.exp(x); or what else it is."""
    *before, here = until(code, instruction)
    if is_call(here):
        return next((x.argval for x in reversed(before) if is_name(x) and begin_of(x) == begin_of(here)), EXPRESSION)
    return ASSIGNMENT if here.opname.startswith("STORE_SUBSCR") else EXPRESSION


def until(code, instruction):
    """The instructions up to one, and itself."""
    return [x for x in dis.get_instructions(code) if x.offset <= instruction]


def begin_of(instruction):
    """Where an instruction's expression begins: (line, column)."""
    return instruction.positions.lineno, instruction.positions.col_offset


def is_name(instruction):
    """Whether an instruction loads something by its name."""
    return instruction.opname.startswith("LOAD_") and isinstance(instruction.argval, str) and "CONST" not in instruction.opname


def hands_on(code, here):
    """Whether float, or another of these, is handed on by the call `here`: map(float, ...), key=float, default=float.

    What is no call, as the unpacking of y, z = map(float, ...), stands beside it: then the line is looked at.
    """
    is_part = is_within if is_call(here) else is_on_the_lines
    within = [x for x in dis.get_instructions(code) if is_part(x.positions, here.positions)]
    names = [x.argval for x in within if is_name(x)]
    mapped = any(names[i] == "map" and names[i + 1] in SAYING for i in range(len(names) - 1))
    return mapped or not (SAYING.isdisjoint(names) or {"key", "default"}.isdisjoint(keywords_of(code, within)))


def is_call(instruction):
    """Whether an instruction calls something; in a loop, Python 3.11 does at PRECALL."""
    return instruction.opname.startswith(("CALL", "PRECALL"))


def is_on_the_lines(inner, outer):
    """Whether what stands at some positions begins on the lines of what stands at others."""
    return inner.lineno is not None and (outer.lineno or 0) <= inner.lineno <= (outer.end_lineno or 0)


def is_within(inner, outer):
    """Whether what stands at some positions in the source is a part of what stands at others."""
    if None in (*inner, *outer):
        return False
    begins = (outer.lineno, outer.col_offset) <= (inner.lineno, inner.col_offset)
    return begins and (inner.end_lineno, inner.end_col_offset) <= (outer.end_lineno, outer.end_col_offset)


def keywords_of(code, instructions):
    """The names of keyword arguments among instructions: constants that are tuples of strings."""
    constants = [code.co_consts[x.arg] for x in instructions if x.opname in ("KW_NAMES", "LOAD_CONST")]
    return {word for words in constants if isinstance(words, tuple) for word in words}
