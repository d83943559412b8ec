"""Every kind of picture, from one network trained on real data: handwritten digits.

Run it with `python demos/03_gallery.py`. It writes the pictures to the folder `pictures/gallery`, and a page index.html
that shows them all.
"""

import html

import numpy as np
from sklearn.datasets import load_digits
from source_network import arguments, save_diagram

from microgradnn import Tensor, chain_rule, draw, nn, optim


class Classifier(nn.Module):
    """64 pixels, one layer of tanh units, ten classes."""

    def __init__(self, hidden, rng):
        self.hidden = nn.Linear(64, hidden, rng=rng)
        self.out = nn.Linear(hidden, 10, rng=rng)

    def forward(self, x):
        h = self.hidden(x).tanh().named("h")
        return self.out(h).named("o")


def train(network, X, y, epochs, alpha, rng):
    """Stochastic gradient descent on batches of 32."""
    descent = optim.SGD(network.parameters(), lr=alpha)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), 32):
            batch = order[start : start + 32]
            descent.zero_grad()
            nn.cross_entropy(network(X[batch]), y[batch]).backward()
            descent.step()


def pictures(network, X, y):
    """Yield (file name, what it shows, diagram)."""
    pixel = int(np.argmax(X.std(axis=0)))  # the one that varies most
    one, several = (nn.cross_entropy(network(Tensor(X[:n], name="x")), y[:n]).named("L") for n in (1, 8))
    for L in (one, several):
        network.zero_grad()
        L.backward()
    weight = network.hidden.W[pixel, 0]
    yield "graph.svg", "draw(L): operations, tensors and layers, for eight digits", draw(several)
    yield "names.svg", "draw(L, fold='names'): named tensors only", draw(several, fold="names")
    yield "modules.svg", "draw(L, fold='modules'): a network as one box", draw(several, fold="modules")
    yield "closed.svg", "draw(L, fold=network.hidden): one layer closed", draw(several, fold=network.hidden)
    yield "depth.svg", "draw(L, depth=4): near the loss", draw(several, depth=4)
    yield "downwards.svg", "draw(L, direction='TB', show=['shape'])", draw(several, direction="TB", show=["shape"])
    yield "expand.svg", "draw(L, expand=W[i, 0]): one weight within the tensors, for eight digits", draw(several, expand=weight)
    yield "chain.svg", "chain_rule(L, W[i, 0]).diagram: its paths, for one digit", chain_rule(one, weight).diagram
    for theme in ("dark", "print"):
        yield f"{theme}.svg", f"theme={theme!r}", draw(one, fold="names", theme=theme)
    yield "graph.html", "the same graph as a page: hover, drag, zoom", draw(several)
    yield "chain.html", "the chain rule as a page", chain_rule(one, weight).diagram
    yield "graph.mmd", "Mermaid text, for a wiki", draw(one, fold="names")
    yield "graph.dot", "DOT text, for Graphviz", draw(one, fold="names")


def write_index(shown, folder):
    """A page with all pictures; files that are no pictures are links."""
    parts = ["<!doctype html><meta charset='utf-8'><title>Gallery</title>"]
    parts.append(
        "<style>body{font:16px system-ui;margin:2rem auto;max-width:80rem}img{max-width:100%;border:1px solid #ddd}</style>"
    )
    for path, caption in shown:
        picture = f"<img src='{path.name}' alt='{html.escape(caption)}'>" if path.suffix == ".svg" else path.name
        parts.append(f"<p>{html.escape(caption)}<br><a href='{path.name}'>{picture}</a></p>")
    (folder / "index.html").write_text("\n".join(parts), encoding="utf-8")


def main():
    given = arguments(__doc__.partition("\n")[0], alpha=0.2, hidden=6)
    folder = given.out / "gallery"
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(given.seed)
    X, y = load_digits(return_X_y=True)
    X = X / 16
    network = Classifier(given.hidden, rng)
    train(network, X, y, given.epochs, given.alpha, rng)
    right = np.mean(np.argmax(network(X).numpy(), axis=1) == y)
    print(f"after {given.epochs} epochs, {right:.1%} of the {len(X)} digits are classified right (they were trained on)")
    shown = []
    for name, caption, diagram in pictures(network, X, y):
        path = save_diagram(diagram, folder / name)
        shown.append((path, caption))
        print(f"{path}: {caption}")
    write_index(shown, folder)
    print(f"All of them: {folder / 'index.html'}")


if __name__ == "__main__":
    main()
