"""x W or W x, ½ or not: the same network in each way, in Python and on the page; and why one is refused."""

import numpy as np
import pytest
from live_pages import NETWORKS, Python, attention, batch, classifier, convolution, frames, home, text_of, two_layers

from microgradnn import Tensor, nn
from microgradnn.formulas.spelling import made_of
from microgradnn.formulas.unicode_text import text
from microgradnn.pages.live_conventions import has_half, is_on_columns, on_columns, ways_of
from microgradnn.pages.live_network import Network
from microgradnn.pages.live_steps import contributions_of
from microgradnn.programs.program import recomputed

BOTH = {"", "half", "columns", "half columns"}


def gradients_of(output, leaves):
    return recomputed(output, leaves)[1]


@pytest.mark.parametrize("network", NETWORKS)
def test_each_way_is_the_same_network(network):
    """With W x all values and gradients are the transposes, to the last digits; with ½ exactly the halves."""
    output = network()
    leaves = Network(output).wanted
    gradients = gradients_of(output, leaves)
    for name, way in ways_of(output)[0].items():
        factor = 0.5 if "half" in name else 1
        np.testing.assert_allclose(way.output.data, factor * output.data, rtol=1e-14)
        found = gradients_of(way.output, [way.same[x] for x in leaves])
        for expected, gradient in zip(gradients, found, strict=True):
            turned = np.reshape(np.transpose(expected) if way.is_turned else expected, np.shape(gradient))
            np.testing.assert_allclose(gradient, factor * turned, rtol=1e-12, atol=1e-14)


def mlp():
    rng = np.random.default_rng(0)
    x, t = Tensor(rng.normal(size=(5, 3)), name="x"), Tensor(rng.normal(size=(5, 2)), name="t")
    return nn.mse_loss(nn.MLP([3, 4, 2], rng=rng)(x), t)


@pytest.mark.parametrize(
    ("network", "names"),
    [(home, BOTH), (two_layers, BOTH), (batch, BOTH), (mlp, BOTH), (classifier, {"", "columns"}), (convolution, {""})],
)
def test_which_ways_there_are(network, names):
    """Squared errors have ½, products of matrices have W x, layers and losses of the library too."""
    ways, refused = ways_of(network())
    assert set(ways) == names
    assert set(refused) == {"half", "columns"} - names


def test_what_is_written_can_be_multiplied():
    """h = tanh(W x + b_h), o = V h + b_o, L = (t − o)² / 2; x, h and b_h stand upright, V lies."""
    way = ways_of(home())[0]["half columns"]
    network = Network(way.output, is_turned=True)
    made = {network.labels[node]: text(made_of(node)) for node in network.boxed if node.op is not None}
    assert made == {"h": "tanh(W x + b_h)", "o": "V h + b_o", "L": "(t − o)² / 2"}
    assert {network.labels[node] for node in network.upright if node in network.labels} == {"x", "h", "b_h"}
    rules = [(each.node.op.name, each.position, np.shape(each.dx)) for each in contributions_of(way.output)]
    assert ("matmul", 0, (3, 3)) in rules


def test_half_is_left_out_where_it_is():
    """A loss with ½ has a way without it; one that has another number before its squares is refused."""
    t, o = Tensor(1.0, name="t"), Tensor(0.5, requires_grad=True, name="o")
    e = t - o
    for loss in (0.5 * (t - o) ** 2, (t - o) ** 2 / 2, (e * e).sum() * 0.5):
        assert has_half(loss)
        assert ways_of(loss)[0]["half"].output.data == 0.25
    assert not has_half((t - o) ** 2)
    assert not has_half(2 / (t - o))
    assert "already a number" in ways_of(((t - o) ** 2 * 3).sum())[1]["half"]
    assert "this loss is 2 o" in ways_of(2 * o)[1]["half"]
    assert "this loss is o²" in ways_of(o**2)[1]["half"]


def refusals():
    w = Tensor(np.arange(4.0).reshape(2, 2), requires_grad=True, name="w")
    x = Tensor([[1.0, 2.0], [3.0, 5.0]], name="x")
    yield (w * x).sum(), "no product of a matrix"
    yield (x @ w).reshape(4)[1], "reshape"
    yield (x @ w)[0].sum(), "getitem"
    yield (Tensor(np.ones((2, 2, 2))) @ w).sum(), "three and more axes"
    yield (x @ w - (x @ w).mean(axis=0)).max(), "subtract"


@pytest.mark.parametrize(("output", "reason"), list(refusals()))
def test_why_there_is_no_way(output, reason):
    """Where rows are not treated as columns would be, also if the numbers happen to agree, the operation is named."""
    assert reason in ways_of(output)[1]["columns"]


def test_axes_are_turned():
    """A softmax along rows is one along columns, a sum over samples one over columns."""
    A = on_columns(attention()).output
    assert "axis=0" in text(made_of(next(x for x in Network(A).nodes if x.name == "A")))
    w = Tensor(np.ones((3, 2)), requires_grad=True, name="w")
    total = (Tensor(np.arange(12.0).reshape(4, 3)) @ w).sum(axis=(0, 1))
    assert on_columns(total).output.data == total.data


def test_which_order_there_is():
    """x W as the library has it, W x if all that is learned stands left of what comes in."""
    x, W = Tensor([1.0, 2.0], name="x"), Tensor(np.eye(2), requires_grad=True, name="W")
    assert is_on_columns((W @ x).sum())
    assert not is_on_columns((x @ W).sum())
    assert not is_on_columns(attention())


