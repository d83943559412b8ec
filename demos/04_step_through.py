"""Step through the backward pass in a browser: the source's network for one patient, and a small classifier of digits.

Run it with `python demos/04_step_through.py`, and open the pages that it writes to the folder `pictures/steps`: arrow keys
go back and forth, Q asks for the numbers. It also writes the first network's steps as numbered pictures for slides.
"""

import numpy as np
from sklearn.datasets import load_digits
from source_network import SourceNetwork, arguments, diabetes

from microgradnn import Tensor, backward_steps, nn, optim
from microgradnn.errors import RendererError

PIXELS = 16  # digits of 4 by 4 pixels, so that a page can show their numbers


class Classifier(nn.Module):
    """16 pixels, one layer of tanh units, ten classes."""

    def __init__(self, hidden, rng):
        self.hidden = nn.Linear(PIXELS, hidden, rng=rng)
        self.out = nn.Linear(hidden, 10, rng=rng)

    def forward(self, x):
        h = self.hidden(x).tanh().named("h")
        return self.out(h).named("o")


def patient_steps(epochs, hidden, alpha, rng):
    """The steps of L = (t − o)² for the first patient, after training one patient at a time."""
    X, T = diabetes()
    network = SourceNetwork(rng.normal(0, X.shape[1] ** -0.5, (X.shape[1], hidden)), rng.normal(0, hidden**-0.5, hidden))
    descent = optim.SGD(network.parameters(), lr=alpha)
    for _ in range(epochs):
        for i in rng.permutation(len(X)):
            descent.zero_grad()
            network.loss(X[i], T[i]).backward()
            descent.step()
    return backward_steps(network.loss(X[0], T[0]))


def digit_steps(epochs, hidden, rng):
    """The steps of the cross-entropy of three digits, after training on batches of 32."""
    X, y = load_digits(return_X_y=True)
    X = X.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, PIXELS) / 16  # each pixel the mean of four
    network = Classifier(hidden, rng)
    descent = optim.SGD(network.parameters(), lr=0.2)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), 32):
            batch = order[start : start + 32]
            descent.zero_grad()
            nn.cross_entropy(network(X[batch]), y[batch]).backward()
            descent.step()
    return backward_steps(nn.cross_entropy(network(Tensor(X[:3], name="x")), y[:3]).named("L"))


def main():
    given = arguments(__doc__.partition("\n")[0])
    folder = given.out / "steps"
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(given.seed)
    patient = patient_steps(given.epochs, given.hidden, given.alpha, rng)
    digits = digit_steps(given.epochs, given.hidden, rng)
    for name, steps in (("patient", patient), ("digits", digits)):
        print(f"{name}:\n{steps}\n")
        (folder / f"{name}.txt").write_text(f"{steps}\n", encoding="utf-8")
    try:
        print("Pages:", patient.save(folder / "patient.html"), digits.save(folder / "digits.html"))
        frames = patient.save_frames(folder / "patient")
        print(f"Frames for slides: {frames[0]} … {frames[-1].name}")
        print("Animated:", patient.save(folder / "patient.gif"))
    except RendererError as error:
        print(error)


if __name__ == "__main__":
    main()
