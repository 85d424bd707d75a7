"""muxado: many byte streams, each with flow control, over one connection.

Frame: uint24 length, uint4 type, uint4 flags, uint32 stream id, payload; big-endian throughout.
Streams opened by the agent have odd ids, those opened by the edge even ones.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger("ngrok_edge")

FRAME_RST, FRAME_DATA, FRAME_WNDINC, FRAME_GOAWAY = range(4)
FLAG_FIN, FLAG_SYN = 0x1, 0x2
WINDOW = 256 * 1024
"""Bytes of receive buffer that both sides assume for every stream."""
MAX_CHUNK = 32 * 1024
"""Bytes in one of our own DATA frames; small, so that streams interleave."""
CODE_CANCELLED = 6


class MuxStream:
    """One bidirectional byte stream inside a `MuxSession`."""

    def __init__(self, session: MuxSession, stream_id: int) -> None:
        self.session = session
        self.id = stream_id
        self._received = bytearray()
        self._peer_finished = False
        self._finished = False
        self._error: Exception | None = None
        self._send_window = WINDOW
        self._changed = asyncio.Event()

    def on_data(self, payload: bytes, *, fin: bool) -> None:
        """Take a DATA frame."""
        self._received += payload
        self._peer_finished = self._peer_finished or fin
        self._changed.set()

    def on_window(self, increment: int) -> None:
        """Take a WNDINC frame."""
        self._send_window += increment
        self._changed.set()

    def on_error(self, error: Exception) -> None:
        """Take a RST frame, or the end of the session."""
        self._error = self._error or error
        self._changed.set()

    async def _wait_until(self, condition: Callable[[], Any]) -> None:
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    async def read(self, limit: int = 64 * 1024) -> bytes:
        """Return some bytes, or b"" once the peer has finished sending."""
        await self._wait_until(lambda: self._received or self._peer_finished or self._error)
        if self._received:
            data = bytes(self._received[:limit])
            del self._received[:limit]
            if not self._peer_finished:
                self.session.send_frame(FRAME_WNDINC, 0, self.id, struct.pack(">I", len(data)))
            return data
        if self._peer_finished:
            return b""
        raise self._error or ConnectionResetError("stream closed")

    async def readexactly(self, count: int) -> bytes:
        """Return `count` bytes. Raises IncompleteReadError where the peer finishes before."""
        data = b""
        while len(data) < count:
            chunk = await self.read(count - len(data))
            if not chunk:
                raise asyncio.IncompleteReadError(data, count)
            data += chunk
        return data

    async def read_json(self) -> Any:
        """Return the one JSON document of an RPC, which has no length prefix."""
        text = b""
        while True:
            chunk = await self.read()
            text += chunk
            try:
                return json.loads(text)
            except ValueError:
                if not chunk:
                    raise

    async def write(self, data: bytes, flags: int = 0) -> None:
        """Send all of it, as fast as the peer's window allows."""
        view = memoryview(data)
        while view:
            await self._wait_until(lambda: self._send_window > 0 or self._error)
            if self._error:
                raise self._error
            size = min(len(view), self._send_window, MAX_CHUNK)
            self._send_window -= size
            self.session.send_frame(FRAME_DATA, flags, self.id, bytes(view[:size]))
            await self.session.drain()
            view, flags = view[size:], 0

    def write_eof(self) -> None:
        """Say that we have finished sending."""
        if not self._finished:
            self._finished = True
            self.session.send_frame(FRAME_DATA, FLAG_FIN, self.id, b"")

    def close(self) -> None:
        """Finish our side; reset the stream if the peer is still sending."""
        if self._peer_finished or self._error:
            self.write_eof()
        elif not self._finished:
            self._finished = True
            self.session.send_frame(FRAME_RST, 0, self.id, struct.pack(">I", CODE_CANCELLED))
        self.session.streams.pop(self.id, None)


class MuxSession:
    """One end of a muxado connection: the edge's, or with client=True an agent's."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        on_stream: Callable[[int, MuxStream], Awaitable[None]],
        *,
        client: bool = False,
    ) -> None:
        self.reader, self.writer = reader, writer
        self.on_stream = on_stream
        self.streams: dict[int, MuxStream] = {}
        self.blackhole = False
        self._next_id = 1 if client else 2
        self._tasks: set[asyncio.Task[None]] = set()
        self._drain_lock = asyncio.Lock()

    def send_frame(self, kind: int, flags: int, stream_id: int, payload: bytes) -> None:
        """Queue a frame, unless the session is closing or plays dead."""
        if self.blackhole or self.writer.is_closing():
            return
        header = len(payload).to_bytes(3, "big") + struct.pack(">BI", kind << 4 | flags, stream_id)
        self.writer.write(header + payload)

    async def drain(self) -> None:
        """Wait until the connection takes more."""
        async with self._drain_lock:
            await self.writer.drain()

    async def open(self, stream_type: int) -> MuxStream:
        """Open a stream of the given type towards the other end."""
        stream = MuxStream(self, self._next_id)
        self.streams[stream.id] = stream
        self._next_id += 2
        await stream.write(struct.pack(">I", stream_type), FLAG_SYN)
        return stream

    async def run(self) -> None:
        """Read frames until the connection ends. Never raises on a lost peer."""
        try:
            while True:
                header = await self.reader.readexactly(8)
                length = int.from_bytes(header[:3], "big")
                kind, flags = header[3] >> 4, header[3] & 0xF
                stream_id = int.from_bytes(header[4:], "big") & 0x7FFFFFFF
                payload = await self.reader.readexactly(length)
                if not self.blackhole:
                    self._on_frame(kind, flags, stream_id, payload)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError, TimeoutError) as error:
            log.debug("muxado connection ended: %r", error)
        finally:
            for stream in list(self.streams.values()):
                stream.on_error(ConnectionResetError("agent session closed"))
            for task in self._tasks:
                task.cancel()
            self.writer.close()

    def _on_frame(self, kind: int, flags: int, stream_id: int, payload: bytes) -> None:
        if kind == FRAME_GOAWAY:
            code = int.from_bytes(payload[4:8], "big")
            log.debug("peer sent GOAWAY code=%d %r", code, payload[8:])
            return
        if kind == FRAME_DATA and flags & FLAG_SYN:
            self._accept(stream_id)
        target = self.streams.get(stream_id)
        if target is None:
            return
        if kind == FRAME_DATA:
            target.on_data(payload, fin=bool(flags & FLAG_FIN))
        elif kind == FRAME_RST:
            code = int.from_bytes(payload, "big")
            target.on_error(ConnectionResetError(f"stream reset by peer, code {code}"))
        elif kind == FRAME_WNDINC:
            target.on_window(int.from_bytes(payload, "big"))

    def _accept(self, stream_id: int) -> None:
        stream = self.streams[stream_id] = MuxStream(self, stream_id)
        task = asyncio.ensure_future(self._serve(stream))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, stream: MuxStream) -> None:
        try:
            (stream_type,) = struct.unpack(">I", await stream.readexactly(4))
            await self.on_stream(stream_type, stream)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            log.debug("stream %d ended: %r", stream.id, error)
        except Exception:
            log.exception("stream %d failed", stream.id)
        finally:
            stream.close()

    def close(self, *, goaway: bool = False) -> None:
        """Cut the connection, politely (GOAWAY first) or abruptly."""
        if goaway:
            self.send_frame(FRAME_GOAWAY, 0, 0, struct.pack(">II", 0, 0) + b"no error")
            self.writer.close()
        else:
            self.writer.transport.abort()
