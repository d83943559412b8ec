"""A picture that shows itself, and saves itself in the format that a file's suffix says."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import one_of
from ..saving.savers import save
from ..saving.whole_files import write
from .dot_text import to_dot
from .mermaid_text import to_mermaid
from .natural import natural_sheet
from .render import DPI
from .shapes import NATURAL, SHAPES, is_unwieldy
from .sheet_dot import draw_sheet, without_names
from .themes import theme_named
from .trust import with_image
from .wrapping import wrapped

LARGE = 18  # points of type that 200 pixels to the inch are enough for; of smaller type, a PNG has more

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from ..annotations import FilePath, Format, PictureShape, Theme
    from .picture import Picture
    from .sheet import Sheet


class Diagram:
    """A picture of a graph. In a notebook it shows itself; `save` writes a file.

    Parameters
    ----------
    picture : Picture
        What is in it.
    theme : {"light", "dark", "print"}, optional
        How it looks: for a page, a dark page, or black and white.
    shape : {"natural", "slide", "square", "page", "paper", "auto"}, optional
        What it is made for: as large as it comes, a slide of 16:9, a square, a page of text, or a column of a paper; then it
        is wrapped into that, in type that can be read there. "auto" is a slide where it would be wider than 2.2:1, or too high.
    compose : callable, optional
        What makes a Sheet of `picture`, a shape and a Theme; `wrapped`, if not given.
    opened : callable, optional
        What makes the Picture for a page, on which what is folded in `picture` can be opened; None, if there is none.
    """

    def __init__(
        self,
        picture: Picture,
        theme: Theme = "light",
        shape: PictureShape = "natural",
        compose: Callable[..., Sheet] = wrapped,
        opened: Callable[[], Picture | None] | None = None,
    ) -> None:
        theme_named(theme)
        self.picture = picture
        self.theme = theme
        self._asked = one_of(("auto", NATURAL, *SHAPES), shape, "shape")
        self._compose = compose
        self.opened = opened

    @cached_property
    def shape(self) -> PictureShape:
        """str: "natural", or the page that the picture is wrapped into."""
        if self._asked == "auto":
            return "slide" if is_unwieldy(self.picture, theme_named(self.theme)) else "natural"
        return self._asked

    @property
    def source(self) -> str:
        """str: the picture in Graphviz's language, DOT, for Graphviz to lay out."""
        return to_dot(self.picture, theme_named(self.theme))

    @cached_property
    def sheet(self) -> Sheet:
        """Sheet: everything in the picture at its place."""
        if self.shape == NATURAL:
            return natural_sheet(self.picture, theme_named(self.theme))
        return self._compose(self.picture, self.shape, theme_named(self.theme))

    def with_theme(self, theme: Theme) -> Diagram:
        """The same picture in another theme."""
        return Diagram(self.picture, theme, self._asked, self._compose, self.opened)

    def with_shape(self, shape: PictureShape) -> Diagram:
        """The same picture in another shape: for a slide, a page, ..."""
        return Diagram(self.picture, self.theme, shape, self._compose, self.opened)

    def render(self, format: Format = "svg") -> bytes:
        """The picture as bytes.

        Parameters
        ----------
        format : {"svg", "png", "pdf"}, optional

        Raises
        ------
        ValueError
            If the format is another one.
        RendererError
            If there is no renderer, or it fails, or takes longer than a minute.
        """
        small = 1.0 if format == "svg" else max(1.0, LARGE / self.sheet.type)  # how small its type is
        sheet, dpi = self.sheet._replace(owners=()), round(DPI * min(small, 3))
        drawn = draw_sheet(sheet, theme_named(self.theme), format, dpi, small)
        return without_names(drawn) if format == "svg" else drawn

    def save(self, path: FilePath) -> Path:
        """Write the picture to a file: .svg, .png or .pdf; .html, a page; .dot or .mmd (Mermaid), text.

        The page is one file that needs no network: hover to see values, drag and scroll to move and zoom.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        ValueError
            If the suffix is another one.
        RendererError
            If a renderer is needed, and there is none, or it fails, or takes longer than a minute. The file is not
            touched then.
        """
        return save(self, path)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the picture as SVG, with its tooltips; without a renderer, as Mermaid. It never raises.

        An untrusted notebook shows it as an image, without tooltips.
        """
        try:
            svg = self.render("svg").decode()
            shown = with_image(svg[svg.index("<svg") :], svg.encode(), " ".join(self.picture.title) or "The graph")
            return {"text/html": shown, "image/svg+xml": svg, "text/plain": repr(self)}
        except Exception as error:  # noqa: BLE001 - a notebook cell that fails to show its result hides everything else in it
            return {"text/vnd.mermaid": to_mermaid(self.picture), "text/plain": f"{self!r}\n{error}"}

    def _repr_html_(self) -> str | None:
        return self._repr_mimebundle_().get("text/html")

    def __repr__(self) -> str:
        boxes, arrows = len(self.picture.boxes), len(self.picture.arrows)
        return f"<Diagram with {boxes} boxes and {arrows} arrows; .save('picture.svg') draws it>"


def save_rendered(diagram, path):
    """Write what a renderer makes of a diagram: .svg, .png, .pdf."""
    write(path, diagram.render(path.suffix.lower().removeprefix(".")))


def save_dot(diagram, path):
    """Write a diagram's DOT text."""
    write(path, diagram.source)


def save_mermaid(diagram, path):
    """Write a diagram's Mermaid text."""
    write(path, to_mermaid(diagram.picture))
