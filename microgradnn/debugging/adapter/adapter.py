"""The adapter: a program that runs on this thread, and a client that asks on another.

Where the program stops, inside of a pass or at a line, its thread answers what the client asks, until a request lets it run on:
so whatever needs the program's frames is done where they are. Breakpoints can be set while it runs.
"""

import contextlib
import os
import queue
import sys
import threading

from ...source.lines import users_frame
from ..breakpoints import Stop
from ..interrupts import interrupt_program, on_interrupt
from ..session import KEPT, LIMIT, Session
from .breakpoints import FILTERS, Breakpoints
from .looking import Looking
from .moving import Moving
from .tracing import Tracer

SUPPORTED = (
    *("StepBack", "ConfigurationDoneRequest", "EvaluateForHovers", "ConditionalBreakpoints", "HitConditionalBreakpoints"),
    *("FunctionBreakpoints", "DataBreakpoints", "LogPoints", "ExceptionInfoRequest", "CompletionsRequest", "SetVariable"),
    *("TerminateRequest", "DelayedStackTraceLoading", "ClipboardContext", "VariablePaging"),
)
AT_ONCE = {  # what is answered while the program runs
    *("initialize", "launch", "attach", "configurationDone", "threads", "pause", "disconnect", "terminate", "setBreakpoints"),
    *("setFunctionBreakpoints", "setDataBreakpoints", "setExceptionBreakpoints", "dataBreakpointInfo"),
}
THREAD = 1  # the one that is shown
PATIENCE = 3  # seconds that a program has to end when it should


class Ended(Exception):
    """The client has gone, or wants the program to end."""


