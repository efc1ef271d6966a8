"""What counts in a month's figures, read from the legs and the record: one statement for a grouping (P-2.2.2b)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Select, Uuid, false, select, text
from sqlalchemy.sql.selectable import Subquery
from sqlalchemy.types import Boolean, Text

from kit.context import Context
from kit.dispatch.bulletin import Group, Grouping, Tally, formulas
from kit.district import units
from kit.district.periods import Month
from kit.district.workdays import SHANGHAI
from kit.storage.db import Instant

_FACTS: Final = Path(__file__).with_name("data") / "bulletin.sql"
NO_COMPANY: Final = "SELECT CAST(NULL AS text), CAST(NULL AS text)"
_KEYS: Final = {
    Grouping.UNIT: "marks.unit",
    Grouping.STREET: "requests.division",
    Grouping.MATTER: "requests.matter",
    Grouping.COMPANY: "requests.company",
}


@dataclass(frozen=True)
class Asked:
    """A month as it was known at a moment, by what; company: SQL that gives (key, name) of what a request `r` is about."""

    month: Month
    known_at: datetime
    by: Grouping
    company: str | None = None


def begins(month: Month) -> datetime:
    """The first moment of a month in the district."""
    return datetime(month.year, month.month, 1, tzinfo=SHANGHAI)


def ends(month: Month) -> datetime:
    """The last moment of a month in the district."""
    return begins(month + 1) - timedelta(microseconds=1)


@cache
def _statement(by: Grouping, company: str | None, after: str) -> str:
    facts = _FACTS.read_text(encoding="utf-8").replace("{company}", company or NO_COMPANY)
    return facts + after.replace("{key}", _KEYS[by])


_COUNTS: Final = """
SELECT marks.figure, {key} AS key, max(requests.company_name) AS name,
    count(*) FILTER (WHERE marks.good) AS numerator, count(*) FILTER (WHERE marks.counted) AS denominator,
    count(*) FILTER (WHERE marks.excluded) AS excluded, count(*) FILTER (WHERE marks.pending) AS pending
FROM marks
JOIN requests ON requests.id = marks.request_id
GROUP BY marks.figure, {key}
"""
_ITEMS: Final = """
SELECT marks.item, requests.number, marks.unit, requests.matter, requests.received_at, marks.due_at, marks.done_at,
    marks.good, marks.counted, marks.excluded
FROM marks
JOIN requests ON requests.id = marks.request_id
WHERE marks.figure = :figure AND (:whole OR {key} IS NOT DISTINCT FROM CAST(:key AS text))
    AND CASE :part WHEN 'numerator' THEN marks.good WHEN 'denominator' THEN marks.counted ELSE marks.excluded END
"""


def _values(context: Context, asked: Asked) -> dict[str, Any]:
    division = context.limits().division
    by = {each.id: list(each.by) for each in formulas(asked.month)}
    return {
        "starts": begins(asked.month),
        "last": ends(asked.month),
        "known_at": asked.known_at,
        "division": division,
        "division_id": units.unit(division).id if division else None,
        "sign_by": by["sign"],
        "contact_by": by["contact"],
        "answer_by": by["answer"],
        "returned_by": by["returned"],
    }


async def counted(context: Context, asked: Asked) -> dict[str | None, tuple[str | None, dict[str, Tally]]]:
    """(name, tallies) of each group by its key, of what the caller may see: one statement."""
    found: dict[str | None, tuple[str | None, dict[str, Tally]]] = {}
    if context.limits().company is not None:
        return found
    statement = text(_statement(asked.by, asked.company, _COUNTS))
    for figure, key, name, *counts in await context.session.execute(statement, _values(context, asked)):
        found.setdefault(key, (name, {}))[1][figure] = Tally(*counts)
    return found


async def groups(context: Context, asked: Asked, before: Asked, names: dict[str, str]) -> list[Group]:
    """The groups of a month beside those of another. names: of the keys, where the database has none."""
    now, then = await counted(context, asked), await counted(context, before)
    return [
        Group(
            key,
            _name(key, names, now.get(key, (None, {}))[0] or then.get(key, (None, {}))[0]),
            now.get(key, (None, {}))[1],
            then.get(key, (None, {}))[1],
        )
        for key in now.keys() | then.keys()
    ]


def _name(key: str | None, names: dict[str, str], told: str | None) -> str:
    return "未填写" if key is None else told or names.get(key, key)


@dataclass(frozen=True)
class Behind:
    """What of a number is asked for. key: of one group; empty: of what has none; None: of all."""

    figure: str
    part: str
    key: str | None


def items(context: Context, asked: Asked, behind: Behind) -> tuple[Select[Any], Subquery]:
    """The requests or legs behind a number, to be paged by the item's id."""
    values = _values(context, asked) | {
        "figure": behind.figure,
        "part": behind.part,
        "key": behind.key or None,
        "whole": behind.key is None,
    }
    rows = (
        text(_statement(asked.by, asked.company, _ITEMS))
        .bindparams(**values)
        .columns(
            item=Uuid,
            number=Text,
            unit=Text,
            matter=Text,
            received_at=Instant,
            due_at=Instant,
            done_at=Instant,
            good=Boolean,
            counted=Boolean,
            excluded=Boolean,
        )
        .subquery("behind")
    )
    query = select(*rows.c)
    return (query.where(false()) if context.limits().company is not None else query), rows
