"""Ctrl-C while a program is debugged."""

import signal
import threading

from microgradnn.debugging.interrupts import interrupt_program, on_interrupt


def test_ctrl_c_goes_to_who_asks_for_it():
    """Inside, an interrupt calls the function with the frame that runs; afterwards it is what it was."""
    before, told = signal.getsignal(signal.SIGINT), []
    with on_interrupt(lambda number, frame: told.append((number, frame.f_code.co_name))):
        interrupt_program()
    assert [number for number, _ in told] == [signal.SIGINT]
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_changes_nothing():
    """Where the program runs in another thread than Python's main one, Ctrl-C stays what it is."""
    found = []

    def run():
        with on_interrupt(lambda number, frame: None):
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGINT)]
