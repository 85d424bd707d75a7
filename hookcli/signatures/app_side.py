"""Why an app refuses a delivery whose signature is right, and how that is mended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hookcli.delivery import Attempt, Headers, Verdict

_REFUSALS = {400, 401, 403}
_LABEL = re.compile(r"the secret '([^']+)'")
_RAW = {
    "werkzeug": "Flask: request.get_data(), not request.json",
    "wsgiserver": "Django: request.body, not request.POST; and @csrf_exempt",
    "uvicorn": "FastAPI, Starlette: await request.body(), not request.json()",
    "express": "Express: express.raw({type: '*/*'}) for this path, not express.json()",
}
"""How to get the raw body, by what an app calls itself in its answers."""
_ANY = (
    "check the raw body: request.get_data() in Flask, request.body in Django, "
    "await request.body() in FastAPI, express.raw() in Express"
)


class Fault(NamedTuple):
    """What is wrong with an app."""

    said: str
    todo: str


def app_fault(signature: Verdict, attempt: Attempt) -> Fault | None:
    """Return what is wrong where an app refused a delivery with this verdict; None: nothing is."""
    refused = attempt.endpoint and not attempt.error and attempt.status in _REFUSALS
    if not refused or signature.code != "valid":
        return None
    label = _LABEL.search(signature.message)
    said = (
        f"The signature is right with the secret hookcli has{f' ({label[1]})' if label else ''}: "
        "your app has another secret, or checks a body it has re-encoded"
    )
    return Fault(said, _todo(attempt.headers))


def _todo(headers: Headers) -> str:
    named = f"{headers.get('server')} {headers.get('x-powered-by')}".lower()
    return next((todo for name, todo in _RAW.items() if name in named), _ANY)
