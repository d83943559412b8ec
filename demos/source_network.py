"""The network that the question is about, and the data the demos train it on.

    h = tanh(x W + b_h)      hidden units, one tanh each
    o = h V + b_o            one linear output
    L = (t − o)²             squared loss for the target t

W₁₂ leads from the first input to the second hidden unit.
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.datasets import load_diabetes

from microgradnn import Tensor, nn
from microgradnn.errors import RendererError


class SourceNetwork(nn.Module):
    """One hidden layer of tanh units and one linear output, for one sample at a time."""

    def __init__(self, W, V):
        self.W = Tensor(W, requires_grad=True, name="W")
        self.b_h = Tensor(np.zeros(W.shape[1]), requires_grad=True, name="b_h")
        self.V = Tensor(V, requires_grad=True, name="V")
        self.b_o = Tensor(0.0, requires_grad=True, name="b_o")

    def weighted_inputs(self, x):
        """x W, the sum of the inputs that each hidden unit sees."""
        return x @ self.W

    def forward(self, x):
        h = (self.weighted_inputs(x) + self.b_h).tanh().named("h")
        return (h @ self.V + self.b_o).named("o")

    def loss(self, x, t):
        """L = (t − o)² for one sample: x of shape (inputs,), t a number."""
        x, t = Tensor(x, name="x"), Tensor(t, name="t")
        return nn.squared_error(self(x), t).named("L")

    def mean_loss(self, X, T):
        """The mean of L over samples, without recording: X of shape (samples, inputs), T of shape (samples,)."""
        h = np.tanh(X @ self.W.data + self.b_h.data)
        return float(np.mean((T - h @ self.V.data - self.b_o.data) ** 2))


def diabetes():
    """442 patients: 10 measurements each, standardised, and how far their diabetes went in a year, standardised."""
    X, T = load_diabetes(return_X_y=True, scaled=False)
    return (X - X.mean(axis=0)) / X.std(axis=0), (T - T.mean()) / T.std()


def arguments(description, alpha=0.01, hidden=3, epochs=20):
    """The command line that the demos share."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("pictures"), help="folder for the pictures")
    parser.add_argument("--epochs", type=int, default=epochs, help="how often each sample is seen")
    parser.add_argument("--hidden", type=int, default=hidden, help="how many hidden units")
    parser.add_argument("--alpha", type=float, default=alpha, help="learning rate α")
    parser.add_argument("--seed", type=int, default=0, help="seed of all random numbers")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    return given


def save_diagram(diagram, path):
    """Save a picture; where no Graphviz renderer is installed, its DOT text. Returns the path written."""
    try:
        return diagram.save(path)
    except RendererError as error:
        print(error)
        return diagram.save(path.with_suffix(".dot"))
