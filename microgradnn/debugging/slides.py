"""The steps as numbered pictures for slides, and as one animated picture."""

import io
from dataclasses import replace
from pathlib import Path

from ..drawing.places import Places
from ..formulas.brief import brief, in_box
from ..pictures.arranging import layout_of
from ..pictures.dot_text import to_dot
from ..pictures.metrics import widest
from ..pictures.render import render
from ..pictures.themes import theme_named
from ..saving.whole_files import whole_file, write

SECONDS_A_FRAME = 2.5  # time to read; twice as long for the last one
INCHES = 7  # width and height of an animation, at most


def save_frames(steps, folder, format="svg", theme="light", direction="TB"):
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


def frames(steps, format, theme, direction="TB", inches=None):
    """Yield the picture of the graph before the first step, and after each with its arrow lit.

    All have one layout, with room for the longest text that each line will show: so nothing moves.
    """
    with steps.at(0):  # the values as they were then
        graph, look = Places(steps.output, direction, ("shape", "value")), theme_named(theme)
    titles = [title_of(steps, count) for count in range(len(steps) + 1)]
    lines = gradient_lines(steps, graph)
    graph.picture.title = [widest(titles)]
    for line, texts in lines:
        line.text = widest([text for _, text in texts])
    layout = layout_of(graph.picture, look)
    for box in graph.picture.boxes:  # the tooltips tell of no gradient, as they are the same in all frames
        box.card = [(label, text) for label, text in box.card if not label.startswith("∂")]
    plain = graph.picture.arrows
    for count, title in enumerate(titles):
        graph.picture.title = [title]
        for line, texts in lines:
            line.text = ([""] + [text for when, text in texts if when <= count])[-1]
        lit = graph.lit_step(steps[count - 1])[1] if count else []
        graph.picture.arrows = [
            replace(arrow, kind="gradient", against=True) if i in lit else arrow
            for i, arrow in enumerate(plain, start=len(graph.items))
        ]
        yield render(to_dot(graph.picture, look, layout), format, inches)


def title_of(steps, count):
    """What the picture after so many steps is headed with."""
    step = steps[count - 1] if count else None
    told = f"{step.name} = {step.arithmetic}" if step else f"{steps.gradient_name(steps.output)} = {brief(steps.seed)}"
    return f"step {count} of {len(steps)}: {told}"


def gradient_lines(steps, graph):
    """For each drawn node that gets a gradient: a new line in its box, and what that shows from which step on."""
    known = {steps.output: [(0, steps.seed)]}
    for step in steps:
        if step.new is not None:
            known.setdefault(step.input, []).append((step.number, step.new))
    lines = []
    for node, found in known.items():
        if node in graph.view.shown:
            sign = f"{steps.gradient_name(node)} = " if node.name or node is steps.output else "∂ = "
            lines.append((graph.add_line(node), [(count, sign + in_box(g)) for count, g in found]))
    return lines


def save_animation(steps, path, theme="light", direction="TB"):
    """All frames as one animated GIF."""
    try:
        from PIL import Image
    except ImportError:
        raise ImportError(
            "An animated picture needs Pillow: pip install pillow. Frames do without it: .save_frames(folder)."
        ) from None
    pictures = [Image.open(io.BytesIO(png)).convert("RGB") for png in frames(steps, "png", theme, direction, INCHES)]
    pictures = [picture.quantize(64, Image.Quantize.FASTOCTREE) for picture in pictures]
    milliseconds = [round(1000 * SECONDS_A_FRAME)] * (len(pictures) - 1) + [round(2000 * SECONDS_A_FRAME)]
    with whole_file(path) as file:
        pictures[0].save(file, "gif", save_all=True, append_images=pictures[1:], duration=milliseconds, loop=0)
