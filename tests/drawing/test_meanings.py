"""Groups of operations with a name of their own, whoever composed them, and the derivative that is said of each."""

import numpy as np
import pytest
from diagrams import classify, texts

from microgradnn import Tensor, draw, grad, nn, sigmoid, softmax, tanh
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


def standardised(x):
    return (x - x.mean(-1, keepdims=True)) / (x.var(-1, keepdims=True) + 1e-5).sqrt()


def by_hand(x):
    d = x - x.mean(-1, keepdims=True)
    return d / ((d * d).mean(-1, keepdims=True) + 1e-5).sqrt()


@pytest.mark.parametrize("made", [standardised, by_hand, nn.LayerNorm(4, affine=False)])
def test_layer_norm(made, rng):
    """Also where it was written out, with γ and β: the derivative that the box says is that of the arrays."""
    x, gamma, beta = leaf(rng, 3, 4, name="x"), leaf(rng, 4, name="γ"), leaf(rng, 4, name="β")
    y = (gamma * made(x) + beta).named("y")
    L = (y**3).sum().named("L")
    (meaning,) = meanings_in(whole_graph(L)).values()
    assert (meaning.name, meaning.inputs) == ("layer norm", (x, gamma, beta))
    assert meaning.rule.splitlines() == ["∂L/∂x = (g − mean g − x̂ ⊙ mean(g ⊙ x̂)) / σ", "g = γ ⊙ ∂L/∂y"]
    sigma = np.sqrt(x.numpy().var(-1, keepdims=True) + 1e-5)
    g, z = gamma.numpy() * 3 * y.numpy() ** 2, (x.numpy() - x.numpy().mean(-1, keepdims=True)) / sigma
    assert np.allclose(grad(L, x), (g - g.mean(-1, keepdims=True) - z * (g * z).mean(-1, keepdims=True)) / sigma)
    assert [texts(box)[0] for box in draw(L, fold="meaning").picture.boxes] == ["x", "γ", "β", "y", "L"]


def test_over_the_batch_it_is_another(rng):
    """Mean and variance of each feature over the samples are a batch norm; of different axes, nothing that has a name."""
    x = leaf(rng, 3, 4, name="x")
    (meaning,) = meanings_in(whole_graph(nn.BatchNorm(4)(x).sum())).values()
    assert meaning.name == "batch norm"
    mixed = (x - x.mean(-1, keepdims=True)) / (x.var(0, keepdims=True) + 1e-5).sqrt()
    assert meanings_in(whole_graph(mixed.sum())) == {}


def lstm(rng, steps):
    cell, state = nn.LSTMCell(2, 3, rng=rng), None
    for t in range(1, steps + 1):
        state = cell(Tensor(rng.normal(size=2), name=f"x_{t}"), state)
        state[0].named(f"h_{t}")
    return cell, state


def test_lstm_cells(rng):
    """Each step of an LSTM is one box, which is its memory as well: the next step comes from it alone."""
    _, (h, c) = lstm(rng, 3)
    L = ((h * c) ** 2).sum().named("L")
    meanings = [meaning.name for meaning in meanings_in(whole_graph(L)).values()]
    assert meanings == ["LSTM cell"] * 3
    picture = draw(L, fold="meaning").picture
    cells = {box.id: texts(box)[0] for box in picture.boxes if "= LSTM cell" in texts(box)}
    assert list(cells.values()) == ["h_1", "h_2", "h_3"]
    ways = [(cells[arrow.tail], arrow.head) for arrow in picture.arrows if arrow.tail in cells]
    assert ways == [("h_1", "h_2"), ("h_2", "h_3"), ("h_3", "L")]


