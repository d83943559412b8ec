"""The text of rules: what a vjp returns, of several returns the one that these operands reach."""

import linecache
from functools import partial

import numpy as np

from microgradnn import Op, ops
from microgradnn.source.rules import definition_of, rule_place, rule_text


class Branching(Op):
    """z = x, by a rule that asks for its operands."""

    def forward(self, x):
        return x

    def dx(self, dz, z, x):
        if x.ndim > 1:
            return dz.T
        if x.size == self.nowhere:
            return dz * 2
        return dz

    vjps = (dx,)


def test_the_branch_that_is_taken():
    """`if` is decided by the operands; where it cannot be, the rule is named."""
    assert rule_text(Branching.dx, (Branching(), 1.0, 2.0, np.ones((2, 2)))) == "dz.T"
    assert rule_text(Branching.dx, (Branching(), 1.0, 2.0, np.ones(2))) == "Branching.dx(dz, …)"


def test_text_is_as_written():
    """Of a rule without branches it is what stands behind `return`."""
    assert rule_text(ops.Tanh.dx, (ops.Tanh(), 1.0, 2.0, 3.0)) == "dz * (1 - z * z)"
    assert rule_text(partial(ops.Tanh.dx), (ops.Tanh(), 1.0, 2.0, 3.0)) == "dz * (1 - z * z)"


def test_a_rule_without_text(monkeypatch):
    """What was compiled from a string, and an object that is called, are named; also where another string's text is found."""
    monkeypatch.setitem(linecache.cache, "<string>", (10, None, ["import sys\n"], "<string>"))
    names = {}
    exec("def dx(self, dz, z, x): return dz", names)
    assert definition_of(names["dx"]) is None
    assert rule_text(names["dx"], ()) == "dx(dz, …)"

    class Halved:
        """A rule that is an object."""

        def __init__(self):
            self.__globals__ = {}

        def __call__(self, op, dz, z, x):
            return dz / 2

    assert rule_text(Halved(), ()) == "Halved(dz, …)"


def test_where_a_rule_is_written():
    """File, first and last line, and the line that returns for these operands; without a source nothing."""
    first = Branching.dx.__code__.co_firstlineno
    place = rule_place(Branching.dx, (Branching(), 1.0, 2.0, np.ones((2, 2))))
    assert place == (__file__, first, first + 5, first + 2)
    assert rule_place(partial(Branching.dx), (Branching(), 1.0, 2.0, np.ones(2)))[3] == first
    assert rule_place(eval("lambda op, dz, z, x: dz"), (None, 1.0, 2.0, 3.0)) is None
    assert rule_place(np.sum, ()) is None
