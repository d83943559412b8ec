"""Draw the pictures that the README and the lessons show: `python demos/pictures/make.py`.

Each is drawn for light and for dark pages. Renderers of different versions write different files, so the last line of each
notes the checksum of the DOT text that it was drawn from: by it the tests see whether it is what today's code draws.
"""

import hashlib
import importlib
import sys
from pathlib import Path

import numpy as np

from microgradnn import Op, Tensor, backward_steps, chain_rule, draw
from microgradnn.drawing.graph_diagram import draw_step
from microgradnn.pictures.sheet_dot import sheet_to_dot

FOLDER = Path(__file__).parent
ENDINGS = {"light": "", "dark": "_dark"}


def pictures():
    """Yield (name, diagram) for each picture."""
    L, W = trained_on_patients()
    yield "dL_dW11", chain_rule(L, W[0, 0]).diagram
    L, W = first_minute()
    steps = backward_steps(L)
    with steps.at(3):
        yield "step", draw_step(steps[2], fold="names")
    L.backward()
    yield "network", draw(L, fold="names")
    yield "one_weight", chain_rule(L, W[0, 0]).diagram
    yield "other_weight", chain_rule(L, W[0, 1]).diagram
    yield "equal_units", draw(equal_units(), fold="names")
    yield "cube", draw(cube())


def trained_on_patients():
    """The loss of the first patient, and W, as demos/01_one_weight.py leaves them."""
    sys.path.insert(0, str(FOLDER.parent))
    demo, source = importlib.import_module("01_one_weight"), importlib.import_module("source_network")
    sys.path.pop(0)
    rng = np.random.default_rng(0)
    X, T = source.diabetes()
    trained = source.SourceNetwork(rng.normal(0, 10**-0.5, (10, 3)), rng.normal(0, 3**-0.5, 3))
    demo.train(trained, X, T, epochs=20, alpha=0.01, rng=rng)
    trained.zero_grad()
    L = trained.loss(X[0], T[0])
    L.backward()
    return L, trained.W


def first_minute():
    """The README's first network, and W, before the backward pass."""
    rng = np.random.default_rng(0)
    return loss(rng.normal(size=(3, 3)), rng.normal(size=3))


def equal_units():
    """The loss of the same network with equal weights, after the backward pass."""
    L, _ = loss(np.full((3, 3), 0.1), np.full(3, 0.5))
    L.backward()
    return L


def loss(W, V):
    """The source's loss for one sample, without biases; and W."""
    x, t = Tensor([0.5, -1.2, 0.3], name="x"), Tensor(1.0, name="t")
    W, V = Tensor(W, requires_grad=True, name="W"), Tensor(V, requires_grad=True, name="V")
    h = (x @ W).tanh().named("h")
    o = (h @ V).named("o")
    return ((t - o) ** 2).named("L"), W


def cube():
    """The lesson's own operation, in a graph, after the backward pass."""

    class Cube(Op):
        """z = x³"""

        def forward(self, x):
            return x * x * x

        def dx(self, dz, z, x):
            return dz * 3 * x * x

        vjps = (dx,)

    x = Tensor([1.0, -2.0], requires_grad=True, name="x")
    L = Cube()(x).sum().named("L")
    L.backward()
    return L


def note(diagram):
    """The line that ends a picture's file."""
    text = diagram.source if diagram.shape == "natural" else sheet_to_dot(diagram.sheet, diagram.theme)
    return f"<!-- drawn from DOT text with SHA-256 {hashlib.sha256(text.encode()).hexdigest()} -->\n"


def themed():
    """Yield (file, diagram) for each picture in each theme."""
    for name, diagram in pictures():
        for theme, ending in ENDINGS.items():
            yield FOLDER / f"{name}{ending}.svg", diagram.with_theme(theme)


def main():
    """Draw those that are not current, whole files at a time."""
    for path, diagram in themed():
        if path.exists() and path.read_text(encoding="utf-8").endswith(note(diagram)):
            print(f"current  {path}")
        else:
            path.write_bytes(diagram.render("svg") + note(diagram).encode())
            print(f"drawn    {path}")


if __name__ == "__main__":
    main()
