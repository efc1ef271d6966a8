"""What the platform has stated becomes ours, by field as `services.property.plan.owning` says; set by set."""

from typing import Any

from sqlalchemy import text

from kit.context import Context
from services.property.base import Base
from services.property.companies import Company
from services.property.compounds.models import Compound
from services.property.divisions import communities
from services.property.merging import hanging_on
from services.property.sync.models import SyncRow
from services.property.sync.staging import refuse_twins

#: Rows that go on, with an entry of ours or without.
_LIVE = "i.outcome IS NULL AND NOT i.deleted"
_NEW = f"{_LIVE} AND i.entry IS NULL"
_REASON = "智慧物业平台同步"
#: A field of a first writer: taken where ours is none, or still what the platform said before.
_FIRST = "(c.{field} IS NULL OR c.{field} = i.last->>'{field}')"
_RENAMED = (
    "INSERT INTO corrections (id, kind, subject_id, action, former_name, former_key, found_by, former_place, reason,"
    " client, recorded_at) SELECT uuidv7(), '{of}', c.id, 'renamed', c.name, c.name_key, c.found_by, {place},"
    f" '{_REASON}', :client, :now FROM {{table}} c JOIN incoming i ON i.entry = c.id WHERE {{renames}}"
)
_MEANWHILE = f"UPDATE incoming i SET outcome = '刚由他人登记，请重新提交这一行。' WHERE {_NEW}"


async def merge_companies(context: Context) -> None:
    """Companies: by code, else by name; what is new is entered, provisional without a code."""
    session = context.session
    for statement in (
        f"UPDATE incoming i SET entry = c.id FROM companies c WHERE {_NEW} AND c.uscc = i.uscc",
        f"UPDATE incoming i SET entry = c.id FROM companies c WHERE {_NEW} AND c.name_key = i.name_key"
        " AND (c.uscc IS NULL OR i.uscc IS NULL)",
        "UPDATE incoming i SET outcome = '已有同名企业，统一社会信用代码为 ' || c.uscc || '，请核对。'"
        f" FROM companies c WHERE {_NEW} AND c.name_key = i.name_key",
    ):
        await session.execute(text(statement))
    await refuse_twins(session, "companies", "name_key", "uscc")
    renames = (
        f"{_LIVE} AND c.name <> i.name AND c.name = i.last->>'name' AND NOT EXISTS"
        " (SELECT FROM companies o WHERE o.name_key = i.name_key AND o.id <> c.id)"
    )
    codes = (
        f"{_LIVE} AND i.uscc IS NOT NULL AND c.uscc IS DISTINCT FROM i.uscc AND {_FIRST.format(field='uscc')}"
        " AND NOT EXISTS (SELECT FROM companies o WHERE o.uscc = i.uscc)"
    )
    await _rename(context, "company", "companies", "null", renames)
    set_code = f"UPDATE companies c SET uscc = i.uscc FROM incoming i WHERE i.entry = c.id AND {codes} RETURNING i.key"
    await session.execute(text(_touching(set_code)))
    await session.execute(
        text(
            "UPDATE companies c SET version = c.version + 1, changed_at = :now FROM incoming i WHERE i.entry = c.id AND i.touched"
        ),
        {"now": context.now},
    )
    await session.execute(
        text(
            "WITH entered AS (INSERT INTO companies (id, name, name_key, name_like, found_by, uscc, version, entered_at,"
            " changed_at) SELECT id, name, name_key, name_like, found_by, uscc, 1, :now, :now FROM incoming i"
            f" WHERE {_NEW} ON CONFLICT DO NOTHING RETURNING id)"
            " UPDATE incoming i SET entry = i.id, made = true, registered = true FROM entered e WHERE e.id = i.id"
        ),
        {"now": context.now},
    )
    await session.execute(text(_MEANWHILE))
    await _withdraw(context, Company, "uscc = NULL, changed_at = :now,", "company", "null")


