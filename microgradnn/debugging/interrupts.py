"""Ctrl-C while a program is debugged: who is asked, and how a program that runs is interrupted."""

import signal
import threading
from contextlib import contextmanager


@contextmanager
def on_interrupt(handle):
    """Let Ctrl-C call handle(number, frame) inside; what it did before, it does again afterwards.

    Python tells the main thread alone of Ctrl-C: in any other this changes nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def interrupt_program():
    """Interrupt the main thread as Ctrl-C does, also where it sleeps."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    else:  # pragma: no cover - Windows
        signal.raise_signal(signal.SIGINT)
