"""An editor's debugger, driven over its protocol: it stops where break_on says, and shows the legend's names as locals."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import microgradnn

pytest.importorskip("debugpy", reason="debugpy is in the extra 'test'")

SCRIPT = """\
import numpy as np
from microgradnn import Tensor, break_on
x = Tensor([0.5, -1.0], name="x")
W = Tensor([[0.2, 0.3], [0.1, -0.4]], requires_grad=True, name="W")
L = ((x @ W).tanh() ** 2).sum().named("L")
break_on(W)
L.backward()
print("done", W.grad.shape)
"""


class Editor:
    """As much of the Debug Adapter Protocol as an editor needs to stop and look."""

    def __init__(self, port):
        deadline = time.monotonic() + 20
        while True:
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
                break
            except ConnectionRefusedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        self.stream, self.count, self.waiting = self.socket.makefile("rb"), 0, []

    def send(self, command, **arguments):
        """Send a request; returns its number."""
        self.count += 1
        body = json.dumps({"seq": self.count, "type": "request", "command": command, "arguments": arguments}).encode()
        self.socket.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        return self.count

    def receive(self):
        """The next message."""
        length = 0
        while line := self.stream.readline().strip():
            length = int(line.split(b":")[1])
        return json.loads(self.stream.read(length))

    def wait_for(self, matches):
        """The first message, of those that came meanwhile and those to come, that matches."""
        for i, message in enumerate(self.waiting):
            if matches(message):
                return self.waiting.pop(i)
        while not matches(message := self.receive()):
            self.waiting.append(message)
        return message

    def event(self, name):
        return self.wait_for(lambda message: message.get("event") == name).get("body", {})

    def ask(self, command, **arguments):
        """Send a request, and wait for what it answers."""
        number = self.send(command, **arguments)
        answer = self.wait_for(lambda message: message.get("request_seq") == number)
        assert answer["success"], answer
        return answer.get("body", {})


@pytest.fixture
def editor(tmp_path):
    """An editor attached to a debugged script, which waits for it."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-Xfrozen_modules=off",
        "-m",
        "debugpy",
        "--listen",
        f"127.0.0.1:{port}",
        "--wait-for-client",
        str(script),
    ]
    environment = {**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        editor = Editor(port)
        yield editor
        editor.stream.close()
        editor.socket.close()
    finally:
        process.kill()
        process.communicate()


def test_an_editor_that_shows_the_users_code_alone(editor):
    """Where the editor passes over this package, it stops in the user's line that asked for the pass, with the rule's names."""
    folder = str(Path(microgradnn.__file__).parent)
    editor.ask("initialize", adapterID="test", clientID="test", linesStartAt1=True)
    editor.send("attach", justMyCode=True, redirectOutput=True, rules=[{"path": f"{folder}/**", "include": False}])
    editor.event("initialized")
    editor.ask("configurationDone")
    thread = editor.event("stopped")["threadId"]
    frames = editor.ask("stackTrace", threadId=thread)["stackFrames"]
    assert [(frame["name"], frame["line"]) for frame in frames] == [("stop_here", 7), ("<module>", 7)]
    assert frames[0]["source"]["path"].endswith("script.py")
    (scope,) = (s for s in editor.ask("scopes", frameId=frames[0]["id"])["scopes"] if s["name"] == "Locals")
    values = {
        v["name"]: v["value"] for v in editor.ask("variables", variablesReference=scope["variablesReference"])["variables"]
    }
    assert {"dz", "z", "xs", "dx", "old", "new", "step"} <= values.keys()
    editor.ask("continue", threadId=thread)
    editor.wait_for(lambda message: message.get("body", {}).get("output") == "(2, 2)")  # the script goes on


def test_an_editor_stops_at_break_on(editor):
    """break_on(W) stops the editor where W's gradient gets its contribution, three frames from the user's own line."""
    editor.ask("initialize", adapterID="test", clientID="test", linesStartAt1=True)
    editor.send("attach", justMyCode=False, redirectOutput=True)
    editor.event("initialized")
    editor.ask("configurationDone")
    thread = editor.event("stopped")["threadId"]
    frames = editor.ask("stackTrace", threadId=thread)["stackFrames"]
    assert [frame["name"].split(".")[-1] for frame in frames[:5]] == [
        "stop_here",
        "contribute",
        "backpropagate",
        "backward",
        "<module>",
    ]
    (scope,) = (s for s in editor.ask("scopes", frameId=frames[0]["id"])["scopes"] if s["name"] == "Locals")
    values = {
        v["name"]: v["value"] for v in editor.ask("variables", variablesReference=scope["variablesReference"])["variables"]
    }
    assert {"dz", "z", "xs", "dx", "old", "new", "step"} <= values.keys()
    assert values["old"] == "None"
    assert values["dx"].startswith("array([[")
    evaluated = editor.ask("evaluate", expression="(dx == xs[0][:, None] * dz).all()", frameId=frames[0]["id"], context="repl")
    assert evaluated["result"] == "np.True_" or evaluated["result"] == "True"
    editor.ask("continue", threadId=thread)
    editor.wait_for(lambda message: message.get("body", {}).get("output") == "(2, 2)")  # the script goes on


class Notebook:
    """A kernel, asked as VS Code's notebooks and JupyterLab ask it: the same protocol, in messages of Jupyter's."""

    def __init__(self):
        manager = pytest.importorskip("jupyter_client.manager")
        self.manager = manager.KernelManager()
        package = Path(microgradnn.__file__).parent
        installed = {"LIBRARY_ROOTS": str(package), "PYTHONPATH": str(package.parent)}  # so debugpy takes it for
        self.manager.start_kernel(env={**os.environ, **installed})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.count, self.told = 0, []

    def ask(self, command, **arguments):
        """Ask the debugger of the kernel."""
        self.count += 1
        content = {"type": "request", "seq": self.count, "command": command, "arguments": arguments}
        message = self.client.session.msg("debug_request", content)
        self.client.control_channel.send(message)
        while True:
            answer = self.client.control_channel.get_msg(timeout=20)
            if answer["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                assert answer["content"].get("success", True), answer["content"]
                return answer["content"].get("body", {})

    def wait_for(self, matches):
        """The first message of the kernel that matches."""
        while True:
            message = self.client.get_iopub_msg(timeout=20)
            if matches(message["msg_type"], message["content"]):
                return message["content"]

    def stopped(self):
        """Wait until it stops; the frames."""
        event = self.wait_for(lambda kind, content: kind == "debug_event" and content["event"] == "stopped")
        self.thread = event["body"]["threadId"]
        return self.ask("stackTrace", threadId=self.thread)["stackFrames"]

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def notebook():
    """A kernel, which ends with the test."""
    kernel = Notebook()
    yield kernel
    kernel.close()


def test_a_cell_that_is_debugged(notebook):
    """As VS Code debugs a cell: break_on stops in the cell's own line, with the rule's names; afterwards the prompt opens."""
    client = notebook.client
    client.execute(SCRIPT.partition("break_on(W)\n")[0])
    notebook.ask("initialize", clientID="vscode", adapterID="", pathFormat="path", linesStartAt1=True, columnsStartAt1=True)
    notebook.ask("attach", justMyCode=True)
    cell = "L = ((x @ W).tanh() ** 2).sum()\nstop = break_on(W)\nL.backward()\nprint('done', W.grad.shape)"
    file = notebook.ask("dumpCell", code=cell)["sourcePath"]
    notebook.ask("configurationDone")
    client.execute(cell)
    frames = notebook.stopped()
    assert [(frame["name"], frame["line"]) for frame in frames] == [("stop_here", 3), ("<module>", 3)]
    assert frames[0]["source"]["path"] == file
    (scope,) = (s for s in notebook.ask("scopes", frameId=frames[0]["id"])["scopes"] if s["name"] == "Locals")
    names = {v["name"] for v in notebook.ask("variables", variablesReference=scope["variablesReference"])["variables"]}
    assert {"dz", "z", "xs", "dx", "old", "new", "step"} <= names
    notebook.ask("continue", threadId=notebook.thread)
    notebook.wait_for(lambda kind, content: kind == "stream" and "done (2, 2)" in content["text"])
    notebook.ask("disconnect", restart=False, terminateDebuggee=False)
    client.execute("L.backward()", allow_stdin=True)
    assert client.get_stdin_msg(timeout=20)["content"]["prompt"] == "(backprop) "
    client.input("continue")
