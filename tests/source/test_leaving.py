"""Where values left the graph: messages name the line."""

import math
import re

import numpy as np
import pytest

from microgradnn import Tensor, grad, gradcheck, no_grad
from microgradnn.errors import GradcheckError
from microgradnn.source.leaving import where_values_left


def by_float(x):
    return math.sin(float(x))  # line of float()


def by_data(x):
    return (Tensor(x.data * 2) * 3).sum()  # line of .data


def by_no_grad(x):
    with no_grad():
        return (x * 2).sum()  # line of no_grad()


def said_at(way, text):
    """What a message ends with."""
    return rf"\nHere a value left the graph, by {re.escape(way)}:\n  \S*test_leaving.py:\d+:  .*{re.escape(text)}.*\n +\^+$"


@pytest.mark.parametrize(
    ("function", "way", "text"),
    [(by_float, "float()", "math.sin(float(x))"), (by_data, ".data", "x.data * 2"), (by_no_grad, "no_grad()", "(x * 2)")],
)
def test_a_check_says_where(function, way, text):
    """gradcheck of what does not depend on its input names the line where the value left the graph, and how."""
    with pytest.raises(GradcheckError, match=said_at(way, text)):
        gradcheck(function, 0.5)


def test_grad_says_where():
    """So does grad() of a function that returns a number."""
    with pytest.raises(TypeError, match=r"it should compute a Tensor from its arguments\." + said_at("float()", "float(x)")):
        grad(by_float)(0.5)


def test_only_values_of_the_inputs_count():
    """What is read of other tensors is not named; of one input among several, what is read of that one."""
    other = Tensor(2.0, requires_grad=True)

    def function(x, y):
        return float(other) * float(x + 1) * y

    x, y = Tensor(1.0, requires_grad=True), Tensor(1.0, requires_grad=True)
    assert where_values_left(function, [x, y], [y]) == ""
    assert where_values_left(function, [x, y], [x]).count("Here a value left") == 1
    with pytest.raises(GradcheckError, match=r"(?s)does not depend on input 0.*float\(other\)"):
        gradcheck(function, [np.ones(()), np.ones(())])


def test_at_most_three_places():
    """In a loop that reads a value at many places, the first three are named, each once."""
    x = Tensor(1.0, requires_grad=True)

    def function(x):
        for _ in range(5):
            float(x), int(x), bool(x), x.item(), x.numpy()

    said = where_values_left(function, [x], [x])
    assert re.findall(r"by (.*):", said) == ["float()", "int()", "bool()"]


def test_a_function_that_does_not_run_twice():
    """What a second run raises is not shown, and the values that left before are named."""
    x, once = Tensor(1.0, requires_grad=True), iter([1])

    def function(x):
        return next(once) * float(x)

    assert function(x) == 1
    assert where_values_left(function, [x], [x]) == ""
