"""Findings that one graph is enough for: what each sign says, by its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .building import LATE
from .finding import Finding
from .ways import AXIS, BROADCAST, OVERFLOW, SQUASHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .signs import Sign


def single_graphs(health: Any, found: list[Finding]) -> Iterator[Finding]:
    """Signs that one graph is enough for."""
    signs = list(health.signs.values())
    kinds = {finding.kind for finding in found}
    by_exp = any(sign.kind == "overflow ahead" and sign.figures["op"] == "exp" for sign in signs)
    overflown = any(sign.kind == "not finite" for sign in signs)
    for sign in signs:
        kind, figures = sign.kind, sign.figures
        if kind == "overflow ahead" and (overflown or (figures["op"] != "exp") is by_exp or kind in kinds):
            continue  # what was made of it is as large
        if figures.get("weight") in health.bent or (kind == "not finite" and "learning rate too large" in kinds):
            continue
        if kind == "targets far away" and (figures["since"] < LATE or kinds & {"steps too small", "learning rate too large"}):
            continue
        kinds.add(kind)
        severity, text, way = SAID.get(kind, as_noted)(sign)
        yield Finding(severity, kind, sign.label, text, way, sign.place)


def as_noted(sign: Sign) -> tuple[str, str, str]:
    """Severity, text and way out, which the sign has."""
    return sign.figures["severity"], sign.figures["text"], sign.figures["way"]


def broadcast(sign: Sign) -> tuple[str, str, str]:
    """Of a prediction (n, 1) and a target (n,)."""
    first, second, made = sign.figures["shapes"]
    text = f"{first} and {second} made {made}: each prediction was compared with each target. Since pass {sign.number}."
    return "error", text, BROADCAST


def squashed(sign: Sign) -> tuple[str, str, str]:
    """Of a softmax of a softmax, and the like."""
    first, second = sign.figures["first"], sign.figures["second"]
    so = "whatever was below 0 is the same" if first == "relu" else "differences are flattened"
    return "warning", f"{sign.label} went through {first}, and again through {second}: {so}.", SQUASHED


def unusual_axis(sign: Sign) -> tuple[str, str, str]:
    """Of a softmax along the samples."""
    axis, shape, share = (sign.figures[name] for name in ("axis", "shape", "share"))
    return "hint", f"Along axis {axis} of {shape}: {share} share the sum 1.", AXIS


def overflow_ahead(sign: Sign) -> tuple[str, str, str]:
    """Of numbers near the largest that there are."""
    figures = sign.figures
    what = "exp was given" if figures["op"] == "exp" else "Values reach"
    text = f"{what} {figures['most']:.4g}; {figures['dtype']} ends at {figures['limit']:.4g}. First seen in pass {sign.number}."
    return "warning", text, OVERFLOW(figures["op"])


def not_standardised(sign: Sign) -> tuple[str, str, str]:
    """Of inputs whose columns are large, or of very different sizes."""
    figures = sign.figures
    spread = f"deviations from {figures['least']:.3g} to {figures['deviation']:.3g}, means up to {figures['mean']:.3g}"
    way = "Standardise the columns: (X - X.mean(axis=0)) / X.std(axis=0), with the figures of the training data."
    return "hint", f"What is weighed here has {spread}.", way


def no_parameter(sign: Sign) -> tuple[str, str, str]:
    """Of a weight that requires no gradient."""
    text = f"It weighs what comes in, and requires no gradient: of shape {sign.figures['shape']}, it stays as it began."
    return "warning", text, "Make it with requires_grad=True, unless it is frozen on purpose."


def not_finite(sign: Sign) -> tuple[str, str, str]:
    """Of the first NaN or inf."""
    figures = sign.figures
    if figures["op"] == "data":
        text = f"{figures['bad']:,} of {figures['size']:,} elements are NaN where they come in, in pass {sign.number}."
        return (
            "error",
            text,
            "Look at the data: np.isnan(x).any(axis=0) says which columns; fill them, or leave samples out.",
        )
    by = figures["op"] or "an update"
    text = f"In pass {sign.number}, {figures['bad']:,} of {figures['size']:,} elements are NaN or inf, made by {by}."
    return "error", text, "`with checked():` around the loop stops at the operation that made the first one, and says why."


SAID = {
    "broadcast in the loss": broadcast,
    "squashed twice": squashed,
    "unusual axis": unusual_axis,
    "overflow ahead": overflow_ahead,
    "not standardised": not_standardised,
    "no parameter": no_parameter,
    "not finite": not_finite,
}  # of a kind what it says; of others it stands in the sign
