"""The commands that set breakpoints: what they say, and log points. What breakpoints mean is in test_breakpoints.py."""

import pytest
from prompts import SCRIPT, TRAINING, live, session

from microgradnn.debugging.breakpoints import in_two, is_condition


@pytest.mark.parametrize(
    ("command", "stopped"),
    [
        ("until o", "breakpoint 1 at o"),
        ("until L.data < 1", "breakpoint 1 at backward"),
        ("until n == 4", "breakpoint 1 at backward"),
        ("until nowhere", "'nowhere' is no named tensor"),
        ("until", "until what?"),
    ],
)
def test_until(command, stopped):
    """`until` goes on to a place, or to a pass for which a condition holds, once."""
    written, _ = live(TRAINING.replace('"h"', '"o"'), command, "break", "quit")
    assert written.splitlines()[1].startswith(stopped)
    assert written.splitlines()[-1] == "no breakpoints"


def test_until_ends_where_the_program_stops():
    """Another breakpoint on the way ends it, as in pdb: it does not stop later."""
    written, _ = live(TRAINING, "break h", "until n == 4", "break", "quit")
    assert written.splitlines()[-1] == "1  h"


def test_tbreak_over_known_steps():
    """A breakpoint that stops once goes, also where one comes to it again after going back."""
    written, _ = live(TRAINING, "finish", "restart", "tbreak tanh", "continue", "break", "quit")
    assert "breakpoint 1 at tanh\n" in written
    assert written.splitlines()[-1] == "no breakpoints"


def test_until_in_what_is_known():
    """Also over steps that are behind one and known, `until` stops, and its breakpoint goes."""
    written, _ = session("until w", "break")
    assert written.startswith("breakpoint 1 at w\n 4  ")
    assert written.endswith("no breakpoints\n")


def test_places_and_conditions():
    """The first comma outside of brackets parts them, or an if that is no conditional expression."""
    assert in_two("W[0, 0]") == ("W[0, 0]", None)
    assert in_two("h if x else y") == ("h if x else y", None)
    assert [is_condition(text) for text in ("n > 3", "nowhere", "n >")] == [True, False, False]


def test_log_points():
    """A log point says its text, with expressions evaluated, and lets the program run on."""
    _, prompt = session("break w")
    stop = prompt.session.stops.found[0]
    stop.log = "pass {n}: w gets {dy.shape}, {"
    said = prompt.session.logged(stop, prompt.session.seen[3])
    assert said == "pass 1: w gets (2,), {"
    prompt.session.run()
    assert prompt.session.position == len(prompt.session.seen)


def test_tbreak_alone_lists():
    """As in pdb."""
    assert session("tbreak")[0] == "no breakpoints\n"
    assert "1  w, once" in live(SCRIPT, "tbreak w", "tbreak", "quit")[0]


def test_a_name_that_the_program_has_too():
    """Where a condition asks for n, and the program has an n, it is the program's, and that is said."""
    written, _ = live(f"n = 100\n{TRAINING}", "break backward, n == 3", "condition 1 loss > n", "until n == 100", "quit")
    note = "(n is your program's variable here, not the pass's; `pass NUMBER` goes to a pass)"
    assert written.splitlines().count(note) == 3
    assert note not in live(TRAINING, "break backward, n == 3", "quit")[0]
