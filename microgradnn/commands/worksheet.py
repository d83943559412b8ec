"""`microgradnn worksheet`: exercises in backprop by hand, another for each student, with a key."""

from itertools import islice
from pathlib import Path

from ..errors import RendererError
from ..pictures.render import find_renderer
from ..saving.whole_files import write
from ..teaching.worksheets.choosing import KINDS, exercises
from ..teaching.worksheets.conventions import Conventions
from ..teaching.worksheets.notebook import notebook
from ..teaching.worksheets.sheets import page_of_keys, page_of_sheets
from .script import CommandError, positive

EPILOG = """examples:
  microgradnn worksheet --kind graph --students 30 -o sheets
  microgradnn worksheet --kind matrix --seed 7 --order Wx --half --index-base 0 -o sheets
  microgradnn worksheet --kind rnn --notebooks -o sheets

Written are worksheets.html, to print, and key.html, for you. A seed gives the same sheets every time."""


def add_parser(commands):
    """Say what may be typed after `worksheet`."""
    kinds = "\n".join(f"  {name:10} {kind.what}" for name, kind in KINDS.items())
    parser = commands.add_parser(
        "worksheet",
        help="make exercises in backprop by hand, another for each student, with a key",
        description="Make worksheets: a network with friendly numbers for each student, blanks to fill, and a key with\n"
        f"derivations, marks and typical mistakes. Kinds:\n\n{kinds}",
        epilog=EPILOG,
    )
    parser.add_argument("--kind", choices=(*KINDS,), default="graph", help="what is exercised (default: graph)")
    parser.add_argument("--students", type=positive, default=1, metavar="N", help="how many sheets (default: 1)")
    parser.add_argument("--seed", type=int, default=0, help="other sheets for another seed (default: 0)")
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", help="where to write them")
    parser.add_argument("--order", choices=("xW", "Wx"), default="xW", help="h = x W or h = W x, as your course has it")
    parser.add_argument("--half", action="store_true", help="L = ½ (t − o)²")
    parser.add_argument("--index-base", type=int, choices=(0, 1), default=1, help="count from 0 or 1 (default: 1)")
    parser.add_argument("--notebooks", action="store_true", help="also a notebook for each student, which checks itself")
    return parser


def run(given):
    """Draw the exercises, and write the pages."""
    conventions = Conventions(given.order, given.half, given.index_base)
    if given.seed < 0:
        raise CommandError("a seed is not negative")
    folder = Path(given.output)
    try:
        find_renderer()
        drawn = [*islice(exercises(given.kind, given.seed, conventions), given.students)]
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / "worksheets.html", page_of_sheets(drawn, given.seed, conventions))
        write(folder / "key.html", page_of_keys(drawn, given.seed, conventions))
        if given.notebooks:
            for student, exercise in enumerate(drawn, start=1):
                write(folder / f"sheet_{student:02}.ipynb", notebook(exercise, student, given.seed, conventions))
    except (RendererError, OSError, ValueError) as error:
        raise CommandError(error, code=1) from None
    print(f"saved {folder / 'worksheets.html'}, to print, and {folder / 'key.html'}: {given.students} x {drawn[0].marks} marks")
    return 0
