"""Optimisers: they change parameters so that the loss gets smaller."""

from .errors import describe
from .graph import Node


class SGD:
    """Gradient descent: W ← W − α ∂L/∂W.

    It is stochastic where L is the loss of one sample, or of a few, drawn anew at each step.

    Parameters
    ----------
    parameters : iterable of Tensor
        What to change, in place.
    lr : float
        The learning rate α.

    Raises
    ------
    ValueError
        If there are no parameters, or α is negative.

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

    def __init__(self, parameters, lr):
        if isinstance(parameters, Node):
            raise TypeError("SGD takes a list of Tensors: SGD([W], lr=...), or SGD(network.parameters(), lr=...).")
        self.parameters = list(parameters)
        self.lr = lr
        for parameter in self.parameters:
            if not (isinstance(parameter, Node) and parameter.is_leaf and parameter.requires_grad):
                raise ValueError(f"SGD changes leaves that require a gradient; {describe(parameter)} is none.")
        if not self.parameters:
            raise ValueError("SGD was given no parameters: pass network.parameters(), or a list of Tensors.")
        if lr < 0:
            raise ValueError(f"The learning rate must not be negative; it is {lr}.")

    def zero_grad(self):
        """Forget the gradients of the step before."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self):
        """Change each parameter that has a gradient."""
        for parameter in self.parameters:
            if parameter.grad is not None:
                parameter.data -= self.lr * parameter.grad
