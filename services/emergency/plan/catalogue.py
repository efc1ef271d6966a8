"""The plan as data, read from data/*.yaml and checked: units, groups, tasks, deadlines and the rest."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from kit.district import reference
from kit.district import units as canon
from kit.district.citations import UnknownClause, clause
from services.emergency.plan.accidents.deadlines import DeadlineRule, Law
from services.emergency.plan.accidents.report_fields import ReportField
from services.emergency.plan.response import Part
from services.emergency.plan.warnings import Colour, colours_of

DATA = Path(__file__).with_name("data")


class BrokenCatalogue(ValueError):
    """The data contradict themselves or the ledger; every fault is named."""


class Entry(BaseModel, frozen=True, extra="forbid"):
    """An entry of the plan (预案条目) and the clause that it stands in."""

    id: str
    clause: str


class PlanUnit(Entry):
    """A canonical unit that acts under the plan (单位). `supervises`: keeps a plan for a field it supervises (附件1)."""

    supervises: bool = False

    @property
    def name(self) -> str:
        """The unit's official name."""
        return canon.unit(self.id).name


class Named(Entry):
    """An entry that is only a name: a revision trigger (修订情形), a step of the flow (流程环节)."""

    name: str


class OpenUnit(Named):
    """Whom the plan leaves open, such as the street of the accident: only an incident knows which unit it is."""


class MemberRow(Entry):
    """A row of 附件1(一): one unit, or two that share it, with their duties (成员单位职责)."""

    row: int
    units: tuple[str, ...]
    duties: tuple[str, ...]


class Duty(Entry):
    """A duty of every street and town (镇街道职责, 附件1(二))."""

    does: str


class Post(Named):
    """A post of the headquarters (职位). `seats` None: any number; `deputy_of`: the post it stands in for.

    leadership: the post of the leadership whose holder holds this one, as the office service knows it.
    """

    held_by: str
    seats: int | None = None
    unit: str | None = None
    deputy_of: str | None = None
    leadership: str | None = None


class Telephone(Named):
    """A published number of the headquarters (公布电话)."""

    number: str


class Group(Named):
    """A group of a field headquarters (工作组); `leads` are one or two units, `aliases` other names in the plan."""

    leads: tuple[str, ...]
    members: tuple[str, ...]
    duties: tuple[str, ...]
    aliases: tuple[str, ...] = ()


class ToDo(Entry):
    """Something to be done (应办事项), once by each owner; `if_needed`: as the case may be."""

    owners: tuple[str, ...]
    does: str
    if_needed: bool = False


class TaskEntry(ToDo):
    """A task (任务). `deadline`: the one that holds for it, where the plan gives one."""

    part: Part
    deadline: str | None = None


class WarningAction(ToDo):
    """An action that the named colours of a warning add of their own (预警行动)."""

    colours: tuple[Colour, ...]


class AftermathEntry(ToDo):
    """A thing to settle after the response (后期处置事项). `in_drills`: an exercise leaves it behind as well."""

    in_drills: bool = False


class RouteRule(Entry):
    """A step of the reporting route (报送环节), with the deadline that holds for it."""

    sender: str
    receiver: str
    deadline: str


class Catalogue(BaseModel, frozen=True, extra="forbid"):
    """Everything of the plan that is data (预案目录), each kind in the plan's order."""

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
    route: tuple[RouteRule, ...]
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
    "route": ("route", "steps"),
    "aftermath": ("aftermath", "items"),
    "revision_triggers": ("revision_triggers", "triggers"),
    "flow": ("flow", "steps"),
}


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
        found = Catalogue.model_validate(raw)
    except ValidationError as error:
        faults = (f"{'/'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise BrokenCatalogue("; ".join(faults)) from None
    if contradictions := [*_faults(found)]:
        raise BrokenCatalogue("; ".join(contradictions))
    return found


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
