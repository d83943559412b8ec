"""`draw(L)`: a picture of the graph that L was computed by."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ..errors import describe, one_of
from ..explaining.derivation import chain_rule, locate
from ..graph import Node
from ..nn.module import Module
from ..pictures.diagram import Diagram
from ..pictures.shapes import NATURAL, SHAPES
from ..pictures.typesetting import DETAILS, WITH_FORMULAS
from ..pictures.wrapping import fits, wrapped
from .contents import SHOWN
from .expanded import ExpandedSheet, expanded_picture
from .graph_picture import GraphPainter, light
from .opening import opened
from .repeats import repeats_in, roll
from .timeline import timeline
from .view import View

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ..annotations import Direction, Fold, PictureShape, Shown, Theme
    from ..tensor import Tensor

FEWEST_NAMED = 2  # results that must have a name, so that a page shows them alone


def draw(
    output: Tensor,
    *,
    expand: Tensor | None = None,
    fold: Fold | int | Module | Sequence[Module] = "auto",
    show: Collection[Shown] | tuple[Shown, ...] = ("shape", "value", "gradient"),
    unfold: Tensor | Module | str | Sequence[Tensor | Module | str] = (),
    depth: int | None = None,
    direction: Direction = "LR",
    theme: Theme = "light",
    shape: PictureShape = "auto",
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
    fold : {"auto", "nothing", "names", "repeats", "meaning", "layers", "modules"}, int, Module or list of Module, optional
        What is drawn as one: "names" draws tensors that have a name, and what lies between them is one step; "repeats" also
        rolls up a step that is made again and again, such as a recurrent network's, and says how often; "meaning" draws
        softmax, cross-entropy, attention, layer norm, batch norm, LSTM and GRU cells as one box each, whoever composed them,
        with the derivative that a person writes; "layers" does that too, and draws each call of a layer as one box, "modules"
        each call of the network; a number says how many levels of modules are open; Modules given are drawn closed, and the
        others as open frames. "auto" folds nothing up to 250 nodes, or as many as a page holds in type that can be read, and
        then as much as it must; a line in the picture says what.
    show : collection of {"shape", "value", "gradient", "arrows", "parameters"}, optional
        What stands in a tensor's box; "arrows" writes the shape of what goes along an arrow beside it, where there is
        room, in a picture of its natural shape; "parameters" how many numbers are learned, in each box and in all.
    unfold : Tensor, Module, str, or a list of them, optional
        What of that stays open: the result of a group of operations or of a layer, a Module, or all groups of a name, such as
        "softmax".
    depth : int, optional
        How many operations away from the output the picture goes.
    direction : {"LR", "RL", "TB", "BT"}, optional
        Which way the computation runs: left to right, ...
    theme : {"light", "dark", "print"}, optional
        How it looks.
    shape : {"auto", "natural", "slide", "square", "page", "paper"}, optional
        What the picture is made for: a slide of 16:9 with type of 18 points or more, a square, a page of text, one column of a
        paper; its rows are wrapped, and where the type would be too small, boxes show less, which the picture says; a short
        recurrent network stands on one line, below the size of its gradient at each step. "natural" is as large as it comes,
        in one piece. "auto" is a slide where that would be wider than 2.2:1. With `expand`, the derivation alone is drawn
        where the tensors around it do not fit.
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
        If an option is not among those above, `expand` is not one element that the output depends on, or a shape is asked
        for with a direction.

    Examples
    --------
    >>> from microgradnn import Tensor, draw
    >>> x = Tensor(3.0, requires_grad=True, name="x")
    >>> draw((x * x).named("y"))
    <Diagram with 3 boxes and 3 arrows; .save('picture.svg') draws it>
    """
    _refuse_others(output)
    unfolded = [unfold] if isinstance(unfold, (Node, Module, str)) else list(unfold)
    if expand is not None:
        locate(output, expand)  # refuses what is not one element
        view = View(output, fold, depth, names_only=True, unfold=unfolded)
        rule = chain_rule(output, expand, index_base=index_base)
        paint = partial(expanded_picture, view, show, rule)
        return Diagram(paint(direction), theme, NATURAL if shape == "auto" else shape, ExpandedSheet(rule, paint))
    painter = GraphPainter(View(output, fold, depth, names_only=False, unfold=unfolded), show, direction)
    boxes = list(painter.paint().boxes)
    repeats = repeats_in(painter.view) if fold == "repeats" and direction == "LR" else []
    roll(painter, repeats)
    whole = partial(opened, painter, show, depth, repeats, boxes)
    if direction != "LR":
        if shape not in ("auto", NATURAL):
            one_of(SHAPES, shape, "shape")
            raise ValueError(
                f"shape={shape!r} is for graphs that run from left to right; this one has direction={direction!r}."
            )
        return Diagram(painter.picture, theme, opened=whole)
    if "arrows" in painter.contents.show and shape == "auto":
        shape = NATURAL
    return Diagram(painter.picture, theme, shape, FoldedIfNeeded(painter.view, fold, depth, show, unfolded), whole)


