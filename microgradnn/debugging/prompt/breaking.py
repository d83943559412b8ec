"""The prompt's commands that set, change and remove breakpoints."""

from types import SimpleNamespace

from ...formulas.brief import counted
from ...source.lines import line_of
from ..breakpoints import asked_of_pass
from ..places import WORDS

PLACES = "TENSOR | ELEMENT | OPERATION | FILE:LINE | backward | rises | nonfinite"


class Breaking:
    """Part of the prompt."""

    def do_break(self, argument):
        """break [PLACE [, CONDITION]]: stop at each of its steps; alone, list the breakpoints.

        A place is a tensor or an element such as W[0, 0], whose gradient gets a contribution; an operation; a line, whose
        operations' rules run; backward, where each pass begins; rises, where one begins whose loss is above that of the pass
        before; nonfinite, where a NaN or inf appears. A condition knows dz, z, x, ..., your program, and n, loss and last: the
        number of the pass, its loss, and that of the pass before: break backward, n == 57
        """
        if not argument:
            self.say("\n".join(map(str, self.session.stops.found)) or "no breakpoints")
            return
        self.add_stop(argument, say=True)

    def do_tbreak(self, argument):
        """tbreak PLACE [, CONDITION]: stop there once."""
        if argument:
            self.add_stop(argument, once=True, say=True)
        else:
            self.do_break(argument)

    def add_stop(self, text, once=False, or_condition=False, say=False):
        """Set a breakpoint that was typed; None, with a word of why, if it is none."""
        try:
            stop = self.session.stops.add_typed(text, self.expressions, once, or_condition)
        except ValueError as error:
            self.say(error)
            return None
        if say:
            self.say(f"breakpoint {stop.number} at {stop.place}{self.ahead(stop)}")
        self.say_shadowed(stop.condition)
        return stop

    def say_shadowed(self, condition):
        """Say so where a condition asks for n, loss or last, and the program has a variable of that name."""
        frame = self.frame()
        own = set() if frame is None else {*frame.f_locals, *frame.f_globals}
        for name in sorted(asked_of_pass(condition) & own):
            self.say(f"({name} is your program's variable here, not the pass's; `pass NUMBER` goes to a pass)")

    def ahead(self, stop):
        """Where a new breakpoint stops in this pass, as far as that is known."""
        if stop.of_passes or stop.place in WORDS or stop.condition:
            return f": {WORDS[stop.place]}" if stop.place in WORDS else ""
        session, found = self.session, 0
        if session.seen is None:
            return ""
        for step in session.seen[session.position :]:
            found += stop.is_there(step, None)
        done = len(session.seen.recorded.contributions)
        for node, i in session.seen.recorded.planned()[done:]:
            to_come = SimpleNamespace(node=node, input=node.inputs[i], op=node.op, line=line_of(node))
            try:
                found += stop.is_there(to_come, None)
            except AttributeError:  # what it asks for is not computed yet
                return ""
        return f": {counted(found, 'step')} ahead in this pass"

    def complete_break(self, text, line, begidx, endidx):
        """Tensors of the graph, operations that it goes through, and words."""
        nodes = self.expressions.nodes
        seen = self.session.seen
        operations = {node.op.name for node in ([] if seen is None else seen.recorded.expected) if node.op is not None}
        return sorted(name for name in {*WORDS, *nodes, *operations} if name.startswith(text))

    complete_tbreak = complete_until = complete_break

    def do_clear(self, argument):
        """clear [NUMBER | PLACE]: remove one breakpoint, or all."""
        stops = self.session.stops
        found = stops.named(argument) if argument else list(stops.found)
        if argument and not found:
            self.say(f"there is no breakpoint {argument}")
        stops.remove(found)

    def do_condition(self, argument):
        """condition NUMBER [CONDITION]: stop at a breakpoint only where this holds; alone, always."""
        number, _, condition = argument.partition(" ")
        for stop in self.stops_named(number):
            stop.condition = condition.strip() or None
            self.say(stop)
            self.say_shadowed(stop.condition)

    def do_ignore(self, argument):
        """ignore NUMBER [COUNT]: pass over a breakpoint so many times."""
        number, _, count = argument.partition(" ")
        if count.strip() and not count.strip().isdigit():
            self.say(f"how many times? {count.strip()!r} is not a number")
            return
        for stop in self.stops_named(number):
            stop.ignored = int(count or 0)
            self.say(stop)

    def stops_named(self, number):
        """The breakpoints of a number or place; none, with a word of why, if there is none."""
        found = self.session.stops.named(number)
        if not found:
            self.say(f"{f'there is no breakpoint {number};' if number else 'which breakpoint?'} `break` lists them")
        return found

    def show_log(self, stop, step):
        """What a log point says: its text, with what stands in braces evaluated."""
        self.say(self.session.logged(stop, step))