async def merge_compounds(context: Context) -> None:
    """Compounds: by community and name; what is new is entered, its community too."""
    session = context.session
    places = await session.execute(text(f"SELECT DISTINCT street, community FROM incoming i WHERE {_LIVE}"))
    known = await communities(context, [(street, name) for street, name in places])
    given = [(street, name, id) for (street, name), id in known.items()]
    streets, names, ids = (list(column) for column in zip(*given, strict=True)) if given else ([], [], [])
    await session.execute(
        text(
            "UPDATE incoming i SET place = g.id FROM unnest(cast(:streets AS text[]), cast(:names AS text[]),"
            " cast(:ids AS uuid[])) AS g (street, name, id) WHERE i.street = g.street AND i.community = g.name"
        ),
        {"streets": streets, "names": names, "ids": ids},
    )
    await session.execute(
        text(
            f"UPDATE incoming i SET entry = c.id FROM compounds c WHERE {_NEW} AND c.community_id = i.place"
            " AND c.name_key = i.name_key"
        )
    )
    await refuse_twins(session, "compounds", "place, name_key")
    renames = (
        f"{_LIVE} AND c.name <> i.name AND c.name = i.last->>'name' AND NOT EXISTS (SELECT FROM compounds o"
        " WHERE o.community_id = c.community_id AND o.name_key = i.name_key AND o.id <> c.id)"
    )
    await _rename(context, "compound", "compounds", "c.community_id", renames)
    await session.execute(
        text(
            "WITH entered AS (INSERT INTO compounds (id, community_id, name, name_key, name_like, found_by, version)"
            f" SELECT id, place, name, name_key, name_like, found_by, 1 FROM incoming i WHERE {_NEW}"
            " ON CONFLICT DO NOTHING RETURNING id)"
            " UPDATE incoming i SET entry = i.id, made = true, registered = true FROM entered e WHERE e.id = i.id"
        )
    )
    await session.execute(text(_MEANWHILE))
    await _withdraw(context, Compound, "", "compound", "c.community_id")


async def merge_projects(context: Context) -> None:
    """Projects: by street and name; what is new is entered, and is people's from then on."""
    session = context.session
    refer = (
        "UPDATE incoming i SET company = h.company_id FROM sync_rows h"
        f" WHERE {_LIVE} AND h.kind = 'companies' AND h.key = i.fields->>'company'"
    )
    refuse = (
        "UPDATE incoming i SET outcome = '/company 平台没有同步过编号为 ' || (i.fields->>'company') ||"
        f" ' 的企业，请先同步。' WHERE {_LIVE} AND i.company IS NULL"
    )
    match = (
        f"UPDATE incoming i SET entry = c.id FROM projects c WHERE {_NEW} AND c.street = i.street"
        " AND c.name_key = i.name_key"
    )
    for statement in (refer, refuse, match):
        await session.execute(text(statement))
    await refuse_twins(session, "projects", "street, name_key")
    begins, ends = (f"cast(i.fields->>'{name}' AS date)" for name in ("begins_on", "ends_on"))
    enter = (
        "WITH entered AS (INSERT INTO projects (id, name, name_key, name_like, kind, street, company_id, begins_on,"
        " ends_on, version, entered_at, changed_at) SELECT id, name, name_key, name_like, fields->>'kind', street,"
        f" company, {begins}, {ends}, 1, :now, :now FROM incoming i WHERE {_NEW} ON CONFLICT DO NOTHING RETURNING id)"
        " UPDATE incoming i SET entry = i.id, made = true, registered = true FROM entered e WHERE e.id = i.id"
    )
    await session.execute(text(enter), {"now": context.now})
    await session.execute(text(_MEANWHILE))


