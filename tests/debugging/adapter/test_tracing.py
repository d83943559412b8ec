"""Whose files are the user's, and which lines have code. Steps over lines: test_moving.py."""

import json
import sys

import numpy as np
import pytest

import microgradnn
from microgradnn.debugging.adapter.tracing import Tracer, asks_of_pass, is_users, lines_with_code


def test_files():
    """This one is; those of the standard library, of installed packages, of ours and without a file are not."""
    assert is_users(__file__)
    assert not any(map(is_users, (json.__file__, np.__file__, microgradnn.__file__, "<string>")))
    tracer = Tracer(None)
    tracer.only_mine = False
    assert tracer.is_mine(json.__file__) and not tracer.is_mine(microgradnn.__file__)


@pytest.mark.parametrize(
    ("condition", "asks"),
    [("n == 57", True), ("loss > last", True), ("k > 1", False), ("mine > n", True), (None, False), ("n >", False)],
)
def test_conditions_about_the_pass(condition, asks):
    """n, loss and last are the pass's, unless the program has such a variable."""
    mine = 1
    assert asks_of_pass(condition, sys._getframe()) is asks
    n = loss = last = mine
    assert asks_of_pass(condition, sys._getframe()) is False, (n, loss, last)


def test_lines(tmp_path):
    """Lines with code, also in functions; none of a file that is not there or cannot be compiled."""
    path = tmp_path / "program.py"
    path.write_text("x = 1\n\n# comment\ndef f():\n    return 2\n", encoding="utf-8")
    assert set(lines_with_code(str(path))) - {0} == {1, 4, 5}
    path.write_text("x = (", encoding="utf-8")
    assert lines_with_code(str(path)) == lines_with_code("nowhere.py") == []