def test_an_lstm_cell_written_out(rng):
    """Gates of weights of their own; a gate that looks at the memory it is about is another cell, and stays open."""
    x, h, c = leaf(rng, 2, name="x"), leaf(rng, 3, name="h"), leaf(rng, 3, name="c")
    U, V = leaf(rng, 2, 3, name="U"), leaf(rng, 3, 3, name="V")
    i, f, o = (sigmoid(x @ U + h @ V) for _ in range(3))
    new = c * f + tanh(x @ U) * i
    (meaning,) = meanings_in(whole_graph((tanh(new) * o).sum())).values()
    assert meaning.name == "LSTM cell"
    assert set(meaning.inputs) == {x, h, c, U, V}
    assert np.allclose(grad(new.sum(), c), f.numpy())
    peeping = sigmoid(x @ U + new @ V)
    assert meanings_in(whole_graph((peeping * tanh(new)).sum())) == {}


def gru(rng):
    cell, h = nn.GRUCell(2, 3, rng=rng), None
    for t in range(1, 4):
        h = cell(Tensor(rng.normal(size=2), name=f"x_{t}"), h).named(f"h_{t}")
    return h


def test_gru_cells(rng):
    """Each step of a GRU is one box, opened on demand."""
    L = (gru(rng) ** 2).sum().named("L")
    assert [meaning.name for meaning in meanings_in(whole_graph(L)).values()] == ["GRU cell"] * 3
    assert sum("= GRU cell" in texts(box) for box in draw(L, fold="meaning").picture.boxes) == 3
    assert not any("= GRU cell" in texts(box) for box in draw(L, fold="meaning", unfold="GRU cell").picture.boxes)


@pytest.mark.parametrize("kept", ["z", "1 − z"])
@pytest.mark.parametrize("reset", ["before", "after"])
def test_a_gru_cell_written_out(rng, kept, reset):
    """With r before the product or after it, and either way round: what goes straight from h to h′ is what the box says."""
    x, h = leaf(rng, 2, name="x"), leaf(rng, 3, name="h")
    W, U = leaf(rng, 2, 3, name="W"), leaf(rng, 3, 3, name="U")
    r, z = sigmoid(x @ W + h @ U), sigmoid(x @ W + h @ U)
    n = tanh(x @ W + ((r * h) @ U if reset == "before" else r * (h @ U)))
    new = z * h + (1 - z) * n if kept == "z" else (1 - z) * h + z * n
    (meaning,) = meanings_in(whole_graph(new.sum())).values()
    assert (meaning.name, set(meaning.inputs)) == ("GRU cell", {x, h, W, U})
    assert {r, z, n} <= meaning.inside
    assert meaning.rule == f"directly ∂h′/∂h = diag({kept})"


def test_what_is_no_gru_cell(rng):
    """Without a gate within, or with shares that are no z and 1 − z, a sum of products is no GRU cell."""
    x, h, W = leaf(rng, 2, name="x"), leaf(rng, 3, name="h"), leaf(rng, 2, 3, name="W")
    z, n = sigmoid(x @ W), tanh(x @ W)
    for new in (z * h + (1 - z) * n, z * h + (2 - z) * n, z * h + z * n):
        assert meanings_in(whole_graph(new.sum())) == {}


def test_opened_on_demand(rng):
    """What unfold names stays open, by its result, its layer or its name; what is not there is refused."""
    cell, (h, _) = lstm(rng, 2)
    L = (h**2).sum().named("L")
    closed, opened = draw(L, fold="meaning"), draw(L, fold="meaning", unfold=h)
    assert sum("= LSTM cell" in texts(box) for box in closed.picture.boxes) == 2
    assert sum("= LSTM cell" in texts(box) for box in opened.picture.boxes) == 1
    operations = [texts(box)[0] for box in opened.picture.boxes if box.kind == "operation"]
    assert (operations.count("sigmoid"), operations.count("tanh")) == (3, 2)
    assert not any("= LSTM cell" in texts(box) for box in draw(L, fold="meaning", unfold="LSTM cell").picture.boxes)
    assert len(draw(L, fold="layers", unfold=cell).picture.boxes) > len(draw(L, fold="layers").picture.boxes)
    with pytest.raises(ValueError, match=r"unfold: the tensor q is no part of the graph that is drawn\."):
        draw(L, fold="meaning", unfold=Tensor(1.0, name="q"))
    with pytest.raises(ValueError, match="unfold"):
        draw(L, fold="meaning", unfold="MLP")
