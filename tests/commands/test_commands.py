"""The command line as a whole: its help, both ways to call it, and how it ends when it is interrupted."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time

import pytest

from microgradnn import __main__, __version__
from microgradnn.commands import INTERRUPTED, main


def test_an_interrupted_script(script):
    """Ctrl-C ends a command with 130, as shells have it, and without a traceback."""
    assert main(["check", script("raise KeyboardInterrupt")]) == INTERRUPTED


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for others")
def test_ctrl_c(script):
    """So it does when the signal comes from outside."""
    listening = "signal.signal(signal.SIGINT, signal.default_int_handler)"  # what a shell starts with & would not be
    name = script(f"import signal, time\n{listening}\nprint('running', flush=True)\ntime.sleep(60)")
    child = subprocess.Popen(
        [sys.executable, "-m", "microgradnn", "check", name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "running\n"
    time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    assert child.communicate(timeout=20)[1] == ""
    assert child.returncode == INTERRUPTED


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGPIPE")
def test_a_closed_pipe(script):
    """Output that nobody reads ends the command quietly."""
    name = script(
        "from microgradnn import Tensor\nx = Tensor(1.0, requires_grad=True)\nfor i in range(4000): x = x * 1\nx.backward()"
    )
    reader, writer = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-m", "microgradnn", "debug", "--json", name], stdout=writer, stderr=subprocess.PIPE, text=True
    )
    os.close(writer)
    os.close(reader)
    assert child.communicate(timeout=60)[1] == ""
    assert child.returncode == 141


@pytest.mark.parametrize("command", ["demo", "debug", "graph", "check", "course", "worksheet"])
def test_help(command, capsys):
    """Each command has a help text with examples, in the name that the program was called by."""
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"], program="python -m microgradnn")
    assert stopped.value.code == 0
    printed = capsys.readouterr().out
    assert f"examples:\n  python -m microgradnn {command}" in printed


def test_both_ways_to_call_it():
    """`python -m microgradnn` and the installed script are the same program."""
    assert __main__.main is main
    installed = shutil.which("microgradnn", path=sysconfig.get_path("scripts"))
    assert installed
    for program in ([sys.executable, "-m", "microgradnn"], [installed]):
        done = subprocess.run([*program, "--version"], capture_output=True, text=True, check=True)
        assert done.stdout == f"microgradnn {__version__}\n"
