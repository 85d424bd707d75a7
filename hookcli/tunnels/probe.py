"""Whether a request through the public URL really arrives."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import aiohttp

from hookcli.text import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hookcli.tunnels import Probe

_OFTEN = 12
"""Probes in quick succession before they become rare."""
OWN_FAULT = "the probe, not the tunnel, failed: "


class Reach(NamedTuple):
    """What came of one probe."""

    reachable: bool
    reason: str | None = None
    """Why it did not arrive, in words."""
    seconds: float | None = None
    """How long it took to arrive."""


async def check(public_url: str, probe: Probe, timeout_s: float = 5) -> Reach:
    """Send one request through `public_url`, honouring the proxy environment and SSL_CERT_FILE."""
    url = public_url.rstrip("/") + probe.path
    host = urlsplit(url).hostname or url
    # Made here, not when aiohttp is imported, and off the loop: it reads files.
    trust = await asyncio.to_thread(ssl.create_default_context)
    started = time.monotonic()
    try:
        async with (
            aiohttp.ClientSession(
                # A proxy in the environment seldom knows the way back to this computer.
                trust_env=host not in {"127.0.0.1", "::1", "localhost"},
                timeout=aiohttp.ClientTimeout(total=timeout_s),
                headers={"User-Agent": "hookcli", "ngrok-skip-browser-warning": "1"},
            ) as session,
            session.get(url, ssl=trust, allow_redirects=False) as response,
        ):
            body = await response.content.read(len(probe.answer) + 1)
    except TimeoutError:
        return Reach(False, f"no answer within {timeout_s:g} s")
    except (aiohttp.ClientError, ValueError) as error:
        return Reach(False, _why(error, host))
    if response.status == 200 and body == probe.answer:
        return Reach(True, seconds=time.monotonic() - started)
    code = response.headers.get("Ngrok-Error-Code", "")
    if re.fullmatch(r"ERR_NGROK_\d{1,6}", code):
        return Reach(False, f"{response.status}, {code}")
    return Reach(False, f"{response.status}, answered by something else")


def _why(error: Exception, host: str) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return f"{OWN_FAULT}{host} cannot be resolved here"
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return f"{OWN_FAULT}the proxy of the environment does not let it pass ({error})"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return f"{OWN_FAULT}this computer does not trust the certificate of {host}"
        case aiohttp.ClientConnectorError():
            return f"no connection to {host}: {error.os_error.strerror or error.os_error}"
        case _:
            # It may quote what answered.
            return escape(str(error))[:200] or type(error).__name__


async def watch(
    public_url: str, probe: Probe, say: Callable[[Reach], None], *, timeout_s: float, every_s: float
) -> None:
    """Probe until one arrives; `say` what came of the first, and then each change.

    From one to the next it is `every_s` seconds, later longer: a plan has so many requests a month.
    """
    reach = await check(public_url, probe, timeout_s)
    if "ERR_NGROK_3200" in (reach.reason or ""):
        # An endpoint that has just opened may take a moment to be known everywhere.
        await asyncio.sleep(timeout_s / 10)
        reach = await check(public_url, probe, timeout_s / 2)
    say(reach)
    waits = pauses(every_s)
    while not reach.reachable:
        await asyncio.sleep(next(waits))
        last, reach = reach, await check(public_url, probe, timeout_s)
        if reach[:2] != last[:2]:
            say(reach)
            waits = pauses(every_s)


def pauses(every_s: float) -> Iterator[float]:
    """Yield how long to wait before each further probe, in seconds."""
    yield from repeat(every_s, _OFTEN)
    yield from repeat(every_s * _OFTEN)
