"""Layers and losses, built on the operations.

A layer has no rule of its own: what it computes is recorded as any other operation, so it is explained, drawn and unrolled
without a word about it. A `Module` is an ordinary object; its parameters are the Tensors in its attributes, found by walking
through them, and called by the path that leads to them.
"""

from ..errors.torch_names import LAYERS, hint
from . import init
from .activations import ELU, GELU, LeakyReLU, LogSoftmax, ReLU, Sigmoid, SiLU, Softmax, Softplus, Tanh
from .attention import (
    MultiHeadAttention,
    PositionalEncoding,
    TransformerBlock,
    scaled_dot_product_attention,
    sinusoidal_positions,
)
from .containers import MLP, Sequential
from .convolution import AvgPool1d, AvgPool2d, Conv1d, Conv2d, MaxPool1d, MaxPool2d
from .elsewhere import from_sklearn, from_torch
from .layers import Dropout, Embedding, Flatten, Linear
from .losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    nll_loss,
    squared_error,
)
from .module import Module
from .normalisation import BatchNorm, LayerNorm
from .recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "MLP",
    "RNN",
    "AvgPool1d",
    "AvgPool2d",
    "BatchNorm",
    "Conv1d",
    "Conv2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "LSTMCell",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MaxPool1d",
    "MaxPool2d",
    "Module",
    "MultiHeadAttention",
    "PositionalEncoding",
    "RNNCell",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "TransformerBlock",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "from_sklearn",
    "from_torch",
    "huber_loss",
    "init",
    "kl_div",
    "l1_loss",
    "mse_loss",
    "nll_loss",
    "scaled_dot_product_attention",
    "sinusoidal_positions",
    "squared_error",
]


def __getattr__(name):
    """Say what PyTorch's names are called here."""
    known = "" if name.startswith("_") else hint(LAYERS, name, "nn")
    raise AttributeError(known or f"module {__name__!r} has no attribute {name!r}")
