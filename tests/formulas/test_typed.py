"""Names that a user types: a path and a label mean the same tensor, and the program's own variables come first."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import generators

from microgradnn import Tensor, nn
from microgradnn.formulas.labels import Labelled, label_of
from microgradnn.formulas.typed import as_python, named_nodes

W, b = Tensor(3.0, name=Labelled("0.W", "W⁽¹⁾")), Tensor(4.0, name="hidden.b")


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
    other = Tensor(7.0, name=W.name)
    assert named_nodes([other, W]) == {"0.W": other, "W⁽¹⁾": other}


def test_as_typed():
    """A part of the expression can be told in the user's words."""
    typed = as_python("W⁽¹⁾.grad", named_nodes([W]), {})
    assert typed.as_typed(typed.python) == "W⁽¹⁾.grad"


layers = st.builds(partial(nn.Linear, 2, 2), rng=generators) | st.builds(nn.BatchNorm, st.just(2)) | st.builds(nn.Tanh)


@given(st.lists(layers | st.just(np.tanh), min_size=1, max_size=12))
def test_each_parameter_of_a_network_by_path_and_by_label(network):
    """Whatever a Sequential is made of, each parameter is found by its path and its label, and no two are called alike."""
    parameters = dict(nn.Sequential(*network).named_parameters())
    nodes = named_nodes(parameters.values())
    for path, parameter in parameters.items():
        assert as_python(path, nodes, {}).value() is as_python(label_of(parameter.name), nodes, {}).value() is parameter
    assert len(nodes) == 2 * len(parameters)
