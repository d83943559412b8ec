"""What tests of pictures share: small graphs, and what is read from their diagrams."""

import numpy as np

from microgradnn import Tensor, nn
from microgradnn.pictures.picture import Line


def texts(box):
    """What stands in a box, line by line; an array as its label."""
    return [item.text if isinstance(item, Line) else item.label for item in box.content]


def box_named(diagram, name):
    return next(box for box in diagram.picture.boxes if texts(box)[0] == name)


def arrows(diagram):
    return [(arrow.tail, arrow.head) for arrow in diagram.picture.arrows]


def loss_of_a_unit():
    """L = (2 − x w)², with its gradients."""
    x, w = Tensor(3.0, name="x"), Tensor(0.5, requires_grad=True, name="w")
    L = ((2 - x * w) ** 2).named("L")
    L.backward()
    return L


class Classifier(nn.Module):
    """Two layers."""

    def __init__(self, rng):
        self.hidden, self.out = nn.Linear(2, 3, rng=rng), nn.Linear(3, 2, rng=rng)

    def forward(self, x):
        return self.out(self.hidden(x).tanh())


def classify(rng, samples=4):
    network = Classifier(rng)
    L = nn.cross_entropy(network(Tensor(rng.normal(size=(samples, 2)), name="x")), np.arange(samples) % 2).named("L")
    L.backward()
    return network, L
