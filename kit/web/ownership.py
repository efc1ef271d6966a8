"""Who may touch what: from whose a thing is and whom a token is limited to, decided here alone.

A token is limited to nobody (an office of the district), to a street or town, or to a company. What that means for
each operation follows from its `Whose`; docs/ownership.md lists them all.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false

from kit.district import units
from kit.web.caller import Caller


class Whose(Enum):
    """Whose what an operation touches is; each with its Chinese name and what limited tokens may do with it."""

    EVERYBODYS = ("公开", "有权限的都可以")
    DISTRICTS = ("全区", "限定街道（镇）的令牌只能读，限定企业的令牌不能读写")
    WHOLE = ("全区汇总", "含全区的数据，限定街道（镇）或企业的令牌不能读写")
    PLACES = (
        "属地和企业",
        "限定街道（镇）的令牌只限本街道（镇）的，限定企业的令牌只限本企业的；全区共有的街道（镇）可以读",
    )
    UNITS = ("承办单位", "只有承办单位可以办理；限定街道（镇）或企业的令牌另限本街道（镇）、本企业的")
    CLIENTS = ("登记的客户端", "只有登记它的客户端可以读写")

    def __init__(self, zh: str, means: str) -> None:
        self.zh, self.means = zh, means

    @property
    def by_thing(self) -> bool:
        """Whether the answer depends on the thing itself, so that the operation has to ask."""
        return self in (Whose.PLACES, Whose.UNITS, Whose.CLIENTS)

    def admits(self, caller: Caller, *, writes: bool) -> bool:
        """Whether the caller may use the operation at all, whatever the thing is."""
        if self is Whose.WHOLE:
            return not caller.limited
        if self is Whose.DISTRICTS:
            return caller.company is None and not (writes and caller.division is not None)
        return True


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a thing is: its street or town (name or unit id), company (credit code) and client; None where it has none.

    Without a street or town it is the district's: a street may read it.
    """

    division: str | None = None
    company: str | None = None
    client: str | None = None

    def lets(self, caller: Caller, *, writes: bool) -> bool:
        """Whether the caller may read the thing, or write to it."""
        if self.client is not None and self.client != caller.party:
            return False
        if self.client is not None and self.division is None and self.company is None:
            return True
        if caller.company is not None and caller.company != self.company:
            return False
        if caller.division is None:
            return True
        return not writes if self.division is None else street_name(self.division) == caller.division


#: The street of what lies somewhere that nobody knows yet: no street's, and not the district's either.
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class Belonging:
    """Where a table says whose its rows are: columns or subqueries of the street (name or unit id) and company.

    shared: rows without a street are the district's, which streets read.
    """

    division: Any = None
    company: Any = None
    shared: bool = True

    @property
    def whose(self) -> Whose:
        """The rule of a table's rows."""
        return Whose.DISTRICTS if self.division is None and self.company is None else Whose.PLACES

    def narrow(self, caller: Caller, query: Select[Any]) -> Select[Any]:
        """The rows of a query that the caller may read."""
        if caller.company is not None:
            query = query.where(false() if self.company is None else self.company == caller.company)
        if caller.division is not None and self.division is not None:
            query = query.where(self._of_street(caller.division))
        return query

    def _of_street(self, division: str) -> ColumnElement[bool]:
        street: ColumnElement[bool] = self.division.in_((division, units.unit(division).id))
        return street | self.division.is_(None) if self.shared else street


#: Of a table whose rows are all the district's.
DISTRICTS = Belonging()


def street_of(unit: Any) -> ColumnElement[str | None]:
    """A column of units as a column of streets and towns: null, and so the district's, where the unit is neither."""
    return case((unit.in_([each.id for each in units.units(units.Kind.STREET, units.Kind.TOWN)]), unit))


def street_name(text: str) -> str:
    """The official name of a street or town, from any of its names or its unit id; other texts stay what they are."""
    try:
        return units.unit(text).name
    except units.UnknownUnit:
        return text