class Adapter(Breakpoints, Looking, Moving):
    """Debugs one program for one client.

    Parameters
    ----------
    wire : Wire
        To the client.
    run : callable
        Called as run(program, args, module, at_error): runs the program, and returns its exit code.
    interrupt : callable, optional
        Interrupts the thread that the program runs on, as Ctrl-C does.

    Attributes
    ----------
    session : Session
    tracer : Tracer
    line : frame or None
        Where the program stands forward, if it does not stand in a pass.
    in_pass : bool
        Whether one looks at a pass, and not at the program's line.
    stopped : str or None
        Why the program stopped, as the client is told; None while it runs.
    """

    def __init__(self, wire, run, interrupt=None):
        self.wire, self.run, self.over = wire, run, threading.Event()
        self.interrupt = interrupt or interrupt_program
        self.session, self.tracer = Session(self.talk), Tracer(self.at_line)
        self.session.stops.logged = self.show_log
        self.inbox, self.ready, self.state = queue.Queue(), threading.Event(), threading.Lock()
        self.stopped, self.line, self.in_pass, self.how, self.error = None, None, False, None, None
        self.retrace, self.ending, self.after, self.launched, self.references = False, False, None, {}, []
        self.stop_number, self.runs_on, self.timer = None, False, None
        self.filters, self.kinds, self.last_number = {"nonfinite", "raised", "uncaught"}, {}, 0

    # Requests

    def read(self):
        """Take what the client sends, until it has gone."""
        for message in self.wire.messages():
            if message.get("type") == "request":
                self.take(message)
        self.ending = True
        self.gone()

    def take(self, request):
        """Answer a request at once, or let the thread do it that stands in the program."""
        if request.get("command") in AT_ONCE:
            self.answer(request)
            return
        with self.state:
            if self.stopped is not None:
                self.inbox.put(request)
                return
        self.wire.respond(request, error="the program runs: pause it, or wait until it stops")

    def answer(self, request):
        """Answer one request; then what comes after it, such as the event that the program has stopped elsewhere."""
        self.after = None
        function = getattr(self, f"do_{request.get('command')}", None)
        arguments = request.get("arguments")
        try:
            if function is None:
                raise ValueError(f"there is no request {request.get('command')!r}")
            body = function(arguments if isinstance(arguments, dict) else {})
        except Ended:
            self.wire.respond(request)
            raise
        except Exception as error:  # noqa: BLE001 - a client may send anything, an expression raise anything
            missing = isinstance(error, KeyError)
            self.wire.respond(request, error=f"{'missing ' if missing else ''}{type(error).__name__}: {error}")
            return
        self.wire.respond(request, body)
        after, self.after = self.after, None
        if after is not None:
            after()

    def do_initialize(self, arguments):
        """What the adapter can do."""
        self.after = lambda: self.wire.event("initialized")
        capabilities = {f"supports{name}": True for name in SUPPORTED}
        return capabilities | {"exceptionBreakpointFilters": FILTERS}

    def do_launch(self, arguments):
        """Which program to run."""
        if not (arguments.get("program") or arguments.get("module")):
            raise ValueError('a launch needs a "program" or a "module"')
        self.launched = arguments
        self.tracer.only_mine = arguments.get("justMyCode", True)
        kept, limit = arguments.get("keep", KEPT), arguments.get("memory", LIMIT / 2**20)
        if not (isinstance(kept, int) and kept >= 1 and limit > 0):
            raise ValueError("keep and memory are more than 0")
        self.session.passes.last, self.session.passes.limit = kept, limit * 2**20

    do_attach = do_launch

    def do_configurationDone(self, arguments):
        """All breakpoints are set: the program may begin."""
        self.ready.set()

    def do_threads(self, arguments):
        """One thread."""
        return {"threads": [{"id": THREAD, "name": "program"}]}

    def do_pause(self, arguments):
        """Stop where the program is."""
        if self.stopped is None:
            self.interrupt()

    def do_terminate(self, arguments):
        """Let the program end, as by SystemExit."""
        self.ending = True
        self.after = self.gone

    def do_disconnect(self, arguments):
        """The client goes, and the program with it."""
        self.do_terminate(arguments)

    def gone(self):
        """Let the program end wherever it is; where it does not, end it."""
        self.ready.set()
        with self.state:
            waits = self.stopped is not None
        if waits:
            self.inbox.put(None)
        else:
            self.interrupt()
        if not self.over.is_set() and self.timer is None:
            self.timer = threading.Timer(PATIENCE, self.end_at_once)
            self.timer.daemon = True
            self.timer.start()

    def end_at_once(self):
        """End a program that does not end."""
        if not self.over.is_set():
            self.wire.event("terminated")
            os._exit(0)

    # The program

    def main(self):
        """Wait until the client is ready, run the program, and say how it ended; returns its exit code."""
        code = 0
        hook = sys.breakpointhook
        with on_interrupt(self.interrupted):
            try:
                self.ready.wait()
                if not self.ending:
                    code = self.run_program()
            except SystemExit:  # the client has gone while nothing of the program ran
                pass
            finally:
                sys.settrace(None)
                sys.breakpointhook = hook
                self.over.set()
                if self.timer is not None:
                    self.timer.cancel()
        self.wire.event("exited", exitCode=code)
        self.wire.event("terminated")
        return code

    def run_program(self):
        """Run what was launched; returns its exit code."""
        launched = self.launched
        os.environ.update({name: str(value) for name, value in launched.get("env", {}).items()})
        if launched.get("cwd"):
            os.chdir(launched["cwd"])
        arguments = [str(argument) for argument in launched.get("args", [])]
        program = launched.get("program")
        if launched.get("noDebug"):  # as an editor's Run Without Debugging asks
            return self.run(program or launched["module"], arguments, not program, None)
        self.tracer.run_on("stepIn" if launched.get("stopOnEntry") else None)
        sys.breakpointhook = self.breakpoint_called
        with self.session:
            return self.run(program or launched["module"], arguments, not program, self.at_error)

    def interrupted(self, number, frame):
        """The program's thread is interrupted: to stop, or to end."""
        if self.over.is_set():
            return
        if self.ending:
            raise SystemExit(0)
        if self.retrace:  # a line breakpoint was set while the program ran
            self.retrace = False
            self.tracer.run_on(self.tracer.how, users_frame(frame))
            return
        if not self.session.talking and self.stopped is None:
            frame = users_frame(frame)
            if self.session.passes.running is not None:
                self.session.interrupt(frame)
            else:
                self.at_line(frame, "pause")

    def breakpoint_called(self, *_, **__):
        """What the program's own `breakpoint()` does, and break_on: it stops, in the pass that runs or at the line."""
        if self.session.talking or self.session.passes.running is not None:
            self.session.breakpoint_called()
        elif os.environ.get("PYTHONBREAKPOINT") != "0":
            self.at_line(users_frame(sys._getframe(1)), "breakpoint")

    def at_line(self, frame, why):
        """The program stands at a line, forward."""
        if isinstance(why, Stop) and why.log is not None:
            self.show_log(why, None)
            return
        sys.settrace(None)
        self.line, self.in_pass, self.session.frame, self.how = frame, False, frame, None
        self.session.talking = True
        try:
            self.wait("breakpoint" if isinstance(why, Stop) else why, why)
        finally:
            self.session.talking = False
        self.tracer.run_on(self.how, frame)

    def talk(self, why):
        """The program stands in a pass: see `Session`."""
        how, self.how, frame = self.how, None, self.session.frame
        if why == "end":  # a step has led out of the pass: on to the next line of the program
            self.tracer.run_on("next", frame)
            return
        if (why == "exception" and "raised" not in self.filters) or (why == "failed" and "uncaught" not in self.filters):
            self.tracer.run_on(how, frame)
            return
        sys.settrace(None)
        self.line, self.in_pass = None, why != "failed"
        if why == "failed":
            self.line = frame
        reason = "breakpoint" if isinstance(why, Stop) else TOLD.get(why, why)
        if isinstance(why, Stop) and why.place == "nonfinite":
            reason = "exception"
        self.wait(reason, why)
        self.tracer.run_on(self.how, frame)

    def at_error(self, error):
        """The program has failed outside of a pass."""
        if self.session.raised is error or self.ending:
            return
        innermost = error.__traceback__
        while innermost.tb_next is not None:
            innermost = innermost.tb_next
        self.session.raised, self.session.frame = error, users_frame(innermost.tb_frame)
        with contextlib.suppress(SystemExit):
            self.session.stop("failed")

    def wait(self, reason, why):
        """Answer what the client asks, until a request lets the program run on."""
        self.error = why.error if isinstance(why, Stop) else None
        self.stop_number = why.number if isinstance(why, Stop) else None
        with self.state:
            self.stopped, self.runs_on = reason, False
        self.tell_stopped(reason)
        try:
            while not self.runs_on:
                request = self.inbox.get()
                if request is None or self.ending:
                    raise SystemExit(0)
                self.answer(request)
        finally:
            with self.state:
                self.stopped = None
                self.references = []

    def tell_stopped(self, reason):
        """Tell the client where the program stands; what it knew of variables is over."""
        self.references, self.stopped = [], reason
        body = {"reason": reason, "description": self.where(), "threadId": THREAD, "allThreadsStopped": True}
        if reason == "exception" and self.session.raised is not None:
            body["text"] = f"{type(self.session.raised).__name__}: {self.session.raised}"
        if self.error:
            self.wire.event("output", category="important", output=f"a breakpoint stops since {self.error}\n")
        if self.stop_number is not None:
            body["hitBreakpointIds"] = [self.stop_number]
        self.error = self.stop_number = None
        self.wire.event("stopped", **body)

    def show_log(self, stop, step):
        """A log point says its text, and does not stop."""
        said = self.session.logged(stop, step)
        self.wire.event("output", category="console", output=f"{said}\n")


TOLD = {
    "failed": "exception",
    "breakpoint()": "breakpoint",
    "interrupted": "pause",
    "pass": "entry",
}  # of our words those that the protocol has
