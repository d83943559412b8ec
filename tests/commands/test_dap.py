"""`dap`: what may be typed. The adapter itself: tests/adapter/."""

import socket

import pytest

from microgradnn.commands import main


def test_ports(capsys):
    """What is no port is refused, and one that is taken, with the reason."""
    with pytest.raises(SystemExit):
        main(["dap", "--listen", "soon"])
    assert "'soon' is no port" in capsys.readouterr().err
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        assert main(["dap", "--listen", str(number)]) == 2
    assert f"port {number} cannot be listened at" in capsys.readouterr().err
