"""Connects to apps by name, without letting a name server hold anybody else up."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING, TypeVar

from hookcli.aside import aside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

P = TypeVar("P", bound=asyncio.BaseProtocol)


async def dial(
    factory: Callable[[], P], address: tuple[str, int], trust: ssl.SSLContext | None = None
) -> tuple[asyncio.Transport, P]:
    """Connect to the first address of a host that takes it, by TLS where `trust` is given.

    Raises OSError, ssl.SSLError among them: of the last address, where none takes it.
    """
    host, port = address
    loop = asyncio.get_running_loop()
    failure = OSError(f"{host} has no address")
    for known in await _addresses(host, port):
        try:
            return await loop.create_connection(
                factory, known, port, ssl=trust, server_hostname=host if trust else None
            )
        except ssl.SSLError:
            raise
        except OSError as error:
            failure = error
    raise failure


async def _addresses(host: str, port: int) -> Iterable[str]:
    with suppress(ValueError):
        ip_address(host)
        return (host,)
    # The loop would ask on threads that others need, and that it waits for at the end: a name
    # server that does not answer would keep large bodies from coming in, and Ctrl+C from ending.
    found = await aside(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    return dict.fromkeys(str(each[4][0]) for each in found)
