"""The requests that move: within a pass and over those that are kept, and in the program itself.

In the program a step is a line, as in every debugger: over `L.backward()` it goes as over any call, into it to the first rule.
In a pass a step is a contribution, forth and back. Out of a pass it leads to the next line of the program.
"""

from ..session import Going


class Moving:
    """Part of the adapter."""

    def do_next(self, arguments):
        """A step: to the next contribution, or the next line."""
        self.forth("next")

    def do_stepIn(self, arguments):
        """A step into what is called: into the first rule, where a pass begins."""
        self.forth("stepIn")

    def do_stepOut(self, arguments):
        """Out of the pass, or the function."""
        if self.in_pass and not self.is_where_program_is():
            self.move_to(self.session.seen.recorded, len(self.session.seen))
        else:
            self.leave("next" if self.in_pass else "stepOut")

    def do_continue(self, arguments):
        """To the next breakpoint: in what is known, or on in the program."""
        if self.in_pass and not self.session.run():
            self.moved("breakpoint")
        else:
            self.leave(None)
        return {"allThreadsContinued": True}

    def do_stepBack(self, arguments):
        """A step back: to the contribution before, also into earlier passes; from a line to the end of the latest pass."""
        session = self.session
        if not self.in_pass and session.known():
            newest = list(session.known().values())[-1]
            self.move_to(newest, len(session.steps_of(newest)))
        elif self.in_pass and session.back():
            self.moved("step")
        else:
            self.nothing_behind()

    def do_reverseContinue(self, arguments):
        """Back to the breakpoint before, or to the oldest step that is kept."""
        session = self.session
        if not session.known():
            self.nothing_behind()
            return
        if not self.in_pass:
            newest = list(session.known().values())[-1]
            session.look_at(newest, len(session.steps_of(newest)))
            self.in_pass = True
        self.moved("breakpoint" if session.run_back() else "entry")

    def forth(self, how):
        """A step forth."""
        session = self.session
        if not self.in_pass:
            self.leave(how)
        elif session.position == 0 and how == "next":  # over the whole pass
            if session.seen.recorded is session.passes.running:
                self.leave("next")
            else:
                self.move_to(session.seen.recorded, len(session.seen))
        elif not session.is_now:
            session.forth()
            self.moved("step")
        elif self.line is not None:  # the program stands at a line after the latest pass
            self.in_pass = False
            self.moved("step")
        else:
            self.leave("contribution")

    def is_where_program_is(self):
        """Whether one looks at the very step at which the program stands."""
        return self.session.is_now and self.line is None

    def leave(self, how):
        """Let the program run on: by "next", "stepIn" or "stepOut" to a line, to a contribution, or to a breakpoint (None)."""
        steps = 1 if how in ("stepIn", "contribution") else None
        self.session.going = Going(steps=steps, at_begin=False)
        self.how, self.runs_on = None if how == "contribution" else how, True

    def move_to(self, recorded, position):
        """Look at a pass after so many of its steps."""
        self.session.look_at(recorded, position)
        self.in_pass = True
        self.moved("step")

    def moved(self, reason):
        """Tell the client, after the answer, that one stands elsewhere."""
        self.after = lambda: self.tell_stopped(reason)

    def nothing_behind(self):
        """There is no step before."""

        def tell():
            self.wire.event("output", category="console", output="this is the oldest step that is kept\n")
            self.tell_stopped("step")

        self.after = tell

    def where(self):
        """Where one stands, in a few words."""
        session = self.session
        if not self.in_pass or session.seen is None:
            done = session.passes.total
            return f"forward, {done} pass{'es' * (done != 1)} done"
        recorded = session.seen.recorded
        of = f" of {len(session.seen)}" if recorded is not session.passes.running else ""
        return f"pass {recorded.number}, step {session.position}{of}, loss {session.losses[recorded.number]:.4g}"
