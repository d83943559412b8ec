"""Programs that run inside checked(), and what they say when they stop."""

import linecache
import re
import textwrap

import numpy as np
import pytest

import microgradnn
from microgradnn import (
    NonFiniteError,
    checked,
    nn,
)


def run(source):
    """Run a program as the file train.py, inside checked(); its source can be read as that of a file can."""
    source = textwrap.dedent(source).lstrip("\n")
    linecache.cache["train.py"] = (len(source), None, source.splitlines(keepends=True), "train.py")
    names = {**vars(microgradnn), "np": np, "nn": nn}
    with checked():
        exec(compile(source, "train.py", "exec"), names)
    return names


def message(source, kind=NonFiniteError):
    """What the exception of a program says; the line of a rule, which edits move, is left out."""
    with pytest.raises(kind) as caught:
        run(source)
    return re.sub(r"(the rule, [\w/\\.]+):\d+", r"\1", str(caught.value)).replace("\\", "/")
