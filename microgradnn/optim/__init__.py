"""Optimisers, schedules of their learning rate, and gradient clipping, called and parametrised as in `torch.optim`.

optimiser.py holds what optimisers have in common; each of the others is one formula.
"""

from .adam import Adam, AdamW
from .clipping import clip_grad_norm_, clip_grad_value_
from .optimiser import Optimiser
from .rmsprop import RMSprop
from .schedules import CosineAnnealingLR, ExponentialLR, LambdaLR, LinearLR, Schedule, SequentialLR, StepLR
from .sgd import SGD

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "CosineAnnealingLR",
    "ExponentialLR",
    "LambdaLR",
    "LinearLR",
    "Optimiser",
    "RMSprop",
    "Schedule",
    "SequentialLR",
    "StepLR",
    "clip_grad_norm_",
    "clip_grad_value_",
]
