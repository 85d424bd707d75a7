"""Find deliveries in the SQLite store, by its indexes rather than by reading all of it."""

from __future__ import annotations

import json
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from hookcli.stores.rows import SELECT_BODILESS, microseconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from hookcli.stores import Query
    from hookcli.stores.rows import Row

    Values = dict[str, Any]

_LAST = (1 << 63) - 1

_RUNS = """
    WITH RECURSIVE runs (run) AS (
        SELECT min(id) >> 8 FROM deliveries
        UNION ALL
        SELECT run + 1 FROM runs WHERE run < (SELECT max(id) >> 8 FROM deliveries)
    )"""
"""The runs of 256 deliveries by which those are indexed that come in no order."""

_SOME = """EXISTS (
    SELECT 1 FROM deliveries INDEXED BY deliveries_by_kind WHERE id >> 8 = run AND received_at"""
_FIRST = f"{_RUNS} SELECT min(run) << 8 FROM runs WHERE {_SOME} >= :since)"  # noqa: S608 - our own names
_FINAL = f"{_RUNS} SELECT (max(run) << 8) + 255 FROM runs WHERE {_SOME} < :until)"  # noqa: S608 - our own names
"""Numbers before and behind which nothing is of that time, though clocks may have been set."""

_NAMED = f"""id IN (
    {_RUNS}
    SELECT named.id FROM runs CROSS JOIN deliveries AS named
    ON named.id >> 8 = run AND named.delivery_id BETWEEN :name AND :last_name
)"""  # noqa: S608 - our own names

_FAILED = """id IN (
    SELECT id FROM (
        SELECT id FROM deliveries
        WHERE (signature_code NOT IN ('valid', 'unsigned', 'unchecked') OR answer_status >= 400)
        AND id BETWEEN :first AND :last {end}
    )
    UNION ALL
    SELECT delivery FROM (
        SELECT DISTINCT delivery FROM attempts
        WHERE (status IS NULL OR status >= 400 OR error IS NOT NULL)
        AND delivery BETWEEN :first AND :last {end}
    )
)"""

_UP = """
    SELECT max(:first, (SELECT min(id) FROM deliveries)) >> 8
    UNION ALL
    SELECT run + 1 FROM runs WHERE run < min(:last, (SELECT max(id) FROM deliveries)) >> 8"""
_DOWN = """
    SELECT min(:last, (SELECT max(id) FROM deliveries)) >> 8
    UNION ALL
    SELECT run - 1 FROM runs WHERE run > max(:first, (SELECT min(id) FROM deliveries)) >> 8"""
_OF_KIND = """
    WITH RECURSIVE runs (run) AS ({runs})
    SELECT run, id FROM runs CROSS JOIN deliveries INDEXED BY deliveries_by_kind
    ON id >> 8 = run WHERE {terms}"""


def find(db: Connection, query: Query) -> list[Row]:
    """Return the rows, as of SELECT_BODILESS, of the deliveries asked for.

    In the order in which `limit` counts them: newest first, or `oldest` first.
    """
    values = _values(query)
    if not _narrowed(db, query, values):
        return []
    terms = _terms(query)
    if query.provider is not None or query.events:
        values["ids"] = json.dumps(_of_kind(db, query, terms, values))
        terms = ["id IN (SELECT value FROM json_each(:ids))"]
    order = _order(query)
    sql = f"{SELECT_BODILESS} WHERE {' AND '.join(terms)} ORDER BY id {order} LIMIT :limit"
    return db.execute(sql, values).fetchall()


def _values(query: Query) -> Values:
    return {
        "limit": -1 if query.limit is None else query.limit,
        "first": query.after + 1,
        "last": _LAST if query.before is None else query.before - 1,
        "provider": query.provider,
        "name": query.delivery_id,
        "last_name": f"{query.delivery_id}\U0010ffff",
        "since": query.since and microseconds(query.since),
        "until": query.until and microseconds(query.until),
        **{f"glob{n}": glob.replace("[!", "[^") for n, glob in enumerate(query.events)},
    }


def _narrowed(db: Connection, query: Query, values: Values) -> bool:
    """Bring `first` and `last` closer, by the times; return whether anything is left."""
    for moment, sql, key, nearer in (
        (query.since, _FIRST, "first", max),
        (query.until, _FINAL, "last", min),
    ):
        if moment is not None:
            (found,) = db.execute(sql, values).fetchone()
            if found is None:
                return False
            values[key] = nearer(values[key], found)
    return True


def _terms(query: Query) -> list[str]:
    """Return what must hold for a delivery."""
    terms = ["id BETWEEN :first AND :last"]
    if query.provider is not None:
        terms.append("provider = :provider")
    if query.events:
        fits = "event GLOB :glob{0} OR event || '.' || action GLOB :glob{0}"
        terms.append(f"({' OR '.join(fits.format(n) for n in range(len(query.events)))})")
    if query.delivery_id is not None:
        terms.append(_NAMED)
    if query.since is not None:
        terms.append("received_at >= :since")
    if query.until is not None:
        terms.append("received_at < :until")
    if query.failed:
        # Where nothing else has to hold, no more of them are needed than are wanted at all.
        end = "" if len(terms) > 1 else f"ORDER BY 1 {_order(query)} LIMIT :limit"
        terms.append(_FAILED.format(end=end))
    return terms


def _order(query: Query) -> str:
    return "ASC" if query.oldest else "DESC"


def _of_kind(db: Connection, query: Query, terms: Sequence[str], values: Values) -> list[int]:
    """Return the numbers of those asked for, from the index by provider, event and action.

    In a run of it they are not in the order of their numbers, so it is read a run at a time.
    """
    sql = _OF_KIND.format(runs=_UP if query.oldest else _DOWN, terms=" AND ".join(terms))
    found: list[int] = []
    with closing(db.execute(sql, values)) as rows:
        for _, run in groupby(rows, key=itemgetter(0)):
            found += sorted((number for _, number in run), reverse=not query.oldest)
            if query.limit is not None and len(found) >= query.limit:
                return found[: query.limit]
    return found
