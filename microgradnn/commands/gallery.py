"""`microgradnn gallery`: every kind of picture, each with the code that makes it, and a page that shows them all."""

import html
from pathlib import Path
from typing import NamedTuple

from ..errors import RendererError
from ..pictures.diagram import Diagram
from ..pictures.render import find_renderer
from ..saving.whole_files import write
from .script import CommandError

EPILOG = """examples:
  microgradnn gallery -o pictures       writes pictures/index.html, and what it shows
  microgradnn gallery -o pictures --theme dark"""

NETWORK = """import numpy as np
from microgradnn import Tensor, backward_steps, chain_rule, draw, live, nn, softmax

rng = np.random.default_rng(0)
x, t = Tensor([0.5, -1.2, 0.3], name="x"), Tensor(1.0, name="t")
W = Tensor(rng.normal(size=(3, 3)), requires_grad=True, name="W")
V = Tensor(rng.normal(size=3), requires_grad=True, name="V")
h = (x @ W).tanh().named("h")
o = (h @ V).named("o")
L = ((t - o) ** 2).named("L")
L.backward()
"""
TWO_LAYERS = """U = Tensor(rng.normal(size=(3, 3)), requires_grad=True, name="U")
g = (h @ U).tanh().named("g")
L = ((t - (g @ V).named("o")) ** 2).named("L")
L.backward()
"""
LAYERS = """z = x
for i in range(1, 7):
    z = (z @ Tensor(rng.normal(size=(3, 3)), requires_grad=True, name=f"W_{i}")).tanh().named(f"z_{i}")
L = (z**2).sum().named("L")
L.backward()
"""
RECURRENT = """W = Tensor(rng.normal(size=(2, 3)), requires_grad=True, name="W")
U = Tensor(0.5 * rng.normal(size=(3, 3)), requires_grad=True, name="U")
h = Tensor(np.zeros(3), name="h_0")
for i in range(1, 6):
    h = (Tensor(rng.normal(size=2), name=f"x_{i}") @ W + h @ U).tanh().named(f"h_{i}")
L = ((h @ V - 1) ** 2).named("L")
L.backward()
"""
GATED = """cell, h = nn.GRUCell(2, 3, rng=rng), None
for i in range(1, 6):
    h = cell(Tensor(rng.normal(size=2), name=f"x_{i}"), h).named(f"h_{i}")
L = ((h @ V - 1) ** 2).named("L")
L.backward()
"""
BATCH = """X, T = Tensor(rng.normal(size=(8, 3)), name="X"), Tensor(rng.normal(size=8), name="t")
H = (X @ W).tanh().named("H")
o = (H @ V).named("o")
L = ((T - o) ** 2).mean().named("L")
L.backward()
"""
ATTENTION = """X = Tensor(rng.normal(size=(4, 3)), requires_grad=True, name="X")
Q, K, Z = ((X @ Tensor(rng.normal(size=(3, 3)), requires_grad=True, name=f"W_{k}")).named(k) for k in "QKZ")
A = softmax((Q @ K.T / np.sqrt(3)).named("S")).named("A")
L = ((A @ Z).named("O") ** 2).mean().named("L")
L.backward()
"""
IMAGES = """layers = nn.Conv2d(1, 4, 3, rng=rng), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 3, rng=rng)
network = nn.Sequential(*layers)
image = Tensor(rng.normal(size=(1, 1, 8, 8)), name="image")
L = nn.cross_entropy(network(image), np.array([2])).named("L")
L.backward()
"""


class Kind(NamedTuple):
    """A kind of picture: its file, what it shows, the code before it, and the one line that makes it."""

    file: str
    shows: str
    before: str
    code: str

    @property
    def text(self):
        """str: the code, as it is shown, and the file that it saves."""
        return f'{self.before}{self.code}.save("{self.file}")'


