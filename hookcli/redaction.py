"""Masks what nobody else should see of a delivery: by names, and by how values look."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from string import ascii_lowercase, digits
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, unquote_plus

from hookcli.delivery import Headers
from hookcli.payload import FORM, content_type, decoded, json_text

if TYPE_CHECKING:
    from hookcli.delivery import Attempt, Delivery

_NAMES = re.compile(
    r"authorization|cookie|token|secret|signature|passw|passphrase|credential|session[-_]?id"
    r"|(api|access|private|signing|auth|encryption)[-_]?key|hmac|csrf|xsrf|jwt|client[-_]?state"
    r"|^(auth|otp|pwd|sid|pin|x-trello-webhook)$",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"(type|url|uri|href|count|version|algorithm|method|status|name|scopes?|[-_]at|expires?([-_]in)?"
    r"|expiry|expiration|timestamp)$",
    re.IGNORECASE,
)
"""How names end of what is about a secret, and is none: `token_type`, `secrets_url`."""
_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<=://)[^\s/?#@\"'<>:]{1,256}:[^\s/?#@\"'<>]{1,256}(?=@)"
    r"|(?<![\w.+-])(?P<email>[\w.%+'-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})\b"
    r"|(?<=hooks\.slack\.com/)[\w/-]{16,}|(?<=/api/webhooks/)\d+/[\w-]{16,}"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"
    r"|(?:(?<=Bearer )|(?<=Basic ))[\w.~+/-]{16,}=*"
    r"|\b(?:[sr]k_(?:live|test)_|whsec_|gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|xapp-|npm_|pypi-"
    r"|SG\.|shp(?:at|ca|pa|ss)_|dop_v1_|hf_|AKIA|ASIA|AIza)[\w.-]{8,}",
    re.DOTALL | re.ASCII,
)
_FIELDS = re.compile(
    r"""\bname="(?P<part>[^"\r\n]{1,64})"\r?\n\r?\n(?P<content>[^\r\n]+)"""
    r"""|(?<![\w.-])(?P<name>[\w.-]{1,64})["']?\s{0,9}[:=]\s{0,9}["']?(?P<value>[^\s"'&,;<>]{1,4096})"""
    r"""|<(?P<tag>[\w.:-]{1,64})[^<>]{0,256}>(?P<inner>[^<>]+)(?=</)""",
    re.ASCII,
)
"""Fields of text that is neither JSON nor a form, of XML, and of forms in parts."""
_PARAMETERS = re.compile(r"(?<=[?&])([\w.%-]{1,64})=([^\s&#\"'<>]+)")
"""Those of URLs, wherever they stand."""
_TOKENS = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")([ \t\r\n]*:)?|[\[\]{}]|-?[0-9][0-9.eE+-]*')
_STRUCTURED = re.compile("authorization|signature|hmac", re.IGNORECASE)
_PIECES = re.compile("[^,; ]+")
_KEPT = re.compile("v[0-9]{1,2}|Bearer|Basic|Token|Digest|HMAC", re.IGNORECASE)
_LABELLED = re.compile(r"([A-Za-z][\w-]{0,19}=)([^=].*)", re.ASCII)
_OTHER = re.compile(r"[^0x._~:/+= -]", re.ASCII)
_TIME = re.compile("[0-9]{10}|[0-9]{13}")


