"""`backward_steps(L)`: the backward pass, one contribution at a time.

The steps are read from a `Pass`, which an observer recorded in the same loop that `L.backward()` runs, and can be gone through
forth and back. A sum over broadcast axes is a step of its own. A step shows what was true then: weights may have changed since.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

import numpy as np

from ..errors import operand_letters
from ..formulas.brief import brief
from ..formulas.labels import label_of
from ..formulas.spelling import spell
from ..passes import Pass, as_it_was, record
from ..saving.savers import save, saver
from ..source.expressions import file_name
from ..source.lines import line_of
from ..source.rules import rule_place, rule_text
from .slides import save_frames

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Literal

    from ..annotations import Array, Direction, FilePath, Operand, Theme
    from ..graph import Op
    from ..tensor import Tensor


def backward_steps(output: Tensor | Pass, gradient: Operand | None = None) -> BackwardSteps:
    """The steps of `output.backward(gradient)`, or of a pass that was kept, to go through back and forth.

    Parameters
    ----------
    output : Tensor or Pass
        Usually a loss: one number. Or a pass that `Passes` kept.
    gradient : array or number, optional
        The upstream gradient, of output's shape; needed if `output` is not one number.

    Returns
    -------
    BackwardSteps
        A sequence of Step; printed, it is a table with one line a step. No `.grad` is touched.

    Raises
    ------
    RuntimeError, ValueError
        As `backward` does.
    TypeError
        If a pass is given with a gradient: it has its own.

    Examples
    --------
    >>> from microgradnn import Tensor, backward_steps
    >>> x, t = Tensor(3.0, requires_grad=True, name="x"), Tensor(1.0, name="t")
    >>> L = ((t - x) ** 2).named("L")
    >>> for step in backward_steps(L):
    ...     print(step)
     1  ()  ∂L/∂(t − x) = −4  power: dx = dz * y * x ** (y - (y != 0))
     2  ()  ∂L/∂x       = 4   subtract: dy = -dz
    """
    if not isinstance(output, Pass):
        return BackwardSteps(record(output, gradient))
    if gradient is not None:
        raise TypeError("backward_steps of a Pass takes no gradient: the pass began with its own, which is its .seed.")
    return BackwardSteps(output)


class Step:
    """One step: a vjp's contribution to the gradient of one input, or the sum of it over broadcast axes.

    Attributes
    ----------
    number : int
        Which step this is, from 1.
    kind : {"vjp", "sum"}
        Whether a rule ran, or what it gave was summed over the axes along which the input had been repeated.
    node, input : Tensor
        z, and the input that gets the contribution.
    op : Op
        The operation that made z from its inputs.
    letter : str
        What the rules call the input: x, y, ...
    dz : array
        ∂L/∂z, the upstream gradient, complete.
    z, xs : array, list of array
        The values of z, and of its inputs x, y, ..., as they were then.
    local : array or None
        ∂z/∂(input), where it is one number an element.
    line : tuple or None
        Where the user's program made z: (file, line), if that was remembered (see `remember_lines`).
    dx : array
        The contribution. Before a step of kind "sum" it has the shape of z.
    old, new : array or None
        The input's gradient before and after this step: new = old + dx. `old` is None if this is its first contribution;
        `new` is None if a sum must come first.
    """

    number: int
    kind: Literal["vjp", "sum"]
    steps: BackwardSteps
    node: Tensor
    input: Tensor
    op: Op
    position: int
    letter: str
    dz: Array
    z: Array
    xs: list[Array]
    full: Array
    dx: Array
    old: Array | None
    new: Array | None

    def __init__(self, contribution, kind, steps):
        self.kind, self.steps = kind, steps
        self.node, self.input, self.dz = contribution.node, contribution.input, contribution.dz
        self.op, self.position = self.node.op, contribution.position
        self.z, self.xs = steps.recorded.operands(self.node)
        self.full = contribution.full
        waits = kind == "vjp" and np.shape(contribution.full) != np.shape(contribution.dx)
        self.dx = contribution.full if waits else contribution.dx
        self.old = contribution.old
        self.new = None if waits else contribution.new
        self.letter = operand_letters(self.op, len(self.node.inputs))[self.position]
        self.number = 0

    @property
    def name(self) -> str:
        """str: the gradient that grows: ∂L/∂h."""
        return self.steps.gradient_name(self.input)

    @property
    def line(self) -> tuple[str, int] | None:
        """(file, line) or None: where the user's program made z, if it ran in `remember_lines()`."""
        return line_of(self.node)

    @property
    def local(self) -> Array | None:
        """array or None: the local derivative ∂z/∂x where it is one number an element, so that dx = dz · ∂z/∂x."""
        if np.shape(self.full) != np.shape(self.dz):
            return None
        vjp = self.op.vjps[self.position]
        with np.errstate(all="ignore"):
            slope = vjp(self.op, np.ones_like(self.dz), self.z, *self.xs)
            return np.asarray(slope) if np.allclose(slope * self.dz, self.full, equal_nan=True) else None

    @property
    def rule(self) -> str:
        """str: the rule as it is written in the operation, such as dx = dz * (1 - z * z)."""
        if self.kind == "sum":
            axes = summed_axes(np.shape(self.full), np.shape(self.dx))
            return f"summed over axis {', '.join(map(str, axes))}, where {self.letter} was repeated"
        return f"d{self.letter} = {rule_text(self.op.vjps[self.position], (self.op, self.dz, self.z, *self.xs))}"

    @property
    def rule_place(self) -> tuple[str, int, int, int] | None:
        """(file, first line, last line, line) or None: where the rule is written, and which line gives the contribution."""
        return rule_place(self.op.vjps[self.position], (self.op, self.dz, self.z, *self.xs))

    @property
    def arithmetic(self) -> str:
        """str: the numbers: dx for a first contribution, old + dx = new for a further one."""
        if self.old is None or self.new is None:
            return brief(self.dx)
        return f"{brief(self.old)} + {brief(self.dx)} = {brief(self.new)}"

    def __str__(self) -> str:
        widths = self.steps.widths
        shape = np.shape(self.dx)
        left = f"{self.number:>{widths[0]}}  {shape!s:<{widths[1]}}  {self.name:<{widths[2]}} = {self.arithmetic:<{widths[3]}}"
        where = f"  ({file_name(self.line[0])}:{self.line[1]})" if self.line else ""
        return f"{left}  {self.op.name}: {self.rule}{where}"

    def __repr__(self) -> str:
        return f"<Step {self.number} of {len(self.steps)}: {self.name} through {self.op.name}>"


