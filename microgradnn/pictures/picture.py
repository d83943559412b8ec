"""What is in a picture, before it is drawn: boxes, arrows and frames, with no word about themes or file formats.

draw() and the chain rule make a `Picture`; dot_text.py, mermaid_text.py and page.py write it down. One picture, many forms.
"""

import re
from dataclasses import dataclass, field

import numpy as np

from ..errors import one_of

DIRECTIONS = ("LR", "RL", "TB", "BT")  # which way the computation runs: left to right, ...


@dataclass
class Line:
    """One line of text in a box or at an arrow.

    Its role says how it looks: name, made, shape, value, gradient, note, or code, which is written as it is typed. `number` is
    the number it ends with, behind the last equals sign, where that is to have the colour of its sign.
    """

    text: str
    role: str = "value"
    number: float | None = None

    @property
    def parts(self):
        """tuple of two str: the line up to the number, and the number as it is written.

        >>> Line("∂L/∂w = −3", "gradient", -3.0).parts, Line("w = 3").parts
        (('∂L/∂w = ', '−3'), ('w = 3', ''))
        """
        if self.number is None:
            return self.text, ""
        before, sign, written = self.text.rpartition("= ")
        return before + sign, written


@dataclass
class Values:
    """An array in a box: its numbers if they are few, else a small heat map. The role is value or gradient.

    `column` says that an array of one axis is a column in the algebra that it is used in: V in h V. `bars` says that its
    numbers are sizes, to be compared.
    """

    label: str
    array: np.ndarray
    role: str = "value"
    column: bool = False
    bars: bool = False


@dataclass
class Box:
    """A node: what kind of thing it is, and what stands in it.

    `kind` is one of parameter, constant, intermediate, output, operation, target, neighbour, operand, note.
    `card` holds what a page shows when the pointer is on it: (label, text) pairs. `later` is what stands in it at other times:
    the box is large enough for each of these.
    """

    id: str
    kind: str
    content: list[Line | Values]
    card: list[tuple[str, str]] = field(default_factory=list)
    frame: str | None = None
    lane: bool = False  # on the line that the eye should follow
    later: list[list[Line | Values]] = field(default_factory=list)
    is_pile: bool = False  # whether it stands for several that are alike


@dataclass
class Arrow:
    """An edge. `against` says that it points from head to tail: gradients flow against the computation."""

    tail: str
    head: str
    lines: list[Line] = field(default_factory=list)
    card: list[tuple[str, str]] = field(default_factory=list)
    contribution: float | None = None  # its part of a sum: the size gives the width, the sign the colour and the dashes
    largest: float = 1.0  # the largest contribution in the picture
    kind: str = "plain"  # plain, gradient, passed, operand, faint, rest, or loop: from one step to the same at the next
    against: bool = False


@dataclass
class Frame:
    """A box around boxes: a module, or the elements of one tensor. `closed` is what a page shows in its place at first."""

    id: str
    label: str
    parent: str | None = None
    closed: Box | None = None


@dataclass
class Picture:
    """Boxes, arrows and frames, in the order in which they are written."""

    title: list[str] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # sentences beside the picture: what was folded
    direction: str = "LR"
    whole: str = ""  # what the arrows' contributions are parts of, such as ∂L/∂W₁₁
    has_legend: bool = True  # whether what colours and dashes say is written in it
    titles: list[str] = field(default_factory=list)  # those of other times, which there is room for too
    is_computation: bool = False  # whether arrows run from what is computed first, forward, which its legend says

    def __post_init__(self):
        one_of(DIRECTIONS, self.direction, "direction")


class Ids:
    """Ids for the DOT text: from names where they are plain words, unique, and the same in every run."""

    def __init__(self):
        self._of, self._taken, self._counts = {}, set(), {}

    def __getitem__(self, key):
        return self._of[key]

    def __contains__(self, key):
        return key in self._of

    def same(self, key, other):
        """Let `key` have the id of another."""
        self._of[key] = self._of[other]

    def new(self, key, name):
        """The id of `key`, made from `name` if it has none yet."""
        if key not in self._of:
            word = re.sub(r"\W", "_", name, flags=re.ASCII).strip("_") or "node"
            word = f"n{word}" if word[0].isdigit() else word
            candidate = word
            while candidate in self._taken:
                self._counts[word] = self._counts.get(word, 1) + 1
                candidate = f"{word}__{self._counts[word]}"
            self._taken.add(candidate)
            self._of[key] = candidate
        return self._of[key]
