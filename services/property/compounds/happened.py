"""What happened to a compound, as statements: each capability selects its own, `history` puts them together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, Text, case, cast, func, literal, select

from kit.district.clock import SHANGHAI
from services.property.compounds.models import Compound, RedProperty
from services.property.corrections import Correction
from services.property.divisions import Division


@dataclass(frozen=True, slots=True)
class Happened:
    """A kind of thing that happens to compounds: `of(id)` selects `What(…).columns` of all that happened to one.

    title: the kind in Chinese.
    """

    kind: str
    title: str
    of: Callable[[UUID], Select[Any]]


class What(NamedTuple):
    """Something that happened, as columns or values.

    id: of the row that says so; sentence: what happened, in Chinese; link: the address of that row; clause: what it
    rests on, None where no document asks for it.
    """

    id: Any
    day: Any
    sentence: Any
    link: Any
    clause: Any = None

    @property
    def columns(self) -> tuple[ColumnElement[Any], ...]:
        """What `Happened.of` selects."""
        return tuple(
            cast(value, Date if name == "day" else Text).label(name) for name, value in self._asdict().items()
        )


def at(collection: str, id: Any) -> ColumnElement[str]:
    """The address of a row."""
    return func.concat(f"/property/v1/{collection}/", id)


def _corrected(id: UUID) -> Select[Any]:
    """The compound renamed, moved, merged, withdrawn or restored, and others merged into it."""
    place = select(Division.name).where(Division.id == Correction.former_place).scalar_subquery()
    sentence = case(
        (Correction.into_id == id, func.concat("“", Correction.former_name, "”并入本小区")),
        (Correction.action == "renamed", func.concat("更名，原名“", Correction.former_name, "”")),
        (
            Correction.action == "moved",
            func.concat("划归其他社区，原在", place, "，原名“", Correction.former_name, "”"),
        ),
        (Correction.action == "merged", "并入另一小区"),
        (Correction.action == "withdrawn", "撤回登记"),
        else_="撤销并入，恢复为单独的小区",
    )
    what = What(
        Correction.id,
        func.timezone(SHANGHAI.key, Correction.recorded_at),
        func.concat(sentence, "；原因：", Correction.reason),
        func.concat("/property/v1/corrections?subject=", Correction.subject_id),
    )
    return select(*what.columns).where(
        Correction.kind == "compound", (Correction.subject_id == id) | (Correction.into_id == id)
    )


def _named_red(id: UUID) -> Select[Any]:
    what = What(RedProperty.id, RedProperty.designated_on, "认定为红色物业小区", at("compounds", id), "P-1.3")
    return select(*what.columns).where(RedProperty.compound_id == id)


def _red_no_more(id: UUID) -> Select[Any]:
    what = What(RedProperty.id, RedProperty.withdrawn_on, "撤销红色物业认定", at("compounds", id), "P-1.3")
    return select(*what.columns).where(RedProperty.compound_id == id)


def _retired(id: UUID) -> Select[Any]:
    what = What(Compound.id, Compound.retired_on, literal("停用，自该日起不再是小区"), at("compounds", id))
    return select(*what.columns).where(Compound.id == id)


HAPPENED = (
    Happened("corrected", "登记更正", _corrected),
    Happened("red_named", "认定红色物业", _named_red),
    Happened("red_withdrawn", "撤销红色物业", _red_no_more),
    Happened("retired", "小区停用", _retired),
)
