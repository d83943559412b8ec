"""Expressions of the user's program: found from a place, shown with carets, and rewritten with a double where."""

import ast
import linecache

import pytest

from microgradnn import Tensor, log, remember_lines, where
from microgradnn.source.expressions import double_where, expressions_at, operands_of, short_path, shown, unsafe_operand
from microgradnn.source.lines import place_of


def parsed(text):
    return ast.parse(text, mode="eval").body


def place_in(source):
    """The place of `z` in a program that computes it from x."""
    linecache.cache["user.py"] = (len(source), None, source.splitlines(keepends=True), "user.py")
    names = {"x": Tensor([0.5, -1.0], requires_grad=True), "log": log, "where": where}
    with remember_lines():
        exec(compile(source, "user.py", "exec"), names)
    return place_of(names["z"])


def test_carets_are_below_the_expression():
    """They mark what made the result, also behind letters of more than one byte, and within an indented line."""
    assert shown(place_in("if True:\n    β = 1; z = β + x * x\n")) == (
        "  user.py:2:  β = 1; z = β + x * x\n                         ^^^^^^^^^"
    )


def test_a_whole_line_needs_no_carets():
    """Of an expression over several lines the first is shown, marked to its end."""
    assert shown(place_in("z = x * 1\nz *= 2\n")) == "  user.py:2:  z *= 2"
    assert shown(place_in("z = (x\n     * 2)\n")) == "  user.py:1:  z = (x\n                   ^"


def test_without_the_source():
    """Where the text is not to be had, the line is named, and no expression is found; nor where it has become another."""
    place = place_in("z = x * 2\n")
    linecache.cache["user.py"] = (2, None, [], "user.py")
    assert shown(place) == "  user.py:1"
    assert expressions_at(place) == expressions_at(None) == []
    linecache.cache["user.py"] = (6, None, ["z = (\n"], "user.py")
    assert expressions_at(place) == []


def test_expressions_come_from_the_outside_in():
    """The last is the one that asked for the operation."""
    around = expressions_at(place_in("z = where(x > 0, x, 1 - x * 3)\n"))
    assert [ast.unparse(x) for x in around] == ["where(x > 0, x, 1 - x * 3)"]


@pytest.mark.parametrize(
    ("text", "op_name", "count", "operands"),
    [
        ("a + b", "add", 2, ["a", "b"]),
        ("-a", "negative", 1, ["a"]),
        ("a[0]", "getitem", 1, ["a"]),
        ("np.log(a)", "log", 1, ["a"]),
        ("a.log()", "log", 1, ["a"]),
        ("a.sum(axis=0)", "sum", 1, ["a"]),
        ("a + b", "subtract", 2, []),
        ("loss(a, b)", "subtract", 2, []),
    ],
)
def test_operands(text, op_name, count, operands):
    """Those of operators, functions and methods are found; of another expression, which only calls the operation, none."""
    assert [ast.unparse(x) for x in operands_of(parsed(text), op_name, count)] == operands


def test_what_decides_whether_it_is_finite():
    """The divisor of a division, else the first operand."""
    assert ast.unparse(unsafe_operand(parsed("a / b"), "divide", 2)) == "b"
    assert ast.unparse(unsafe_operand(parsed("a ** b"), "power", 2)) == "a"
    assert unsafe_operand(parsed("f(a)"), "log", 1) is None


@pytest.mark.parametrize(
    ("text", "at", "op_name", "count", "rewritten"),
    [
        ("np.where(x > 0, 1 / x, 0)", 1, "divide", 2, "np.where(x > 0, 1 / np.where(x > 0, x, 1), 0)"),
        ("where(x < 1, 0, x.arccosh())", 2, "arccosh", 1, "where(x < 1, 0, where(x < 1, 2, x).arccosh())"),
        ("where(log(x), x, 0)", 0, "log", 1, None),
    ],
)
def test_double_where(text, at, op_name, count, rewritten):
    """The operand is made harmless on the side that is not taken; the mask itself is no branch."""
    call = parsed(text)
    assert double_where([call, call.args[at]], op_name, count) == rewritten


def test_paths_as_one_would_type_them(tmp_path, monkeypatch):
    """Below the current folder relative, elsewhere whole; what is no file stays as it is."""
    monkeypatch.chdir(tmp_path)
    assert short_path(str(tmp_path / "here" / "train.py")) in ("here/train.py", "here\\train.py")
    assert short_path(str(tmp_path.parent / "train.py")) == str(tmp_path.parent / "train.py")
    assert short_path("<stdin>") == "<stdin>"


def test_marimos_cells():
    """marimo writes each cell into a file whose name nobody has seen: it is told as what it is."""
    assert short_path("/tmp/marimo_27709/__marimo__cell_vblA_.py") == "marimo's cell"


def test_of_two_wheres_the_inner_one():
    """It is the one that decides whether the operation counts."""
    outer = parsed("where(a, where(b, log(x), 0), 1)")
    inner = outer.args[1]
    assert double_where([outer, inner, inner.args[1]], "log", 1) == "where(b, log(where(b, x, 1)), 0)"
