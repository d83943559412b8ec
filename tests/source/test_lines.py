"""Lines of the user's program: remembered inside `remember_lines()`, in any thread, and not beyond."""

import gc
import sys
import threading

import pytest
from noted import noted

from microgradnn import Tensor, nn, remember_lines
from microgradnn.source.lines import line_of, note_lines, place_of, places, users_frame


def squared(x):
    return x * x


def test_a_node_knows_its_line():
    """The line is that of the user's expression, with the columns at which it stands; outside nothing is remembered."""
    x = Tensor(2.0, requires_grad=True)
    with remember_lines():
        z = squared(x)
    assert line_of(z) == (__file__, squared.__code__.co_firstlineno + 1)
    line, last_line, column, last_column = place_of(z).span
    assert (line, last_line) == (squared.__code__.co_firstlineno + 1,) * 2
    assert last_column - column == len("x * x")
    assert line_of(x) is line_of(squared(x)) is None


def test_the_line_is_the_innermost_outside_of_the_package():
    """What a layer does is the line that called the layer."""
    x = Tensor([1.0], requires_grad=True)
    with remember_lines():
        z = nn.Sequential(nn.Tanh(), nn.Sigmoid())(x)
    assert line_of(z)[0] == line_of(z.inputs[0])[0] == __file__
    assert place_of(z).code.co_name == "test_the_line_is_the_innermost_outside_of_the_package"


def test_other_threads_are_remembered_too():
    """Lines are those of the program, whichever thread runs them."""
    made = []
    with remember_lines():
        thread = threading.Thread(target=lambda: made.append(squared(Tensor(2.0, requires_grad=True))))
        thread.start()
        thread.join()
    assert line_of(made[0]) == (__file__, squared.__code__.co_firstlineno + 1)


def test_it_ends_with_an_exception():
    """What is computed afterwards is not remembered, also where the program inside failed."""
    with pytest.raises(ZeroDivisionError), remember_lines():
        raise ZeroDivisionError
    assert line_of(squared(Tensor(2.0, requires_grad=True))) is None


def test_nothing_is_kept_alive():
    """Places go with their nodes; constants, which are no nodes of a graph, have none."""
    gc.collect()
    before = noted(places)
    with remember_lines():
        z = squared(Tensor(2.0, requires_grad=True))
        squared(Tensor(2.0))
    assert noted(places) == before + 1
    del z
    gc.collect()
    assert noted(places) == before


def test_lines_can_be_noted():
    """Of nodes that come from a file, the line can be noted; of the rest of the place nothing is known."""
    x, y = Tensor(2.0), Tensor(3.0)
    note_lines({x: ("train.py", 7), y: None})
    assert (line_of(x), line_of(y)) == (("train.py", 7), None)
    assert set(place_of(x).span) == {None}


def test_the_users_frame():
    """From a frame up, the innermost outside of the package."""
    assert users_frame(sys._getframe()) is sys._getframe()
    assert users_frame(None) is None
