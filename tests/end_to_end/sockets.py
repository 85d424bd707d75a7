"""Both ends of hookcli as bare sockets: a sender, and a local app; every byte is seen."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Self
from urllib.parse import urlsplit

HOST = "127.0.0.1"
PATIENCE_S = 15
LENGTH = re.compile(rb"(?im)^content-length: *(\d+)")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Line:
    """One connection; what is read beyond one message is kept for the next."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.socket.settimeout(PATIENCE_S)
        self._ahead = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.socket.close()

    def say(self, *pieces: bytes) -> None:
        """Send the pieces, one after the other."""
        for piece in pieces:
            self.socket.sendall(piece)

    def message(self, *, bodiless: bool = False) -> bytes:
        """Take a whole request or answer. Raises EOFError where it does not get to its end."""
        head = self._until(b"\r\n\r\n")
        length = LENGTH.search(head)
        if bodiless or not length:
            return head
        return head + self._exactly(int(length[1]))

    def rest(self) -> bytes:
        """Take all that comes until the other side closes."""
        pieces, self._ahead = [self._ahead], b""
        while piece := self.socket.recv(1 << 20):
            pieces.append(piece)
        return b"".join(pieces)

    def hang_up(self) -> None:
        """End the connection, whatever either side is about; it may have ended already."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """End the connection as a crash does."""
        linger = struct.pack("ii", 1, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.socket.close()

    def _until(self, end: bytes) -> bytes:
        while end not in self._ahead:
            self._ahead += self._more()
        head, _, self._ahead = self._ahead.partition(end)
        return head + end

    def _exactly(self, size: int) -> bytes:
        pieces, got = [self._ahead], len(self._ahead)
        while got < size:
            pieces.append(self._more())
            got += len(pieces[-1])
        whole = b"".join(pieces)
        self._ahead = whole[size:]
        return whole[:size]

    def _more(self) -> bytes:
        piece = self.socket.recv(1 << 20)
        if not piece:
            raise EOFError
        return piece


Talk = Callable[["App", Line], None]
"""What an app does with each connection; it is closed behind it."""


class App:
    """A local app on a free port, or on that one; each connection has a thread."""

    def __init__(self, talk: Talk, port: int = 0) -> None:
        self.requests: list[bytes] = []
        """All that came whole, byte for byte."""
        self.over = threading.Event()
        """Set when the block ends: an app that hangs lets go."""
        self._talk = talk
        self._server = socket.create_server((HOST, port))
        self._lines: list[Line] = []
        self._threads: list[threading.Thread] = []
        self.port: int = self._server.getsockname()[1]
        self.host = f"{HOST}:{self.port}"
        self.url = f"http://{self.host}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *exception: object) -> None:
        self.over.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for line in self._lines:
            line.hang_up()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def request(self, line: Line) -> bytes:
        """Take a whole request, and note it."""
        self.requests.append(line.message())
        return self.requests[-1]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connected, _ = self._server.accept()
                self._lines.append(Line(connected))
                self._start(partial(self._serve, self._lines[-1]))

    def _serve(self, line: Line) -> None:
        with line, suppress(EOFError, OSError):
            self._talk(self, line)

    def _start(self, work: Callable[[], None]) -> None:
        self._threads.append(threading.Thread(target=work))
        self._threads[-1].start()


def answering(answer: bytes = OK) -> Talk:
    """Give each request this answer."""

    def talk(app: App, line: Line) -> None:
        while True:
            app.request(line)
            line.say(answer)

    return talk


def closing(*pieces: bytes) -> Talk:
    """Give one request on each connection this answer, and close."""

    def talk(app: App, line: Line) -> None:
        app.request(line)
        line.say(*pieces)

    return talk


def silent(app: App, line: Line) -> None:
    """Take a request, and never answer."""
    app.request(line)
    app.over.wait(PATIENCE_S)


def dial(url: str) -> Line:
    """Connect as a sender does."""
    address = urlsplit(url)
    return Line(socket.create_connection((address.hostname or HOST, address.port or 80)))


def send(url: str, raw: bytes, *, bodiless: bool = False) -> bytes:
    """Send one request on a connection of its own; return the answer."""
    with dial(url) as line:
        line.say(raw)
        return line.message(bodiless=bodiless)


def request(*lines: str, body: bytes = b"", start: str = "POST /hook HTTP/1.1") -> bytes:
    """Lay out a request; `lines` are headers behind Host, a character a byte."""
    head = "\r\n".join([start, "Host: otter.example", *lines, "\r\n"])
    return head.encode("latin-1") + body
