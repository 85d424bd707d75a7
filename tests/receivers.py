"""A server that keeps the bytes of whatever request it gets."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LENGTH = re.compile(rb"^content-length: *([0-9]+)", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding: *chunked", re.IGNORECASE | re.MULTILINE)
_ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


class Receiver:
    """Answers every request 204, one at a time."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._requests: SimpleQueue[bytes] = SimpleQueue()
        address, port = listening.getsockname()
        self.host = f"{address}:{port}"

    def received(self) -> bytes:
        """Return the next request, as it came."""
        return self._requests.get(timeout=10)

    def serve(self) -> None:
        """Take requests until the listening socket is closed."""
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                self._requests.put(_request(connection))
                connection.sendall(_ANSWER)


def _request(connection: socket.socket) -> bytes:
    data = b""
    while piece := connection.recv(65_536):
        data += piece
        head, end, body = data.partition(b"\r\n\r\n")
        if not end:
            continue
        if _CHUNKED.search(head):
            whole = body.endswith(b"0\r\n\r\n")
        else:
            length = _LENGTH.search(head)
            whole = len(body) >= int(length[1] if length else 0)
        if whole:
            break
    return data


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Give a server on this computer that ends with the block."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        served = Receiver(listening)
        thread = threading.Thread(target=served.serve)
        thread.start()
        try:
            yield served
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(10)
