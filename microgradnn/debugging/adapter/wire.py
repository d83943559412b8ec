"""Messages of the Debug Adapter Protocol: a header with a length, and a body of JSON, over any two streams."""

import contextlib
import json
import threading


class Wire:
    """Reads and writes messages. What is sent by several threads comes one after the other.

    Parameters
    ----------
    read, write : binary file
    """

    def __init__(self, read, write):
        self.read, self.write, self.lock, self.sent = read, write, threading.Lock(), 0

    def messages(self):
        """Yield the messages that come, until the client has gone; what is no JSON object is passed over."""
        while True:
            try:
                length = self._length()
                body = self.read.read(length) if length else b""
            except (OSError, ValueError):
                return
            if length is None or len(body) < length:
                return
            with contextlib.suppress(ValueError):
                message = json.loads(body)
                if isinstance(message, dict):
                    yield message

    def _length(self):
        """The length that a header tells; 0 if it tells none, None at the end of the stream."""
        length = 0
        while True:
            line = self.read.readline()
            if not line:
                return None
            if not line.strip():
                return length
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length" and value.strip().isdigit():
                length = int(value)

    def send(self, **message):
        """Send a message; a client that has gone does not matter."""
        with self.lock, contextlib.suppress(OSError, ValueError):
            self.sent += 1
            body = json.dumps({"seq": self.sent, **message}, default=str).encode()
            self.write.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            self.write.flush()

    def event(self, name, **body):
        """Send an event."""
        self.send(type="event", event=name, body=body)

    def respond(self, request, body=None, error=None):
        """Answer a request, with a body or with what went wrong."""
        answer = {"type": "response", "request_seq": request.get("seq", 0), "command": str(request.get("command"))}
        if error is None:
            self.send(**answer, success=True, body=body or {})
        else:
            told = {"id": 1, "format": error, "showUser": False}
            self.send(**answer, success=False, message=error, body={"error": told})


class Told:
    """A stream of text whose lines go to the client as output events: what the program prints."""

    encoding, errors, newlines = "utf-8", "replace", None

    def __init__(self, wire, category):
        self.wire, self.category = wire, category

    def write(self, text):
        """Tell a text."""
        if text:
            self.wire.event("output", category=self.category, output=text)
        return len(text)

    def writelines(self, lines):
        """Tell several."""
        for line in lines:
            self.write(line)

    def flush(self):
        """Nothing waits."""

    def isatty(self):
        """It is no terminal."""
        return False

    def writable(self):
        """It can be written to."""
        return True
