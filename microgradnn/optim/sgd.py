"""Gradient descent, with and without momentum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..backprop import refuse_gradient
from ..graph import audience, tell
from ..watching.changes import subtract
from .optimiser import Optimiser

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..tensor import Tensor


class SGD(Optimiser):
    """Gradient descent: W ← W − α ∂L/∂W, with the learning rate α.

    It is stochastic where L is the loss of one sample, or of a few, drawn anew at each step. With momentum μ it goes on in
    the direction of earlier steps (Polyak, 1964; Nesterov, 1983; in this form Sutskever, Martens, Dahl and Hinton, 2013,
    as PyTorch has it, with α outside of v):

        v ← μ v + (1 − τ) g      W ← W − α v      with Nesterov's: W ← W − α (g + μ v)

    Parameters
    ----------
    params : iterable of Tensor
        What to change, in place.
    lr : float, optional
        The learning rate α.
    momentum : float, optional
        μ: how much of v is kept from step to step.
    dampening : float, optional
        τ: how much of g is kept out of v, from the second step on.
    weight_decay : float, optional
        λ: g is ∂L/∂W + λ W, which draws the weights towards 0.
    nesterov : bool, optional
        Whether to look one step ahead; needs momentum and no dampening.

    Raises
    ------
    ValueError
        If there are no parameters, a number is negative, or Nesterov's momentum is asked for without any.

    Examples
    --------
    >>> from microgradnn import Tensor, optim
    >>> w = Tensor(3.0, requires_grad=True)
    >>> descent = optim.SGD([w], lr=0.25)
    >>> for step in range(3):
    ...     L = w**2
    ...     descent.zero_grad()
    ...     L.backward()
    ...     descent.step()
    >>> w.item()
    0.375
    """

    momentum: float
    dampening: float
    nesterov: bool

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.001,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=nesterov)
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("Nesterov's momentum needs momentum > 0 and dampening = 0.")

    def step(self) -> None:
        """Change each parameter that has a gradient."""
        if self.momentum or self.weight_decay or self.own_settings:
            super().step()
            return
        # The rule written out, in one loop: calling it adds a tenth to a small network's training step.
        changed, steps, lr = [], [], self.lr
        for W in self.parameters:
            dW = W.grad
            if dW is not None:
                if not (type(dW) is type(W.data) is np.ndarray and dW.shape == W.data.shape):
                    refuse_gradient(W)  # which looks closer
                changed.append(W)
                steps.append(lr * dW)
        subtract(changed, steps)
        if audience.update:
            tell(audience.update, self)

    def remembered(self) -> tuple[str, ...]:
        return ("v",) if self.momentum else ()

    def update(self, W, g, t, lr, v=None):
        if self.weight_decay:
            g = g + self.weight_decay * W
        if not self.momentum:
            W -= lr * g
            return W, {}
        v *= self.momentum
        v += np.where(t > 1, (1 - self.dampening) * g, g) if self.dampening else g
        W -= lr * (g + self.momentum * v if self.nesterov else v)
        return W, {"v": v}
