"""Random graphs to lay out, and where the points of a layout lie."""

import numpy as np

from microgradnn import Tensor
from microgradnn.pictures.layout import Point


def random_graph(rng, size):
    """A graph of operations on numbers and vectors, some of them named."""
    nodes = [Tensor(rng.normal(size=3), requires_grad=True, name="a"), Tensor(rng.normal(), name="b")]
    for i in range(size):
        x, y = (nodes[rng.integers(len(nodes))] for _ in range(2))
        made = [x + y, x * y, x - y, x.tanh(), x * 2][rng.integers(5)]
        nodes.append(made.named(f"n{i}") if rng.random() < 0.4 else made)
    return nodes[-1].sum().named("out")


def points_on(curve):
    """Points all along a curve."""
    for i in range(0, len(curve.points) - 1, 3):
        a, b, c, d = (np.array(point) for point in curve.points[i : i + 4])
        for t in np.linspace(0, 1, 25):
            yield Point(*((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d))


def depth_in(box, point):
    """How far within a rectangle a point is; negative outside."""
    return min(point.x - box.x, box.x + box.width - point.x, point.y - box.y, box.y + box.height - point.y)
