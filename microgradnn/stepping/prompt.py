"""A prompt to step through a backward pass, back and forth, in the manner of pdb.

`step_through(L)` opens it from code, `python -m microgradnn debug script.py` at a script's first
`.backward()` (commands/debug.py). The steps are computed before the prompt opens, so going back costs nothing and changes
nothing.
"""

from __future__ import annotations

import cmd
import linecache
import os
import shutil
import sys
from typing import TYPE_CHECKING

from ..drawing.graph_diagram import draw, draw_step
from ..errors import RendererError
from ..explaining.derivation import chain_rule
from ..formulas.brief import brief
from ..formulas.labels import label_of
from ..formulas.spelling import spell_made
from .evaluating import Evaluator
from .steps import backward_steps
from .stops import Stops

if TYPE_CHECKING:
    from types import FrameType

    from ..annotations import Operand
    from ..tensor import Tensor


class BackwardPrompt(cmd.Cmd):
    """The prompt. `position` says how many steps have been done."""

    prompt = "(backprop) "
    doc_header = "Commands (help NAME explains one; an empty line repeats the last; any other line is evaluated)"

    def __init__(self, steps, frame=None, stdin=None, stdout=None):
        super().__init__(stdin=stdin, stdout=stdout)
        self.use_rawinput = stdin is None
        self.steps, self.frame = steps, frame
        self.expressions = Evaluator(steps, frame)
        self.stops = Stops(self.expressions)
        self.position, self.watched, self.left_by = 0, [], None
        self.coloured = self.stdout.isatty() and "NO_COLOR" not in os.environ
        self.width = shutil.get_terminal_size().columns if self.stdout.isatty() else 0
        self.intro = f"{len(steps)} steps from {steps.label(steps.output)} back; `next` takes one, `help` lists the commands."

    # What is said

    def say(self, text, lit=False):
        """Write lines, cut to the width of a terminal."""
        for whole in str(text).splitlines() or [""]:
            line = whole[: self.width - 1] + "…" if self.width and len(whole) > self.width else whole
            self.stdout.write(f"\033[1;33m{line}\033[0m\n" if lit and self.coloured else f"{line}\n")

    def show_position(self):
        """The step just taken, and what is watched."""
        if self.position:
            self.say(self.steps[self.position - 1], lit=True)
        else:
            self.say("at the start: nothing but the upstream gradient is known")
        for expression in self.watched:
            self.say(f"    {expression} = {self.evaluated(expression)}")

    def evaluated(self, expression):
        """What is said of an expression, with the gradients as they are at this step."""
        return self.expressions.said(expression, self.position)

    # Moving

    def do_next(self, argument):
        """next [COUNT]: take one step, or several."""
        self.move(self.count_of(argument))

    def do_back(self, argument):
        """back [COUNT]: go back one step, or several."""
        self.move(-self.count_of(argument))

    def count_of(self, argument):
        """The number after a command, 1 if there is none; 0, with a word of why, if it is no number."""
        if not argument:
            return 1
        if argument.isdigit():
            return int(argument)
        self.say(f"how many steps? {argument!r} is not a number")
        return 0

    def move(self, by):
        """Go so many steps forth, or back, as far as there are any."""
        if by:
            target = min(max(self.position + by, 0), len(self.steps))
            if target == self.position:
                end = "the pass is complete: `continue` runs your program on" if by > 0 else "this is the start"
                self.say(f"{end}; `back` and `next` still move" if by > 0 else end)
                return
            self.position = target
            self.show_position()

    def do_continue(self, argument):
        """continue: go on to the next breakpoint; if there is none ahead, leave, and let your program run on."""
        stop = self.stops.next_after(self.position)
        if stop is not None:
            self.position = stop
            self.show_position()
            return None
        self.left_by = "continue"
        return True

    def do_restart(self, argument):
        """restart: go back to the start; breakpoints and watches stay."""
        self.position = 0
        self.show_position()

    def do_quit(self, argument):
        """quit: leave, and end your program."""
        self.left_by = "quit"
        return True

    def do_EOF(self, argument):
        """The end of the input: quit."""
        self.say("")
        return self.do_quit(argument)

    # Breakpoints

    def do_break(self, argument):
        """break [TENSOR | ELEMENT | OPERATION | nonfinite]: stop at each of its steps; alone, list the breakpoints.

        A breakpoint at a tensor, or at an element such as W[0, 0], stops where its gradient gets a contribution, one at an
        operation at each of its steps, and `nonfinite` where a NaN or inf appears.
        """
        self.say(self.stops.add(argument, self.position) if argument else "\n".join(self.stops.places) or "no breakpoints")

    def do_clear(self, argument):
        """clear [BREAKPOINT]: remove one breakpoint, or all."""
        if argument and argument not in self.stops.places:
            self.say(f"there is no breakpoint at {argument}")
        else:
            self.stops.remove(argument)

    # Looking

    def do_where(self, argument):
        """where: all nodes in the order in which their gradients are complete: done ✓, current →, pending ·"""
        grads = self.steps.gradients_after(self.position)
        pending = {step.input for step in self.steps[self.position :]}
        current = self.steps[self.position - 1].node if self.position else self.steps.output
        for node in self.steps.nodes:
            mark = "→" if node is current else "·" if node in pending else "✓"
            state = "not computed yet" if node not in grads else brief(grads[node]) + " so far" * (node in pending)
            made = f"   {label_of(node.name)} = {spell_made(node)}" if node.name and node.op is not None else ""
            self.say(f"{mark} {self.steps.gradient_name(node)} = {state}{made}", lit=mark == "→")

    def do_print(self, argument):
        """print EXPRESSION: its value in your program, with the gradients as they are at this step: print h.grad"""
        self.say(self.evaluated(argument) if argument else "print what? For example: print W.grad")

    def do_watch(self, argument):
        """watch [EXPRESSION]: print it after every move; alone, stop watching."""
        if argument:
            self.watched.append(argument)
            self.say(f"{argument} = {self.evaluated(argument)}")
        else:
            self.watched.clear()

    def do_explain(self, argument):
        """explain ELEMENT: derive its gradient by the chain rule: explain W[0, 0]"""
        try:
            with self.steps.at(len(self.steps)):
                self.say(chain_rule(self.steps.output, self.expressions.value(argument)))
        except Exception as error:  # noqa: BLE001 - whatever the expression raises
            self.say(f"{type(error).__name__}: {error}")

    def do_list(self, argument):
        """list: your program around the line that made the current step's operation, or else that began this pass."""
        step = self.steps[self.position - 1] if self.position else None
        if step is not None and step.line:
            path, line = step.line
        elif self.frame is not None:
            path, line = self.frame.f_code.co_filename, self.frame.f_lineno
        else:
            self.say("there is no program to list")
            return
        for i in range(max(1, line - 5), line + 6):
            text = linecache.getline(path, i)
            if text:
                self.say(f"{i:>4} {'->' if i == line else '  '} {text.rstrip()}", lit=i == line)

    def do_graph(self, argument):
        """graph FILE.svg: save the picture of the graph, with the gradients so far and the current step lit."""
        if not argument:
            self.say("graph needs a file: graph now.svg")
            return
        step = self.steps[self.position - 1] if self.position else None
        try:
            with self.steps.at(self.position):
                drawn = draw(self.steps.output) if step is None else draw_step(step)
                self.say(f"saved {drawn.save(argument)}")
        except (RendererError, ValueError, OSError) as error:
            self.say(error)

    # Habits of pdb

    def do_b(self, argument):
        """b [COUNT]: back, one step or several. b TENSOR | OPERATION | nonfinite: break there, as pdb's b does."""
        if argument and not argument.isdigit():
            self.do_break(argument)
        else:
            self.do_back(argument)

    do_n, do_s, do_c, do_w, do_p, do_l, do_q = do_next, do_next, do_continue, do_where, do_print, do_list, do_quit
    do_step, do_pp, do_exit, do_h = do_next, do_print, do_quit, cmd.Cmd.do_help

    def get_names(self):
        """Commands for `help` and completion, without other names of the same and what is no command."""
        others = ("EOF", "b", "n", "s", "c", "w", "p", "l", "q", "step", "pp", "exit", "h")
        return [name for name in super().get_names() if name not in [f"do_{other}" for other in others]]

    def parseline(self, line):
        """Command and argument; no command where its name begins an expression: b is one, b.grad is the gradient of b."""
        command, argument, line = super().parseline(line)
        goes_on = command and line[len(command) : len(command) + 1] in tuple(".[(")
        return ("", line, line) if goes_on else (command, argument, line)

    def default(self, line):
        """What is no command is an expression, as in pdb."""
        answer = self.evaluated(line)
        if answer.startswith(("SyntaxError", "NameError")):
            answer = f"{answer}; and there is no command {line.split()[0]!r}: `help` lists them"
        self.say(answer)

    def completedefault(self, text, line, begidx, endidx):
        return sorted(name for name in self.expressions.nodes if name.startswith(text))

    def complete_break(self, text, line, begidx, endidx):
        """Tensors of the graph and operations."""
        candidates = {"nonfinite", *self.expressions.nodes, *(step.op.name for step in self.steps)}
        return sorted(name for name in candidates if name.startswith(text))


def step_through(output: Tensor, gradient: Operand | None = None, frame: FrameType | None = None) -> None:
    """Open a prompt to step through `output.backward(gradient)`, back and forth; leaving it runs the pass.

    Parameters
    ----------
    output : Tensor
        Usually a loss: one number.
    gradient : array or number, optional
        The upstream gradient, of output's shape; needed if `output` is not one number.
    frame : frame, optional
        Whose variables `print` sees and whose source `list` lists: the caller's, if not given.

    Raises
    ------
    RuntimeError, ValueError
        As `backward` does.
    SystemExit
        If the user quits, as in pdb.
    """
    prompt = BackwardPrompt(backward_steps(output, gradient), frame or sys._getframe(1))
    prompt.cmdloop()
    if prompt.left_by == "quit":
        raise SystemExit(0)
    output.backward(gradient)