class Redactor:
    """Masks deliveries: equal values get equal masks, and different ones different masks.

    A mask says nothing of its value but what it is and, about, how long.
    """

    def __init__(self) -> None:
        self._masks: dict[str, str] = {}
        self._emails: dict[str, str] = {}

    def delivery(self, delivery: Delivery) -> Delivery:
        """Return a delivery, which holds all of its body, with nothing secret in it.

        JSON and forms stay valid; compressed bodies become plain. A body that is compressed in a
        way that cannot be undone is left out.
        """
        headers, body = self._message(delivery.headers, delivery.body)
        return replace(
            delivery,
            path=self._shapes(delivery.path),
            query=self._form(delivery.query),
            headers=headers,
            body=body,
            size=-1,
        )

    def attempt(self, attempt: Attempt) -> Attempt:
        """Return an attempt with nothing secret in its answer, or in what was sent."""
        headers, body = self._message(attempt.headers, attempt.body)
        request = attempt.request
        if request is not None:
            sent, sent_body = self._message(request.headers, request.body or b"")
            kept = None if request.body is None else sent_body
            request = replace(request, path=self._url(request.path), headers=sent, body=kept)
        endpoint = attempt.endpoint and self._url(attempt.endpoint)
        return replace(attempt, headers=headers, body=body, request=request, endpoint=endpoint)

    def _message(self, headers: Headers, body: bytes) -> tuple[Headers, bytes]:
        masked = self._body(headers, body)
        pairs: list[tuple[str, str]] = []
        for name, value in headers:
            lower = name.lower()
            if lower == "content-encoding" and body:
                continue
            if lower == "content-length" and value == str(len(body)):
                pairs.append((name, str(len(masked))))
            else:
                pairs.append((name, self._value(name, value)))
        return Headers(pairs), masked

    def _body(self, headers: Headers, body: bytes) -> bytes:
        text = decoded(headers, body)
        if text is None:
            return b""
        if json_text(headers, body) is not None:
            return self._json(text.decode()).encode()
        plain = text.decode("latin-1")
        if content_type(headers) == FORM:
            return self._form(plain).encode("latin-1")
        return self._shapes(_FIELDS.sub(self._plain, plain)).encode("latin-1")

    def _json(self, text: str) -> str:
        """Mask in the text of JSON: all else of it stays as it was written."""
        names: list[str] = []
        name = ""

        def mask(token: re.Match[str]) -> str:
            nonlocal name
            written = token[0]
            if token[2] is not None:
                name = json.loads(token[1])
            elif written in "[{":
                names.append(name)
                name = name if written == "[" else ""
            elif written in "]}":
                name = names.pop()
            elif not token[1]:
                return "0" if _is_secret(name) else written
            else:
                value = json.loads(written)
                masked = self._value(name, value)
                return written if masked == value else json.dumps(masked)
            return written

        return _TOKENS.sub(mask, text)

    def _url(self, url: str) -> str:
        path, mark, query = url.partition("?")
        return f"{self._shapes(path)}{mark}{self._form(query)}"

    def _form(self, text: str) -> str:
        """Mask in the fields of a form, or of a query."""
        return "&".join(self._field(field) for field in text.split("&"))

    def _field(self, field: str) -> str:
        name, equals, value = field.partition("=")
        plain = unquote_plus(value)
        masked = self._value(unquote_plus(name), plain)
        return field if masked == plain else f"{name}{equals}{quote_plus(masked)}"

    def _plain(self, found: re.Match[str]) -> str:
        name, value = next(
            (found[name], found[value])
            for name, value in (("name", "value"), ("tag", "inner"), ("part", "content"))
            if found[name]
        )
        if not _is_secret(name):
            return found[0]
        return found[0].removesuffix(value) + self._value(name, value)

    def _value(self, name: str, value: str) -> str:
        """Mask the value of a field: all of a secret but its form, like `sha256=`."""
        if not _is_secret(name):
            return self._json(value) if _is_json(value) else self._shapes(value)
        if not value:
            return value
        if "cookie" in name.lower() and "=" in value:
            return re.sub(r"(?<==)[^;]+", lambda found: self._mask(found[0]), value)
        if _STRUCTURED.search(name):
            return _PIECES.sub(self._piece, value)
        return self._mask(value)

    def _piece(self, found: re.Match[str]) -> str:
        piece = found[0]
        if _KEPT.fullmatch(piece) and piece != found.string:
            return piece
        if labelled := _LABELLED.fullmatch(piece):
            label, rest = labelled.groups()
            return piece if _TIME.fullmatch(rest) else label + self._mask(rest)
        return self._mask(piece)

    def _shapes(self, text: str) -> str:
        return _PARAMETERS.sub(self._parameter, _SHAPES.sub(self._masked, text))

    def _parameter(self, found: re.Match[str]) -> str:
        name, value = found.groups()
        return f"{name}={self._mask(value)}" if _is_secret(unquote_plus(name)) else found[0]

    def _masked(self, found: re.Match[str]) -> str:
        if found["email"]:
            email = found["email"].lower()
            return self._emails.setdefault(email, f"user{len(self._emails) + 1}@example.com")
        return self._mask(found[0])

    def _mask(self, value: str) -> str:
        """Return as many characters of the same kinds, the number of the mask at their end."""
        if value not in self._masks:
            self._masks[value] = _like(value, len(self._masks) + 1)
        return self._masks[value]


def _like(value: str, number: int) -> str:
    """Return a mask of a value: its length and punctuation, and then a number."""
    kept = str.maketrans({**dict.fromkeys(digits, "0"), **dict.fromkeys(ascii_lowercase, "x")})
    end = value[len(value.rstrip("=")) :]
    like = _OTHER.sub("X", value.removesuffix(end).translate(kept))
    room = max(len(like) - len(str(number)), 0)
    return f"{like[:room]}{number}{end}"


def changed(before: Delivery, after: Delivery) -> bool:
    """Return whether anything was masked."""
    return (before.target, before.headers, before.body) != (
        after.target,
        after.headers,
        after.body,
    )


def _is_secret(name: str) -> bool:
    return _NAMES.search(name) is not None and _HARMLESS.search(name) is None


def _is_json(text: str) -> bool:
    """Return whether a text is JSON with members."""
    return (
        text.lstrip()[:1] in {"{", "["}
        and json_text(Headers(), text.encode("utf-8", "surrogatepass")) is not None
    )
