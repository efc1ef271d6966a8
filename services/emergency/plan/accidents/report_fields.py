"""What a report of each kind should say, and what it does not say yet (E-4.1d to f)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class ReportKind(StrEnum):
    """The reports of an accident (报告类别). A written one owes what a first one owes."""

    FIRST = "first"
    FOLLOW_UP = "follow_up"
    WRITTEN = "written"
    CLOSING = "closing"

    @property
    def zh(self) -> str:
        return _KINDS_ZH[self]

    @property
    def clause(self) -> str:
        """What a report of this kind rests on."""
        return {"first": "E-4.1d", "closing": "E-4.1f"}.get(self, "E-4.1e")


_KINDS_ZH = dict(zip(ReportKind, ("初报", "续报", "书面报告", "终报"), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportField:
    """A thing that a report should say; `asks` names the facts it takes."""

    id: str
    report: ReportKind
    name: str
    asks: tuple[str, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class Lacking:
    """A field that a report does not give, or gives in part: the facts that are not known."""

    field: str
    name: str
    facts: tuple[str, ...]
    clause: str


def lacking(
    fields: Iterable[ReportField], kind: ReportKind, known: Mapping[str, object]
) -> tuple[Lacking, ...]:
    """The fields of a report of this kind that are not known yet, in the plan's order.

    None and blank text are not known; zero is. A lacking field never blocks a report (E-4.1d).
    """
    owed = ReportKind.FIRST if kind is ReportKind.WRITTEN else kind
    asked = ((field, _unknown(field, known)) for field in fields if field.report is owed)
    return tuple(Lacking(field.id, field.name, facts, field.clause) for field, facts in asked if facts)


def _unknown(field: ReportField, known: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(fact for fact in field.asks if _is_blank(known.get(fact)))


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
