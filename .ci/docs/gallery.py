"""The pictures of the gallery: each function makes one, and its text is what the page shows beside it."""

import numpy as np

from microgradnn import Tensor, backward_steps, chain_rule, draw, nn


def network():
    """The network of all pictures: three inputs, three hidden units, one output."""
    rng = np.random.default_rng(0)
    x, t = Tensor([0.5, -1.2, 0.3], name="x"), Tensor(1.0, name="t")
    W = Tensor(rng.normal(size=(3, 3)), requires_grad=True, name="W")
    V = Tensor(rng.normal(size=3), requires_grad=True, name="V")
    h = (x @ W).tanh().named("h")
    o = (h @ V).named("o")
    L = ((t - o) ** 2).named("L")
    L.backward()
    return L, W


def whole_graph():
    """All that was recorded: tensors with values and gradients, and the operations between them."""
    L, _ = network()
    return draw(L)


def folded_by_names():
    """Only what has a name. What lies between is folded."""
    L, _ = network()
    return draw(L, fold="names")


def one_weight():
    """Where ∂L/∂W₁₁ comes from: the chain rule, with a factor on every arrow."""
    L, W = network()
    return chain_rule(L, W[0, 0]).diagram


def one_weight_in_the_graph():
    """The same in the graph: tensors stay whole, but for the scalars on the way."""
    L, W = network()
    return draw(L, expand=W[0, 0])


def black_and_white():
    """For handouts and papers: no colour, and patterns in place of it."""
    L, _ = network()
    return draw(L, fold="names", theme="print")


def on_a_wall():
    """For slides: wrapped into 16:9, in type that is read from the last row."""
    L, _ = network()
    return draw(L, shape="slide")


def dark():
    """For dark pages."""
    L, _ = network()
    return draw(L, fold="names", theme="dark")


def modules_as_boxes():
    """A network of layers: each is a box, and can be opened by name."""
    rng = np.random.default_rng(0)
    mlp = nn.MLP([3, 4, 2], rng=rng)
    loss = nn.cross_entropy(mlp(Tensor(rng.normal(size=(5, 3)), name="x")), np.array([0, 1, 1, 0, 1])).named("L")
    loss.backward()
    return draw(loss, fold="modules")


def steps():
    """All steps of the backward pass, as one page: arrow keys go back and forth, Q asks before it tells."""
    L, _ = network()
    return backward_steps(L)


PICTURES = (
    whole_graph,
    folded_by_names,
    one_weight,
    one_weight_in_the_graph,
    modules_as_boxes,
    black_and_white,
    on_a_wall,
    dark,
)
