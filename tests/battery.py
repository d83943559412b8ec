"""Twenty networks to draw, and what must hold of every sheet: type, size, nothing over anything."""

import numpy as np
from diagrams import classify, loss_of_a_unit
from networks import small_network, source_network

from microgradnn import Tensor, nn, softmax
from microgradnn.pictures.layout import Rectangle
from microgradnn.pictures.metrics import width_of
from microgradnn.pictures.sheet import Cells, Node, Run, Way


def leaf(rng, *shape, name):
    return Tensor(0.7 * rng.normal(size=shape), requires_grad=True, name=name)


def layers(rng, count=6):
    z = Tensor(rng.normal(size=3), name="x")
    for i in range(1, count + 1):
        z = (z @ leaf(rng, 3, 3, name=f"W_{i}")).tanh().named(f"z_{i}")
    return (z**2).sum().named("L")


def chain(rng, count=20, named=True):
    z = Tensor(0.5, requires_grad=True, name="x")
    for i in range(count):
        z = [z.tanh, z.exp, z.sin, (z * 0.5).cos][i % 4]()
        z = z.named(f"z_{i + 1}") if named else z
    return z.named("L")


def recurrent(rng, steps=5):
    W, U, h = leaf(rng, 2, 3, name="W"), leaf(rng, 3, 3, name="U"), Tensor(np.zeros(3), name="h_0")
    for i in range(1, steps + 1):
        h = (Tensor(rng.normal(size=2), name=f"x_{i}") @ W + h @ U).tanh().named(f"h_{i}")
    return ((h @ leaf(rng, 3, name="V") - 1) ** 2).named("L")


def lstm(rng, steps=3):
    gates = {g: (leaf(rng, 2, 2, name=f"W_{g}"), leaf(rng, 2, 2, name=f"U_{g}")) for g in "ifoc"}
    h, c = Tensor(np.zeros(2), name="h_0"), Tensor(np.zeros(2), name="c_0")
    for t in range(1, steps + 1):
        x = Tensor(rng.normal(size=2), name=f"x_{t}")
        i, f, o = ((x @ W + h @ U).sigmoid().named(f"{g}_{t}") for g, (W, U) in list(gates.items())[:3])
        c = (f * c + i * (x @ gates["c"][0] + h @ gates["c"][1]).tanh()).named(f"c_{t}")
        h = (o * c.tanh()).named(f"h_{t}")
    return h.sum().named("L")


def cross_entropy(rng):
    p = softmax((Tensor(rng.normal(size=4), name="x") @ leaf(rng, 4, 3, name="W")).named("s")).named("p")
    return (-(Tensor([0.0, 1, 0], name="y") * p.log()).sum()).named("L")


def attention(rng):
    X = leaf(rng, 4, 3, name="X")
    Q, K, V = ((X @ leaf(rng, 3, 3, name=f"W_{k}")).named(k.upper()) for k in "qkv")
    A = softmax((Q @ K.T / np.sqrt(3)).named("S")).named("A")
    return ((A @ V).named("O") ** 2).mean().named("L")


def batch(rng):
    H = (Tensor(rng.normal(size=(8, 3)), name="X") @ leaf(rng, 3, 4, name="W") + leaf(rng, 4, name="b")).tanh().named("H")
    return ((Tensor(rng.normal(size=8), name="t") - (H @ leaf(rng, 4, name="V")).named("o")) ** 2).mean().named("L")


def convolution(rng):
    net = nn.Sequential(nn.Conv2d(1, 2, 3, rng=rng), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(18, 3, rng=rng))
    return nn.cross_entropy(net(Tensor(rng.normal(size=(1, 1, 8, 8)), name="image")), np.array([2])).named("L")


def residual(rng):
    z = Tensor(rng.normal(size=3), name="x")
    for i in range(1, 5):
        z = (z + (z @ leaf(rng, 3, 3, name=f"W_{i}")).tanh().named(f"f_{i}")).named(f"z_{i}")
    return z.sum().named("L")


def branches(rng):
    x = leaf(rng, 3, name="x")
    heads = [(x @ leaf(rng, 3, 2, name=f"W_{i}")).tanh().named(f"head_{i}") for i in range(8)]
    total = heads[0]
    for head in heads[1:]:
        total = total + head
    return (total.named("total") ** 2).sum().named("L")


def long_names(rng):
    W = leaf(rng, 2, 2, name="the weights of the first and only layer of this network, with a name that never ends")
    return (Tensor([1.0, 2.0], name="the input <&> \\N of it") @ W).tanh().named("hidden").sum().named("the loss")


