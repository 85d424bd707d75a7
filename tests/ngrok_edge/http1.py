"""The little of HTTP/1.1 that the edge and the agent need: heads, bodies, short answers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MAX_HEAD = 64 * 1024


class BadRequestError(Exception):
    """The client sent something that is not HTTP/1.1."""


@dataclass
class Head:
    """A parsed request head whose header lines keep their order and spelling."""

    method: str
    target: str
    version: str
    headers: list[tuple[str, str]]

    @classmethod
    async def read(cls, reader: asyncio.StreamReader) -> Head | None:
        """Return the next request head, or None if the client closed between requests."""
        try:
            raw = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            if error.partial.strip():
                raise BadRequestError("truncated request head") from None
            return None
        except asyncio.LimitOverrunError:
            raise BadRequestError("request head too large") from None
        start, *lines = raw.decode("latin-1").strip("\r\n").split("\r\n")
        try:
            method, target, version = start.split(" ")
            pairs = [line.split(":", 1) for line in lines]
            headers = [(name, value.strip()) for name, value in pairs]
        except ValueError:
            raise BadRequestError("malformed request head") from None
        return cls(method, target, version, headers)

    def get(self, name: str) -> str:
        """Return the values of a header, joined; "" without any."""
        return ", ".join(v for k, v in self.headers if k.lower() == name.lower())

    def set(self, name: str, value: str) -> None:
        """Replace a header."""
        self.headers = [(k, v) for k, v in self.headers if k.lower() != name.lower()]
        self.headers.append((name, value))

    def encode(self) -> bytes:
        """Return it as it goes on the wire."""
        lines = [f"{self.method} {self.target} {self.version}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def copy_body(
    head: Head, reader: asyncio.StreamReader, write: Callable[[bytes], Awaitable[None]]
) -> None:
    """Copy exactly one request body, keeping its framing."""
    if "chunked" in head.get("Transfer-Encoding").lower():
        await _copy_chunks(reader, write)
        return
    remaining = int(head.get("Content-Length") or 0)
    while remaining:
        chunk = await reader.read(min(remaining, 64 * 1024))
        if not chunk:
            raise ConnectionResetError("client closed inside a request body")
        await write(chunk)
        remaining -= len(chunk)


async def _copy_chunks(
    reader: asyncio.StreamReader, write: Callable[[bytes], Awaitable[None]]
) -> None:
    while True:
        line = await reader.readuntil(b"\n")
        await write(line)
        size = int(line.split(b";")[0], 16)
        if size:
            await write(await reader.readexactly(size + 2))
            continue
        while line not in {b"\r\n", b"\n"}:
            line = await reader.readuntil(b"\n")
            await write(line)
        return


def http_response(status: str, body: str, headers: tuple[tuple[str, str], ...] = ()) -> bytes:
    """Return a whole response, after which the connection closes."""
    data = body.encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data
