"""The plan as data, read from data/*.yaml and checked: units, groups, tasks, deadlines and the rest."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ConfigDict, TypeAdapter, ValidationError

from kit.district import reference
from kit.district import units as canon
from kit.district.citations import UnknownClause, clause
from services.emergency.plan.deadlines import DeadlineRule, Law
from services.emergency.plan.report_fields import ReportField
from services.emergency.plan.response import Part
from services.emergency.plan.warnings import Colour, colours_of

DATA = Path(__file__).with_name("data")


class BrokenCatalogue(ValueError):
    """The data contradict themselves or the ledger; every fault is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanUnit:
    """A canonical unit that acts under the plan. `supervises`: keeps a plan for a field it supervises (附件1)."""

    id: str
    clause: str
    supervises: bool = False

    @property
    def name(self) -> str:
        """The unit's official name."""
        return canon.unit(self.id).name


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenUnit:
    """Whom the plan leaves open, such as the street of the accident: only an incident knows which unit it is."""

    id: str
    name: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """A row of 附件1(一): one unit, or two that share it, with their duties."""

    id: str
    row: int
    units: tuple[str, ...]
    duties: tuple[str, ...]
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A duty of every street and town (附件1(二))."""

    id: str
    does: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post of the headquarters. `seats` None: any number; `deputy_of`: the post it stands in for."""

    id: str
    name: str
    held_by: str
    clause: str
    seats: int | None = None
    unit: str | None = None
    deputy_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telephone:
    """A published number of the headquarters."""

    id: str
    name: str
    number: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of a field headquarters; `leads` are one or two units, `aliases` other names in the plan."""

    id: str
    name: str
    leads: tuple[str, ...]
    members: tuple[str, ...]
    duties: tuple[str, ...]
    clause: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEntry:
    """A task, made once for each owner. `deadline`: the one that holds for it, where the plan gives one."""

    id: str
    part: Part
    owners: tuple[str, ...]
    does: str
    clause: str
    deadline: str | None = None
    if_needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningAction:
    """An action that the named colours add of their own."""

    id: str
    colours: tuple[Colour, ...]
    owners: tuple[str, ...]
    does: str
    clause: str
    if_needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A hop of the reporting route, with the deadline that holds for it."""

    id: str
    sender: str
    receiver: str
    deadline: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AftermathEntry:
    """A thing to settle after the response, with who settles it."""

    id: str
    does: str
    owners: tuple[str, ...]
    clause: str
    if_needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An entry that is only a name: a revision trigger, a step of the flow."""

    id: str
    name: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything of the plan that is data, each kind in the plan's order."""

    units: tuple[PlanUnit, ...]
    open_units: tuple[OpenUnit, ...]
    member_rows: tuple[MemberRow, ...]
    street_duties: tuple[Duty, ...]
    duty_phone: Telephone
    posts: tuple[Post, ...]
    members: tuple[str, ...]
    groups: tuple[Group, ...]
    tasks: tuple[TaskEntry, ...]
    warning_actions: tuple[WarningAction, ...]
    report_fields: tuple[ReportField, ...]
    laws: dict[str, Law]
    deadlines: tuple[DeadlineRule, ...]
    hops: tuple[Hop, ...]
    aftermath: tuple[AftermathEntry, ...]
    revision_triggers: tuple[Named, ...]
    flow: tuple[Named, ...]

    @property
    def actors(self) -> tuple[PlanUnit | OpenUnit, ...]:
        """Everyone who acts under the plan, whether it names the unit or leaves it open."""
        return (*self.units, *self.open_units)

    def unit(self, id: str) -> PlanUnit | OpenUnit:
        """The unit of this id, named or left open; KeyError where there is none."""
        return next((unit for unit in self.actors if unit.id == id), None) or _unknown(id)

    def group(self, name: str) -> Group:
        """The group of this id, name or alias; KeyError where there is none."""
        found = (group for group in self.groups if name in (group.id, group.name, *group.aliases))
        return next(found, None) or _unknown(name)

    def actions_of(self, colour: Colour) -> tuple[WarningAction, ...]:
        """The actions of a warning: what its colour builds on, then its own (E-3.3c)."""
        return tuple(
            action for each in colours_of(colour) for action in self.warning_actions if each in action.colours
        )

    def members_without_duties(self) -> tuple[str, ...]:
        """Ids of the members of the headquarters that 附件1 gives no row."""
        listed = {unit for row in self.member_rows for unit in row.units}
        return tuple(id for id in self.members if id not in listed)


