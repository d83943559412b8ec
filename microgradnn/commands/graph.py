"""`microgradnn graph script.py -o graph.svg`: the picture of the graph that a script's loss was computed by."""

from pathlib import Path

from ..drawing.graph_diagram import draw
from ..drawing.view import FOLDS
from ..errors import RendererError
from ..explaining.derivation import chain_rule
from ..formulas.brief import visible
from ..pictures.render import find_renderer
from ..pictures.shapes import SHAPES
from ..pictures.themes import THEMES
from ..saving.savers import suffix_of, suffixes_of
from ..source.naming import name_tensors
from .script import CommandError, Enough, name_by_variables, run_script, youngest_recorded

TEXTS = (".dot", ".mmd")  # need no renderer
EPILOG = """examples:
  microgradnn graph train.py -o network.svg
  microgradnn graph train.py -o network.html --fold modules --theme dark
  microgradnn graph train.py -o dL_dW11.svg --of "W[0, 0]"      or of a whole tensor, --of W, in matrix form
  microgradnn graph train.py -o network.pdf --shape paper
  microgradnn graph train.py -o network.svg -- --epochs 1     what stands after -- is the script's"""


def add_parser(commands):
    """Say what may be typed after `graph`."""
    parser = commands.add_parser(
        "graph",
        help="run a script up to its first backward pass, and draw its graph",
        description="Run a script up to the end of its first .backward(), and draw the graph of what that began from, with\n"
        "values and gradients. Tensors without a name are called as the variables that hold them. If the\n"
        "script never goes back, the Tensor among its variables that it computed last is drawn.",
        epilog=EPILOG,
    )
    parser.add_argument("script", help="the Python script to run")
    suffixes = " ".join(suffixes_of("Diagram"))
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help=f"the picture; its suffix says which: {suffixes}")
    parser.add_argument("--of", metavar="ELEMENT", help='draw the chain rule of one element instead, such as "W[0, 0]"')
    parser.add_argument("--fold", choices=FOLDS, default="auto", help="what is drawn as one (default: auto)")
    parser.add_argument("--shape", choices=("auto", "natural", *SHAPES), default="auto", help="what it is for (default: auto)")
    parser.add_argument("--theme", choices=(*THEMES,), default="light", help="how it looks (default: light)")
    return parser


def run(given):
    """Draw the loss of a script."""
    refuse_file(given.output)
    path = Path(given.output).absolute()  # the script may change its folder
    drawn = []

    def at_backward(output, gradient, frame):
        output.backward(gradient)
        name_by_variables(frame)
        drawn.append(picture(output, given, {**frame.f_globals, **frame.f_locals}))
        raise Enough

    ran = run_script(given.script, given.args, at_backward)
    if ran.code and not drawn:
        return ran.code
    if not drawn:
        drawn.append(picture_of_variables(given, ran.variables))
    save(drawn[0], path, given.output)
    return 0


def refuse_file(path):
    """Refuse a file that could not be written, before the script runs: that may take long."""
    try:
        suffix = suffix_of(path, "Diagram")
    except ValueError as error:
        raise CommandError(error) from None
    if not Path(path).parent.is_dir():
        raise CommandError(f"there is no folder {str(Path(path).parent)!r}")
    if suffix not in TEXTS:
        try:
            find_renderer()
        except RendererError as error:
            raise CommandError(error, code=1) from None


def picture(output, given, variables):
    """The Diagram of a Tensor, or of the chain rule of one element."""
    if given.of is None:
        return draw(output, fold=given.fold, theme=given.theme, shape=given.shape)
    try:
        rule = chain_rule(output, eval(given.of, variables))  # noqa: S307 - the user's own
        return rule.diagram.with_theme(given.theme).with_shape(given.shape)
    except Exception as error:  # noqa: BLE001 - an expression of the user's may raise anything
        raise CommandError(f"--of {given.of!r}: {type(error).__name__}: {error}") from None


def picture_of_variables(given, variables):
    """The Diagram of what a script that never goes back computed last."""
    output = youngest_recorded(variables)
    if output is None:
        raise CommandError(
            f"{given.script} ran to its end without a call of .backward(), and holds no recorded Tensor in a variable", code=1
        )
    name_tensors(variables)
    return picture(output, given, variables)


def save(diagram, path, typed):
    """Write a picture, and say where, as it was typed."""
    try:
        diagram.save(path)
        print(f"saved {visible(str(typed))}")
    except (RendererError, OSError) as error:
        raise CommandError(error, code=1) from None