async def merge_contracts(context: Context) -> None:
    """Contracts: by compound, company and day of signing; what is filed stands as it was filed (P-2.2.1b)."""
    session = context.session
    for column, field, kind, noun in (
        ("place", "compound", "compounds", "小区"),
        ("company", "company", "companies", "企业"),
    ):
        of = "compound_id" if kind == "compounds" else "company_id"
        await session.execute(
            text(
                f"UPDATE incoming i SET {column} = h.{of}{', street = h.street' if kind == 'compounds' else ''}"
                f" FROM sync_rows h WHERE {_LIVE} AND h.kind = '{kind}' AND h.key = i.fields->>'{field}'"
            )
        )
        await session.execute(
            text(
                f"UPDATE incoming i SET outcome = '/{field} 平台没有同步过编号为 ' || (i.fields->>'{field}') ||"
                f" ' 的{noun}，请先同步。' WHERE {_LIVE} AND i.{column} IS NULL"
            )
        )
    signed = "cast(i.fields->>'signed_on' AS date)"
    starts, ends = (f"cast(i.fields->>'{name}' AS date)" for name in ("starts_on", "ends_on"))
    await session.execute(
        text(
            f"UPDATE incoming i SET entry = c.id FROM contracts c WHERE {_NEW} AND c.compound_id = i.place"
            f" AND c.company_id = i.company AND c.signed_on = {signed}"
        )
    )
    await refuse_twins(session, "contracts", "place, company, fields->>'signed_on'")
    differ = f"(c.starts_on, c.ends_on) IS DISTINCT FROM ({starts}, {ends})"
    open_ = f"{_LIVE} AND i.entry = c.id AND c.state <> 'filed' AND {differ}"
    for field, value in (("starts_on", starts), ("ends_on", ends)):
        await session.execute(
            text(
                f"UPDATE incoming i SET replaced = i.replaced || jsonb_build_object('{field}', c.{field})"
                f" FROM contracts c WHERE {open_} AND c.{field} <> {value}"
                f" AND to_jsonb(c.{field}) IS DISTINCT FROM i.last->'{field}'"
            )
        )
    await session.execute(
        text(
            _touching(
                f"UPDATE contracts c SET starts_on = {starts}, ends_on = {ends}, version = c.version + 1"
                f" FROM incoming i WHERE {open_} RETURNING i.key"
            )
        )
    )
    await session.execute(
        text(
            "INSERT INTO contracts (id, compound_id, company_id, signed_on, starts_on, ends_on, state, version)"
            f" SELECT i.id, place, company, {signed}, {starts}, {ends}, 'signed', 1 FROM incoming i WHERE {_NEW}"
        )
    )
    await session.execute(
        text(f"UPDATE incoming i SET entry = i.id, made = true, registered = true WHERE {_NEW}")
    )


MERGES = {
    "companies": merge_companies,
    "projects": merge_projects,
    "compounds": merge_compounds,
    "contracts": merge_contracts,
}


def _touching(update: str) -> str:
    """A statement that changes entries and gives the keys of their rows, which are marked as touched."""
    return f"WITH done AS ({update}) UPDATE incoming t SET touched = true FROM done WHERE done.key = t.key"


async def _rename(context: Context, of: str, table: str, place: str, renames: str) -> None:
    """Give entries the names that the platform has changed, and keep those that they had."""
    noting = _RENAMED.format(of=of, table=table, place=place, renames=renames)
    await context.session.execute(text(noting), {"client": context.caller.client, "now": context.now})
    await context.session.execute(
        text(
            _touching(
                f"UPDATE {table} c SET name = i.name, name_key = i.name_key, name_like = i.name_like,"
                f" found_by = i.found_by FROM incoming i WHERE i.entry = c.id AND {renames} RETURNING i.key"
            )
        )
    )


async def _withdraw(context: Context, model: type[Base], also: str, of: str, place: str) -> None:
    """Withdraw what only the platform's word had made, and on which nothing hangs; the rest is a difference."""
    table = model.__tablename__
    used = " ".join(
        f"AND NOT EXISTS (SELECT FROM {column.table.name} o WHERE o.{column.name} = c.id)"
        for column in hanging_on(model)
        if column.table is not SyncRow.__table__
    )
    going = f"i.entry = c.id AND i.outcome IS NULL AND i.deleted AND i.made AND c.withdrawn_on IS NULL {used}"
    values = {"client": context.caller.client, "now": context.now, "today": context.today}
    noting = _RENAMED.format(of=of, table=table, place=place, renames=going).replace(
        "'renamed'", "'withdrawn'"
    )
    await context.session.execute(text(noting), _asked(noting, values))
    withdrawing = (
        f"WITH done AS (UPDATE {table} c SET name_key = NULL, {also} withdrawn_on = :today, version = c.version + 1"
        f" FROM incoming i WHERE {going} RETURNING i.key, c.name)"
        " UPDATE incoming t SET gone = true, name = done.name FROM done WHERE done.key = t.key"
    )
    await context.session.execute(text(withdrawing), _asked(withdrawing, values))


def _asked(statement: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f":{name}" in statement}
