"""Breakpoints as an editor sets them: lines, operations, gradients, what is raised."""

from ...watching.observers import PACKAGE
from ..breakpoints import Stop, Stops
from ..places import LINE, WORDS, is_called, operation_names
from .tracing import asks_of_pass, lines_with_code, real_path

FILTERS = [
    {"filter": "nonfinite", "label": "NaN or inf in a gradient", "default": True},
    {"filter": "raised", "label": "Exceptions in a backward pass", "default": True},
    {"filter": "uncaught", "label": "Exceptions that end the program", "default": True},
]
FIELDS = {"condition": "condition", "hitCondition": "counted", "logMessage": "log"}


class Breakpoints:
    """Part of the adapter: the requests that set breakpoints. Each replaces all that were set by it before."""

    def do_setBreakpoints(self, arguments):
        """Lines of a file: of the user's program they stop forward, of a rule they stop where it runs."""
        path = arguments["source"].get("path", "")
        asked = arguments.get("breakpoints", [])
        lines, rules, answers = {}, [], []
        own, code = real_path(path).startswith(PACKAGE), lines_with_code(path)
        for given in asked:
            asked_line = int(given["line"])
            line = next((line for line in code if line >= asked_line), None)
            answer = {"verified": line is not None, "line": line or asked_line, "source": arguments["source"]}
            if line is None:
                answer["message"] = "there is no code at or below this line"
            else:
                stop = self.stop_of(
                    given, f"{path}:{line}", answer, at_rule(path, line) if own else self.at_begin(path, line, given)
                )
                if stop is not None:
                    rules.append(stop)
                    lines[line] = stop
            answers.append(answer)
        self.replace(f"lines {real_path(path)}", rules)
        if own or not lines:
            self.tracer.lines.pop(real_path(path), None)
        else:
            self.tracer.lines[real_path(path)] = lines
            if self.stopped is None and self.ready.is_set():
                self.retrace = True
                self.interrupt()
        return {"breakpoints": answers}

    def do_setFunctionBreakpoints(self, arguments):
        """Operations by name; tensors; backward, rises and nonfinite."""
        stops, answers = [], []
        for given in arguments.get("breakpoints", []):
            answer = {"verified": True}
            stop = self.stop_of(given, given["name"], answer)
            if stop is not None:
                stops.append(stop)
            if given["name"] not in operation_names() and given["name"] not in WORDS:
                answer["message"] = f"stops at tensors called {given['name']}: there is no operation of this name"
            answers.append(answer)
        self.replace("functions", stops)
        return {"breakpoints": answers}

    def do_setDataBreakpoints(self, arguments):
        """Gradients, wherever they get a contribution; the loss, where it rises."""
        stops, answers = [], []
        for given in arguments.get("breakpoints", []):
            answer = {"verified": True}
            stop = self.stop_of(given, given["dataId"], answer)
            if stop is not None:
                stops.append(stop)
            answers.append(answer)
        self.replace("data", stops)
        return {"breakpoints": answers}

    def do_dataBreakpointInfo(self, arguments):
        """Which gradient a variable is, if it is one."""
        name = arguments["name"]
        if name.startswith("∂"):
            told = f"{name} gets a contribution (condition nonfinite: when it is not finite)"
            return {"dataId": name, "description": told, "accessTypes": ["write"], "canPersist": True}
        if name in ("loss", "rises"):
            return {"dataId": "rises", "description": "the loss rises", "accessTypes": ["write"], "canPersist": True}
        return {"dataId": None, "description": "only gradients (∂L/∂…) and the loss can be watched"}

    def do_setExceptionBreakpoints(self, arguments):
        """What is raised, and numbers that are none."""
        self.filters = {*arguments.get("filters", [])}
        stops = [Stops().add("nonfinite")] if "nonfinite" in self.filters else []
        self.replace("exceptions", stops)
        return {"breakpoints": [{"verified": True} for _ in arguments.get("filters", [])]}

    def at_begin(self, path, line, given):
        """(holds, of_passes) of a line with a condition about the pass that begins there: n == 57."""

        def holds(*_):
            session = self.session
            recorded = session.seen.recorded if session.talking else session.passes.running
            if recorded.line is None or session.frame is None or recorded.line[1] != line:
                return False
            return real_path(recorded.line[0]) == real_path(path) and asks_of_pass(given.get("condition"), session.frame)

        return holds, True

    def stop_of(self, given, place, answer, holds=None):
        """The Stop that a breakpoint means; None, with a word of why in its answer, if it means none."""
        options = {ours: given[theirs] for theirs, ours in FIELDS.items() if given.get(theirs)}
        self.last_number += 1
        answer["id"] = self.last_number
        try:
            if options.get("condition"):
                compile(options["condition"], "<condition>", "eval")
            if holds is None and place not in WORDS and not place.startswith("∂") and not LINE.fullmatch(place):
                holds = is_called(place), False
            if holds is None:
                stop = Stops().add(place, **options)
                stop.number = self.last_number
            else:
                stop = Stop(self.last_number, place, *holds, **options)
        except (ValueError, SyntaxError) as error:
            answer["verified"], answer["message"] = False, str(error)
            return None
        return stop

    def replace(self, kind, stops):
        """Put stops in the place of those of a kind."""
        before = self.kinds.get(kind, [])
        self.session.stops.found = [stop for stop in self.session.stops.found if stop not in before] + stops
        self.kinds[kind] = stops


def at_rule(path, line):
    """(holds, of_passes) of a line of this package: where the rule that it stands in runs."""

    def holds(step, _):
        place = step.rule_place
        return place is not None and real_path(place[0]) == real_path(path) and place[1] <= line <= place[2]

    return holds, False