class BackwardSteps(Sequence[Step]):
    """All steps of one backward pass, in order. See `backward_steps`.

    Attributes
    ----------
    output : Tensor
        Where the pass begins.
    recorded : Pass
        The pass that they are the steps of, with the values and gradients of all nodes.
    """

    output: Tensor
    seed: Array
    recorded: Pass

    def __init__(self, recorded: Pass) -> None:
        self.recorded, self.output, self.seed = recorded, recorded.output, recorded.seed
        self._steps: list[Step] = []
        self._told = 0  # contributions whose steps are there
        self._measured = -1  # steps whose texts the widths are of

    def _grown(self):
        """The steps, with those of contributions that have come since: the pass may still run."""
        contributions = self.recorded.contributions
        while self._told < len(contributions):
            contribution = contributions[self._told]
            self._told += 1
            self._add(Step(contribution, "vjp", self))
            if self._steps[-1].new is None:
                self._add(Step(contribution, "sum", self))
        return self._steps

    def _add(self, step):
        self._steps.append(step)
        step.number = len(self._steps)

    @property
    def nodes(self) -> list[Tensor]:
        """list of Tensor: those that get a gradient, in the order in which theirs are complete."""
        return self.recorded.nodes

    def __len__(self) -> int:
        return len(self._grown())

    @overload
    def __getitem__(self, i: int) -> Step: ...
    @overload
    def __getitem__(self, i: slice) -> list[Step]: ...
    def __getitem__(self, i):
        return self._grown()[i]

    def label(self, node: Tensor) -> str:
        """How a node is called: by its name, else by how it was made."""
        return label_of(node.name) or ("L" if node is self.output else "θ" if node.is_leaf else spell(node))

    def gradient_name(self, node: Tensor) -> str:
        """How the gradient of a node is called: ∂L/∂h."""
        return f"∂{self.label(self.output)}/∂{self.label(node)}"

    def gradients_after(self, count: int) -> dict[Tensor, Array]:
        """The gradients as they are after so many steps: a dict of node to array; what has none yet is not in it."""
        return self.recorded.gradients_after(sum(step.new is not None for step in self[:count]))

    def at(self, count: int) -> AbstractContextManager[None]:
        """A context manager: inside it every node's `.data` and `.grad` are what they were after so many steps.

        It is for what reads the nodes, such as a picture, and for as long as nothing else computes with them.

        Examples
        --------
        >>> from microgradnn import Tensor, backward_steps
        >>> x = Tensor(3.0, requires_grad=True, name="x")
        >>> steps = backward_steps(x * x)
        >>> x.data += 1
        >>> with steps.at(1):
        ...     print(x.data, x.grad)
        3.0 3.0
        >>> print(x.data, x.grad)
        4.0 None
        """
        return as_it_was(self.recorded, self.gradients_after(count))

    def save(self, path: FilePath, theme: Literal["light", "dark"] = "light", direction: Direction | None = None) -> Path:
        """Write the steps to a file: .html, a page to go through them with; .gif, an animated picture.

        The page is the live one, opened at its steps: one file that needs no network; first the values, then the gradients, by
        arrow keys or slider. Where numbers cannot be computed on a page, it holds those of this pass. `steps.html#step=4`
        opens it at step 4, `#value=2` at the second value. The animation needs Pillow.

        Parameters
        ----------
        path : str or Path
        theme : {"light", "dark"}, optional
            A light page follows the reader's system; a dark one starts dark.
        direction : {"LR", "RL", "TB", "BT"}, optional
            Which way the computation runs in the animation, which is a slide if it is not given; a page lays its graph out by
            its own width.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        ValueError
            If the suffix, the theme or the direction is another one.
        RendererError
            If there is no Graphviz renderer, or it fails, or takes longer than a minute.
        ImportError
            If an animation is wanted, and Pillow is not installed.
        """
        return save(self, path, " For one picture a step there is save_frames(folder).", theme=theme, direction=direction)

    def save_frames(
        self,
        folder: FilePath,
        format: Literal["svg", "png"] = "svg",
        theme: Theme = "light",
        direction: Direction | None = None,
    ) -> list[Path]:
        """Write numbered slides of the graph, 16:9: frame_000 before the first step, frame_004 after step 4.

        Each has the gradients as they are then, the arrow of the step lit, and those coloured that a gradient has gone along.

        Parameters
        ----------
        folder : str or Path
            Made if it is not there.
        format : {"svg", "png"}, optional
        theme : {"light", "dark", "print"}, optional
        direction : {"LR", "RL", "TB", "BT"}, optional
            Which way the computation runs; the pictures are as large as they come then, and no slides.

        Returns
        -------
        list of pathlib.Path
            The files, in order.

        Raises
        ------
        ValueError
            If the format, the theme or the direction is another one.
        RendererError
            If there is no Graphviz renderer, or it fails, or takes longer than a minute.
        """
        return save_frames(self, folder, format, theme, direction)

    def _repr_html_(self) -> str | None:
        """What a notebook shows: the page; None, and then the table's first line, where it cannot be made."""
        try:
            return saver(self, "")(self)
        except Exception:  # noqa: BLE001 - a notebook cell that fails to show its result hides everything else in it
            return None

    @property
    def widths(self) -> list[int]:
        """tuple of int: how wide the columns of the table are."""
        if self._measured != len(self):
            columns = [(str(s.number), str(np.shape(s.dx)), s.name, s.arithmetic) for s in self]
            self._widths = [max(map(len, column), default=0) for column in zip(*columns, strict=True)] or [0] * 4
            self._widths[0] = max(2, self._widths[0])
            self._measured = len(self)
        return self._widths

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def __repr__(self) -> str:
        return f"<{len(self)} backward steps from {self.label(self.output)}>"


def summed_axes(full, reduced):
    """The axes of an array of shape `full` that are summed over to give one of shape `reduced`.

    >>> summed_axes((5, 4, 3), (4, 1))
    [0, 2]
    """
    in_front = len(full) - len(reduced)
    return [*range(in_front), *(in_front + i for i, n in enumerate(reduced) if n == 1 and full[in_front + i] != 1)]
