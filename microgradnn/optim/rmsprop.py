"""RMSprop: each element's step is divided by how large its gradients usually are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .optimiser import Optimiser

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..tensor import Tensor


class RMSprop(Optimiser):
    """Gradients divided by the root of their mean square (Tieleman and Hinton, 2012, Coursera lecture 6.5; as PyTorch has it).

        v ← ρ v + (1 − ρ) g²                     W ← W − α g / (√v + ε)
        centred:        m ← ρ m + (1 − ρ) g      √(v − m²), the standard deviation, in place of √v
        with momentum:  b ← μ b + g / (√v + ε)   W ← W − α b

    Parameters
    ----------
    params : iterable of Tensor
        What to change, in place.
    lr : float, optional
        The learning rate α.
    alpha : float, optional
        ρ: how much of the mean square is kept from step to step.
    eps : float, optional
        ε, which keeps a step finite where all gradients were 0.
    weight_decay : float, optional
        λ: g is ∂L/∂W + λ W.
    momentum : float, optional
        μ.
    centered : bool, optional
        Whether to divide by the standard deviation of the gradients (Graves, 2013).

    Examples
    --------
    >>> from microgradnn import Tensor, optim
    >>> W = Tensor([100.0, 0.01], requires_grad=True)
    >>> (W * W).sum().backward()
    >>> optim.RMSprop([W], lr=0.001).step()
    >>> W.data.round(4)  # a gradient of 200 and one of 0.02 move their weights equally far
    array([99.99,  0.  ])
    """

    alpha: float
    eps: float
    momentum: float
    centered: bool

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered)

    def remembered(self) -> tuple[str, ...]:
        return ("v", *(("m",) if self.centered else ()), *(("b",) if self.momentum else ()))

    def update(self, W, g, t, lr, v, m=None, b=None):
        if self.weight_decay:
            g = g + self.weight_decay * W
        v *= self.alpha
        v += (1 - self.alpha) * g**2
        variance = v
        if self.centered:
            m *= self.alpha
            m += (1 - self.alpha) * g
            variance = np.maximum(v - m**2, 0)  # rounding can make it negative
        step = g / (np.sqrt(variance) + self.eps)
        if self.momentum:
            b *= self.momentum
            b += step
            step = b
        W -= lr * step
        return W, {"v": v, "m": m, "b": b}