# ---- On the page

LEAVES = "return Object.fromEntries(leafIds.map((id) => [id, [...state.leaves[id].data]]))"
NUMBERS = "return [loss(), ...parameters.flatMap((id) => [...gradientOf(id).data])]"
PARAMETERS = "return parameters.map((id) => [nodes[id].name, [...state.leaves[id].data]])"


@pytest.mark.parametrize("network", [home, two_layers, batch])
def test_numbers_of_each_way_are_pythons(opened, network):
    """However it is written, after drags and after updates, the page's numbers are Python's; and its derivations add up."""
    page, ways = opened(text_of(network)), ways_of(network())[0]
    page.run("setNumber(leafIds[0], 0, 0.75); record('edit'); setMode('train'); setOptimiser('Adam')")
    for change in ("columns", "half", "columns", "half"):
        page.find(f"#{change}").click()
        frames(page)
        way = ways[page.run("return way")]
        python = Python(Network(way.output), way.output)
        for count in (0, 10):
            page.run("for (let i = 0; i < arguments[0]; i++) update(); draw()", count)
            python.put(page.run(LEAVES))
            np.testing.assert_allclose(page.run(NUMBERS), python.numbers(), rtol=1e-12, atol=1e-12)
        wrong = page.run(
            "return parameters.filter((id) => Math.abs(coneOf(id, 0).end.gradient - gradientOf(id).data[0]) > 1e-12)"
        )
        assert wrong == []
        assert "✗" not in page.find("#why").text


def test_the_way_back_is_the_same(opened):
    """Numbers, what is chosen, hidden and kept go over to the other way and come back; undo works in it."""
    page = opened(text_of(two_layers), "#at=W.2")
    page.run("setNumber(...numberNamed('W.2'), 7); record('edit'); state.hidden.add(`value,${numberNamed('U.2')}`); linkNow()")
    before = page.run("return [location.hash, state.chosen, [...state.hidden]]"), page.run(LEAVES)
    page.find("#columns").click()
    frames(page)
    assert page.run("return nameOf(...state.chosen)") == "W₂₁"
    assert page.run("return valueOf(state.chosen[0]).shape") == [3, 2]
    assert page.run("return valueOf(state.chosen[0]).data[state.chosen[1]]") == 7
    page.find("#undo").click()
    frames(page)
    assert page.run("return valueOf(state.chosen[0]).data[state.chosen[1]]") != 7
    page.find("#redo").click()
    page.find("#columns").click()
    frames(page)
    assert (page.run("return [location.hash, state.chosen, [...state.hidden]]"), page.run(LEAVES)) == before


def test_the_address_holds_how_it_is_written(opened):
    """A link opens the page as it was written: W x, ½, indices from 0."""
    page = opened(text_of(home), "#at=W.2")
    for button in ("columns", "half", "index"):
        page.find(f"#{button}").click()
    frames(page)
    link, said = page.run("return location.hash"), page.find("#why").text
    assert "as=half%2Ccolumns%2Cfrom0" in link
    page = opened(text_of(home), link)
    frames(page)
    assert page.find("#why").text == said
    assert page.find("#conventions").text.split("\n") == ["indices from 0", "W x", "½ in L"]


def test_half_is_learnt_from(opened):
    """With ½ an update by SGD goes half as far; what an optimiser remembers of the other loss is forgotten."""
    page = opened(text_of(home), "#mode=train")
    page.run("setOptimiser('momentum'); update(); update()")
    page.find("#half").click()
    assert page.run("return training.memory") == {"t": 0}
    page.run("setOptimiser('SGD'); travel(0); update()")
    halved = dict(page.run(PARAMETERS))
    output = home()
    for W in Network(output).wanted:
        (gradient,) = gradients_of(output, [W])
        np.testing.assert_allclose(halved[W.name], np.ravel(W.data - 0.01 * gradient / 2), rtol=1e-14)


def test_samples_are_columns_then(opened):
    """Of a batch with W x, one sample's gradient is that of its column: the same numbers as of its row."""
    page = opened(text_of(batch), "#mode=train")
    learn = "setSamples('one'); travel(0); update(); update(); return [...state.leaves[parameters[0]].data]"
    rows = page.run(learn)
    page.find("#columns").click()
    columns = page.run(learn)
    np.testing.assert_allclose(np.reshape(columns, (3, 2)).T.ravel(), rows, rtol=1e-13)
    assert page.run("return DATA.units.parts.map(([id, axis]) => [nodes[id].name, axis])") == [["W", 0], ["b", 0], ["V", 0]]


def test_the_step_stays(opened):
    """Who writes otherwise while going through the steps stays at the same one."""
    page = opened(text_of(home), "#mode=steps&step=5")
    frames(page)
    title = page.find("#step-title").text
    page.find("#half").click()
    frames(page)
    assert page.find("#step-title").text == title.replace("5 of 10", "6 of 11")


def test_what_cannot_be_is_said(opened):
    """A convention that the network has not is greyed, and says why when it is clicked."""
    page = opened(text_of(attention))
    assert page.find("#half").get_attribute("aria-disabled") == "true"
    page.find("#half").click()
    frames(page)
    assert page.find("#reason").text == "½ is for squared errors, (t − o)²; this loss is Σ y²."
    page.find("#columns").click()
    frames(page)
    assert not page.find("#reason").is_displayed()
