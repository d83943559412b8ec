"""A client of the debug adapter, for tests: it starts the adapter, and holds every message against the protocol's schema.

The schema is Microsoft's own, as debugpy ships it.
"""

import contextlib
import functools
import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from microgradnn.commands.dap import run_told
from microgradnn.debugging.adapter.adapter import Adapter
from microgradnn.debugging.adapter.wire import Wire
from microgradnn.watching.observers import observing

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is in the extra 'test'")
debugpy = pytest.importorskip("debugpy", reason="debugpy is in the extra 'test'")

SCHEMA = json.loads(next(Path(debugpy.__file__).parent.rglob("debugProtocol.json")).read_text(encoding="utf-8"))
OURS = {"picture"}  # requests that the protocol does not know

TRAIN = """\
import numpy as np
from microgradnn import Tensor

rng = np.random.default_rng(0)
X, T = Tensor(rng.normal(size=(8, 3)), name="X"), Tensor(rng.normal(size=8), name="T")
W = Tensor(rng.normal(size=(3, 4)), requires_grad=True, name="W")
V = Tensor(rng.normal(size=4), requires_grad=True, name="V")
for epoch in range(1, 101):
    W.grad = V.grad = None
    batch = rng.integers(0, 8, size=3)
    h = (X[batch] @ W).tanh().named("h")
    o = (h @ V).named("o")
    L = ((T[batch] - o) ** 2).mean().named("L")
    L.backward()
    W.data -= 0.05 * W.grad
    V.data -= 0.05 * V.grad
print("done", epoch, round(float(W.data.sum()), 6))
"""


@functools.cache
def validator(name):
    """What checks messages of a kind."""
    return jsonschema.Draft4Validator({"$ref": f"#/definitions/{name}", "definitions": SCHEMA["definitions"]})


def check(message):
    """Hold a message against the schema."""
    if message["type"] == "response":
        kind = f"{message['command']}Response" if message["success"] else "ErrorResponse"
        if message["command"] in OURS or f"{kind[0].upper()}{kind[1:]}" not in SCHEMA["definitions"]:
            kind = "Response"
    else:
        kind = f"{message['event']}Event"
    validator(f"{kind[0].upper()}{kind[1:]}").validate(message)


class Client:
    """Asks, and waits for what comes."""

    def __init__(self, read, write):
        self.read, self.write, self.count, self.events, self.printed = read, write, 0, [], ""

    def send(self, command, **arguments):
        """Send a request; returns its number."""
        self.count += 1
        self.raw({"seq": self.count, "type": "request", "command": command, "arguments": arguments})
        return self.count

    def raw(self, message):
        """Send anything."""
        body = json.dumps(message).encode()
        self.write.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.write.flush()

    def receive(self):
        """The next message, checked."""
        line = self.read.readline()
        if not line:
            raise EOFError
        assert not self.read.readline().strip()
        message = json.loads(self.read.read(int(line.split(b":")[1])))
        check(message)
        if message.get("event") == "output":
            self.printed += message["body"]["output"]
        return message

    def answer(self, number):
        """The answer to a request; events that come before are kept."""
        while True:
            message = self.receive()
            if message["type"] == "event":
                self.events.append(message)
            elif message["request_seq"] == number:
                return message

    def ask(self, command, **arguments):
        """What a request gives."""
        answer = self.answer(self.send(command, **arguments))
        assert answer["success"], answer
        return answer.get("body", {})

    def fails(self, command, **arguments):
        """Why a request fails."""
        answer = self.answer(self.send(command, **arguments))
        assert not answer["success"], answer
        return answer["message"]

    def event(self, *names):
        """The next event of these names."""
        while True:
            for i, message in enumerate(self.events):
                if message["event"] in names:
                    del self.events[: i + 1]
                    return message
            message = self.receive()
            assert message["type"] == "event", message
            self.events.append(message)

    def stopped(self):
        """Where the program stops: (reason, description); None if it has ended."""
        message = self.event("stopped", "terminated")
        if message["event"] == "terminated":
            return None
        return message["body"]["reason"], message["body"]["description"]

    def go(self, command):
        """Move, and say where one is."""
        self.ask(command, threadId=1)
        return self.stopped()

    def frames(self):
        """(name, file, line) of each frame."""
        frames = self.ask("stackTrace", threadId=1)["stackFrames"]
        return [(frame["name"], frame.get("source", {}).get("name"), frame["line"]) for frame in frames]

    def variables(self, scope=0, frame=None):
        """The variables of a scope, by name."""
        if frame is None:
            frame = self.ask("stackTrace", threadId=1)["stackFrames"][0]["id"]
        reference = self.ask("scopes", frameId=frame)["scopes"][scope]["variablesReference"]
        return {v["name"]: v for v in self.ask("variables", variablesReference=reference)["variables"]}

    def value(self, expression, frame=None, **more):
        """What an expression gives."""
        return self.ask("evaluate", expression=expression, **({} if frame is None else {"frameId": frame}), **more)["result"]


class Launched(Client):
    """A client that has started the adapter in a process of its own."""

    def __init__(self, program, *arguments, **launch):
        command = [sys.executable, "-m", "microgradnn", "dap", *arguments]
        environment = {**os.environ, "PYTHONUTF8": "1"}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        )
        super().__init__(self.process.stdout, self.process.stdin)
        self.program, self.launch = str(program), launch

    def begin(self, **breakpoints):
        """Launch, with breakpoints by their requests, and wait for the first stop."""
        self.capabilities = self.ask("initialize", adapterID="microgradnn", clientID="test")
        self.ask("launch", program=self.program, **self.launch)
        self.event("initialized")
        for request, arguments in breakpoints.items():
            self.ask(request, **arguments)
        self.ask("configurationDone")
        return self.stopped()

    def end(self):
        """Let it go, wherever it is."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                stream.close()


@contextlib.contextmanager
def debugged(program, folder, **breakpoints):
    """A client whose program, given as text, runs in a thread of this process, stopped where it stops first.

    Before it begins, these requests are sent; `launch` is what is launched with.
    """
    before = observing()
    path = folder / "program.py"
    path.write_text(program, encoding="utf-8")
    ours, theirs = socket.socketpair()
    streams = [end.makefile(mode) for end in (theirs, ours) for mode in ("rb", "wb")]
    adapter = Adapter(Wire(*streams[:2]), run_told, interrupt=lambda: None)
    threads = [threading.Thread(target=target, daemon=True) for target in (adapter.read, adapter.main)]
    for thread in threads:
        thread.start()
    client = Client(*streams[2:])
    client.adapter, client.path = adapter, str(path)
    try:
        client.capabilities = client.ask("initialize", adapterID="microgradnn")
        client.ask("launch", **{"program": str(path), **breakpoints.pop("launch", {})})
        client.event("initialized")
        for request, arguments in breakpoints.items():
            client.ask(request, **arguments)
        client.ask("configurationDone")
        client.first = client.stopped()
        yield client
    finally:
        with contextlib.suppress(OSError, EOFError):
            client.send("disconnect")
        threads[1].join(10)
        ours.shutdown(socket.SHUT_RDWR)  # which ends the thread that reads
        threads[0].join(10)
        for end in (*streams, ours, theirs):
            with contextlib.suppress(OSError):
                end.close()
        for observer in observing():  # a hook of the program's
            if observer not in before:
                observer.remove()


def at_pass(number):
    """The request that stops at a pass."""
    return {"setFunctionBreakpoints": {"breakpoints": [{"name": "backward", "hitCondition": str(number)}]}}
