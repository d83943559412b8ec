"""`microgradnn dap`: the debug adapter that editors start, over standard input and output or a port."""

import argparse
import io
import os
import socket
import sys
import threading

from ..debugging.adapter.adapter import Adapter
from ..debugging.adapter.wire import Told, Wire
from .script import CommandError, Ran, run_program

EPILOG = """examples:
  microgradnn dap                    for an editor that starts it, as the extension of `microgradnn vscode` does
  microgradnn dap --listen 4711      for one that connects, as "debugServer": 4711 in VS Code's launch.json does"""


def add_parser(commands):
    """Say what may be typed after `dap`."""
    parser = commands.add_parser(
        "dap",
        help="step through backward passes, forth and back, in an editor",
        description="Speak the Debug Adapter Protocol: an editor says which program to run, and steps through its lines and\n"
        "through its backward passes, forth and back.",
        epilog=EPILOG,
    )
    parser.add_argument("--listen", type=port, metavar="PORT", help="wait for one client at this port of this machine; 0: any")
    return parser


def port(text):
    """A port's number."""
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number up to 65535")
    return int(text)


def run(given):
    """Debug one program for one client."""
    if given.listen is None:
        read, write = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)  # what the program's libraries write goes elsewhere
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # and they read nothing
        sys.stdin = io.StringIO()
    else:
        read, write = connected(given.listen)
    wire = Wire(read, write)
    adapter = Adapter(wire, run_told)
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Told(wire, "stdout"), Told(wire, "stderr")
    try:
        threading.Thread(target=adapter.read, daemon=True).start()
        return adapter.main()
    except KeyboardInterrupt:  # the client has gone before the program began, or just after it had ended
        if not adapter.ending:
            raise
        return 0
    finally:
        sys.stdout, sys.stderr = streams


def connected(number):
    """The two streams of the first client that connects to a port."""
    try:
        server = socket.create_server(("127.0.0.1", number))
    except OSError as error:
        raise CommandError(f"port {number} cannot be listened at: {error.strerror}") from None
    with server:
        print(f"listening at {server.getsockname()[1]}", flush=True)
        connection, _ = server.accept()
    return connection.makefile("rb"), connection.makefile("wb")


def run_told(program, args, module, at_error):
    """Run a program; what is wrong with its name is printed, and gives an exit code."""
    ran = Ran()
    try:
        run_program(program, args, ran, module, at_error)
    except CommandError as error:
        print(error, file=sys.stderr)
        return error.code
    return ran.code
