"""`draw(L)`: a picture of the graph that L was computed by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import describe
from ..explaining.derivation import chain_rule
from ..graph import Node
from ..pictures.diagram import Diagram
from .contents import SHOWN
from .expanded import paint_expanded
from .graph_picture import GraphPainter, light
from .view import View

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Literal

    from ..annotations import Direction, Shown, Theme
    from ..nn.module import Module
    from ..tensor import Tensor


def draw(
    output: Tensor,
    *,
    expand: Tensor | None = None,
    fold: Literal["auto", "nothing", "names", "modules"] | Module | Sequence[Module] = "auto",
    show: Collection[Shown] | tuple[Shown, ...] = ("shape", "value", "gradient"),
    depth: int | None = None,
    direction: Direction = "LR",
    theme: Theme = "light",
    index_base: int = 1,
) -> Diagram:
    """Draw the graph that a Tensor was computed by.

    Parameters
    ----------
    output : Tensor
        Where the graph ends: usually a loss.
    expand : Tensor, optional
        One element, such as W[0, 0]: the tensors on its way to the output are opened, and the scalars shown that its
        gradient comes through. The output must then be one number.
    fold : {"auto", "nothing", "names", "modules"}, Module or list of Module, optional
        What is drawn as one: "names" draws tensors that have a name, and what lies between them is one step; "modules"
        draws each call of a layer as one box; Modules given are drawn closed, and the others as open frames. "auto"
        folds nothing up to 250 nodes, and then as much as it must; a line in the picture says what.
    show : collection of {"shape", "value", "gradient"}, optional
        What stands in a tensor's box.
    depth : int, optional
        How many operations away from the output the picture goes.
    direction : {"LR", "RL", "TB", "BT"}, optional
        Which way the computation runs: left to right, ...
    theme : {"light", "dark", "print"}, optional
        How it looks.
    index_base : int, optional
        Where subscripts begin.

    Returns
    -------
    Diagram
        It shows itself in a notebook; `.save("network.svg")` writes a file.

    Raises
    ------
    TypeError
        If `output` is not a Tensor.
    ValueError
        If an option is not among those above, or `expand` is not one element that the output depends on.

    Examples
    --------
    >>> from microgradnn import Tensor, draw
    >>> x = Tensor(3.0, requires_grad=True, name="x")
    >>> draw((x * x).named("y"))
    <Diagram with 3 boxes and 3 arrows; .save('picture.svg') draws it>
    """
    if not isinstance(output, Node):
        raise TypeError(f"draw takes a Tensor, the end of a recorded graph; it was given {describe(output)}.")
    painter = GraphPainter(View(output, fold, depth, names_only=expand is not None), show, direction)
    if expand is None:
        return Diagram(painter.paint(), theme)
    return Diagram(paint_expanded(painter, chain_rule(output, expand, index_base=index_base)), theme)


def draw_step(step, fold="auto"):
    """The graph, folded as `draw` says, with the arrow of one backward step lit."""
    painter = GraphPainter(View(step.steps.output, fold, None, names_only=False), SHOWN, "LR")
    painter.paint()
    light(painter, step)
    return Diagram(painter.picture)
