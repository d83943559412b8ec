"""Layers and losses, built on the operations."""

from .layers import Linear
from .losses import cross_entropy, squared_error
from .module import Module

__all__ = ["Linear", "Module", "cross_entropy", "squared_error"]
