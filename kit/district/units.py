"""The district's units: one id and one name each, however a document or a person writes them."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from kit.district import reference

CANON = Path(__file__).with_name("units.yaml")


class Kind(StrEnum):
    """What sort of unit it is (单位类别)."""

    LEADERSHIP = "leadership"
    PARTY = "party"
    DEPARTMENT = "department"
    INSTITUTION = "institution"
    JUDICIAL = "judicial"
    VERTICAL = "vertical"
    MILITARY = "military"
    MASS_ORGANISATION = "mass_organisation"
    ENTERPRISE = "enterprise"
    STREET = "street"
    TOWN = "town"
    COORDINATION = "coordination"
    ZONE = "zone"
    SUPERIOR = "superior"
    COLLECTIVE = "collective"

    @property
    def zh(self) -> str:
        """Its name in answers."""
        return _KINDS[self]


_KINDS = {
    Kind.LEADERSHIP: "区级领导机关",
    Kind.PARTY: "党委部门",
    Kind.DEPARTMENT: "政府部门",
    Kind.INSTITUTION: "事业单位",
    Kind.JUDICIAL: "司法机关",
    Kind.VERTICAL: "垂直管理和派驻单位",
    Kind.MILITARY: "军队和武警",
    Kind.MASS_ORGANISATION: "群团组织和协会",
    Kind.ENTERPRISE: "企业",
    Kind.STREET: "街道",
    Kind.TOWN: "镇",
    Kind.COORDINATION: "指挥部和领导小组",
    Kind.ZONE: "开发区",
    Kind.SUPERIOR: "上级机关",
    Kind.COLLECTIVE: "统称",
}


@dataclass(frozen=True, slots=True)
class Alias:
    """Another way to write a unit, and where it is written so."""

    name: str
    at: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit under the name that answers show; `at` is where the documents write it."""

    id: str
    name: str
    kind: Kind
    at: str
    aliases: tuple[Alias, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every way to write it, the official name first."""
        return (self.name, *(alias.name for alias in self.aliases))


class UnknownUnit(KeyError):
    """Code or reference data names a unit that the canon does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"{self.name!r} is no unit of the canon ({CANON.name})"


class BrokenCanon(ValueError):
    """The canon contradicts itself: an id stands twice, or a name means two units."""


def resolve(text: str) -> Unit | None:
    """The unit that `text` names, by any of its names; None where there is none."""
    return _canon().by_name.get(_key(text))


def street(text: str) -> Unit | None:
    """The street or town that `text` names, with or without 街道 or 镇; None where there is none."""
    for name in (text, f"{text.strip()}街道", f"{text.strip()}镇"):
        found = resolve(name)
        if found is not None and found.kind in (Kind.STREET, Kind.TOWN):
            return found
    return None


def unit(id: str) -> Unit:
    """The unit with this id, or by any of its names: for code and reference data, which must not be wrong.

    Raises:
        UnknownUnit: a `KeyError`.
    """
    if found := _canon().by_id.get(id) or resolve(id):
        return found
    raise UnknownUnit(id)


def name_of(id: str) -> str:
    """What a unit is called; its id where it has been struck from the canon since."""
    try:
        return unit(id).name
    except UnknownUnit:
        return id


def units(*kinds: Kind) -> tuple[Unit, ...]:
    """Every unit in the canon's order, or those of the kinds given."""
    return tuple(unit for unit in _canon().by_id.values() if not kinds or unit.kind in kinds)


@dataclass(frozen=True, slots=True)
class _Canon:
    by_id: dict[str, Unit]
    by_name: dict[str, Unit]


@cache
def _canon() -> _Canon:
    return read_canon(CANON.read_text(encoding="utf-8"))


def read_canon(text: str) -> _Canon:
    """Parse a canon; `BrokenCanon` when an id stands twice or a name means two units."""
    rows = reference.parse(text)["units"]
    canon = [
        Unit(
            id=row["id"],
            name=row["name"],
            kind=Kind(row["kind"]),
            at=row["at"],
            aliases=tuple(Alias(name, at) for name, at in row.get("aliases", {}).items()),
        )
        for row in rows
    ]
    return _Canon(by_id=_by_id(canon), by_name=_by_name(canon))


def _by_id(canon: Iterable[Unit]) -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for unit in canon:
        if found.setdefault(unit.id, unit) is not unit:
            raise BrokenCanon(f"{unit.id} stands twice")
    return found


def _by_name(canon: Iterable[Unit]) -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for unit in canon:
        for name in unit.names:
            if (other := found.setdefault(_key(name), unit)) is not unit:
                raise BrokenCanon(f"{name} means both {other.id} and {unit.id}")
    return found


_QUOTES = re.compile("[\\s\"'“”‘’「」『』《》]")
_BRACKETS = str.maketrans("[]【】〔〕〖〗{}", "()()()()()")


def _key(text: str) -> str:
    """What is left of a name when its spelling no longer matters.

    A single character is never left alone: 区委 stays 区委.
    """
    plain = _QUOTES.sub("", unicodedata.normalize("NFKC", text)).translate(_BRACKETS)
    district = re.sub("^(鄂尔多斯市)?东胜区", "区", plain)
    bare = re.sub("^区(?=..)", "", district)
    return re.sub("^鄂尔多斯市", "市", bare)
