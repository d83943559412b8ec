"""Names that a user types: a path and a label mean the same tensor, and the program's own variables come first."""

import pytest

from microgradnn import Tensor
from microgradnn.formulas.typed import as_python, named_nodes

W, b = Tensor(3.0, name="0.W"), Tensor(4.0, name="hidden.b")


class Layer:
    """A variable of the program's."""

    b = 5.0


@pytest.mark.parametrize(
    ("typed", "value"),
    [("0.W", 3.0), ("W⁽¹⁾", 3.0), ("2 * W⁽¹⁾ + 0.W", 9.0), ("hidden.b.data", 4.0), ("10.0 * 0.W", 30.0), ("W⁽¹⁾.name", "0.W")],
)
def test_paths_and_labels(typed, value):
    """What is no name of Python's is found in an expression wherever it stands as a whole."""
    found = as_python(typed, named_nodes([W, b]), {}).value()
    assert found.item() == value if isinstance(found, Tensor) else found == value


def test_variables_come_first():
    """hidden.b is the attribute of a variable `hidden`, if the program has one."""
    assert as_python("hidden.b", named_nodes([W, b]), {"hidden": Layer()}).value() == 5.0


def test_what_is_part_of_another_name():
    """A name is found as a whole only: W⁽¹⁾ not in W⁽¹⁾⁽²⁾, 0.W neither in 10.W nor in 0.Wide."""
    for typed in ("10.W", "0.Wide", "xW⁽¹⁾", "W⁽¹⁾⁽²⁾"):
        assert as_python(typed, named_nodes([W, b]), {}).python == typed


def test_of_tensors_called_alike_the_youngest():
    """Where two tensors have a name, it means the one made last."""
    other = Tensor(7.0, name="0.W")
    assert named_nodes([other, W]) == {"0.W": other, "W⁽¹⁾": other}


def test_as_typed():
    """A part of the expression can be told in the user's words."""
    typed = as_python("W⁽¹⁾.grad", named_nodes([W]), {})
    assert typed.as_typed(typed.python) == "W⁽¹⁾.grad"
