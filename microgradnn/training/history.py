"""What a training tells of itself: figures, epoch by epoch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..formulas.brief import counted, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..annotations import Array


class History(dict[str, list[float]]):
    """The figures of a training: for each name ("loss", "validation_loss", "lr", ...) a list with one number an epoch.

    It is a dict, so `pandas.DataFrame(history)` is a table. `ended` says why the training ended before its last epoch.

    Examples
    --------
    >>> from microgradnn.training import History
    >>> history = History()
    >>> for loss in 0.5, 0.25, 0.375:
    ...     history.append({"loss": loss, "lr": 0.1})
    >>> history["loss"]
    [0.5, 0.25, 0.375]
    >>> history
    History of 3 epochs
    epoch   loss   lr
        1    0.5  0.1
        2   0.25  0.1  best
        3  0.375  0.1
    """

    ended: str | None = None

    def append(self, figures: Mapping[str, float]) -> None:
        """Add an epoch."""
        for name, figure in figures.items():
            self.setdefault(name, []).append(figure)

    @property
    def epochs(self) -> int:
        """int: how many epochs it has."""
        return len(self.get("loss", ()))

    @property
    def best_epoch(self) -> int | None:
        """int: the epoch of the lowest validation loss, or training loss without validation, counted from 1; None of none."""
        losses = self.get("validation_loss", self.get("loss", []))
        finite = [epoch for epoch in range(len(losses)) if math.isfinite(losses[epoch])]
        return min(finite, key=losses.__getitem__) + 1 if finite else None

    def __repr__(self) -> str:
        title = f"History of {counted(self.epochs, 'epoch')}" + (f" ({self.ended})" if self.ended else "")
        shown = sorted({1, self.best_epoch or 1, self.epochs}) if self.epochs else []
        rows = [["epoch", *map(visible, self)]] + [
            [str(epoch), *(f"{self[name][epoch - 1]:.4g}" for name in self)] for epoch in shown
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        marks = ["", *("  best" if epoch == self.best_epoch else "" for epoch in shown)]
        table = [line + mark for line, mark in zip(lines, marks, strict=True)]
        return "\n".join([title, *table, *self._diverged()])

    def _diverged(self):
        """A line on where the loss stopped being a number, if it did and stayed so."""
        losses = self.get("loss", [])
        finite = [epoch for epoch, loss in enumerate(losses, start=1) if math.isfinite(loss)]
        first = max(finite, default=0) + 1
        if first > len(losses):
            return []
        return [f"{losses[first - 1]} from epoch {first} on; run it inside checked() to find where"]

    def plot(self) -> Array:
        """Draw the figures over the epochs with matplotlib: training and validation together, the best epoch marked.

        Returns
        -------
        numpy.ndarray of matplotlib Axes
            One for the loss, one for each metric, and one for the learning rate if it changed. To save the picture:
            `history.plot()[0].figure.savefig("history.png")`.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        try:
            import matplotlib.pyplot as plt
        except ImportError as error:
            raise ImportError(
                "History.plot draws with matplotlib, which is not installed: python -m pip install matplotlib.\n"
                "The figures are plain lists: history['loss'], and print(history) shows the most important ones."
            ) from error
        names = [name for name in self if not name.startswith("validation_") and (name != "lr" or len(set(self["lr"])) > 1)]
        if not names:
            raise ValueError("There is nothing to draw: this history has no epoch.")
        _, axes = plt.subplots(1, len(names), figsize=(1 + 4 * len(names), 3.6), layout="constrained", squeeze=False)
        epochs = range(1, self.epochs + 1)
        marker = "o" if self.epochs == 1 else None
        for ax, name in zip(axes[0], names, strict=True):
            ax.plot(epochs, self[name], color="#0072b2", marker=marker, label="training")
            if f"validation_{name}" in self:
                ax.plot(epochs, self[f"validation_{name}"], color="#d55e00", marker=marker, label="validation")
                ax.axvline(self.best_epoch or 1, color="#555555", linewidth=1, linestyle=":", label="best epoch")
                ax.legend(frameon=False)
            ax.set(xlabel="epoch", title={"lr": "learning rate"}.get(name, name))
            ax.xaxis.get_major_locator().set_params(integer=True)
            ax.spines[["top", "right"]].set_visible(False)
            ax.grid(alpha=0.25)
        return axes[0]
