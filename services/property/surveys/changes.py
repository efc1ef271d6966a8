"""What two hand-ins of a street say differently, cell by cell: pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from kit.district.names import name_key
from services.property.surveys.findings import HEADINGS
from services.property.surveys.survey import FIGURES, SurveyRow

ChangeKind = Literal["new", "absent", "changed"]
#: What is compared of a compound besides its added columns.
_SAID: Final = ("status", "company", *FIGURES)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """A compound that is new or absent, or a cell of one that is another; cells as texts, empty for nothing."""

    kind: ChangeKind
    street: str
    community: str
    compound: str
    heading: str = ""
    before: str = ""
    after: str = ""


def said(row: SurveyRow) -> dict[str, Any]:
    """What a row says, as it is kept: figures as texts, empty cells left out."""
    known = {name: getattr(row, name) for name in ("street", "community", "compound", *_SAID)}
    shown = {name: _shown(value) for name, value in known.items() if value not in (None, "")}
    return shown | {"added": dict(row.added)}


def changes(before: Sequence[Row], after: Sequence[Row]) -> Iterator[Change]:
    """How the later differs: its compounds in their order, then those that it does not have."""
    earlier = {_key(row): row for row in before}
    for row in after:
        old = earlier.pop(_key(row), None)
        if old is None:
            yield Change("new", *_place(row))
        else:
            yield from _cells(old, row)
    for row in earlier.values():
        yield Change("absent", *_place(row))


def _cells(old: Row, new: Row) -> Iterator[Change]:
    for name in _SAID:
        if old.get(name) != new.get(name):
            yield Change("changed", *_place(new), HEADINGS[name], old.get(name, ""), new.get(name, ""))
    for heading in dict.fromkeys((*old["added"], *new["added"])):
        if old["added"].get(heading) != new["added"].get(heading):
            cells = (old["added"].get(heading, ""), new["added"].get(heading, ""))
            yield Change("changed", *_place(new), heading, *cells)


def _place(row: Row) -> tuple[str, str, str]:
    return row["street"], row["community"], row["compound"]


def _key(row: Row) -> tuple[str, ...]:
    return tuple(map(name_key, _place(row)))


def _shown(value: Any) -> str:
    return f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)
