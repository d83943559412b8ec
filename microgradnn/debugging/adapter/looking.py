"""The requests that look: frames, variables, expressions, what was raised, the picture.

The frames of a step are the rule that ran, in its source; the line of the program that made z; and the program's own frames,
from where it asked for the pass.
"""

import contextlib
import io
import re
from pathlib import Path

from ...drawing.graph_diagram import draw, draw_step
from ...formulas.brief import counted
from ...watching.observers import PACKAGE
from ..evaluating import Evaluator, attributes_that_begin_so, keep_locals, rule_names
from ..frames import called, given_to, users_frames
from ..prompt.prompt import BackwardPrompt
from .shown import CODE, MOST, Said, children, has_children, line_of, type_of
from .tracing import is_users

RULE, MADE, RAISED, PROGRAM = 1, 2, 3, 10  # ids of frames: the rule, the line that made z, a rule that raised; the program's
COMMANDS = ("explain", "where", "diff", "passes", "args", "graph", "save", "list")  # of the prompt, typed in the console
WORD = re.compile(r"[^\W\d][\w.]*$")


class Looking:
    """Part of the adapter."""

    # Frames

    def program_frames(self):
        """The frames of the user's program, innermost first."""
        found = users_frames(self.session.frame)
        mine = [frame for frame in found if is_users(frame.f_code.co_filename)]
        return mine or found

    def step(self):
        """The step that one looks at, if one looks at one."""
        return self.session.step if self.in_pass and self.session.seen is not None else None

    def failed(self):
        """(frame, line) of the rule that raised, where one stands there."""
        return self.session.failed_rule if self.in_pass else None

    def do_stackTrace(self, arguments):
        """The frames."""
        frames, step, failed = [], self.step(), self.failed()
        if failed is not None:
            frame, line = failed
            name = f"{called(frame)} raised {type(self.session.raised).__name__}"
            frames.append(frame_of(RAISED, name, frame.f_code.co_filename, line))
        if step is not None:
            frames.append(self.rule_frame(step))
            if step.line:
                frames.append(frame_of(MADE, f"made {step.steps.label(step.node)}", *step.line))
        recorded = self.session.seen.recorded if self.in_pass else None
        for i, frame in enumerate(self.program_frames()):
            line = frame.f_lineno
            if i == 0 and recorded is not None and recorded.line and recorded.line[0] == frame.f_code.co_filename:
                line = recorded.line[1]
            frames.append(frame_of(PROGRAM + i, frame.f_code.co_name, frame.f_code.co_filename, line))
        start, levels = arguments.get("startFrame") or 0, arguments.get("levels") or len(frames)
        return {"stackFrames": frames[start : start + levels], "totalFrames": len(frames)}

    @staticmethod
    def rule_frame(step):
        """The frame of the rule that ran: its source, with the line that gave the contribution."""
        place = step.rule_place
        name = f"{step.op.name}: {step.rule}" if step.kind == "sum" else f"{type(step.op).__name__}.d{step.letter}"
        name = f"{name} → {step.name}"
        if place is None:
            return {"id": RULE, "name": name, "line": 0, "column": 0, "presentationHint": "subtle"}
        return frame_of(RULE, name, place[0], place[3])

    def program_frame(self, number):
        """The frame of the program that an id means; None if there is none."""
        frames = self.program_frames()
        i = (number or 0) - PROGRAM
        return frames[i] if 0 <= i < len(frames) else frames[0] if frames else None

    # Variables

    def do_scopes(self, arguments):
        """What a frame has: of the rule its names, the gradients so far and the pass; of the program its variables."""
        number = arguments["frameId"]
        step = self.step()
        failed = self.failed()
        if number == RAISED and failed is not None:
            given = self.scope("Rule", given_to(failed[0]), "arguments")
            gradients = self.scope("Gradients so far", self.gradients())
            return {"scopes": [given, gradients, self.scope("Pass", self.about_pass())]}
        if number in (RULE, MADE) and step is not None:
            scopes = [self.scope("Rule", self.rule_variables(step), "arguments")]
            place = step.rule_place
            if place is not None and number == RULE:  # so an editor shows values in the text of this rule alone
                scopes[0] |= {
                    "source": source_of(place[0]),
                    "line": place[1],
                    "column": 1,
                    "endLine": place[2],
                    "endColumn": 999,
                }
            return {
                "scopes": [*scopes, self.scope("Gradients so far", self.gradients()), self.scope("Pass", self.about_pass())]
            }
        frame = self.program_frame(number)
        if frame is None:
            return {"scopes": []}
        today = self.is_earlier()
        scopes = [self.scope("Locals (today's)" if today else "Locals", dict(frame.f_locals), "locals", frame)]
        if frame.f_locals is not frame.f_globals:
            scopes.append(self.scope("Globals (today's)" if today else "Globals", dict(frame.f_globals), None, frame, True))
        if self.in_pass:
            scopes += [self.scope("Gradients so far", self.gradients()), self.scope("Pass", self.about_pass())]
        return {"scopes": scopes}

    def is_earlier(self):
        """Whether one looks at a pass that is over, so that the program's variables are later ones."""
        return self.in_pass and (self.line is not None or self.session.seen.recorded is not self.session.passes.running)

    def scope(self, name, variables, hint=None, frame=None, expensive=False):
        """A scope with these variables, modules and functions last; those of a frame can be set."""
        shown = {key: value for key, value in variables.items() if not key.startswith("__")}
        shown = dict(sorted(shown.items(), key=lambda pair: isinstance(pair[1], CODE)))
        found = {"name": name, "variablesReference": self.reference((shown, 0, None), frame), "expensive": expensive}
        found["namedVariables"] = len(shown)
        return found | ({"presentationHint": hint} if hint else {})

    def rule_variables(self, step):
        """The names of the rule, and how it is written."""
        names = rule_names(step)
        del names["step"]
        return {"rule": Said(step.rule), **names}

    def gradients(self):
        """Every gradient as it is after the step; what has none yet is said to have none."""
        steps = self.session.seen
        known = steps.gradients_after(self.session.position)
        return {
            steps.gradient_name(node): known[node] if node in known else Said("not computed yet")
            for node in steps.recorded.expected
        }

    def about_pass(self):
        """The number of the pass, its loss and that before, where it stands, and how much is kept."""
        session = self.session
        recorded, passes = session.seen.recorded, session.passes
        limit = f"at most {passes.last}, {passes.limit / 2**20:.0f} MB"
        return {
            **session.about(recorded),
            "step": Said(f"{session.position}; the pass has {counted(len(recorded.planned()), 'contribution')}"),
            "kept": Said(f"{len(session.known())} passes, {passes.nbytes / 2**20:.1f} MB; {limit}"),
            "output": recorded.output,
        }

    def reference(self, content, frame=None):
        """A number that variables can be asked for by, until the program moves."""
        self.references.append((content, frame))
        return len(self.references)

    def do_variables(self, arguments):
        """What stands below a scope or a value."""
        (named, count, item), _ = self.referred(arguments["variablesReference"])
        start, wanted, of = arguments.get("start") or 0, arguments.get("count") or MOST, arguments.get("filter")
        with self.as_it_was():
            found = [] if of == "indexed" else [self.variable(name, value) for name, value in named.items()]
            if of != "named":
                found += [self.variable(f"[{i}]", item(i)) for i in range(start, min(start + wanted, count))]
        return {"variables": found}

    def referred(self, number):
        """What a reference stands for."""
        if not 1 <= number <= len(self.references):
            raise ValueError("these variables are over: the program has moved")
        return self.references[number - 1]

    def variable(self, name, value):
        """A variable as the client is told it."""
        found = {"name": name, "value": line_of(value), "type": type_of(value), "variablesReference": 0}
        if isinstance(value, Said):
            del found["type"]
        elif has_children(value):
            content = children(value)
            found["variablesReference"] = self.reference(content)
            if content[1]:
                found |= {"indexedVariables": content[1], "namedVariables": len(content[0])}
        if name.isidentifier():
            found["evaluateName"] = name
        return found

    def as_it_was(self):
        """Inside, tensors are what they were at the step that one looks at."""
        session = self.session
        return session.seen.at(session.position) if self.in_pass and session.seen is not None else contextlib.nullcontext()

    def do_setVariable(self, arguments):
        """Set a variable of the program."""
        (_, _, _), frame = self.referred(arguments["variablesReference"])
        if frame is None:
            raise ValueError("only variables of your program can be set; a hook changes gradients: W.register_hook(f)")
        value = eval(arguments["value"], frame.f_globals, frame.f_locals)  # noqa: S307 - as the user asked
        frame.f_locals[arguments["name"]] = value
        keep_locals(frame)
        return {
            key: text for key, text in self.variable(arguments["name"], value).items() if key not in ("name", "evaluateName")
        }

    # Expressions

    def evaluator(self, number):
        """What evaluates expressions in a frame."""
        session, step = self.session, self.step()
        rule, failed = {}, self.failed()
        if failed is not None and number in (None, RAISED):
            rule = given_to(failed[0])
        elif step is not None and number in (None, RULE, MADE):
            rule = rule_names(step)
        about = session.about(session.seen.recorded) if self.in_pass else {}
        return Evaluator(session.seen if self.in_pass else None, self.program_frame(number), rule, about)

    def do_evaluate(self, arguments):
        """An expression; in the console also a statement, and those commands of the prompt that look."""
        text, where = arguments["expression"].strip(), arguments.get("context")
        evaluator = self.evaluator(arguments.get("frameId"))
        if where == "repl" and text.split()[:1] and text.split()[0] in COMMANDS:
            return {"result": self.prompt_says(text), "variablesReference": 0}
        if where == "repl" and BackwardPrompt.is_statement(text) and not is_expression(text):
            evaluator.execute(text)
            return {"result": "", "variablesReference": 0}
        typed = evaluator.typed(text)
        with self.as_it_was():
            value = typed.value()
            if value is None and text.endswith(".grad"):
                value = Said("not computed yet")
            shown = self.variable("", value)
            result = repr(value) if where in ("repl", "clipboard") and not isinstance(value, Said) else shown["value"]
        return {
            "result": result,
            **{key: found for key, found in shown.items() if key not in ("name", "value", "evaluateName")},
        }

    def prompt_says(self, text):
        """What a command of the prompt says."""
        if self.session.seen is None:
            return "no backward pass has begun yet"
        if not self.in_pass:
            newest = list(self.session.known().values())[-1]
            self.session.look_at(newest, len(self.session.steps_of(newest)))
        written, talk, logged = io.StringIO(), self.session.talk, self.session.stops.logged
        prompt = BackwardPrompt(self.session, stdin=io.StringIO(), stdout=written)
        self.session.talk, self.session.stops.logged = talk, logged
        prompt.frames = self.program_frames()
        prompt.onecmd(text)
        return written.getvalue().rstrip()

    def do_completions(self, arguments):
        """Names that begin as what stands before the cursor; after a dot, attributes."""
        line = (arguments["text"].splitlines() or [""])[(arguments.get("line") or 1) - 1]
        before = line[: max(0, arguments["column"] - 1)]
        found = WORD.search(before)
        word = found[0] if found else ""
        evaluator = self.evaluator(arguments.get("frameId"))
        names = {**evaluator.nodes, **evaluator.variables()}
        if "." in word:
            matches = [text.rstrip("(") for text in attributes_that_begin_so(word, names)]
        else:
            commands = [name for name in COMMANDS if before == word]
            matches = [name for name in [*names, *commands] if name.startswith(word) and not name.startswith("__")]
        start = len(word.rpartition(".")[0]) + ("." in word)
        return {"targets": [{"label": text[start:], "text": text[start:]} for text in sorted(set(matches))[:MOST]]}

    def do_exceptionInfo(self, arguments):
        """What stopped the program: what was raised, or a number that is none."""
        error, step = self.session.raised, self.step()
        if error is not None:
            return {"exceptionId": type(error).__name__, "description": str(error), "breakMode": "always"}
        return {"exceptionId": "NaN or inf", "description": str(step).strip() if step else "", "breakMode": "always"}

    def do_picture(self, arguments):
        """The graph, with the gradients so far and the step lit: a request of our own, for clients that show SVG."""
        session = self.session
        if session.seen is None:
            raise ValueError("no backward pass has begun yet")
        theme = arguments.get("theme", "light")
        with session.seen.at(session.position):
            drawn = draw(session.seen.output) if session.step is None else draw_step(session.step)
            return {"svg": drawn.with_theme(theme).render("svg").decode(), "title": self.where()}


def frame_of(number, name, path, line):
    """A frame as the client is told it."""
    return {"id": number, "name": name, "line": line, "column": 1, "source": source_of(path)}


def source_of(path):
    """A file as the client is told it."""
    found = {"path": path, "name": Path(path).name}
    return found | ({"origin": "microgradnn"} if path.startswith(PACKAGE) else {})


def is_expression(text):
    """Whether a text is an expression of Python's."""
    try:
        compile(text, "<typed>", "eval")
    except SyntaxError:
        return False
    return True
