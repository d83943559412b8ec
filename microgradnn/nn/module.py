"""What layers and networks have in common: parameters, found by attribute and named by path."""

from ..tensor import Tensor


class Module:
    """A layer or a network: attributes that are Tensors requiring a gradient, or Modules, and a `forward`.

    Examples
    --------
    >>> from microgradnn import Tensor, nn
    >>> class Scale(nn.Module):
    ...     def __init__(self):
    ...         self.factor = Tensor(2.0, requires_grad=True)
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> network = Scale()
    >>> network(Tensor([1.0, 2.0]))
    Tensor([2., 4.], op=multiply)
    >>> [name for name, parameter in network.named_parameters()]
    ['factor']
    """

    def forward(self, x):
        """Compute the output; a subclass says how."""
        raise NotImplementedError(f"{type(self).__name__} needs a method forward(self, x)")

    def __call__(self, *inputs):
        return self.forward(*inputs)

    def named_parameters(self, prefix=""):
        """Yield (path, parameter): 'W' for self.W, 'hidden.W' for self.hidden.W; each parameter once."""
        seen = set()
        for path, parameter in self._find(prefix):
            if parameter not in seen:
                seen.add(parameter)
                yield path, parameter

    def _find(self, prefix):
        for attribute, value in vars(self).items():
            if isinstance(value, Tensor) and value.is_leaf and value.requires_grad:
                yield prefix + attribute, value
            elif isinstance(value, Module):
                yield from value._find(f"{prefix}{attribute}.")
            elif isinstance(value, (list, tuple)):
                for i, item in enumerate(value):
                    if isinstance(item, Module):
                        yield from item._find(f"{prefix}{attribute}.{i}.")

    def parameters(self):
        """list of Tensor: all that training changes."""
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self):
        """Forget the parameters' gradients."""
        for parameter in self.parameters():
            parameter.grad = None
