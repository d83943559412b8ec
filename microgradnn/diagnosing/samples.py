"""Gradients of single samples, and who contributed what: the samples that pull one weight most."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backprop import backpropagate, data_of
from ..formulas.brief import counted, index_text
from ..formulas.labels import label_of
from ..formulas.unicode_text import number
from ..graph import Node, reachable, values_of
from ..saving.savers import save
from ..saving.whole_files import write
from .small_multiples import INK, colours

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..annotations import Array, FilePath, Operand
    from ..tensor import Tensor

MOST_SHOWN = 10
WIDTH, ROW, LEFT, TOP = 640, 26, 90, 70
BARS = ".above { fill: var(--positive); } .below { fill: var(--negative); }"


def per_sample_grads(network: Any, loss: Callable[..., Tensor], x: Operand, y: Operand) -> dict[str, Array]:
    """The gradient of every sample's loss by every parameter.

    Parameters
    ----------
    network : Module
        In evaluation mode, if it has layers that join the samples of a batch, such as BatchNorm.
    loss : callable
        loss(prediction, target), one number: here of one sample at a time.
    x, y : array
        Inputs and targets, of equally many samples.

    Returns
    -------
    dict of str to numpy.ndarray
        Of each parameter, by its path, an array with the samples in front: (samples, *parameter.shape). No `.grad` is touched.
        A parameter that a sample's loss does not depend on has zeros there.

    Raises
    ------
    ValueError
        If there are not as many targets as inputs.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import nn, per_sample_grads
    >>> net = nn.Linear(2, 1, rng=0)
    >>> grads = per_sample_grads(net, nn.mse_loss, np.eye(2), np.zeros((2, 1)))
    >>> grads["W"].shape, grads["W"][0, 1]
    ((2, 2, 1), array([0.]))
    """
    inputs, targets = (np.asarray(values_of(values)) for values in (x, y))
    if len(inputs) != len(targets):
        raise ValueError(f"per_sample_grads: there are {len(inputs)} inputs and {len(targets)} targets; each input has one.")
    parameters = dict(network.named_parameters())
    grads = {name: np.zeros((len(inputs), *parameter.shape), parameter.dtype) for name, parameter in parameters.items()}
    for i in range(len(inputs)):
        L = loss(network(inputs[i : i + 1]), targets[i : i + 1])
        found = backpropagate(L, np.ones_like(L.data), reachable(L), data_of) if isinstance(L, Node) and L.requires_grad else {}
        for name, parameter in parameters.items():
            if found.get(parameter) is not None:
                grads[name][i] = found[parameter]
    return grads


def contributors(network: Any, loss: Callable[..., Tensor], x: Operand, y: Operand, element: Tensor) -> Contributors:
    """Which samples pull one weight most, and to which side.

    Parameters
    ----------
    network, loss, x, y
        As for `per_sample_grads`.
    element : Tensor
        One element of a parameter, such as `network.W[0, 1]`; of a parameter of one number, itself.

    Returns
    -------
    Contributors
        Print it for a table; `save("who.svg")` draws it.

    Raises
    ------
    ValueError
        If it is no element of a parameter of the network.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import contributors, nn
    >>> net = nn.Linear(1, 1, bias=False, rng=0)
    >>> net.W.data[...] = 1.0
    >>> print(contributors(net, nn.mse_loss, [[1.0], [2.0], [3.0]], [[0.0], [2.0], [4.0]], net.W[0, 0]))
    Who pulls W[0, 0]: the gradient is −1.333, the mean of 3 samples
    sample   ∂L/∂W[0, 0]   share
         2            −6     75%  raises it
         0             2     25%  lowers it
         1             0      0%
    """
    parameter, index = element_of(element)
    parameters = dict(network.named_parameters())
    name = next((name for name, other in parameters.items() if other is parameter), None)
    if name is None or np.ndim(parameter.data[index]) != 0:
        raise ValueError("contributors takes one element of a parameter of the network, such as network.W[0, 1].")
    pulls = per_sample_grads(network, loss, x, y)[name][(slice(None), *index)]
    return Contributors(f"{label_of(name)}{index_text(index)}", pulls)


def element_of(element):
    """(parameter, index) of what was indexed."""
    if element.op is None:
        return element, ()
    index = getattr(element.op, "index", None)
    parameter = element.inputs[0]
    if index is None or parameter.op is not None:
        raise ValueError("contributors takes one element of a parameter of the network, such as network.W[0, 1].")
    index = index if isinstance(index, tuple) else (index,)
    return parameter, tuple(int(i) + (length if i < 0 else 0) for i, length in zip(index, parameter.shape, strict=False))


class Contributors:
    """The samples' gradients by one weight.

    Attributes
    ----------
    label : str
        The weight.
    pulls : numpy.ndarray
        The gradient of each sample's loss, in the order of the samples.
    order : numpy.ndarray
        The samples, the strongest first.
    """

    def __init__(self, label: str, pulls: Array) -> None:
        self.label, self.pulls = label, np.asarray(pulls, float)
        self.order = np.argsort(-np.abs(self.pulls), kind="stable")

    @property
    def shares(self) -> Array:
        """numpy.ndarray: of each sample its part of the sum of all magnitudes."""
        total = np.abs(self.pulls).sum()
        return np.abs(self.pulls) / total if total else np.zeros_like(self.pulls)

    def save(self, path: FilePath) -> Path:
        """Draw it, as .svg."""
        return save(self, path)

    def __str__(self) -> str:
        mean = number(float(self.pulls.mean())) if self.pulls.size else "none"
        head = f"∂L/∂{self.label}"
        rows = [f"Who pulls {self.label}: the gradient is {mean}, the mean of {counted(self.pulls.size, 'sample')}"]
        rows.append(f"sample   {head}   share")
        for i in self.order[:MOST_SHOWN]:
            side = "  raises it" if self.pulls[i] < 0 else "  lowers it" if self.pulls[i] > 0 else ""
            rows.append(f"{i:>6}   {number(float(self.pulls[i])):>{len(head)}}   {self.shares[i]:>5.0%}{side}")
        if self.pulls.size > MOST_SHOWN:
            rest, share = self.pulls.size - MOST_SHOWN, self.shares[self.order[MOST_SHOWN:]].sum()
            rows.append(f"     …   {counted(rest, 'more sample')}, {share:.0%}")
        return "\n".join(rows)

    def __repr__(self) -> str:
        return f"<Contributors to {self.label}: {counted(self.pulls.size, 'sample')}>"


def save_svg(who: Contributors, path: Path) -> None:
    """Draw the strongest samples as bars, to the left where they lower the weight, to the right where they raise it.

    The colour of a bar is that of its number, the gradient: who has a negative one raises the weight.
    """
    chosen = who.order[:MOST_SHOWN]
    most = float(np.abs(who.pulls).max(initial=0.0)) or 1.0
    middle, half = (WIDTH + LEFT) / 2, (WIDTH - LEFT) / 2 - 70
    rest, share = who.pulls.size - len(chosen), who.shares[who.order[MOST_SHOWN:]].sum()
    height = TOP + ROW * (len(chosen) + (rest > 0)) + 12
    title, what = (html.escape(text) for text in (f"Who pulls {who.label}", f"by ∂L/∂{who.label} of each sample"))
    attributes = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-label="{title}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {attributes} class="health">\n<style>{colours()}{INK}{BARS}</style>',
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
        f'<text x="16" y="28" class="count">{title}</text>',
        f'<text x="{WIDTH - 16}" y="28" class="small" text-anchor="end">{what}</text>',
        f'<text x="{middle - 12}" y="58" text-anchor="end" class="small">← lower it</text>',
        f'<text x="{middle + 12}" y="58" class="small">raise it →</text>',
        f'<line class="panel" x1="{middle}" x2="{middle}" y1="{TOP - 4}" y2="{TOP + ROW * len(chosen) - 4}"/>',
    ]
    for row, i in enumerate(chosen):
        y, pull = TOP + ROW * row, float(who.pulls[i])
        length = half * abs(pull) / most
        x = middle - length if pull > 0 else middle
        end, anchor, side = (x - 6, "end", "above") if pull > 0 else (x + length + 6, "start", "below")
        parts += [
            f'<text x="16" y="{y + 14}">sample {i}</text>',
            f'<rect x="{x:.1f}" y="{y}" width="{max(length, 1):.1f}" height="{ROW - 8}" class="{side}"/>',
            f'<text x="{end:.1f}" y="{y + 14}" text-anchor="{anchor}">{number(pull)}</text>',
        ]
    if rest:
        text = f"{counted(rest, 'more sample')}, {share:.0%} of all"
        parts.append(f'<text x="16" y="{TOP + ROW * len(chosen) + 14}" class="small">{text}</text>')
    write(path, "\n".join([*parts, "</svg>\n"]))
