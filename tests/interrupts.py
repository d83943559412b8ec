"""Ctrl-C at any place: run something again and again, interrupted at each line of the package that it comes to."""

import sys

from microgradnn.watching.observers import PACKAGE


def interrupted_at(place, run):
    """Run something until the place-th line of the package that it comes to, and raise KeyboardInterrupt there.

    Returns
    -------
    tuple or None
        Function and line; None if the run came to its end before.
    """
    seen, where, before = 0, None, sys.gettrace()

    def at_line(frame, event, arg):
        nonlocal seen, where
        if event == "line":
            seen += 1
            if seen == place:
                where = frame.f_code.co_name, frame.f_lineno
                raise KeyboardInterrupt
        return at_line

    sys.settrace(lambda frame, event, arg: at_line if frame.f_code.co_filename.startswith(PACKAGE) else None)
    try:
        run()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    return where


def half_done(prepare):
    """Interrupt something at each of its lines; the places where it was left neither as before nor as after.

    Parameters
    ----------
    prepare : callable
        Makes it anew: returns what to run, and a function that tells the state, comparable by ==.

    Returns
    -------
    places : int
        How many lines there were.
    left : list of tuple
        Function and line of those that left something half-done.
    """
    run, look = prepare()
    run()
    after, place, left = look(), 0, []
    while True:
        place += 1
        run, look = prepare()
        before = look()
        where = interrupted_at(place, run)
        if where is None:
            return place - 1, left
        if look() not in (before, after):
            left.append(where)
