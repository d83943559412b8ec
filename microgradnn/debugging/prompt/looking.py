"""The prompt's commands that look: at gradients, expressions, the program, frames, passes, and pictures."""

from ...drawing.graph_diagram import draw, draw_step
from ...errors import RendererError
from ...explaining.derivation import chain_rule
from ...formulas.brief import brief
from ...formulas.labels import label_of
from ...formulas.spelling import spell_made
from ...source.expressions import short_path
from ..evaluating import shown
from ..frames import source_around
from ..keeping import save_pass
from ..session import spans
from .comparing import compared
from .layout import table

MOST_NODES = 30  # that `where` lists one by one
AROUND = 6  # nodes before and after the current one that it lists where there are more


class Looking:
    """Part of the prompt."""

    number_text = staticmethod(brief)

    def do_where(self, argument):
        """where [all]: the nodes in the order in which their gradients are complete: done ✓, current →, pending ·

        Of many, those around the current one; `where all` lists every one.
        """
        session = self.session
        steps, recorded = session.seen, session.seen.recorded
        pending = self.pending()
        current = session.step.node if session.step is not None else steps.output
        nodes = recorded.expected
        first, last = 0, len(nodes)
        if len(nodes) > MOST_NODES and argument != "all":
            here = next(i for i, node in enumerate(nodes) if node is current)  # == would compare elements
            first, last = max(0, here - AROUND), min(len(nodes), here + AROUND + 1)
        grads = steps.gradients_after(session.position)
        if first:
            self.say(f"✓ {first} nodes before, complete")
        for node in nodes[first:last]:
            mark = "→" if node is current else "·" if node in pending else "✓"
            state = "not computed yet" if node not in grads else brief(grads[node]) + " so far" * (node in pending)
            made = f"   {label_of(node.name)} = {spell_made(node)}" if node.name and node.op is not None else ""
            self.say(f"{mark} {steps.gradient_name(node)} = {state}{made}", lit=mark == "→")
        if last < len(nodes):
            begun = sum(node in grads for node in nodes[last:])
            self.say(f"· {len(nodes) - last} nodes after, {begun} with contributions so far; `where all` lists every one")

    def pending(self):
        """set of Tensor: those whose gradients get further contributions in this pass."""
        session = self.session
        planned = session.seen.recorded.planned()
        done = sum(step.kind == "vjp" for step in session.seen[: session.position])
        waits = {session.step.input} if session.step is not None and session.step.new is None else set()
        return {node.inputs[i] for node, i in planned[done:]} | waits

    def do_print(self, argument):
        """print EXPRESSION: its value in your program, with the gradients as they are at this step: print h.grad"""
        self.say(self.evaluated(argument) + self.hint(argument) if argument else "print what? For example: print W.grad")

    def do_args(self, argument):
        """args: what the rule of this step had and gave: dz, z, x, ..., dx"""
        if self.session.step is None and self.session.failed_rule is None:
            self.say("no step has been taken: next takes one")
            return
        level, self.level = self.level, 0
        for name, value in self.rule().items():
            if name != "step":
                with self.fitting():
                    self.say(f"{name} = {shown(value)}")
        self.level = level

    def do_display(self, argument):
        """display [EXPRESSION]: print it after every move; alone, list what is displayed."""
        if argument:
            self.displayed.append(argument)
            self.say(f"{argument} = {self.evaluated(argument)}")
        elif self.displayed:
            self.show_displayed()
        else:
            self.say("nothing is displayed")

    def do_undisplay(self, argument):
        """undisplay [EXPRESSION]: stop displaying it, or everything."""
        if argument and argument not in self.displayed:
            self.say(f"{argument} is not displayed")
        self.displayed = [expression for expression in self.displayed if argument and expression != argument]

    def do_explain(self, argument):
        """explain ELEMENT: derive its gradient by the chain rule: explain W[0, 0]"""
        steps = self.session.seen
        complete = len(steps.recorded.contributions) == len(steps.recorded.planned())
        try:
            with steps.at(len(steps) if complete else 0):  # a gradient so far is nothing to hold the derivation against
                self.say(chain_rule(steps.output, self.expressions.value(argument)))
        except Exception as error:  # noqa: BLE001 - whatever the expression raises
            self.say(f"{type(error).__name__}: {error}")

    def do_list(self, argument):
        """list: your program around the line that made the current step's operation, or else where it stands."""
        step, frame = self.session.step, self.frame()
        recorded = self.session.seen.recorded if self.session.seen is not None else None
        if step is not None and step.line and self.level == 0:
            path, line = step.line
        elif frame is not None:
            path, line = frame.f_code.co_filename, frame.f_lineno
        elif recorded is not None and recorded.line:
            path, line = recorded.line
        else:
            self.say("there is no program to list")
            return
        for i, text in source_around(path, line):
            self.say(f"{i:>4} {'->' if i == line else '  '} {text}", lit=i == line)

    def do_graph(self, argument):
        """graph FILE.svg: save the picture of the graph, with the gradients so far and the current step lit."""
        if not argument:
            self.say("graph needs a file: graph now.svg")
            return
        session = self.session
        try:
            with session.seen.at(session.position):
                drawn = draw(session.seen.output) if session.step is None else draw_step(session.step)
                self.say(f"saved {drawn.save(argument)}")
        except (RendererError, ValueError, OSError) as error:
            self.say(error)

    # Frames

    def do_up(self, argument):
        """up: to the caller: from the rule of a step to your program, and on to what called it."""
        self.to_level(self.level + 1)

    def do_down(self, argument):
        """down: back towards the rule of the step."""
        self.to_level(self.level - 1)

    def to_level(self, level):
        """Look at another frame, and say which."""
        with_rule = self.session.step is not None
        if not 0 <= level < len(self.frames) + with_rule:
            self.say("the oldest frame" if level > 0 else "the newest frame")
            return
        self.level = level
        if with_rule and level == 0:
            self.show_position()
            return
        self.show_frame()

    def show_frame(self):
        """The line at which the frame stands that one looks at."""
        frame = self.frame()
        self.say(f"{short_path(frame.f_code.co_filename)}:{frame.f_lineno} in {frame.f_code.co_name}")
        for i, text in source_around(frame.f_code.co_filename, frame.f_lineno, 0, 0):
            self.say(f"{i:>4} -> {text}")

    # Passes

    def do_passes(self, argument):
        """passes: those that are kept: `pass NUMBER` goes to one, `diff A B` compares two."""
        session = self.session
        known = session.known()
        rows = []
        for number, recorded in list(known.items())[-MOST_NODES:]:
            here = "→" if session.seen is not None and recorded is session.seen.recorded else " "
            loss, stopped = brief(session.losses.get(number, float("nan"))), recorded.stopped_by or ""
            done = f"{len(recorded.contributions)} of {len(recorded.planned())} contributions"
            rows.append((f"{here} {number}", loss, done, stopped))
        for line in table(rows, self.width):
            self.say(line)
        size = session.passes.nbytes / 2**20
        kept = f"kept: {spans(known)}, {size:.1f} MB; at most {session.passes.last} passes"
        self.say(kept if session.passes.limit == float("inf") else f"{kept} and {session.passes.limit / 2**20:.0f} MB")

    def do_diff(self, argument):
        """diff A B [all]: what changed most between two passes that are kept: diff 57 58"""
        numbers, known = argument.split(), self.session.known()
        every = numbers[2:] == ["all"]
        if len(numbers) - every != 2 or not all(text.isdigit() for text in numbers[:2]):
            self.say("diff needs two passes: diff 57 58")
            return
        missing = [text for text in numbers[:2] if int(text) not in known]
        if missing:
            self.say(f"pass {missing[0]} is not kept; kept are {spans(known)}")
            return
        before, after = (known[int(text)] for text in numbers[:2])
        head, rows, more = compared(before, after, self.session.seen.label(after.output), every)
        self.say(head)
        for line in table(rows, self.width):
            self.say(line)
        if more:
            self.say(f"… {more} more, which changed less: diff {before.number} {after.number} all")
        elif not rows:
            self.say("no named value or gradient differs")

    def do_save(self, argument):
        """save FILE: keep this pass in a file; `python -m microgradnn debug FILE` opens it: save run.pass"""
        recorded = self.session.seen.recorded
        if not argument:
            self.say("save needs a file: save run.pass")
        elif recorded is self.session.passes.running:
            self.say("this pass still runs: finish completes it, then save it")
        else:
            try:
                self.say(f"saved {save_pass(recorded, argument)}")
            except (ValueError, OSError) as error:
                self.say(error)
