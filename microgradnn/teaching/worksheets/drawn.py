"""The picture of an exercise: quantities in boxes and at arrows, each with its number or with a line to write on."""

from ...formulas.unicode_text import number, text
from ...pictures.picture import Arrow, Box, Line, Picture
from .exercise import Given, tidy

TO_WRITE_ON = "____"


class PictureOf:
    """Collects boxes and arrows. With `solved`, blanks have the key in them."""

    def __init__(self, exercise, solved, direction="LR"):
        self.parts = {part.key: part for part in exercise.quantities}
        self.solved = solved
        self.picture = Picture(direction=direction)

    def box(self, id, keys, kind="intermediate"):
        """A box with a line for each quantity."""
        self.picture.boxes.append(Box(id, kind, [self.line(key, "name" if key[:2] != "d_" else "gradient") for key in keys]))

    def words(self, id, word):
        """A box with a word in it, for what is no quantity."""
        self.picture.boxes.append(Box(id, "operation", [Line(word, "made")]))

    def arrow(self, tail, head, keys=()):
        """An arrow, with a line for each quantity."""
        self.picture.arrows.append(Arrow(tail, head, [self.line(key, "gradient") for key in keys]))

    def line(self, key, role):
        """A quantity as it stands in the picture."""
        part = self.parts[key]
        known = self.solved or isinstance(part, Given)
        return Line(f"{text(part.label)} = {number(tidy(part.value)) if known else TO_WRITE_ON}", role)
