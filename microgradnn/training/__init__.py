"""Training: mini-batches, one function that fits a network to data, what it tells of it, and files to keep it in."""

from .early_stopping import EarlyStopping
from .files import load, save
from .history import History
from .loop import accuracy, evaluate, fit
from .mini_batches import batches
from .runs import load_run, save_run

__all__ = ["EarlyStopping", "History", "accuracy", "batches", "evaluate", "fit", "load", "load_run", "save", "save_run"]
