"""What a transaction leaves behind beside its rows: events, audit entries and jobs, committed with it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

#: Both in one round trip. The details are kept as written: jsonb would round 1e16 to an integer.
_WRITE = (
    "WITH told AS ("
    "INSERT INTO events (event_id, type, subject, time, data, client, trace)"
    " SELECT * FROM unnest(%b::uuid[], %s::text[], %s::text[], %b::timestamptz[], %s::jsonb[], %s::text[], %s::text[]))"
    " INSERT INTO audit (at, client, person, person_name, unit, action, subject, request_id, details)"
    " SELECT at, client, person, person_name, unit, action, subject, request_id, details::json FROM unnest("
    "%b::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])"
    " AS given(at, client, person, person_name, unit, action, subject, request_id, details)"
)
_KEEP_ORIGINAL = "INSERT INTO originals (id, at, client, action, subjects, masked, sealed) VALUES (%s, %s, %s, %s, %s, %s, %s)"
_EVENT = ("event_id", "type", "subject", "time", "data", "client", "trace")
_AUDIT = ("at", "client", "person", "person_name", "unit", "action", "subject", "request_id", "details")


@dataclass
class DeferredJob:
    """A job to be put into the queue when the transaction commits."""

    name: str
    arguments: dict[str, Any]
    at: datetime | None = None


@dataclass
class Pending:
    """What the transaction will leave behind; kept in `session.info`. Data and details are JSON texts.

    originals: texts that hold personal data, masked and as they were typed.
    statements: the driver's own, with their values, that go with the commit because nothing waits for their answer;
    by: who acts, as records show it;
    owner_asked: whether it was looked at whose the thing is that the request touches; shown_once: whether the answer
    holds a secret, so that it is kept nowhere.
    """

    events: list[tuple[Any, ...]] = field(default_factory=list)
    audits: list[tuple[Any, ...]] = field(default_factory=list)
    jobs: list[DeferredJob] = field(default_factory=list)
    originals: list[tuple[str, str]] = field(default_factory=list)
    statements: list[tuple[LiteralString, tuple[Any, ...]]] = field(default_factory=list)
    by: str = ""
    owner_asked: bool = False
    shown_once: bool = False


def pending(session: AsyncSession) -> Pending:
    """The transaction's list of what it will leave behind."""
    found: Pending | None = session.info.get("pending")
    if found is None:
        found = session.info["pending"] = Pending()
    return found


def defer(session: AsyncSession, name: str, *, at: datetime | None = None, **arguments: Any) -> None:
    """Put a job into the queue when the transaction commits."""
    pending(session).jobs.append(DeferredJob(name, arguments, at))


def as_json(value: Any) -> str:
    """The one way that JSON is written to be kept."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


async def write_records(session: AsyncSession) -> bool:
    """Write what is pending, and commit; whether there were events or audit entries, which are one statement.

    The statements and the commit go to the server together: nothing is decided between them.
    """
    found = pending(session)
    recorded = bool(found.events or found.audits)
    if not (recorded or found.statements):
        return False
    columns = [*_columns(found.events, len(_EVENT)), *_columns(found.audits, len(_AUDIT))]
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection
    try:
        async with driver.pipeline():
            for statement, values in found.statements:
                await driver.execute(statement, values)
            if recorded:
                await driver.execute(_WRITE, columns)
            await driver.commit()
    except psycopg.Error as error:
        raise DBAPIError.instance(None, None, error, psycopg.Error, hide_parameters=True) from error
    return recorded


def _columns(rows: list[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def seal_originals(session: AsyncSession, new_id: Callable[[], UUID], seal: Callable[[str], bytes]) -> None:
    """Keep the originals with the commit, under all that its audit entries speak of.

    Without an entry nothing was written that they could belong to.
    """
    found = pending(session)
    if not (found.originals and found.audits):
        return
    at, action = (found.audits[0][_AUDIT.index(name)] for name in ("at", "action"))
    subjects = list(dict.fromkeys(entry[_AUDIT.index("subject")] for entry in found.audits))
    for shown, typed in dict.fromkeys(found.originals):
        values = (new_id(), at, found.by, action, subjects, shown, seal(typed))
        found.statements.append((_KEEP_ORIGINAL, values))
