"""A batch of the platform's rows in a table of the transaction's own, and what each of them is to us."""

from typing import Any, LiteralString

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.property.sync.rows import CLASH, COLUMNS, Kind, Parsed, Rejection

#: Our entries' columns in sync_rows and their tables, by kind.
ENTRY: dict[Kind, LiteralString] = {
    "companies": "company_id",
    "projects": "project_id",
    "compounds": "compound_id",
    "contracts": "contract_id",
}
_COPY: LiteralString = "COPY incoming ({columns}) FROM STDIN"
#: outcome: stale or unchanged, why a row is refused, null while it goes on; entry: ours; held: found by the key;
#: place and company: what a row refers to; last: what the platform said before; touched: ours was changed.
_STAGE = text(
    "CREATE TEMPORARY TABLE incoming (line int, key text PRIMARY KEY, version bigint, deleted bool, hash text,"
    " fields jsonb, street text, id uuid, name text, name_key text, name_like text, found_by text[], uscc text,"
    " community text, outcome text, entry uuid, held bool DEFAULT false, made bool DEFAULT false,"
    " place uuid, company uuid, last jsonb DEFAULT '{}', replaced jsonb DEFAULT '{}', touched bool DEFAULT false,"
    " registered bool DEFAULT false, gone bool DEFAULT false) ON COMMIT DROP"
)
_COMPARE = (
    "UPDATE incoming i SET held = true, entry = h.{entry}, made = h.made, last = h.fields, outcome = CASE"
    " WHEN i.version < h.source_version THEN 'stale'"
    " WHEN i.version = h.source_version AND i.hash = h.hash THEN 'unchanged'"
    " WHEN i.version = h.source_version THEN :clash END"
    " FROM sync_rows h WHERE h.kind = :kind AND h.key = i.key"
)
#: Of two rows that are one entry of ours the first stands.
_ONE_EACH = (
    "UPDATE incoming i SET outcome = '与平台编号 ' || h.key || ' 是同一登记，请核对。' FROM sync_rows h"
    " WHERE h.{entry} = i.entry AND h.key <> i.key AND i.outcome IS NULL AND i.last = '{{}}'"
)
_ONE_OF_BATCH = (
    "UPDATE incoming i SET outcome = '与第 ' || o.first || ' 行是同一登记，请核对。' FROM ("
    "SELECT key, min(line) OVER (PARTITION BY {same}) AS first FROM incoming"
    " WHERE outcome IS NULL AND NOT deleted AND num_nulls({same}) = 0) o"
    " WHERE o.key = i.key AND o.first < i.line AND i.last = '{{}}'"
)
_KEEP = (
    "INSERT INTO sync_rows AS h (kind, key, source_version, deleted, fields, hash, street, made, {entry}, left_id,"
    " replaced, stated_at)"
    " SELECT :kind, key, version, deleted, fields, hash, street, made, CASE WHEN NOT deleted THEN entry END,"
    " CASE WHEN deleted THEN entry END, replaced, :now FROM incoming WHERE outcome IS NULL"
    " ON CONFLICT (kind, key) DO UPDATE SET source_version = excluded.source_version, deleted = excluded.deleted,"
    " fields = excluded.fields, hash = excluded.hash, street = excluded.street, made = excluded.made,"
    " {entry} = excluded.{entry}, left_id = coalesce(excluded.left_id, CASE WHEN excluded.deleted THEN h.left_id END),"
    " replaced = h.replaced || excluded.replaced, stated_at = excluded.stated_at"
)
_TALLY = text("SELECT outcome, count(*) FROM incoming GROUP BY 1")
_REFUSED = text(
    "SELECT line, key, outcome FROM incoming WHERE outcome NOT IN ('stale', 'unchanged') ORDER BY line"
)


async def stage(session: AsyncSession, kind: Kind, parsed: Parsed) -> None:
    """Copy a batch, and find out which of its rows are older than ours, repeated, or at odds with what was said."""
    await session.execute(_STAGE)
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection
    async with driver.cursor() as cursor, cursor.copy(_COPY.format(columns=", ".join(COLUMNS))) as copy:
        await copy.write(parsed.copied())
    await session.execute(
        text(
            "ANALYZE incoming (line, key, version, deleted, street, name_key, uscc, community, outcome, entry)"
        )
    )
    await run(session, _COMPARE, kind, clash=CLASH)


async def run(session: AsyncSession, statement: str, kind: Kind, **values: Any) -> None:
    """A statement over the batch; `{entry}` in it is the column of our entry."""
    filled = text(statement.format(entry=ENTRY[kind]))
    wanted = {name: value for name, value in ({"kind": kind} | values).items() if f":{name}" in statement}
    await session.execute(filled, wanted)


async def refuse_twins(session: AsyncSession, kind: Kind, *same: str) -> None:
    """Refuse rows that are an entry which another key of the platform's is; same: in what two of the batch are one."""
    await run(session, _ONE_EACH, kind)
    for columns in ("entry", *same):
        await session.execute(text(_ONE_OF_BATCH.format(same=columns)))


async def keep(session: AsyncSession, kind: Kind, now: Any) -> None:
    """Keep what the platform has stated, as the newest word of each key."""
    await run(session, _KEEP, kind, now=now)


async def outcomes(session: AsyncSession) -> tuple[dict[str | None, int], list[Rejection]]:
    """How many rows came to what, None for those that were taken; and the refused ones."""
    found: dict[str | None, int] = dict((await session.execute(_TALLY)).all())
    if not found.keys() - {None, "stale", "unchanged"}:
        return found, []
    return found, [Rejection(*row) for row in await session.execute(_REFUSED)]
