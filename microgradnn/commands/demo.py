"""`microgradnn demo`: the network that it all began with, why two of its weights get different gradients, and a picture."""

import numpy as np

from ..errors import RendererError
from ..explaining.derivation import chain_rule
from ..pictures.render import find_renderer
from ..tensor import Tensor
from .graph import refuse_file, save

PICTURE = "dL_dW11.svg"
EPILOG = f"""examples:
  microgradnn demo                     prints, and saves {PICTURE} if a renderer is installed
  microgradnn demo -o dL_dW11.html     a page to hover, drag and zoom in"""


def add_parser(commands):
    """Say what may be typed after `demo`."""
    parser = commands.add_parser(
        "demo",
        help="see why the hidden units of a network learn different things",
        description="A network of three tanh units and one linear output, h = tanh(x W + b_h), o = h V + b_o, and its loss\n"
        "L = (t − o)²: print where ∂L/∂W₁₁ and ∂L/∂W₁₂ come from, by the chain rule, and draw the first.\n"
        "It needs no file and no data.",
        epilog=EPILOG,
    )
    parser.add_argument("-o", "--output", metavar="FILE", help=f"where to save the picture (default: {PICTURE})")
    return parser


def run(given):
    """Derive two gradients, and draw one."""
    if given.output is not None:
        refuse_file(given.output)
    L, W = source_network()
    L.backward()
    print("h = tanh(x W + b_h), o = h V + b_o, L = (t − o)²: two weights from the same input to different hidden units\n")
    first, second = chain_rule(L, W[0, 0]), chain_rule(L, W[0, 1])
    print(first, second, sep="\n\n", end="\n\n")
    print("They differ in V₁ and V₂, h₁ and h₂ alone: these were drawn at random, so the units learn different things.")
    if given.output is None:
        try:
            find_renderer()
        except RendererError as error:
            print(f"\nNo picture: {error}")
            return 0
    save(first.diagram, given.output or PICTURE, given.output or PICTURE)
    return 0


def source_network():
    """The loss of one sample, and the weights of the hidden units, with random parameters that are the same in every run."""
    rng = np.random.default_rng(0)
    x, t = Tensor([0.5, -1.2, 0.3], name="x"), Tensor(1.0, name="t")
    W = Tensor(rng.normal(size=(3, 3)), requires_grad=True, name="W")
    V = Tensor(rng.normal(size=3), requires_grad=True, name="V")
    b_h, b_o = Tensor(np.zeros(3), requires_grad=True, name="b_h"), Tensor(0.0, requires_grad=True, name="b_o")
    h = (x @ W + b_h).tanh().named("h")
    o = (h @ V + b_o).named("o")
    return ((t - o) ** 2).named("L"), W
