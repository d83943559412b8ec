"""The steps as numbered pictures for slides, and as one animated picture."""

import io
from dataclasses import replace
from pathlib import Path

from ..drawing.places import Places
from ..formulas.brief import brief, in_box
from ..pictures.dot_text import to_dot
from ..pictures.render import render
from ..pictures.themes import theme_named

SECONDS_A_FRAME = 2.5  # time to read; twice as long for the last one
INVISIBLE = {"svg": "#010203", "png": "#00000000"}  # Graphviz draws no SVG text in clear ink: it is taken out of the file


def save_frames(steps, folder, format="svg", theme="light", direction="TB"):
    """See BackwardSteps.save_frames."""
    if format not in ("svg", "png"):
        raise ValueError(f"Frames are svg or png files; there is no format {format!r}.")
    folder = Path(folder)
    pictures = frames(steps, format, theme, direction)
    first = next(pictures)  # what cannot be drawn leaves no folder behind
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for i, picture in enumerate([first, *pictures]):
        paths.append(folder / f"frame_{i:03d}.{format}")
        paths[-1].write_bytes(picture)
    return paths


def frames(steps, format, theme, direction="TB", inches=None):
    """Yield the picture of the graph before the first step, and after each with its arrow lit.

    Laid on each other in the middle, nothing moves: gradients not known yet have their room, in ink that is not seen.
    """
    output = steps.output
    with steps.at(0):  # the values as they were then
        graph = Places(output, direction, ("shape", "value"))
    look = theme_named(theme)._replace(negative=INVISIBLE[format])
    known = {output: [(0, steps.seed)]}
    for step in steps:
        if step.new is not None:
            known.setdefault(step.input, []).append((step.number, step.new))
    lines = []
    for node, found in known.items():
        if node in graph.view.shown:
            sign = f"{steps.gradient_name(node)} = " if node.name or node is output else "∂ = "
            lines.append((graph.add_line(node), [(count, sign + in_box(g)) for count, g in found]))
    plain = list(graph.picture.arrows)
    size = "{" if inches is None else f'{{\n\tgraph [size="{inches},{inches}"]'
    for count in range(len(steps) + 1):
        for line, texts in lines:
            now = [text for when, text in texts if when <= count]
            line.text, line.role = (now[-1], "gradient") if now else (texts[-1][1], "negative")
        step = steps[count - 1] if count else None
        told = f"{step.name} = {step.arithmetic}" if step else f"{steps.gradient_name(output)} = {brief(steps.seed)}"
        graph.picture.title = [f"step {count} of {len(steps)}: {told}"]
        lit = graph.lit_step(step)[1] if step else []
        graph.picture.arrows = [
            replace(arrow, kind="gradient", against=True) if i in lit else arrow
            for i, arrow in enumerate(plain, start=len(graph.items))
        ]
        picture = render(to_dot(graph.picture, look).replace("{", size, 1), format)
        yield picture.replace(f'fill="{INVISIBLE["svg"]}"'.encode(), b'fill="none"') if format == "svg" else picture


def save_animation(steps, path, theme="light", direction="TB"):
    """All frames as one animated GIF, each in the middle of a canvas that fits the largest."""
    try:
        from PIL import Image
    except ImportError:
        raise ImportError(
            "An animated picture needs Pillow: pip install pillow. Frames do without it: .save_frames(folder)."
        ) from None
    pictures = [Image.open(io.BytesIO(png)).convert("RGB") for png in frames(steps, "png", theme, direction, inches=7)]
    width, height = (max(picture.size[i] for picture in pictures) for i in (0, 1))
    canvases = []
    for picture in pictures:
        canvas = Image.new("RGB", (width, height), picture.getpixel((0, 0)))
        canvas.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
        canvases.append(canvas.quantize(64, Image.Quantize.FASTOCTREE))
    milliseconds = [round(1000 * SECONDS_A_FRAME)] * (len(canvases) - 1) + [round(2000 * SECONDS_A_FRAME)]
    canvases[0].save(path, save_all=True, append_images=canvases[1:], duration=milliseconds, loop=0)