def _refuse_others(output):
    """Refuse what is no Tensor; a network is to be called first."""
    if isinstance(output, Module):
        name = type(output).__name__
        raise TypeError(f"draw takes a Tensor, and was given a network, {name}: call it, and draw what it returns, network(x).")
    if not isinstance(output, Node):
        raise TypeError(f"draw takes a Tensor, the end of a recorded graph; it was given {describe(output)}.")


class FoldedIfNeeded:
    """Composes the sheet of a graph's picture; if the folding is left to us, folded where its operations are too many."""

    def __init__(self, view, fold, depth, show, unfold=()):
        self.view, self.fold, self.depth, self.show, self.unfold = view, fold, depth, show, unfold

    def __call__(self, picture, shape, theme):
        """The Sheet of the picture, or of a folded one."""
        if self.fold in ("auto", "names") and not fits(picture, shape, theme):
            sheet = timeline(self._view("repeats"), self.show, shape, theme)
            if sheet is not None:
                return sheet
        picture = self._chosen(picture, shape, theme)
        if "arrows" in self.show:
            picture = replace(picture, notes=[*picture.notes, "shapes at arrows: shape='natural' has room for them"])
        return wrapped(picture, shape, theme)

    def _chosen(self, picture, shape, theme):
        """The picture, or a folded one: the first that fits with numbers, else the first that fits; else the last."""
        if self.fold != "auto" or self.view.names_only or fits(picture, shape, theme):
            return picture
        whole, fitting = picture, []
        for fold, what in self._ways():
            if fold == 0 and fitting:
                break  # the network as one box says little
            picture = self._folded(fold)
            picture.notes[-1:] = _with_way_out(picture.notes[-1:] if fold == "repeats" else [*picture.notes[-1:], what])
            if fits(picture, shape, theme, WITH_FORMULAS):
                return picture
            if fits(picture, shape, theme, DETAILS):
                fitting.append(picture)
        if fits(whole, shape, theme, WITH_FORMULAS):
            return whole
        return fitting[0] if fitting else picture

    def _ways(self):
        """How the graph can be folded further, and how that is said: first what folds less."""
        if self.view.calls:
            levels = range(self.view.nesting.deepest, -1, -1)
            closed = [] if self.view.closed else [("layers", "layers are one box each")]
            closed += [("repeats", "named tensors only")] if repeats_in(self._view("repeats")) else []
            return closed + [(level, f"{self.view.said(level)} one box each") for level in levels]
        named = sum(node.op is not None and bool(node.name) for node in self.view.shown)
        ways = [("names", "named tensors only")] if named >= FEWEST_NAMED else []
        ways += [("repeats", "named tensors only")] if ways and repeats_in(self._view("repeats")) else []
        meant = list(dict.fromkeys(meaning.name for meaning in self._view("meaning").meant.values()))
        return [*ways, ("meaning", f"named tensors only, and {', '.join(meant)} as one box")] if ways and meant else ways

    def _view(self, fold):
        return View(self.view.output, fold, self.depth, names_only=False, unfold=self.unfold)

    def _folded(self, fold):
        painter = GraphPainter(self._view(fold), self.show, "LR")
        painter.paint()
        roll(painter, repeats_in(painter.view) if fold == "repeats" else [])
        return painter.picture


def _with_way_out(notes):
    return [*notes[:-1], f"{notes[-1]}; fold='nothing' draws all"]


def draw_step(step, fold="auto"):
    """The graph, folded as `draw` says, with the arrow of one backward step lit."""
    painter = GraphPainter(View(step.steps.output, fold, None, names_only=False), SHOWN, "LR")
    painter.paint()
    light(painter, step)
    return Diagram(painter.picture)
