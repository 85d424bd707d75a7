"""The lines that tell of the way in from the internet, and of the end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hookcli.lines import INDENT, starred
from hookcli.payload import payload_of
from hookcli.signatures.providers import PROVIDERS
from hookcli.text import human_duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hookcli.delivery import Attempt, Delivery
    from hookcli.screen import Line, Screen
    from hookcli.state import TunnelState

_OWNER = re.compile(r"[A-Za-z0-9-]{1,39}")
_REPOSITORY = re.compile(rf"{_OWNER.pattern}/[A-Za-z0-9._-]{{1,100}}")
_PROVIDERS = {provider.name: provider for provider in PROVIDERS}


@dataclass(slots=True)
class Total:
    """What came in, from start to end."""

    deliveries: int = 0
    first: int = 0
    last: int = 0
    """Ids; 0 where there were none."""
    bad: int = 0
    """Deliveries whose signature failed."""
    failed: int = 0
    """Answers that were missing or outside 2xx."""
    providers: list[str] = field(default_factory=list)
    """Who sent them, by name."""
    github: Delivery | None = None
    """The last one that GitHub sent, as far as is known."""

    def received(self, number: int, delivery: Delivery) -> None:
        """Count one more delivery, stored as `number`."""
        self.deliveries += 1
        self.first = self.first or number
        self.last = max(self.last, number)
        failed = delivery.signature.failed
        self.bad += failed and not delivery.handshake
        if delivery.provider and delivery.provider not in self.providers:
            self.providers.append(delivery.provider)
        if delivery.provider == "github" and delivery.held and not failed:
            self.github = delivery

    def answered(self, attempt: Attempt) -> None:
        """Count one more answer."""
        self.failed += attempt.failed


def format_tunnel(
    state: TunnelState,
    before: TunnelState | None,
    at: datetime,
    screen: Screen,
    *,
    label: str = "ngrok",
    total: Total | None = None,
) -> list[str]:
    """Say what changed since `before`; nothing where that is nothing to a person.

    `label` is the tunnel's name; `total` knows who has sent something so far.
    """
    if state.state == "connecting":
        return []
    start = starred(at, screen)
    if state.state == "offline":
        return _offline(state, start, screen)
    lines = []
    if before and before.public_url and before.public_url != state.public_url:
        lines = _url_changed(state, before.public_url, start, screen)
    if state.reachable is False:
        return lines + _unreachable(state, label, start, screen)
    return lines or _online(state, before, start, screen, total or Total())


def _offline(state: TunnelState, start: Line, screen: Screen) -> list[str]:
    reason = state.reason or "no contact with ngrok"
    # Other reasons say themselves what comes next.
    then = " Retrying." if reason.startswith("no contact") else ""
    return [
        *screen.wrap(
            [
                *start,
                ("bad", " TUNNEL OFFLINE"),
                ("", f" since {screen.time(state.at)}: {reason}.{then}"),
            ]
        ),
        *screen.wrap(
            [("", f"{INDENT}Nothing from outside arrives; this computer still reaches hookcli.")]
        ),
    ]


def _unreachable(state: TunnelState, label: str, start: Line, screen: Screen) -> list[str]:
    says = "ngrok says online, but " if label.startswith("ngrok") else ""
    reason = f" ({state.reason})" if state.reason else ""
    text = f": {says}our own request through it failed{reason}. Next check in 5 s."
    return screen.wrap([*start, ("bad", " TUNNEL UNREACHABLE"), ("", text)])


def _url_changed(state: TunnelState, old: str, start: Line, screen: Screen) -> list[str]:
    return [
        *screen.wrap(
            [
                *start,
                ("", f" TUNNEL ONLINE{_after(state)}, "),
                ("bad", "THE URL CHANGED"),
            ]
        ),
        screen.line([("", f"{INDENT}old  "), ("dim", old)]),
        screen.line([("", f"{INDENT}new  "), ("url", state.public_url or "")]),
        *screen.wrap([("", f"{INDENT}Put the new one wherever you pasted the old one")]),
    ]


def _online(
    state: TunnelState,
    before: TunnelState | None,
    start: Line,
    screen: Screen,
    total: Total,
) -> list[str]:
    first = not before or not before.public_url
    if not first and state.offline_s is None and before and before.reachable is not False:
        return []
    same = ", same URL" if not first and state.offline_s is not None else ""
    checked = ", checked end to end" if state.reachable else ""
    lines = screen.wrap([*start, ("", f" TUNNEL ONLINE{_after(state)}{same}{checked}")])
    if first:
        lines.append(screen.line([("", INDENT), ("url", state.public_url or "")]))
    elif state.offline_s is not None:
        lines += _sent_meanwhile(total, screen)
    return lines


def _sent_meanwhile(total: Total, screen: Screen) -> list[str]:
    """Say which of those who have sent something will send again what did not arrive."""
    known = [_PROVIDERS[name] for name in total.providers if name in _PROVIDERS]
    again = [provider.title for provider in known if provider.retries]
    lost = [provider.title for provider in known if not provider.retries]
    said = []
    if again:
        verb = "retries by itself" if len(again) == 1 else "retry by themselves"
        said.append(f"{_listed(again)} {verb}")
    if lost:
        verb, itself = ("does", "itself") if len(lost) == 1 else ("do", "themselves")
        by_itself = "" if again else f" send again by {itself}"
        said.append(f"{_listed(lost)} {verb} not{by_itself}, redeliver:")
    lines = screen.wrap([("", f"{INDENT}Sent meanwhile: {'; '.join(said)}")]) if said else []
    if "github" in total.providers:
        name = "" if len(lost) == 1 else "GitHub: "
        page = _hooks_page(total.github) if total.github else None
        where = page or "repository > Settings > Webhooks > Recent Deliveries"
        lines += screen.wrap([("", f"{INDENT}{name}"), ("url" if page else "", where)])
    return lines


def _hooks_page(delivery: Delivery) -> str | None:
    """Return GitHub's page of the webhook that sent it; None where the delivery does not tell."""
    headers, payload = delivery.headers, payload_of(delivery.headers, delivery.body)
    kind = headers.get("x-github-hook-installation-target-type") or "repository"
    # GitHub Enterprise is elsewhere, and apps have other pages.
    if headers.get("x-github-enterprise-host") or not isinstance(payload, dict):
        return None
    match payload, kind:
        case {"repository": {"full_name": str(name)}}, "repository":
            page = name if _REPOSITORY.fullmatch(name) else None
        case {"organization": {"login": str(name)}}, "organization":
            page = f"organizations/{name}" if _OWNER.fullmatch(name) else None
        case _:
            page = None
    return f"https://github.com/{page}/settings/hooks" if page else None


