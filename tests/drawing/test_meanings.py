"""Groups of operations with a name of their own, whoever composed them, and the derivative that is said of each."""

import numpy as np
import pytest
from diagrams import classify, texts

from microgradnn import Tensor, draw, grad, nn, softmax
from microgradnn.drawing.meanings import meanings_in
from microgradnn.drawing.view import View
from microgradnn.graph import whole_graph


def leaf(rng, *shape, name):
    return Tensor(rng.normal(size=shape), requires_grad=True, name=name)


def composed(s):
    e = s.exp()
    return e / e.sum()


def stable(s):
    e = (s - s.max()).exp()
    return e / e.sum()


@pytest.mark.parametrize("made", [softmax, composed, stable])
def test_cross_entropy_of_probabilities(made, rng):
    """−Σ y log p of a softmax, also of one that was written out: its derivative is p − y, as the box says."""
    s, y = leaf(rng, 3, name="s"), Tensor([0.0, 1.0, 0.0], name="y")
    L = (-(y * made(s).log()).sum()).named("L")
    ((node, meaning),) = meanings_in(whole_graph(L)).items()
    assert node is L
    assert meaning.name == "cross-entropy"
    assert meaning.rule == "∂L/∂x = p − y"
    assert np.allclose(grad(L, s), softmax(s).numpy() - y.numpy())
    boxes = draw(L, fold="meaning").picture.boxes
    assert [texts(box)[0] for box in boxes] == ["s", "y", "L"]
    assert "∂L/∂s = p − y" in texts(boxes[-1])


def test_cross_entropy_of_classes(rng):
    """nn.cross_entropy of a batch: (p − y) / 4, and the arrays agree."""
    z, classes = leaf(rng, 4, 3, name="z"), np.array([0, 2, 1, 1])
    L = nn.cross_entropy(z, classes).named("L")
    (meaning,) = meanings_in(whole_graph(L)).values()
    assert (meaning.name, meaning.rule) == ("cross-entropy", "∂L/∂x = (p − y) / 4")
    assert np.allclose(grad(L, z), (softmax(z).numpy() - np.eye(3)[classes]) / 4)


def test_attention(rng):
    """softmax(Q Kᵀ / √d) V is one box, whose derivative for V is Aᵀ times what comes."""
    Q, K, V = (leaf(rng, 4, 3, name=name) for name in "QKV")
    A = softmax(Q @ K.T / np.sqrt(3))
    O = (A @ V).named("O")  # noqa: E741 - as papers call it
    L = (O**2).sum().named("L")
    (meaning,) = meanings_in(whole_graph(L)).values()
    assert (meaning.name, meaning.rule) == ("attention", "∂L/∂V = Aᵀ · ∂L/∂O")
    assert meaning.inputs == (Q, K, V) or [x.name for x in meaning.inputs] == ["Q", "K", "V"]
    assert np.allclose(grad(L, V), A.numpy().T @ (2 * O.numpy()))


def test_what_only_looks_like_it(rng):
    """A quotient of other things is no softmax, a mean of other things no cross-entropy."""
    s, t = leaf(rng, 3, name="s"), leaf(rng, 3, name="t")
    assert meanings_in(whole_graph((s.exp() / t.exp().sum()).sum())) == {}
    assert meanings_in(whole_graph((s / s.sum()).log().mean())) == {}
    assert meanings_in(whole_graph((s @ t).exp())) == {}


def test_what_is_used_outside_stays_open(rng):
    """Where something else uses what is within, the group is not closed: nothing of the graph may be hidden."""
    s, y = leaf(rng, 3, name="s"), Tensor([0.0, 1.0, 0.0], name="y")
    p = softmax(s).named("p")
    L = (-(y * p.log()).sum() + (p**2).sum()).named("L")
    assert View(L, "meaning", None, names_only=False).meant == {}
    assert "p" in {texts(box)[0] for box in draw(L, fold="meaning").picture.boxes}


def test_layers_and_their_loss(rng):
    """With layers as boxes, the loss is one as well."""
    _, L = classify(rng)
    boxes = {texts(box)[0]: texts(box) for box in draw(L, fold="layers").picture.boxes}
    assert boxes["L"][1] == "= cross-entropy"
