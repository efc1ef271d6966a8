"""The score of one company or project, by the same statement as that of all."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import RowMapping, inspect
from sqlalchemy.ext.asyncio import AsyncSession

from kit.district.clock import local_day
from services.credit.plan.scheme import Item, Kind, Scheme
from services.credit.records.models import Record
from services.credit.scoring.statement import LINE, ScoreOf, scores


class Cut(NamedTuple):
    """What a cap took from a line, and which cap."""

    by: str
    points: Decimal


@dataclass(frozen=True)
class Line:
    """A record as it counted; `points` signed, with what it would be without caps and what each cap took."""

    row: dict[str, Any]
    item: Item

    @property
    def sign(self) -> int:
        """What the kind of the item does to the score."""
        return -1 if self.item.kind in (Kind.BAD, Kind.SERIOUS) else 1

    @property
    def points(self) -> Decimal:
        """What it counts."""
        number = self.number("counted")
        return -number if number and self.sign < 0 else number

    @property
    def cuts(self) -> list[Cut]:
        """What caps took of it, in their order."""
        steps = ("weighted", "within_item", "within_group", "counted")
        values = [self.number(step) for step in steps]
        taken = zip(("item", "group", "kind"), values, values[1:], strict=False)
        return [Cut(by, plain(before - after)) for by, before, after in taken if before != after]

    def number(self, key: str) -> Decimal:
        """A figure of the line, exact and plain."""
        return _read(self.row[key])

    def days_left(self, day: date) -> int | None:
        """Days that it still counts from a day on, that day included; None where no end is known."""
        ends = self.row["ends_on"]
        return None if ends is None else (date.fromisoformat(ends) - day) // timedelta(days=1)


@dataclass(frozen=True)
class Score:
    """A score with all that it is made of."""

    total: RowMapping
    lines: list[Line]

    @property
    def rounding(self) -> Decimal:
        """What the one rounding adds to the sum of the parts, so that they come to the score exactly."""
        return plain(self.total["score"] - self.total["exact"])


async def scores_of(session: AsyncSession, scheme: Scheme, asked: ScoreOf) -> list[Score]:
    """The scores of those who are asked for."""
    statement, parameters = scores(scheme, asked)
    items = {each.code: each for each in scheme.items}
    rows = (await session.execute(statement, parameters)).mappings()
    found = []
    for row in rows:
        told = [dict(zip(LINE, line, strict=True)) for line in row.get("lines") or ()]
        found.append(Score(row, [Line(line, items[line["item"]]) for line in told]))
    return found


async def score_of(session: AsyncSession, scheme: Scheme, asked: ScoreOf) -> Score | None:
    """The score of the one that is asked for; None where it is not there on the day."""
    found = await scores_of(session, scheme, asked)
    return found[0] if found else None


def as_row(record: Record) -> dict[str, Any]:
    """A record as the statement takes one that is added to what is known."""
    row = {column.key: getattr(record, column.key) for column in inspect(Record).columns}
    row["acted_on"] = local_day(record.acted_at)
    return row


@lru_cache(maxsize=10_000)
def _read(text: str) -> Decimal:
    """A figure as the statement tells it; the same few come again and again."""
    return plain(Decimal(text))


def plain(number: Decimal) -> Decimal:
    """A number without zeros at its end, and never with an exponent."""
    whole = (number + 0).normalize()  # of a negative zero too
    return whole.quantize(Decimal(1)) if whole.as_tuple().exponent > 0 else whole  # type: ignore[operator]
