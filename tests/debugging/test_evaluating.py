"""Expressions at the prompt: values and gradients as they were at the step."""

from prompts import session

from microgradnn import Passes, Tensor


def test_print_shows_gradients_as_they_are_now():
    """`print` evaluates an expression with the gradients of this step; what has none yet is not shown as 0."""
    written, _ = session("print w.grad", "next 4", "print w.grad.round(3)", "print 1/0", "print")
    assert written.splitlines()[0] == "not computed yet"
    assert written.splitlines()[2:] == [
        "array([-1.151,  2.301])",
        "ZeroDivisionError: division by zero",
        "print what? For example: print W.grad",
    ]


def test_print_of_a_part_that_is_not_computed_yet():
    """A part of a gradient that is not there yet is answered with that; other errors stay as they are."""
    written, _ = session("print w.grad[0]", "print w.grad.sum() + 1", "print [v.grad.sum() for v in [w]]", "print {}.get(1)[0]")
    lines = written.splitlines()
    assert lines[:2] == ["w.grad is not computed yet"] * 2
    assert lines[2].startswith("AttributeError") and lines[3].startswith("TypeError")


def test_a_pass_that_is_over():
    """At the prompt of a pass that was kept, values, gradients and derivations are those of then."""
    w = Tensor([0.5, -1.0], requires_grad=True, name="w")
    with Passes() as passes:
        (w * w).sum().named("L").backward()
    w.data += 10
    w.grad = None
    written, _ = session("print w", "next 5", "print w.grad", "explain w[0]", "print w", output=passes[0])
    assert written.splitlines()[0] == "Tensor([ 0.5, -1. ], name='w', requires_grad=True)"
    assert "array([ 1., -2.])" in written
    assert [line.split() for line in written.splitlines() if line.startswith("w.grad[0]")] == [["w.grad[0]", "1", "✓"]]
    assert (w.data.tolist(), w.grad) == ([10.5, 9], None)
