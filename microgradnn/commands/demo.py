"""`microgradnn demo`: the network that it all began with, why two of its weights get different gradients, a picture, a page."""

import sys
import webbrowser

from ..errors import RendererError
from ..explaining.derivation import chain_rule
from ..graph import reachable
from ..pages.live_page import live
from ..pictures.render import find_renderer
from .graph import refuse_file, save
from .networks import NETWORKS, source_network

PICTURE, PAGE = "dL_dW11.svg", "live.html"
EPILOG = f"""examples:
  microgradnn demo                     prints, saves {PICTURE}, and opens {PAGE}: a dozen networks to touch
  microgradnn demo -o dL_dW11.html     a page to hover, drag and zoom in"""


def add_parser(commands):
    """Say what may be typed after `demo`."""
    parser = commands.add_parser(
        "demo",
        help="see why the hidden units of a network learn different things",
        description="A network of three tanh units and one linear output, h = tanh(x W + b_h), o = h V + b_o, and its loss\n"
        "L = (t − o)²: print where ∂L/∂W₁₁ and ∂L/∂W₁₂ come from, by the chain rule, and draw the first. Then a page\n"
        "opens, on which the numbers of this network, and of others, can be dragged.\n"
        "It needs no file and no data.",
        epilog=EPILOG,
    )
    parser.add_argument("-o", "--output", metavar="FILE", help=f"where to save the picture (default: {PICTURE})")
    return parser


def run(given):
    """Derive two gradients, and draw one."""
    if given.output is not None:
        refuse_file(given.output)
    L = source_network()
    W = weight_of(L, "W")
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
    if given.output is None:
        show_live()
    return 0


def show_live():
    """Save the live page of some networks, and open it, if somebody looks."""
    path = live({title: network() for title, network in NETWORKS.items()}).save(PAGE)
    print(f"saved {path}: drag its numbers")
    if sys.stdout.isatty():
        webbrowser.open(path.resolve().as_uri())


def weight_of(output, name):
    """The node of a graph that has a name."""
    return next(node for node in reachable(output) if node.name == name)