def not_finite(rng):
    W = Tensor(np.where(np.arange(36) == 7, np.nan, 1.0).reshape(6, 6), requires_grad=True, name="W")
    small = Tensor([np.inf, 1.0, -np.inf], requires_grad=True, name="u")
    return ((W.sum(axis=0) * 1e-30).named("rows").sum() + small.sum()).named("L")


def many_leaves(rng):
    terms = [leaf(rng, 2, name=f"w_{i}") for i in range(12)]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return (total.named("s") ** 2).sum().named("L")


NETWORKS = {
    "source": lambda rng: source_network()[0],
    "samples": lambda rng: small_network()[0],
    "unit": lambda rng: loss_of_a_unit(),
    "two layers": lambda rng: layers(rng, 2),
    "six layers": layers,
    "thirty layers": lambda rng: layers(rng, 30),
    "chain of 20": chain,
    "chain of 50, unnamed": lambda rng: chain(rng, 50, named=False),
    "RNN": recurrent,
    "RNN of 20": lambda rng: recurrent(rng, 20),
    "LSTM": lstm,
    "cross-entropy": cross_entropy,
    "attention": attention,
    "batch": batch,
    "classifier": lambda rng: classify(rng)[1],
    "convolution": convolution,
    "residual": residual,
    "branches": branches,
    "long names": long_names,
    "not finite": not_finite,
    "many leaves": many_leaves,
}


def network(name):
    """The loss of one of the networks, after a backward pass."""
    with np.errstate(all="ignore"):
        L = NETWORKS[name](np.random.default_rng(5))
        L.backward()
    return L


def box_of(run):
    """The rectangle that the letters of a run are in."""
    return Rectangle(run.x, run.y - 0.73 * run.size, width_of(run.text, run.size, "b" in run.style), 0.93 * run.size)


def assert_sound(sheet, page, smaller=1.0):
    """Type no smaller than the page asks, all within it, no text over text, and no arrow through text or a box not its own."""
    assert sheet.type >= smaller * page.smallest - 0.01
    assert sheet.width == page.width
    assert sheet.height <= page.height + 0.01 if page.shrinks else sheet.height == page.height
    runs = [mark for mark in sheet.marks if isinstance(mark, Run)]
    nodes = [mark for mark in sheet.marks if isinstance(mark, Node)]
    texts, boxes = borders(map(box_of, runs)), borders(node.place for node in nodes)
    cells = borders(mark.place for mark in sheet.marks if isinstance(mark, Cells))
    for places in (texts, boxes, cells):
        assert np.all(places[:, :2] >= 0)
        assert np.all(places[:, 2:] <= [sheet.width, sheet.height + 0.5])
    for places, marks in ((texts, runs), (boxes, nodes)):
        over = meeting(places, places) & ~np.eye(len(places), dtype=bool)
        assert not over.any(), [(marks[i], marks[j]) for i, j in np.argwhere(over)[:3]]
    assert crossed_texts(sheet) == []
    for way in (mark for mark in sheet.marks if isinstance(mark, Way)):
        points = points_along(way)
        assert np.all(points >= -0.01)
        assert np.all(points <= [sheet.width + 0.01, sheet.height + 0.01])
        dots = np.hstack([points, points])
        for i in np.flatnonzero(meeting(boxes, dots).any(axis=1)):
            assert nodes[i].id in (way.tail, way.head), (way.tail, way.head, nodes[i].id)


def crossed_texts(sheet):
    """Arrows that run through text, each with that text."""
    runs = [mark for mark in sheet.marks if isinstance(mark, Run)]
    texts, found = borders(map(box_of, runs)), []
    for way in (mark for mark in sheet.marks if isinstance(mark, Way)):
        points = points_along(way)
        found += [
            (way.tail, way.head, runs[i].text) for i in np.flatnonzero(meeting(texts, np.hstack([points, points])).any(axis=1))
        ]
    return found


def points_along(way):
    """Points all along the Bézier curves of a way."""
    t = np.linspace(0, 1, 25)[:, None]
    parts = np.array([way.points[i : i + 4] for i in range(0, len(way.points) - 1, 3)])[:, :, None]
    a, b, c, d = parts.transpose(1, 0, 2, 3)
    return ((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d).reshape(-1, 2)


def borders(places):
    """Left, top, right and bottom of rectangles."""
    return np.array([(place.x, place.y, place.x + place.width, place.y + place.height) for place in places]).reshape(-1, 4)


def meeting(ones, others):
    """Which of some rectangles have more than a border in common with which of others."""
    a, b = ones[:, None], others[None]
    return np.all((a[..., :2] + 0.3 < b[..., 2:] - 0.3 * (b[..., 2:] > b[..., :2])) & (b[..., :2] < a[..., 2:] - 0.3), axis=-1)
