"""A finding: what is wrong, how bad it is, where, by which figures, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import one_of
from ..source.expressions import shown

if TYPE_CHECKING:
    from ..source.lines import Place

SIGNS = {"error": "✗", "warning": "!", "hint": "?"}  # worst first


class Finding(NamedTuple):
    """What was recognised.

    Attributes
    ----------
    severity : {"error", "warning", "hint"}
        An error keeps the network from learning what it should; a warning makes it learn badly, or will; a hint is what
        numbers alone cannot decide.
    kind : str
        What it is, in a few words: "no gradient".
    tensor : str
        What it is about: a tensor, a module or an optimiser, by its name.
    evidence : str
        The figures that it was recognised by, as sentences.
    way : str
        The way out.
    place : Place or None
        The line of the program, where it is known.
    """

    severity: str
    kind: str
    tensor: str
    evidence: str
    way: str
    place: Place | None = None

    @property
    def line(self) -> tuple[str, int] | None:
        """tuple: file and line, or None."""
        return None if self.place is None else (self.place.file, self.place.line)

    def __str__(self) -> str:
        lines = [f"{SIGNS[self.severity]} {self.kind}: {self.tensor}"]
        if self.place is not None:
            lines += [f"  {line}" for line in shown(self.place).split("\n")]
        lines += [f"    {line}" for line in self.evidence.split("\n")]
        first, *others = self.way.split("\n")
        return "\n".join([*lines, f"    → {first}", *(f"      {line}" for line in others)])


def worst_first(findings: list[Finding]) -> list[Finding]:
    """Findings in the order in which to read them: errors, warnings, hints.

    >>> hint, error = (Finding(severity, "", "", "", "") for severity in ("hint", "error"))
    >>> [finding.severity for finding in worst_first([hint, error])]
    ['error', 'hint']
    """
    order = list(SIGNS)
    return sorted(findings, key=lambda finding: order.index(one_of(SIGNS, finding.severity, "severity")))
