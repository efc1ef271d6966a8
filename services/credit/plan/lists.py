"""The red and the black list over the years: who is under key rectification; pure (P-2.3.4b, P-2.3.5b).

The lists come from scores alone and are never typed in. They are the district's own and no 严重失信主体名单, which needs a
law or a central document (国办发〔2020〕49号).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from services.credit.plan.scheme import Scheme


@dataclass(frozen=True)
class Year:
    """What a company came to in a period whose lists are published; both days are of it.

    absent: it did not take part; repaired: what put it on the black list was repaired since, or taken back.
    """

    begins_on: date
    ends_on: date
    list: Literal["red", "black"] | None
    absent: bool = False
    repaired: bool = False


def rectified(years: Iterable[Year], *, repaired_counts: bool = True) -> tuple[Year, Year] | None:
    """The two periods running for which a company is under key rectification; None where it is not (P-2.3.5b).

    Two periods run on where the second begins on the day after the first ends. A later evaluation in which the company
    takes part and is not on the black list clears it; one in which it takes no part neither counts nor clears.
    """
    found: tuple[Year, Year] | None = None
    before: Year | None = None
    for year in sorted(years, key=lambda each: each.begins_on):
        if year.list != "black":
            found = found if year.absent else None
            before = None
            continue
        if year.repaired and not repaired_counts:
            before = None
            continue
        if before is not None and before.ends_on + timedelta(days=1) == year.begins_on:
            found = (before, year)
        before = year
    return found


@dataclass(frozen=True)
class ListedAs:
    """What a company came to, as far as its lists go; serious: the names of serious items in force."""

    grade: str
    score: Decimal
    vetoed: bool
    serious: tuple[str, ...]


def reasons(scheme: Scheme, which: str, standing: ListedAs) -> list[str]:
    """Why a company is on a list, in Chinese."""
    told = f"信用等级{standing.grade}（{standing.score} 分）"
    if which == "red":
        return [f"{told}，没有严重不良信息"]
    found = (
        [f"{told}，因直接认定" if standing.vetoed else told] if standing.grade in scheme.lists.black else []
    )
    return found + [f"有严重不良信息：{name}" for name in standing.serious]