def _unknown(id: str) -> NoReturn:
    raise KeyError(id)


#: Where each field of the catalogue stands: (file, key in it).
SOURCES = {
    "units": ("units", "units"),
    "open_units": ("units", "open"),
    "member_rows": ("member_duties", "rows"),
    "street_duties": ("street_duties", "duties"),
    "duty_phone": ("headquarters", "duty_phone"),
    "posts": ("headquarters", "posts"),
    "members": ("headquarters", "members"),
    "groups": ("groups", "groups"),
    "tasks": ("tasks", "tasks"),
    "warning_actions": ("warning_actions", "actions"),
    "report_fields": ("reports", "fields"),
    "laws": ("deadlines", "laws"),
    "deadlines": ("deadlines", "deadlines"),
    "hops": ("route", "hops"),
    "aftermath": ("aftermath", "items"),
    "revision_triggers": ("revision_triggers", "triggers"),
    "flow": ("flow", "steps"),
}
# In a tuple, since a TypeAdapter takes a configuration only for what is no dataclass itself.
_SHAPE = TypeAdapter(tuple[Catalogue], config=ConfigDict(extra="forbid"))


@cache
def catalogue() -> Catalogue:
    """The catalogue that the service ships, read once."""
    return read(DATA)


def read(folder: Path) -> Catalogue:
    """Read and check the data files of a folder.

    Raises: BrokenCatalogue for a wrong or unknown field, an id twice, or one that is unknown: of a clause,
            unit, deadline, law or post.
    """
    names = dict.fromkeys(name for name, _ in SOURCES.values())
    files = {name: reference.read(folder / f"{name}.yaml") for name in names}
    raw = {field: files[name][key] for field, (name, key) in SOURCES.items()}
    try:
        (found,) = _SHAPE.validate_python([raw])
    except ValidationError as error:
        raise BrokenCatalogue("; ".join(_place(fault) for fault in error.errors())) from None
    if faults := [*_faults(found)]:
        raise BrokenCatalogue("; ".join(faults))
    return found


def _place(fault: Any) -> str:
    return f"{'/'.join(map(str, fault['loc'][1:]))}: {fault['msg']}"


def _faults(found: Catalogue) -> Iterator[str]:
    """What the shape alone does not show."""
    entries = [*_entries(found)]
    for id, times in Counter(entry.id for entry in entries).items():
        if times > 1:
            yield f"{id} stands {times} times"
    canonical = {unit.id for unit in canon.units()}
    yield from (f"{unit.id} is no canonical unit" for unit in found.units if unit.id not in canonical)
    for entry in entries:
        if not _in_ledger(entry.clause):
            yield f"{entry.id} cites {entry.clause}, which is not in the ledger"
    known = {
        "unit": {unit.id for unit in found.actors},
        "deadline": {rule.id for rule in found.deadlines},
        "law": set(found.laws),
        "post": {post.id for post in found.posts},
    }
    for owner, kind, id in _references(found):
        if id is not None and id not in known[kind]:
            yield f"{owner} names the {kind} {id}, which is unknown"


def _entries(found: Catalogue) -> Iterator[Any]:
    """Everything with an id and a clause."""
    for field in SOURCES:
        value = getattr(found, field)
        yield from (
            entry for entry in (value if isinstance(value, tuple) else (value,)) if hasattr(entry, "clause")
        )


def _in_ledger(id: str) -> bool:
    try:
        clause(id)
    except UnknownClause:
        return False
    return True


def _references(found: Catalogue) -> Iterator[tuple[str, str, str | None]]:
    """Who names whom: (entry, kind of what is named, its id)."""
    for entry in _entries(found):
        for field in ("units", "owners", "leads", "members"):
            yield from ((entry.id, "unit", id) for id in getattr(entry, field, ()))
        for field in ("unit", "owner", "sender", "receiver"):
            yield entry.id, "unit", getattr(entry, field, None)
        yield entry.id, "deadline", getattr(entry, "deadline", None) or getattr(entry, "after", None)
        yield entry.id, "law", getattr(entry, "law", None)
        yield entry.id, "post", getattr(entry, "deputy_of", None)
    yield from (("members", "unit", id) for id in found.members)
