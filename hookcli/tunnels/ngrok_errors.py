"""What ngrok's refusals mean, and what to do about each."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookcli.banner import TOKEN_PAGE
from hookcli.errors import HookError
from hookcli.text import escape
from hookcli.tunnels.ngrok_binary import DOWNLOAD_PAGE

if TYPE_CHECKING:
    from hookcli.tunnels.ngrok_config import Token

AGENTS_PAGE = "https://dashboard.ngrok.com/agents"
DOMAINS_PAGE = "https://dashboard.ngrok.com/domains"
USAGE_PAGE = "https://dashboard.ngrok.com/usage"

COPY_ANEW = f"Copy the token anew from {TOKEN_PAGE}"
FREE_DOMAIN = f"Leave --domain out: the free domain of your account is stable too, {DOMAINS_PAGE}"
SIGN_UP = (
    f"Copy your token (the account is free) from {TOKEN_PAGE} "
    "then run: NGROK_AUTHTOKEN=TOKEN hookcli listen"
)
QUOTA = f"It ends with the month: {USAGE_PAGE}. Until then: --tunnel none, or --public-url"
OLD_AGENT = f"Update it: {{path}} update, or install it anew from {DOWNLOAD_PAGE}"
OTHER_AGENT = (
    "Another hookcli? hookcli status shows it, and hookcli follow what it receives. "
    f"Another agent? End it at {AGENTS_PAGE}"
)

ERRORS = {
    105: ("ngrok rejects the authtoken {token}: it does not look like one", COPY_ANEW),
    106: ("ngrok rejects the authtoken {token}: it is of ngrok 1.x", COPY_ANEW),
    107: ("ngrok rejects the authtoken {token}: it was reset or revoked", COPY_ANEW),
    108: (
        "Your ngrok account runs as many agents as it may",
        OTHER_AGENT,
    ),
    120: ("The ngrok agent {version} is too old for ngrok", OLD_AGENT),
    121: ("The ngrok agent {version} is too old for your account", OLD_AGENT),
    123: (
        "Your ngrok account's e-mail address is not verified",
        "Verify it: https://dashboard.ngrok.com/user/settings",
    ),
    313: ("Custom subdomains need a paid ngrok plan", FREE_DOMAIN),
    314: ("The domain {domain} needs a paid ngrok plan", FREE_DOMAIN),
    319: ("The domain {domain} is not reserved on your ngrok account", FREE_DOMAIN),
    320: ("The domain {domain} is reserved by another ngrok account", FREE_DOMAIN),
    324: (
        "Your ngrok account has as many endpoints online as it may",
        f"End one of them: {AGENTS_PAGE}",
    ),
    334: (
        "{url} is already online, from another agent",
        OTHER_AGENT,
    ),
    725: ("The monthly traffic of your ngrok plan is used up", QUOTA),
    726: ("The monthly requests of your ngrok plan are used up", QUOTA),
    727: ("The monthly requests of your ngrok plan are used up", QUOTA),
    734: ("More requests a minute than your ngrok plan allows", "Wait a minute"),
    3200: ("ngrok does not know the endpoint: it is offline", "Start hookcli again"),
    4018: (
        "ngrok wants a verified account and its authtoken",
        SIGN_UP,
    ),
    6030: (
        "The public URL is shared by a pool, which hookcli does not join",
        f"hookcli follow shows what another hookcli receives. End the other agents: {AGENTS_PAGE}",
    ),
    8012: ("The ngrok agent cannot reach hookcli", "Start hookcli again"),
    9037: ("ngrok cannot use the domain {domain}", FREE_DOMAIN),
    9038: ("ngrok cannot use the domain {domain}", FREE_DOMAIN),
    9040: (
        "ngrok does not accept connections from your IP address",
        "Try another network, or another way in: --public-url",
    ),
}
"""By ERR_NGROK number: what happened, and what to do."""

NETWORK = re.compile(
    r"(?i)\bdial\b|refused|no such host|time-?out|timed out|unreachable|\bEOF\b|reset by peer"
    r"|broken pipe|session closed|x509|not yet been established|network"
)
"""What agents say where there is no way to ngrok, or none now."""


class NoContactError(HookError):
    """ngrok cannot be reached now; it may be later."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the messages speak of."""

    token: Token | None
    version: str
    path: str
    domain: str | None


def code_of(text: str) -> int | None:
    """Return the ERR_NGROK number in what the agent said."""
    match = re.search(r"ERR_NGROK_(\d+)", text)
    return int(match[1]) if match else None


def explain(text: str, facts: Facts) -> HookError:
    """Return the error for a person from what the agent said."""
    number = code_of(text)
    said = plain(text, facts.token)
    if number in ERRORS:
        token, named = facts.token, re.search(r"'(https?://[^'\s]+)'", said)
        what, to_do = (
            part.format(
                token=f"{token.masked} from {token.source}" if token else "",
                version=facts.version,
                path=facts.path,
                domain=facts.domain or "",
                url=named[1] if named else "The public URL",
            )
            for part in ERRORS[number]
        )
        return HookError(f"{what} (ERR_NGROK_{number})", to_do)
    if number is not None:
        page = f"https://ngrok.com/docs/errors/err_ngrok_{number}"
        return HookError(f"ngrok refuses: {said}", f"What it means: {page}")
    if "x509" in text:
        return NoContactError(
            f"The ngrok agent does not trust the certificate it meets: {said}",
            "Is there a proxy that inspects TLS? Set root_cas: host in the ngrok configuration",
        )
    if NETWORK.search(text):
        return NoContactError(
            f"No contact with ngrok: {said}",
            "Is there a network? Behind a proxy set proxy_url in the ngrok configuration. "
            "Without ngrok: --tunnel none",
        )
    return HookError(f"The ngrok agent failed: {said}", "Without ngrok: --tunnel none")


def plain(text: str, token: Token | None) -> str:
    """Return the gist of what the agent said, on one harmless line, without the token."""
    try:
        text = json.loads(text[text.index("{") :])["details"]["err"]
    except (ValueError, KeyError, TypeError):
        # Not an answer of the agent's API: the words themselves.
        text = text.removeprefix("The ngrok process errored on start: ")
    # What comes from the log still has its escapes.
    text = text.replace("\\r", "\r").replace("\\n", "\n").removeprefix("authentication failed: ")
    if token:
        text = text.replace(token.value, token.masked)
    text = re.sub(r"(?i)(your authtoken: )\S+", r"\1…", text)
    text = re.sub(r"\s*ERR_NGROK_\d+\s*\.?", "", text)
    words = escape(" ".join(text.split()))
    return words if len(words) <= 300 else words[:299] + "…"