KINDS = (
    Kind("network.svg", "A network: every value, every gradient", "", "draw(L)"),
    Kind("operations.svg", "All its operations, in one piece", "", 'draw(L, fold="nothing", shape="natural")'),
    Kind("downwards.svg", "Downwards, shapes alone", "", 'draw(L, direction="TB", show=["shape"])'),
    Kind("derivation.svg", "Where one weight's gradient comes from", "", "chain_rule(L, W[0, 0]).diagram"),
    Kind("matrix.svg", "The whole tensor's, in matrix form", "", "chain_rule(L, W).diagram"),
    Kind("expanded.svg", "One weight's way within the tensors", "", "draw(L, expand=W[0, 0])"),
    Kind("merging.svg", "Paths that part and merge", TWO_LAYERS, "chain_rule(L, W[0, 0]).diagram"),
    Kind("layers.svg", "Six layers, wrapped", LAYERS, "draw(L)"),
    Kind("recurrent.svg", "A recurrent network: the size of its gradient through time", RECURRENT, "draw(L)"),
    Kind("rolled.svg", "The same, rolled up", RECURRENT, 'draw(L, fold="repeats", shape="slide")'),
    Kind("gru.svg", "Cells with gates, rolled up", GATED, 'draw(L, fold="repeats", shape="slide")'),
    Kind("recurrent_paths.svg", "The sum over many paths through time", RECURRENT, "chain_rule(L, W[0, 0]).diagram"),
    Kind("batch.svg", "A batch", BATCH, "draw(L)"),
    Kind("samples.svg", "A sum over samples", BATCH, 'chain_rule(L, W[0, 0]).diagram.with_shape("slide")'),
    Kind("attention.svg", "Attention", ATTENTION, "draw(L)"),
    Kind("meaning.svg", "Attention as one box", ATTENTION, 'draw(L, fold="meaning", shape="slide")'),
    Kind("images.svg", "A convolutional network, by layers", IMAGES, "draw(L)"),
    Kind("paper.svg", "For one column of a paper", "", 'draw(L, shape="paper")'),
    Kind("square.svg", "For a square", "", 'draw(L, shape="square")'),
    Kind("print.svg", "In black and white", "", 'draw(L, theme="print")'),
    Kind("dark.svg", "For dark pages", "", 'draw(L, theme="dark")'),
    Kind("page.html", "As a page: hover, drag, zoom; boxes open in place", "", 'draw(L, fold="names")'),
    Kind("steps.html", "The backward pass, step by step", "", "backward_steps(L)"),
    Kind("live.html", "A page on which numbers can be changed", "", "live(L)"),
    Kind("text.mmd", "As Mermaid text, for a wiki", "", "draw(L)"),
    Kind("text.dot", "As DOT text, for Graphviz", "", "draw(L)"),
)
STYLE = """:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
section { margin: 0 0 3rem; }
img { max-width: 100%; border: 1px solid #8888; border-radius: 6px; background: #fff; }
pre { overflow: auto; background: #8882; padding: .75rem 1rem; border-radius: 6px; }"""


def add_parser(commands):
    """Say what may be typed after `gallery`."""
    parser = commands.add_parser(
        "gallery",
        help="draw every kind of picture, each with the code that makes it",
        description="Draw every kind of picture into a folder, and write a page, index.html, that shows them with the code\n"
        "that makes them. It needs no file and no data.",
        epilog=EPILOG,
    )
    parser.add_argument("-o", "--output", metavar="FOLDER", default="gallery", help="where to (default: gallery)")
    parser.add_argument("--theme", choices=("light", "dark", "print"), default="light", help="how they look (default: light)")
    return parser


def run(given):
    """Draw them all."""
    folder = Path(given.output)
    try:
        find_renderer()
        folder.mkdir(exist_ok=True)
        for kind in KINDS:
            in_theme(made_by(kind), given.theme).save(folder / kind.file)
            print(f"saved {folder / kind.file}")
        write(folder / "index.html", page_of(KINDS))
    except (RendererError, OSError) as error:
        raise CommandError(error, code=1) from None
    print(f"all of them: {folder / 'index.html'}")
    return 0


def in_theme(thing, theme):
    """What a kind's code makes in a theme, if it is a picture that does not have one already."""
    return thing.with_theme(theme) if isinstance(thing, Diagram) and thing.theme == "light" else thing


def made_by(kind):
    """What a kind's code makes: the code that is shown is the code that runs."""
    variables = {}
    exec(NETWORK + kind.before, variables)  # noqa: S102 - our own, above
    return eval(kind.code, variables)  # noqa: S307 - our own, above


def page_of(kinds):
    """The page that shows them all."""
    parts = [f"<!doctype html><html lang=en><meta charset=utf-8><title>Gallery</title><style>{STYLE}</style>"]
    parts += ['<meta name=viewport content="width=device-width, initial-scale=1"><h1>Every kind of picture</h1>']
    parts.append(f"<p>Each is made by one line, after this:</p><pre>{html.escape(NETWORK)}</pre>")
    for kind in kinds:
        shown = f"<img src='{kind.file}' alt='{html.escape(kind.shows)}'>" if kind.file.endswith(".svg") else kind.file
        parts.append(f"<section><h2>{html.escape(kind.shows)}</h2><p><a href='{kind.file}'>{shown}</a></p>")
        parts.append(f"<pre>{html.escape(kind.text)}</pre></section>")
    return "\n".join(parts)
