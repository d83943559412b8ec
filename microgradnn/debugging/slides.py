"""The steps as numbered pictures for slides, and as one animated picture: values, and the gradients that have come so far.

All are one picture at different times: each box has room for whatever will stand in it, so nothing moves.
"""

import io
from dataclasses import replace
from pathlib import Path

from ..drawing.contents import scalar_or_values
from ..drawing.places import Places
from ..formulas.brief import brief
from ..formulas.labels import label_of
from ..pictures.natural import natural_layout, natural_sheet
from ..pictures.render import DPI
from ..pictures.sheet_dot import draw_sheet, without_names
from ..pictures.themes import theme_named
from ..pictures.typesetting import DETAILS, WITH_FORMULAS
from ..pictures.wrapping import fits, wrapped
from ..saving.whole_files import whole_file, write

SECONDS_A_FRAME = 2.5  # time to read; twice as long for the last one
INCHES = 7  # width or height of an animation, at most
FOLDS = ("auto", "names")  # what is drawn of the graph: all, or, where its numbers are too many for a slide, what has a name


def save_frames(steps, folder, format="svg", theme="light", direction=None):
    """See BackwardSteps.save_frames."""
    folder = Path(folder)
    pictures = frames(steps, format, theme, direction)
    first = next(pictures)  # what cannot be drawn leaves no folder behind
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for i, picture in enumerate([first, *pictures]):
        paths.append(folder / f"frame_{i:03d}.{format}")
        write(paths[-1], picture)
    return paths


def frames(steps, format, theme, direction=None, inches=None):
    """Yield the picture of the graph before the first step, and after each with its arrow lit.

    A PNG is at most so many `inches` wide and high at 200 pixels to the inch, if that is given.
    """
    for sheet in sheets(steps, theme_named(theme), direction):
        dpi = DPI if inches is None else min(DPI, round(72 * DPI * inches / max(sheet.width, sheet.height)))
        drawn = draw_sheet(sheet._replace(owners=()), theme, format, dpi)
        yield without_names(drawn) if format == "svg" else drawn


def sheets(steps, theme, direction=None):
    """Yield the Sheet of each frame: a slide, or, where a direction is given, a picture as large as it comes."""
    if direction is None:
        film = _largest_film(steps, theme)
        for count in range(len(steps) + 1):
            yield wrapped(film.at(count), "slide", theme)
        return
    film = Film(steps, direction)
    layout = natural_layout(film.at(0), theme)
    for count in range(len(steps) + 1):
        yield natural_sheet(film.at(count), theme, layout)


def _largest_film(steps, theme):
    """The film that says most on a slide: with numbers if one has room for them, else with cells, else the first."""
    films = [Film(steps, "LR", fold) for fold in FOLDS]
    for details in (DETAILS[:1], WITH_FORMULAS):
        for film in films:
            if fits(film.at(0), "slide", theme, details):
                return film
    return films[0]


class Film:
    """The graph of some steps at all times."""

    def __init__(self, steps, direction, fold="auto"):
        self.steps = steps
        with steps.at(0):  # the values as they were then
            self.graph = Places(steps.output, direction, ("shape", "value"), fold)
        self.titles = [title_of(steps, count) for count in range(len(steps) + 1)]
        self.ways = [[], *(self.graph.lit_step(step)[1] for step in steps)]
        self.gradients = gradients_in_boxes(steps, self.graph)

    def at(self, count):
        """The Picture after so many steps."""
        picture = self.graph.picture
        boxes = [self._box(item, box, count) for item, box in enumerate(picture.boxes)]
        passed = {item for ways in self.ways[:count] for item in ways}
        arrows = [self._arrow(arrow, item in self.ways[count], item in passed) for item, arrow in self._arrows()]
        return replace(picture, title=[self.titles[count]], titles=self.titles, boxes=boxes, arrows=arrows)

    def _arrows(self):
        return enumerate(self.graph.picture.arrows, start=len(self.graph.picture.boxes))

    def _box(self, item, box, count):
        """A box with the gradient that has come so far, and with room for all that will come."""
        found = self.gradients.get(item, [])
        now = [gradient for when, gradient in found if when <= count][-1:]
        card = [(label, text) for label, text in box.card if not label.startswith("∂")]  # it tells of no gradient
        later = [[*box.content, gradient] for _, gradient in found]
        return replace(box, content=[*box.content, *now], card=card, later=[box.content, *later] if later else [])

    def _arrow(self, arrow, is_lit, is_passed):
        return replace(arrow, kind="gradient" if is_lit else "passed", against=True) if is_lit or is_passed else arrow


def title_of(steps, count):
    """What the picture after so many steps is headed with."""
    step = steps[count - 1] if count else None
    told = f"{step.name} = {step.arithmetic}" if step else f"{steps.gradient_name(steps.output)} = {brief(steps.seed)}"
    return f"step {count} of {len(steps)}: {told}"


def gradients_in_boxes(steps, graph):
    """For each drawn box, by its number, what is shown of its gradient: from which step on, and what.

    Of a result that has no box of its own, but only its operation's, it is shown if it is one number.
    """
    known = {steps.output: [(0, steps.seed)]}
    for step in steps:
        if step.new is not None:
            known.setdefault(step.input, []).append((step.number, step.new))
    shown = {}
    for node, found in known.items():
        name = label_of(node.name) or (steps.label(node) if node is steps.output else "")
        if node in graph.view.shown and (name or node.op is None or not node.shape):
            label, is_column = graph.contents.gradient_name(name), node in graph.contents.columns
            shown[graph.box_of(node)] = [(when, scalar_or_values(label, g, "gradient", is_column)) for when, g in found]
    return shown


def save_animation(steps, path, theme="light", direction=None):
    """All frames as one animated GIF."""
    try:
        from PIL import Image
    except ImportError:
        raise ImportError(
            "An animated picture needs Pillow: pip install pillow. Frames do without it: .save_frames(folder)."
        ) from None
    pictures = [Image.open(io.BytesIO(png)).convert("RGB") for png in frames(steps, "png", theme, direction, INCHES)]
    pictures = [picture.quantize(128, Image.Quantize.MAXCOVERAGE) for picture in pictures]
    milliseconds = [round(1000 * SECONDS_A_FRAME)] * (len(pictures) - 1) + [round(2000 * SECONDS_A_FRAME)]
    with whole_file(path) as file:
        pictures[0].save(file, "gif", save_all=True, append_images=pictures[1:], duration=milliseconds, loop=0)
