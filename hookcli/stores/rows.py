"""How deliveries and attempts stand in the rows of the SQLite store."""

from __future__ import annotations

from binascii import a2b_base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from hookcli.delivery import Attempt, Changed, Delivery, Headers, Verdict
from hookcli.records import changed_record, dump

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from sqlite3 import Connection

Row = tuple[Any, ...]

TOGETHER = 16
"""Rows in one statement; of each number up to that, SQLite keeps a prepared one."""

_EPOCH = datetime.fromtimestamp(0, UTC)
_MICROSECOND = timedelta(microseconds=1)

_DELIVERY = (
    "received_at, method, path, query, http_version, remote, provider, event, action,"
    " delivery_id, signature_code, signature_message, size, headers, handshake, repeats"
)
_ANSWER = "answer_at, answer_ms, answer_status, answer_headers, answer_body"
_ATTEMPT = (
    "delivery, kind, endpoint, started_at, duration_ms, status, headers, body,"
    " body_truncated, error, request"
)


INSERT_DELIVERIES = f"INSERT INTO deliveries ({_DELIVERY}, {_ANSWER}, body, origin) VALUES "  # noqa: S608 - our own names
INSERT_ATTEMPTS = f"INSERT INTO attempts ({_ATTEMPT}) VALUES "  # noqa: S608 - our own names
SELECT_DELIVERY = f"SELECT id, {_DELIVERY}, {_ANSWER}, body, origin FROM deliveries"  # noqa: S608 - our own names
SELECT_ATTEMPT = f"SELECT 2 * id, {_ATTEMPT} FROM attempts"  # noqa: S608 - our own names
SELECT_ANSWER = f"SELECT id, {_ANSWER} FROM deliveries"  # noqa: S608 - our own names
SELECT_NAMED = """
    SELECT provider, delivery_id, coalesce(repeats, id) FROM deliveries
    WHERE id > (SELECT max(id) FROM deliveries) - ? AND delivery_id IS NOT NULL ORDER BY id"""
"""The newest so many: how their providers call them, and which they are, or repeat."""
SELECT_BODILESS = SELECT_DELIVERY.replace(" body,", " x'',")

BODY, ORIGIN = -2, -1
"""Where, in a row of SELECT_DELIVERY, stand the body and the opening that appended it."""
_ANSWERED = slice(-7, -2)
"""Where, in such a row, stands the answer."""
_UNANSWERED = (None,) * 5


def delivery_row(delivery: Delivery, origin: int, answer: Attempt | None = None) -> Row:
    """Return the values of INSERT_DELIVERIES; `origin` numbers the opening of the store.

    An answer that is known at once stands in the row: one insert costs half of two.
    """
    return (
        microseconds(delivery.received_at),
        delivery.method,
        delivery.path,
        delivery.query,
        delivery.http_version,
        delivery.remote,
        delivery.provider,
        delivery.event,
        delivery.action,
        delivery.delivery_id,
        delivery.signature.code,
        delivery.signature.message,
        delivery.size,
        _headers_text(delivery.headers),
        delivery.handshake,
        delivery.repeats,
        *(_UNANSWERED if answer is None else _answer_values(answer)),
        delivery.body,
        origin,
    )


def _answer_values(answer: Attempt) -> Row:
    return (
        microseconds(answer.started_at),
        answer.duration_ms,
        answer.status,
        _headers_text(answer.headers),
        answer.body,
    )


def insert(db: Connection, into: str, rows: Sequence[Row]) -> int:
    """Insert rows into a table with AUTOINCREMENT; return the first number.

    More than `TOGETHER` need a transaction around. A statement for many rows: each one that runs
    lets go of the interpreter, and has to wait for it again.
    """
    last = 0
    for start in range(0, len(rows), TOGETHER):
        some = rows[start : start + TOGETHER]
        places = f"({', '.join('?' * len(some[0]))})"
        sql = into + ", ".join([places] * len(some))
        last = db.execute(sql, [value for row in some for value in row]).lastrowid or 0
    return last - len(rows) + 1


def delivery_of(row: Row) -> Delivery:
    """Return the delivery in a row of SELECT_DELIVERY or SELECT_BODILESS."""
    return Delivery(
        id=row[0],
        received_at=_moment(row[1]),
        method=row[2],
        path=row[3],
        query=row[4],
        http_version=row[5],
        remote=row[6],
        provider=row[7],
        event=row[8],
        action=row[9],
        delivery_id=row[10],
        signature=Verdict(row[11], row[12]),
        size=row[13],
        headers=_headers_of(row[14]),
        handshake=row[15],
        repeats=row[16],
        body=row[BODY],
    )


def named_in(row: Row) -> tuple[str | None, str | None, int]:
    """Return how SELECT_NAMED has a row of SELECT_DELIVERY, or with None for the id."""
    return row[7], row[10], row[16] or row[0]


def answer_in(row: Row) -> Attempt | None:
    """Return the answer that stands in a row of SELECT_DELIVERY, if there is one."""
    return answer_of((row[0], *row[_ANSWERED]))


def answer_of(row: Row) -> Attempt | None:
    """Return the answer in a row of SELECT_ANSWER, if there is one."""
    number, started_at, duration_ms, status, headers, body = row
    if status is None:
        return None
    return Attempt(
        kind="answer",
        # Odd, where those of the other attempts are even.
        id=2 * number - 1,
        delivery=number,
        started_at=_moment(started_at),
        duration_ms=duration_ms,
        status=status,
        headers=_headers_of(headers),
        body=body,
    )


def attempt_row(attempt: Attempt) -> Row:
    """Return the values of INSERT_ATTEMPTS."""
    return (
        attempt.delivery,
        attempt.kind,
        attempt.endpoint,
        microseconds(attempt.started_at),
        attempt.duration_ms,
        attempt.status,
        _headers_text(attempt.headers),
        attempt.body,
        attempt.body_truncated,
        attempt.error,
        attempt.request and dump(changed_record(attempt.request)),
    )


def attempt_of(row: Row) -> Attempt:
    """Return the attempt in a row of SELECT_ATTEMPT."""
    return Attempt(
        id=row[0],
        delivery=row[1],
        kind=row[2],
        endpoint=row[3],
        started_at=_moment(row[4]),
        duration_ms=row[5],
        status=row[6],
        headers=_headers_of(row[7]),
        body=row[8],
        body_truncated=bool(row[9]),
        error=row[10],
        request=row[11] and _changed_of(row[11]),
    )


def _changed_of(text: bytes) -> Changed:
    record = orjson.loads(text)
    body, base64 = record["body"], record["body_base64"]
    return Changed(
        method=record["method"],
        path=record["path"],
        headers=_headers_from(record["headers"]),
        body=base64 and a2b_base64(base64) if body is None else body.encode(),
    )


def microseconds(moment: datetime) -> int:
    """Return a time as the columns have it: microseconds since 1970, in UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _headers_text(headers: Headers) -> str:
    return orjson.dumps(headers.pairs).decode()


def _headers_of(text: str) -> Headers:
    return _headers_from(orjson.loads(text))


def _headers_from(pairs: Iterable[tuple[str, str]]) -> Headers:
    return Headers([(name, value) for name, value in pairs])
