"""Messages: what is read, what is written, and what a broken client does."""

import io
import json

import pytest

from microgradnn.debugging.adapter.wire import Told, Wire


def framed(text):
    body = text.encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (framed('{"a": 1}') + framed('{"b": 2}'), [{"a": 1}, {"b": 2}]),
        (framed("no json") + framed("[1]") + framed('{"b": 2}'), [{"b": 2}]),
        (b"content-length: 2\r\nOther: 3\r\n\r\n{}", [{}]),
        (b"Content-Length: 99\r\n\r\n{}", []),
        (b"\r\n" + framed("{}"), [{}]),
        (b"garbage", []),
        (b"", []),
    ],
)
def test_what_is_read(sent, read):
    """Messages one after the other; what is no JSON object is passed over, what ends in the middle is the end."""
    assert list(Wire(io.BytesIO(sent), None).messages()) == read


def test_what_is_written():
    """A header with the length in bytes, and numbers that count up."""
    written = io.BytesIO()
    wire = Wire(None, written)
    wire.event("output", output="∂L")
    wire.respond({"seq": 7, "command": "next"}, error="no")
    first, second = Wire(io.BytesIO(written.getvalue()), None).messages()
    assert first == {"seq": 1, "type": "event", "event": "output", "body": {"output": "∂L"}}
    assert (second["seq"], second["request_seq"], second["success"], second["message"]) == (2, 7, False, "no")
    assert json.loads(json.dumps(second)) == second


def test_a_client_that_has_gone():
    """Writing to it raises nothing."""
    written = io.BytesIO()
    wire = Wire(None, written)
    written.close()
    wire.event("output", output="x")


def test_what_a_program_prints():
    """It goes to the client as output."""
    written = io.BytesIO()
    told = Told(Wire(None, written), "stdout")
    print("two", "words", file=told)
    told.writelines(["a", ""])
    told.flush()
    assert not told.isatty() and told.writable()
    outputs = [message["body"]["output"] for message in Wire(io.BytesIO(written.getvalue()), None).messages()]
    assert "".join(outputs) == "two words\na"
