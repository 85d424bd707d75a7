"""A request says what its head says."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import EMPTY_PAYLOAD
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpRequestParser

from hookcli.received import Received


class Line:
    """A connection on which nothing happens."""

    remote: str | None = "192.0.2.1"

    async def write(self, data: bytes) -> None:
        """Send nothing."""

    def close(self) -> None:
        """Stay."""


@pytest.mark.parametrize(
    ("head", "version", "modern", "keep_alive", "length"),
    [
        (b"POST /x?y HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n", "1.1", True, True, 3),
        (b"POST /x?y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "1.1", True, False, None),
        (b"POST /x?y HTTP/1.0\r\n\r\n", "1.0", False, False, None),
        (b"POST /x?y HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "1.0", False, True, None),
    ],
)
async def test_tells_what_the_sender_said(
    head: bytes, version: str, modern: bool, keep_alive: bool, length: int | None
) -> None:
    loop = asyncio.get_running_loop()
    messages, _, _ = HttpRequestParser(BaseProtocol(loop), loop, 1 << 16).feed_data(head)

    request = Received(messages[0][0], EMPTY_PAYLOAD, Line())

    assert (request.method, request.raw_path, request.http_version) == ("POST", "/x?y", version)
    assert (request.modern, request.keep_alive) == (modern, keep_alive)
    assert request.content_length == length
