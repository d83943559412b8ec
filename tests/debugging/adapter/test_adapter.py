"""The adapter as an editor starts it: in a process of its own, over standard streams or a port."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from dap_client import TRAIN, Client, Launched, at_pass, debugged

from microgradnn.debugging.adapter.adapter import SUPPORTED, Adapter
from microgradnn.debugging.adapter.moving import Moving

LOOP = TRAIN.replace("range(1, 101)", "iter(int, 1)").replace('print("done"', "def end(): pass\nprint('done'")


@pytest.fixture
def start(tmp_path):
    """Start the adapter over a program; it ends with the test."""
    started = []

    def launched(text, *arguments, **launch):
        path = tmp_path / "program.py"
        path.write_text(text, encoding="utf-8")
        started.append(Launched(path, *arguments, **launch))
        return started[-1]

    yield launched
    for client in started:
        client.end()


def test_over_standard_streams(start):
    """What the program prints and reads does not mix with the protocol; its exit code is told."""
    client = start("import os\nos.write(1, b'raw')\nprint('told', input.__name__)\n" + TRAIN + "raise SystemExit(3)\n")
    assert client.begin(**at_pass(99))[1].startswith("pass 99")
    assert client.capabilities["supportsStepBack"]
    assert all(client.capabilities[f"supports{name}"] for name in SUPPORTED)
    client.ask("continue", threadId=1)
    assert client.event("exited")["body"] == {"exitCode": 3}
    assert client.stopped() is None
    assert client.process.wait(20) == 3
    assert "told input\n" in client.printed and "done 100" in client.printed


def test_pause_terminate(start):
    """A program that runs can be stopped where it is, looked at, and ended; lines can be set while it runs."""
    client = start(LOOP)
    client.ask("initialize", adapterID="x")
    client.ask("launch", program=client.program)
    client.ask("configurationDone")
    time.sleep(0.3)
    assert "the program runs" in client.fails("stackTrace", threadId=1)
    assert client.ask("threads")["threads"] == [{"id": 1, "name": "program"}]
    client.ask("pause", threadId=1)
    assert client.stopped()[0] == "pause"
    assert client.frames()[-1][0] == "<module>"
    client.ask("continue", threadId=1)
    time.sleep(0.2)
    client.ask("setBreakpoints", source={"path": client.program}, breakpoints=[{"line": 14}])
    assert client.stopped()[0] == "breakpoint"
    client.ask("terminate")
    assert client.stopped() is None
    assert client.process.wait(20) == 0


def test_a_client_that_goes_in_the_middle(start):
    """The program ends with it, stopped or running."""
    for begin in (True, False):
        client = start(LOOP)
        if begin:
            client.begin(**at_pass(3))
        else:
            client.ask("launch", program=client.program)
            client.ask("configurationDone")
        client.process.stdin.close()
        assert client.process.wait(20) == 0


def test_over_a_port(tmp_path):
    """--listen waits for a client at a port; a port that is taken is refused."""
    path = tmp_path / "program.py"
    path.write_text(TRAIN, encoding="utf-8")
    command = [sys.executable, "-m", "microgradnn", "dap", "--listen"]
    process = subprocess.Popen([*command, "0"], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUTF8": "1"})
    try:
        port = int(process.stdout.readline().rpartition(" ")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            client = Client(connection.makefile("rb"), connection.makefile("wb"))
            client.ask("initialize", adapterID="x")
            client.ask("launch", program=str(path), args=["a"])
            for request, arguments in at_pass(2).items():
                client.ask(request, **arguments)
            client.ask("configurationDone")
            assert client.stopped()[1].startswith("pass 2")
            assert client.value("__import__('sys').argv[1:]") == "['a']"
            client.ask("disconnect")
            assert client.stopped() is None
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()


def test_wrong_requests(tmp_path):
    """Requests that there are not, that lack arguments, or are no requests at all are answered or passed over."""
    with debugged(TRAIN, tmp_path, **at_pass(1)) as client:
        assert "there is no request 'levitate'" in client.fails("levitate")
        assert "missing KeyError: 'frameId'" in client.fails("scopes")
        assert 'a launch needs a "program"' in client.fails("launch")
        assert "more than 0" in client.fails("launch", program="x", keep=0)
        client.raw({"type": "event", "event": "nothing"})
        client.raw({"seq": 99, "type": "request", "command": "threads", "arguments": 3})
        assert client.answer(99)["success"]
        assert client.value("epoch") == "1"


WRONG = [  # arguments that are missing, of another type, of nothing, of what is not there
    {},
    {"frameId": "x", "variablesReference": "x", "expression": 3, "text": None, "source": 4, "breakpoints": 7, "filters": 3},
    {
        "frameId": -5,
        "variablesReference": 10**9,
        "expression": "(",
        "text": "",
        "column": -3,
        "breakpoints": [{}],
        "levels": -1,
    },
    {
        "frameId": None,
        "expression": "1/0",
        "text": "a.b",
        "column": 99,
        "source": {"path": "/nowhere"},
        "name": "∂",
        "start": -1,
    },
    {
        "source": {"path": "/nowhere"},
        "breakpoints": [{"line": "x"}, {"name": 3, "condition": 3}],
        "filters": ["x"],
        "value": "(",
    },
]


def test_wrong_arguments(tmp_path):
    """Whatever a request is sent with, it is answered as the protocol's schema asks, and the program stands where it stood."""
    requests = {name.removeprefix("do_") for name in dir(Adapter) if name.startswith("do_")}
    of_its_own = {"launch", "attach", "initialize", "configurationDone", "pause", "disconnect", "terminate"}
    moving = {name.removeprefix("do_") for name in vars(Moving) if name.startswith("do_")}
    with debugged(TRAIN, tmp_path, **at_pass(1)) as client:
        for request in sorted(requests - of_its_own - moving):
            for arguments in WRONG:
                answer = client.answer(client.send(request, **arguments))
                assert answer["success"] or answer["message"], request
        assert client.frames()[0][1:] == ("program.py", 14)
        assert client.value("epoch") == "1"


def test_a_program_that_is_not_there(tmp_path):
    """What is wrong with its name is printed, and it ends."""
    with debugged("", tmp_path, launch={"module": "no_such_module", "program": ""}) as client:
        assert client.first is None
        assert "there is no module 'no_such_module'" in client.printed or client.adapter.over.is_set()


def test_what_is_launched(tmp_path, monkeypatch):
    """Its folder and environment; without debugging, it runs to its end past every breakpoint."""
    monkeypatch.setenv("MINE", "")
    monkeypatch.chdir(tmp_path)
    inner = tmp_path / "inner"
    inner.mkdir()
    program = f"import os\nprint(os.getcwd(), os.environ['MINE'])\n{TRAIN}"
    launch = {"cwd": str(inner), "env": {"MINE": "7"}}
    with debugged(program, tmp_path, launch=launch, **at_pass(2)) as client:
        assert client.first[1].startswith("pass 2")
        assert client.value("os.getcwd()") == repr(str(inner))
        assert client.value("os.environ['MINE']") == "'7'"
    with debugged(TRAIN, tmp_path, launch={"noDebug": True}, **at_pass(2)) as client:
        assert client.first is None


def test_interrupted_by_a_signal(start):
    """Ctrl-C in the adapter's terminal pauses, too."""
    if sys.platform == "win32":
        pytest.skip("signals are others there")
    client = start(LOOP)
    client.ask("launch", program=client.program)
    client.ask("configurationDone")
    time.sleep(0.3)
    client.process.send_signal(signal.SIGINT)
    assert client.stopped()[0] == "pause"
