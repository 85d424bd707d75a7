"""`hookcli listen`: receive webhooks, and show them as they arrive."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from hookcli.answers import BuiltIn
from hookcli.children import command_words
from hookcli.delivery import Headers
from hookcli.errors import UsageError
from hookcli.grammar import duration, header, size, status
from hookcli.judging import Rules
from hookcli.listening import Wish
from hookcli.listening import listen as receive
from hookcli.options import argument, command, option, store_option
from hookcli.params import used_files, used_limits
from hookcli.routes import Routes
from hookcli.secret_options import secret_options, secrets_given
from hookcli.watch_options import (
    forwarding_options,
    saving_options,
    showing_options,
    stopping_options,
    watch_wish,
)
from hookcli.way_in import TunnelWish

_HOST = re.compile(r"[\w.-]+|[0-9A-Fa-f:.]+")
_PATH = re.compile(r"[!-~]*")
_FRAMING = {"content-length", "transfer-encoding", "connection", "date"}


def port(text: str) -> int:
    """Read a port number, 0 for any free one. Raises UsageError."""
    if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) < 1 << 16:
        return int(text)
    raise UsageError(f"{text!r} is not a port", "Use a number up to 65535; 0 for any free one")


def address(text: str) -> str:
    """Read the address to listen on. Raises UsageError where it is empty, which means every one."""
    if text.strip():
        return text.strip()
    raise UsageError(
        "the address is empty", "127.0.0.1 is this computer alone; 0.0.0.0 lets others in too"
    )


def public_url(text: str) -> str:
    """Read the URL of a way in that is the user's own. Raises UsageError."""
    with suppress(ValueError):  # a port or an IPv6 address that is none
        parts = urlsplit(text if "://" in text else f"https://{text}")
        whole = parts.scheme in {"http", "https"} and _HOST.fullmatch(parts.hostname or "")
        if (
            whole
            and parts.port != 0
            and not (parts.query or parts.fragment)
            and _PATH.fullmatch(parts.path)
        ):
            return parts.geturl().rstrip("/")
    raise UsageError(f"{text!r} is not a URL to reach hookcli by", "Use one like https://your.host")


def own_header(text: str) -> tuple[str, str]:
    """Read a header of the answer. Raises UsageError."""
    name, value = header(text)
    if name.lower() in _FRAMING:
        raise UsageError(f"{name} is set by hookcli itself", "Leave it out")
    return name, value


def content(text: str) -> bytes:
    """Read the body of the answer: the text, or what is in `@FILE`. Raises UsageError."""
    if not text.startswith("@"):
        return text.encode("utf-8", "surrogateescape")
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        raise UsageError(
            f"{text[1:]!r} cannot be read: {error.strerror}", "@FILE names a file to answer with"
        ) from None


@command("listen")
@argument("port", type=port, default="4567", metavar="[PORT]", key="port")
@option(
    "--tunnel",
    group="Tunnel",
    choices=("auto", "ngrok", "none"),
    default="auto",
    help="auto (default): ngrok where there is a token for it. none: this computer only.",
)
@option("--domain", group="Tunnel", metavar="NAME", help="The domain you reserved at ngrok.")
@option(
    "--ngrok-config",
    group="Tunnel",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The ngrok configuration to start from, in place of your own one.",
)
@option(
    "--public-url",
    group="Tunnel",
    type=public_url,
    metavar="URL",
    help="You have a way in already (cloudflared, ssh, a proxy): open no tunnel.",
)
@option(
    "--host",
    group="Tunnel",
    type=address,
    default="127.0.0.1",
    metavar="ADDR",
    help="The address to listen on. Default: 127.0.0.1, this computer.",
)
@secret_options
@forwarding_options("Answering")
@option(
    "--respond",
    group="Answering",
    type=status,
    default="200",
    metavar="STATUS",
    help="The status that senders get. Default: 200.",
)
@option(
    "--respond-body",
    group="Answering",
    type=content,
    default="ok",
    metavar="TEXT|@FILE",
    help="The body that senders get. Default: ok.",
)
@option(
    "--respond-header",
    "respond_headers",
    group="Answering",
    type=own_header,
    multiple=True,
    metavar="'K: V'",
    help="A header that senders get. May be given several times.",
)
@option(
    "--delay",
    group="Answering",
    type=duration,
    default="0",
    metavar="DURATION",
    help="How long senders wait for the answer: 500ms is 0.5, 11s, 1m.",
)
@option(
    "--handshakes",
    group="Answering",
    choices=("hookcli", "forward"),
    help="Who answers set-up requests, such as Slack's challenge. Default: hookcli, or your app"
    " where they are forwarded.",
)
@option(
    "--confirm-subscriptions",
    group="Answering",
    is_flag=True,
    help="Confirm subscriptions at AWS SNS: fetch their SubscribeURL.",
)
@option(
    "--max-body",
    group="Answering",
    type=size,
    default="25MB",
    metavar="SIZE",
    help="Larger bodies are refused with 413. Default: 25MB, which is GitHub's limit.",
)
@showing_options
@saving_options
@stopping_options
@option(
    "--on-ready",
    group="Else",
    type=command_words,
    metavar="COMMAND",
    help="A command once all is up, and again when the public URL changes, with"
    " HOOKCLI_PUBLIC_URL and HOOKCLI_LOCAL_URL in its environment. No shell.",
)
@store_option
def listen(**given: Any) -> None:
    """Receive webhooks on PORT (default 4567; 0: any free one), and show them as they arrive.

    Every delivery is kept before it is answered. Options under Showing choose which are shown,
    saved and counted; all are kept, answered and forwarded.
    """
    wish = _wish(**given)
    code = asyncio.run(receive(wish, stdout=sys.stdout, stderr=sys.stderr, environ=os.environ))
    click.get_current_context().exit(code)


def _wish(**given: Any) -> Wish:
    if given["public_url"] and (given["domain"] or given["tunnel"] == "ngrok"):
        raise UsageError("--public-url goes without a tunnel", "Leave --domain and --tunnel out")
    routes = Routes(given["forward"])
    for _, endpoint in routes:
        if endpoint.here and endpoint.address[1] == given["port"]:
            raise UsageError(
                f"{endpoint.url} is this listener itself", "Name the URL that your app listens on"
            )
    context = click.get_current_context(silent=True)
    source = context and context.get_parameter_source("store")
    return Wish(
        host=given["host"],
        port=given["port"],
        tunnel=TunnelWish(
            kind=given["tunnel"],
            domain=given["domain"],
            ngrok_config=given["ngrok_config"],
            public_url=given["public_url"],
        ),
        rules=Rules(
            answer=BuiltIn(
                status=given["respond"],
                body=given["respond_body"],
                headers=Headers(given["respond_headers"]),
                delay_s=given["delay"],
            ),
            routes=routes,
            secrets=secrets_given(given),
            require_signature=given["require_signature"],
            handshakes=given["handshakes"],
        ),
        confirm_subscriptions=given["confirm_subscriptions"],
        forward_timeout_s=given["forward_timeout"],
        insecure=given["insecure"],
        max_body=given["max_body"],
        watch=watch_wish(given),
        on_ready=given["on_ready"],
        store=given["store"],
        store_by_flag=source is ParameterSource.COMMANDLINE,
        config=used_files(),
        limits=used_limits(given["store"]),
    )
