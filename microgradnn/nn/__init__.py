"""Layers and losses, built on the operations."""

from .layers import Linear
from .losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    huber_loss,
    l1_loss,
    mse_loss,
    nll_loss,
    squared_error,
)
from .module import Module

__all__ = [
    *("Linear", "Module"),
    *("binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "huber_loss", "l1_loss", "mse_loss"),
    *("nll_loss", "squared_error"),
]
