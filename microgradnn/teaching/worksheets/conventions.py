"""What courses write differently: x W or W x, ½ or not, from which number they count."""

from __future__ import annotations

from dataclasses import dataclass

from ...formulas.formula import Name


@dataclass(frozen=True)
class Conventions:
    """A course's way to write.

    Parameters
    ----------
    order : {"xW", "Wx"}
        h = x W, where W₁₂ leads from input 1 to unit 2, or h = W x, where W₁₂ leads from input 2 to unit 1.
    half : bool
        L = ½ (t − o)², whose slope has no 2.
    index_base : {0, 1}
    """

    order: str = "xW"
    half: bool = False
    index_base: int = 1

    def name(self, label, *index):
        """A name with its index, counted as the course counts: `index` begins at 0."""
        return Name(label, tuple(i + self.index_base for i in index))

    def weight(self, label, source, target):
        """The weight that leads from input `source` to unit `target`."""
        return self.name(label, *((source, target) if self.order == "xW" else (target, source)))

    @property
    def loss(self):
        """str: the loss, as it is printed."""
        return "L = ½ (t − o)²" if self.half else "L = (t − o)²"

    @property
    def loss_rule(self):
        """str: the loss, as a rule."""
        return "0.5 * (t - o) ** 2" if self.half else "(t - o) ** 2"

    @property
    def slope_rule(self):
        """str: ∂L/∂o."""
        return "-(t - o)" if self.half else "-2 * (t - o)"

    @property
    def slope_slips(self):
        """list of (rule, words): what goes wrong with ∂L/∂o."""
        factor = "" if self.half else "2 * "
        slips = [(f"{factor}(t - o)", "the inner derivative, −1, is missing")]
        return [*slips, ("-(t - o)", "the 2 is missing")] if not self.half else [*slips, ("-2 * (t - o)", "½ and 2 cancel")]

    @property
    def typed(self):
        """str: the options of the command that stand for it."""
        parts = (
            self.order != "xW" and f" --order {self.order}",
            self.half and " --half",
            self.index_base != 1 and " --index-base 0",
        )
        return "".join(part for part in parts if part)

    def of(self, t, o):
        """The loss of Tensors, as the engine computes it."""
        return 0.5 * (t - o) ** 2 if self.half else (t - o) ** 2
