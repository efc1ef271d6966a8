"""Units in requests and answers: any of a unit's names in, its id and official name out."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from kit.district import units as canon
from kit.web.caller import Caller
from kit.web.shapes import Answer, ShownAs

STREET_KINDS = (canon.Kind.STREET, canon.Kind.TOWN)


def streets() -> Sequence[canon.Unit]:
    """The district's streets and towns."""
    return canon.units(*STREET_KINDS)


def _resolve(text: str) -> canon.Unit:
    try:
        return canon.unit(text)
    except canon.UnknownUnit:
        raise ValueError(f"没有名为“{text}”的单位，请按文件中的写法填写，或填单位编号。") from None


def _unit(text: str) -> str:
    return _resolve(text).id


def _street(text: str) -> str:
    unit = canon.street(text) or _resolve(text)
    if unit.kind not in STREET_KINDS:
        raise ValueError(f"{unit.name}不是镇或街道，请填写镇街道名称。")
    return unit.id


class NamedUnit(Answer, title="单位", example={"id": "emergency-bureau", "name": "区应急管理局"}):
    """A unit in an answer (单位)."""

    id: str = Field(description="单位编号")
    name: str = Field(description="单位名称")


def named(id: str) -> NamedUnit:
    """The canonical unit of this id as an answer shows it."""
    return NamedUnit(id=id, name=canon.unit(id).name)


def _shown(value: Any) -> Any:
    return named(value) if isinstance(value, str) else value


#: The id of a canonical unit, shown with its name.
UnitShown = Annotated[NamedUnit, BeforeValidator(_shown)]
#: A canonical unit, by its id or any of its names; held as its id.
UnitId = Annotated[str, Field(max_length=100), AfterValidator(_unit), ShownAs(UnitShown)]
#: A street or town, likewise, and also without 街道 or 镇.
StreetId = Annotated[str, Field(max_length=100), AfterValidator(_street), ShownAs(UnitShown)]
#: The official name of a street or town, from any of its names.
Street = Annotated[StreetId, AfterValidator(lambda id: canon.unit(id).name), ShownAs(str)]


def acts_for(caller: Caller, unit: str | None, name: str) -> bool:
    """Whether a caller is the unit of this id, where it is a canonical one, or goes by this name."""
    return caller.unit == name or (unit is not None and unit_of(caller) == unit)


def unit_of(caller: Caller) -> str | None:
    """The canonical unit that a caller's token names; None where it names none."""
    try:
        return canon.unit(caller.unit).id if caller.unit else None
    except canon.UnknownUnit:
        return None
