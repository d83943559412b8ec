"""why: None, zero, small and fine gradients, where on the way they got lost, and the line."""

import numpy as np
import pytest

from microgradnn import Tensor, affine, grad, no_grad, relu, remember_lines, sigmoid, tanh, why


def leaf(values, name):
    return Tensor(values, requires_grad=True, name=name)


def test_none_for_many_reasons():
    """Each reason has its own sentence and way out."""
    x = Tensor([1.0, 2.0], name="x")
    W, V = leaf(np.eye(2) + 0.5, "W"), leaf([2.0, 3.0], "V")
    assert "requires no gradient" in why(x).text
    assert why(W).verdict == "none"
    h = (x @ W).named("h")
    L = (h.data @ V).named("L")
    L.backward()
    reason = why(W, L)
    assert reason.verdict == "none"
    assert "the values of h, which was computed from it," in reason.text and "by .data" in reason.text
    unused = leaf([1.0], "unused")
    assert "no operation that is in memory has used it" in why(unused, L).text
    aside = unused * 2
    assert "but 'L' of shape () was not computed from that" in why(unused, L).text and aside is not None
    V.grad = None
    assert "its gradient was set to None afterwards" in why(V, L).text
    with pytest.raises(TypeError, match="why takes Tensors"):
        why("W")


def as_float(t):
    return float(t)


def as_array(t):
    return np.array(t.data)


@pytest.mark.parametrize("leave", [as_float, as_array, Tensor.item, Tensor.detach, Tensor.numpy])
def test_ways_out_of_the_graph(leave):
    """However a value left, it is found again among the constants."""
    w, v = leaf(1.375, "w"), leaf(2.0, "v")
    L = leave(w) * v
    L.backward()
    assert "its own values came in as a constant" in why(w, L).text


@pytest.mark.parametrize("leave", [as_float, Tensor.item, Tensor.detach, Tensor.numpy])
def test_the_line_where_a_value_left(leave):
    """Where lines are remembered, why names the one that read it, and how; of values that were changed on the way, too."""
    w, v = leaf(1.375, "w"), leaf(2.0, "v")
    with remember_lines():
        z = w * w
        L = (leave(z) + 0.25) * v
        logged = float(L), float(z)
    L.backward()
    reason = why(w, L)
    way = {as_float: "float()", Tensor.item: ".item()", Tensor.detach: ".detach()", Tensor.numpy: ".numpy()"}[leave]
    assert f"left the graph, by {way}." in reason.text and "seems" not in reason.text and logged
    line = as_float.__code__.co_firstlineno + 1 if leave is as_float else reason.place.line
    assert reason.place.line == line and reason.place.file == __file__
    assert "leave(z)" in str(reason) or leave is as_float


def test_the_line_of_no_grad():
    """What was computed within no_grad left there; a part that is read, h[0], leaves of all of h."""
    W = leaf(np.eye(2) + 0.5, "W")
    with remember_lines():
        with no_grad():
            h = np.ones(2) @ W
        L = (h * leaf([1.0, 3.0], "U")).sum()
        other = np.ones(2) @ W
        M = (np.array([float(part) for part in other]) * leaf([1.0, 2.0], "V")).sum()
    L.backward()
    M.backward()
    assert "it seems" not in why(W, M).text and why(W, M).text.endswith("by float().")
    assert "float(part) for part in other" in str(why(W, M))
    assert why(W, L).text.endswith("by no_grad().") and "h = np.ones(2) @ W" in str(why(W, L))


def test_the_line_by_the_text_of_the_program(tmp_path):
    """Where nothing was noted, the text of the program is asked, which may be wrong, and says so."""
    program = tmp_path / "program.py"
    program.write_text(
        "h = W * 3\n"
        "loss = Tensor(h.numpy() + 1) * V\n"
        "loss.backward()\n"
        "print('loss', loss.item())\n"
        "reason = why(W, loss)\n"
        "later = h.item()\n"
    )
    given = {"W": leaf(1.5, "W"), "V": leaf(2.0, "V"), "Tensor": Tensor, "why": why, "print": lambda *_: None}
    exec(compile(program.read_text(), str(program), "exec"), given)
    reason = given["reason"]
    assert "Its values left the graph, it seems by .numpy()." in reason.text
    assert reason.place.line == 2 and "h.numpy()" in str(reason)


def test_where_it_got_lost():
    """The step that made it zero is named, with its figures, and its line if lines are remembered."""
    x, W = Tensor([[1.0, 2.0]], name="x"), leaf([[-1.0], [-3.0]], "W")
    with remember_lines():
        L = relu(x @ W).sum()
    L.backward()
    reason = why(W)
    assert reason.verdict == "zero" and reason.place.file == __file__
    assert "relu lost it" in reason.text and "not above 0 in any of its 1 element" in reason.text
    assert "x W          0   ← lost here" in str(reason)
    zero, V = leaf(np.zeros(2), "zero"), leaf(np.ones((3, 2)), "V")
    L = ((np.ones(3) @ V) * zero).sum()
    L.backward()
    assert "multiplies it by zero, which is 0 everywhere" in why(V).text


def test_small_gradients():
    """Of a long way the weakest step is named; of a saturated unit, which share of it is."""
    w = leaf([9.0, 8.5], "w")
    L = tanh(w).sum()
    L.backward()
    reason = why(w)
    assert reason.verdict == "small" and "tanh is saturated in 100% of its elements" in reason.text
    a = leaf([0.5], "a")
    h = a
    for _ in range(14):
        h = sigmoid(h)
    L = h.sum()
    L.backward()
    assert why(a).verdict == "small"
    del L, h
    assert "the graph that it came by is gone" in why(a).text


def test_small_little_by_little():
    """Where many steps share the loss, none is blamed; that a mean gives each of n samples an n-th is no loss."""
    W = leaf(np.eye(2), "W")
    h = np.ones((1000, 2)) @ W
    for _ in range(20):
        h = sigmoid(h)
    L = h.mean()
    L.backward()
    reason = why(W)
    assert reason.verdict == "small" and "lost little by little: at 20 of 2" in reason.text and "mean" not in reason.text
    assert "normalisation" in reason.way_out


def test_a_leaf_has_no_gradient_to_give():
    """A loss that was made anew of its value leads nowhere, and is said to be that."""
    w = leaf([1.0, 2.0], "w")
    L = leaf((w * w).sum().item(), "L")
    L.backward()
    assert "is a leaf, which was computed from nothing" in why(w, L).text


def test_what_is_too_small_for_its_dtype():
    """In half precision a rule may give 0 where in double precision it would not; which operand is 0 is told truly."""
    w = leaf(np.full((1, 3), 0.01, np.float16), "w")
    L = (np.tanh(w) * np.float16(1e-4)).mean() * np.float16(1e-3)
    L.backward()
    assert "float16 has nothing between 0 and 6e-08" in why(w, L).text
    x, W, b = Tensor(np.zeros((4, 2)), name="x"), leaf(np.ones((2, 3)), "W"), leaf(np.zeros(3), "b")
    L = affine(x, W, b).sum()
    L.backward()
    assert "affine multiplies it by x, which is 0 everywhere" in why(W, L).text and "Look at the data" in why(W, L).way_out


def test_fine():
    """A gradient that is there is called so, with its size."""
    w = leaf([3.0, 4.0], "w")
    L = (w * w).sum()
    L.backward()
    assert why(w).verdict == "fine" and "7.07 on average" in why(w).text
    assert grad(L, w) is not None
