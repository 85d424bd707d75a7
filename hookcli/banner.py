"""What a starting hookcli prints, a group of lines as each becomes known."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from hookcli.delivery import BODILESS
from hookcli.text import human_duration, human_size

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookcli.routes import Endpoint, Routes
    from hookcli.screen import Line, Screen, Style
    from hookcli.secret import Secret
    from hookcli.state import TunnelState

_MARGIN = 11
TOKEN_PAGE = "https://dashboard.ngrok.com/get-started/your-authtoken"  # noqa: S105 - a page


def banner_version(version: str, screen: Screen) -> list[str]:
    """Say who this is, and how to stop it."""
    return [screen.line([("bold", f"hookcli {version}"), ("dim", f" {screen.dot} Ctrl+C stops")])]


def banner_local(url: str, screen: Screen) -> list[str]:
    """Say where the listener is on this computer."""
    return _row("Local", [("url", url)], screen)


def banner_store(url: str, deliveries: int, size: int, home: str, screen: Screen) -> list[str]:
    """Say where deliveries are kept, and how many of how many bytes; `home` is shown as `~`."""
    if url == "memory":
        return _row("Store", [("", f"memory {screen.dot} all is gone when hookcli ends")], screen)
    path = url.removeprefix("sqlite:")
    if home and path.startswith(home):
        path = f"~{path.removeprefix(home)}"
    noun = "delivery" if deliveries == 1 else "deliveries"
    held = f" {screen.dot} {deliveries:,} {noun}, {human_size(size)}"
    return _row("Store", [("", path), ("dim", held)], screen)


def banner_elsewhere(url: str, screen: Screen) -> list[str]:
    """Say that other commands, also those named in hints, look at another store by themselves."""
    if url == "memory":
        return []
    return _row("", [("dim", f"hookcli show and others need --store {quote(url)} too")], screen)


def banner_limits(said: Sequence[str], screen: Screen) -> list[str]:
    """Say what goes from the store by itself, by the settings that say so."""
    text = f"the oldest go by themselves: {', '.join(said)}"
    return _row("", [("", text)], screen) if said else []


def banner_config(paths: Sequence[str], screen: Screen) -> list[str]:
    """Say which files settings were read from, by their paths as a person writes them."""
    lines: list[str] = []
    for path in paths:
        lines += _row("" if lines else "Config", [("", path)], screen)
    return lines


def banner_secrets(labels: Sequence[str], screen: Screen) -> list[str]:
    """Say what signatures are checked with: for whom, and from where, never the secret itself."""
    return _row("Secrets", [("", ", ".join(labels))], screen) if labels else []


def answer_text(status: int, body: bytes, delay_s: float, screen: Screen) -> str:
    """Return what senders are told by hookcli itself, like `200 "ok"`."""
    text = body[:60].decode("utf-8", "replace")
    said = f' "{screen.cut(text, 40)}"' if body and status not in BODILESS else ""
    late = f" after {human_duration(delay_s)}" if delay_s else ""
    return f"{status}{said}{late}"


def banner_answer(status: int, body: bytes, delay_s: float, screen: Screen) -> list[str]:
    """Say what senders are told, where that is not the default."""
    return _row("Answer", [("", answer_text(status, body, delay_s, screen))], screen)


def banner_forward(
    routes: Routes, screen: Screen, *, down: Callable[[Endpoint], bool], answer: str | None
) -> list[str]:
    """Say where deliveries go, and what becomes of the rest.

    `down` says whether nothing listens at an endpoint. `answer` is what hookcli answers by itself;
    None where it answers nobody.
    """
    lines: list[str] = []
    for prefix, endpoint in routes:
        path = "the rest" if prefix == "/" else prefix
        value: Line = [("", f"{path} -> ")] if len(routes) > 1 or prefix != "/" else []
        value.append(("url", endpoint.url))
        if down(endpoint):
            value.append(("warn", f" {screen.dot} nothing listens there yet"))
        lines += _row("" if lines else "Forward", value, screen)
    if all(prefix != "/" for prefix, _ in routes):
        rest = f"built-in answer {answer}" if answer else "not sent"
        lines += _row("", [("", f"the rest -> {rest}")], screen)
    return lines


def banner_shown(filters: Sequence[str], screen: Screen, *, forwarded: bool = False) -> list[str]:
    """Say which deliveries are shown, where not all are; and that this hides, and no more."""
    done = "kept, answered and forwarded" if forwarded else "kept and answered"
    text = f"only {', '.join(filters)}; all are {done}"
    return _row("Shown", [("", text)], screen)


def banner_tunnel(
    label: str, state: TunnelState, checked_s: float | None, screen: Screen
) -> list[str]:
    """Say how the tunnel is: checked, unreachable or offline."""
    if state.state != "online":
        reason = state.reason or "no contact with ngrok"
        text = f": {reason}. Retrying; until then only this computer reaches hookcli"
        return _row("Tunnel", [("", label + ", "), ("bad", "OFFLINE"), ("", text)], screen)
    if state.reachable is False:
        reason = f" ({state.reason})" if state.reason else ""
        text = f": our own request through it failed{reason}. Next check in 5 s."
        return _row("Tunnel", [("", label + ", "), ("bad", "UNREACHABLE"), ("", text)], screen)
    checked = "" if checked_s is None else f", checked end to end in {checked_s:.1f} s"
    return _row("Tunnel", [("", label), ("dim", checked)], screen)


def banner_no_tunnel(screen: Screen) -> list[str]:
    """Say that none was asked for."""
    return _row("Tunnel", [("", "none, as asked: only this computer can reach hookcli")], screen)


def banner_no_token(port: int, screen: Screen) -> list[str]:
    """Say that there is no tunnel for want of a token, and how to go public."""
    why = "none: no ngrok token found, so only this computer can reach hookcli"
    own = f"Own tunnel: hookcli listen {port} --public-url https://your.host"
    rows: list[Line] = [
        [("", "Go public: copy your token (the account is free) from")],
        [("url", TOKEN_PAGE), ("", " then run")],
        [("bold", f"NGROK_AUTHTOKEN=TOKEN hookcli listen {port}")],
        [("", own)],
    ]
    lines = _row("Tunnel", [("warn", why)], screen)
    for row in rows:
        lines += _row("", row, screen)
    return lines


def banner_public(url: str, screen: Screen) -> list[str]:
    """Say where the internet reaches hookcli."""
    return _row("Public", [("url", url)], screen)


def banner_github(public_url: str, screen: Screen, secret: Secret | None = None) -> list[str]:
    """Say what to enter on GitHub; `secret` is the one that its signatures are checked with."""
    rows: list[Line] = [
        [("", "Payload URL   "), ("url", f"{public_url}/github")],
        [("", "Content type  application/json")],
    ]
    if secret:
        rows.append([("", f"Secret        {_told(secret)}")])
    lines = ["", *_row("GitHub", [("", "repository > Settings > Webhooks > Add webhook")], screen)]
    for row in rows:
        lines += _row("", row, screen)
    return lines


def _told(secret: Secret) -> str:
    kind, _, place = secret.source.partition(" ")
    texts = {"env": f"the value of {place}", "file": f"what stands in {place}"}
    return texts.get(kind, "the one that you gave hookcli")


def banner_try(screen: Screen) -> list[str]:
    """Say how to send a first delivery; it comes to the listener that was started last."""
    return _row("Try it", [("bold", "hookcli trigger github issues.opened")], screen)


def _row(name: str, value: Line, screen: Screen) -> list[str]:
    label: Style = "dim"
    return screen.wrap([(label, f"{name:{_MARGIN}}"), *value], indent=_MARGIN)
