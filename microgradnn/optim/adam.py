"""Adam: momentum and RMSprop together, corrected for their beginning at 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .optimiser import Optimiser

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..tensor import Tensor


class Adam(Optimiser):
    """Adaptive moments (Kingma and Ba, 2015, "Adam: a method for stochastic optimization", Algorithm 1).

        m ← β₁ m + (1 − β₁) g      m̂ = m / (1 − β₁ᵗ)      the mean of g, and
        v ← β₂ v + (1 − β₂) g²     v̂ = v / (1 − β₂ᵗ)      its mean square; both began at 0, which the division undoes
        W ← W − α m̂ / (√v̂ + ε)

    Parameters
    ----------
    params : iterable of Tensor
        What to change, in place.
    lr : float, optional
        The learning rate α: about how far each element moves in a step.
    betas : tuple of float, optional
        β₁ and β₂: how much of m and v is kept from step to step; both below 1.
    eps : float, optional
        ε, which keeps a step finite where all gradients were 0.
    weight_decay : float, optional
        λ: g is ∂L/∂W + λ W. `AdamW` draws the weights towards 0 independently of g.
    amsgrad : bool, optional
        Whether to divide by the largest v so far (Reddi, Kale and Kumar, 2018).

    Raises
    ------
    ValueError
        If there are no parameters, a number is negative, or one of `betas` is not below 1.

    Examples
    --------
    >>> from microgradnn import Tensor, optim
    >>> W = Tensor([100.0, 0.01], requires_grad=True)
    >>> adam = optim.Adam([W], lr=0.001)
    >>> (W * W).sum().backward()
    >>> adam.step()
    >>> W.data.round(4)  # a gradient of 200 and one of 0.02 move their weights equally far
    array([9.9999e+01, 9.0000e-03])
    """

    betas: tuple[float, float]
    eps: float
    amsgrad: bool
    decoupled: bool = False  # whether weight decay draws at W itself, in place of adding to g

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, betas=tuple(betas), eps=eps, weight_decay=weight_decay, amsgrad=amsgrad)
        if len(self.betas) != 2 or max(self.betas) >= 1:
            raise ValueError(f"betas are two numbers below 1, how much of m and of v is kept; not {betas}.")

    def remembered(self) -> tuple[str, ...]:
        return ("m", "v", "v_max") if self.amsgrad else ("m", "v")

    def update(self, W, g, t, lr, m, v, v_max=None):
        beta1, beta2 = self.betas
        if self.decoupled:
            W -= lr * self.weight_decay * W
        elif self.weight_decay:
            g = g + self.weight_decay * W
        m *= beta1
        m += (1 - beta1) * g
        v *= beta2
        v += (1 - beta2) * g**2
        v_max = np.maximum(v, v_max) if self.amsgrad else None
        m_hat = m / (1 - beta1**t)
        v_hat = (v_max if self.amsgrad else v) / (1 - beta2**t)
        W -= lr * m_hat / (np.sqrt(v_hat) + self.eps)
        return W, {"m": m, "v": v, "v_max": v_max}


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019, "Decoupled weight decay regularization").

    In every step all weights become smaller by the same share first, W ← W − α λ W, whatever their gradients; then comes
    `Adam`. Parameters and errors as for `Adam`.

    Examples
    --------
    >>> import numpy as np
    >>> from microgradnn import Tensor, optim
    >>> W = Tensor([1.0, -2.0], requires_grad=True)
    >>> (0 * W).sum().backward()
    >>> optim.AdamW([W], lr=0.1, weight_decay=0.5).step()
    >>> W.data
    array([ 0.95, -1.9 ])
    """

    decoupled = True

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad)
