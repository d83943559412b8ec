"""PyTorch's names, where a user types them, and ours: one table, from which the messages are made.

Nothing here is an alias: code that uses two names for one thing is harder to read than a message that says which.
"""

from __future__ import annotations

LAYERS = {
    "BatchNorm1d": "BatchNorm",
    "BatchNorm2d": "BatchNorm",
    "MultiheadAttention": "MultiHeadAttention",
    "TransformerEncoderLayer": "TransformerBlock",
    "Parameter": "Tensor(..., requires_grad=True) as an attribute",
    "ModuleList": "a list as an attribute",
    "ModuleDict": "a dict as an attribute",
    "Identity": "lambda x: x",
    "CrossEntropyLoss": "the function cross_entropy",
    "NLLLoss": "the function nll_loss",
    "MSELoss": "the function mse_loss",
    "L1Loss": "the function l1_loss",
    "HuberLoss": "the function huber_loss",
    "SmoothL1Loss": "the function huber_loss",
    "BCELoss": "the function binary_cross_entropy",
    "BCEWithLogitsLoss": "the function binary_cross_entropy_with_logits",
    "KLDivLoss": "the function kl_div",
    "functional": "nn itself, and microgradnn for activations",
    "utils": "optim for clip_grad_norm_; save and load",
}
ATTRIBUTES = {  # of modules
    "weight": "W (gamma, of a normalisation)",
    "bias": "b (beta, of a normalisation)",
    "in_features": "W.shape[0]",
    "out_features": "W.shape[1]",
    "register_buffer": "an attribute: a Tensor that requires no gradient is a buffer",
    "register_parameter": "an attribute: a Tensor that requires a gradient is a parameter",
    "requires_grad_": "parameter.requires_grad = False for each of parameters()",
    "to": "nothing: numbers are NumPy's; Tensor(..., dtype=...) for another type",
    "cuda": "nothing: numbers are NumPy's",
    "weight_ih": "Wx",
    "weight_hh": "Wh",
}
METHODS = {  # of Tensors
    "view": "reshape",
    "clone": "copy",
    "dim": "ndim, without brackets",
    "numel": "size, without brackets",
    "permute": "transpose",
    "unsqueeze": "expand_dims",
    "contiguous": "nothing: reshape takes any layout",
    "cpu": "nothing: numbers are NumPy's",
    "cuda": "nothing: numbers are NumPy's",
    "to": "astype",
    "float": "astype(np.float32)",
    "double": "astype(np.float64)",
    "long": "astype(int)",
    "retain_grad": "nothing: all tensors keep their gradients",
    "requires_grad_": "requires_grad = True",
    "grad_fn": "op",
    "masked_fill": "where(mask, value, x)",
    "mm": "@",
    "bmm": "@",
    "t": "T, without brackets",
}
OPTIONS = {  # of backward
    "retain_graph": "The graph stays, so that nothing need be retained: leave it out.",
    "create_graph": "Gradients that can be differentiated are those of grad(L, W, create_graph=True).",
    "inputs": "Gradients of chosen tensors are those of grad(L, [W, b]).",
}


def hint(table: dict[str, str], name: str, whose: str) -> str:
    """What a message says of a name: that it is PyTorch's, and what is here in its place; "" if it is none.

    >>> hint(METHODS, "view", "A Tensor")
    "A Tensor has no 'view', which is PyTorch's: here it is reshape."
    >>> hint(METHODS, "nothing", "A Tensor")
    ''
    """
    return f"{whose} has no {name!r}, which is PyTorch's: here it is {table[name]}." if name in table else ""


class Foreign:
    """Stands on a class in place of a name that PyTorch has there: who asks for it is told ours.

    A `__getattr__` would tell it too, and make every step a fifth slower: of a class that has one, Python reads no attribute
    by its quick way.
    """

    def __init__(self, table: dict[str, str], name: str, called: str) -> None:
        self.table, self.name, self.called = table, name, called

    def __get__(self, x: object, cls: type) -> object:
        raise AttributeError(hint(self.table, self.name, self.called or cls.__name__), name=self.name, obj=x)


def put_names(cls: type, table: dict[str, str], called: str = "") -> None:
    """Let a class tell our names for PyTorch's; messages call its instances as is said here, or by the name of their class."""
    for name in table:
        if not hasattr(cls, name):
            setattr(cls, name, Foreign(table, name, called))