def _listed(titles: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(titles[:-1]), titles[-1]]))


def _after(state: TunnelState) -> str:
    return "" if state.offline_s is None else f" after {human_duration(state.offline_s)}"


def format_end(total: Total, public_url: str | None, at: datetime, screen: Screen) -> list[str]:
    """Say what was received in all, and who will go on sending to a URL that ends now."""
    lines = screen.wrap([*starred(at, screen), *_counted(total)])
    titles = [_PROVIDERS[name].title for name in total.providers if name in _PROVIDERS]
    if public_url and titles:
        verb = "send" if len(titles) > 1 else "sends"
        host = urlsplit(public_url).netloc
        lines += screen.wrap([("", f"{INDENT}{_listed(titles)} still {verb} to {host}")])
    return lines


def _counted(total: Total) -> Line:
    if not total.deliveries:
        return [("", " Stopped. No deliveries")]
    one = total.deliveries == 1
    spans: Line = [
        ("", f" Stopped. {total.deliveries:,} {'delivery' if one else 'deliveries'}, "),
        ("cyan", f"#{total.first}" if one else f"#{total.first}-#{total.last}"),
    ]
    if total.bad:
        spans += [("", f": {total.bad:,}"), ("", " "), ("bad", "[BAD]")]
    if total.failed:
        spans.append(("", f"{',' if total.bad else ':'} {total.failed:,} failed"))
    return spans
