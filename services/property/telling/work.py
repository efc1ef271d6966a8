"""What has changed for the evaluation of companies is told as events, each thing once for each state of it.

A duty that becomes overdue is nobody's write: time makes it so. A job looks, in one statement for each kind, and what was told
before is left out by the table itself, so that a job that runs twice tells nothing twice. What is taken back is told as what is
added, in a statement of its own.
"""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Date, Select, String, case, cast, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.dispatch.requests import overdue_at
from kit.dispatch.tables import DispatchRequest
from kit.duties.owing import owing
from kit.events.event import Event
from services.property.charges import Charge
from services.property.companies import Company
from services.property.compounds.models import Compound, Observation, states
from services.property.course import Step
from services.property.coverage.standing import OnDays, standing
from services.property.duties import OWED
from services.property.inspections import Finding, Inspection
from services.property.known import known
from services.property.matters import COMPOUND, MATTERS
from services.property.projects.api import Project, ProjectCompound
from services.property.telling.events import (
    CompanyPerformed,
    DutyOverdue,
    FindingMade,
    FindingWithdrawn,
    ProjectDropped,
    ProjectHeld,
    RequestOverdue,
)
from services.property.telling.models import LastTold

#: The duties whose neglect is a company's, by what the evaluation takes them for.
_NEGLECTED: Final = ("contract-filing", "disclosure-board", "emergency-drill", "staff-training")
_DRILLS: Final = ("emergency-drill", "staff-training")
_MATTERS: Final = {matter.code: matter.name for matter in MATTERS}
_BY_KEY: Final = {each.duty.key: each for each in OWED}


async def tell_what_changed(context: Context) -> None:
    """Tell what is new or otherwise than it was told last, and what was told and is no more."""
    for event, query in _KINDS.items():
        await _tell(context, event, _telling(event, query(context), context))
    for event, taken_back in _TAKEN_BACK.items():
        await _tell(context, taken_back, _forgetting(event, _KINDS[event](context)))


async def _tell(context: Context, event: type[Event], statement: Any) -> None:
    rows = (await context.session.execute(statement)).all()
    for row in rows:
        context.tell(event.model_validate(row.said), row.subject)
    if rows:
        context.audit("property.told", event.type, events=len(rows))


def _telling(event: type[Event], query: Select[Any], context: Context) -> Any:
    found = query.subquery("found")
    new = select(literal(event.type), found.c.subject, found.c.said, literal(context.now))
    statement = insert(LastTold).from_select(["kind", "subject", "said", "told_at"], new)
    if event in _ONCE:
        once = statement.on_conflict_do_nothing(index_elements=["kind", "subject"])
        return once.returning(LastTold.subject, LastTold.said)
    changed = statement.on_conflict_do_update(
        index_elements=["kind", "subject"],
        set_={"said": statement.excluded.said, "told_at": statement.excluded.told_at},
        where=LastTold.said.is_distinct_from(statement.excluded.said),
    )
    return changed.returning(LastTold.subject, LastTold.said)


def _forgetting(event: type[Event], query: Select[Any]) -> Any:
    """What was told is forgotten once it is no more, so that it is told again should it come back."""
    found = query.subquery("found")
    still = select(found.c.subject).where(found.c.subject == LastTold.subject).exists()
    gone = delete(LastTold).where(LastTold.kind == event.type, ~still)
    return gone.returning(LastTold.subject, LastTold.said)


def _said(subject: Any, /, **fields: Any) -> tuple[Any, Any]:
    pairs = [part for name, value in fields.items() for part in (literal(name), value)]
    return cast(subject, String).label("subject"), func.jsonb_build_object(*pairs).label("said")


def _projects(context: Context) -> Select[Any]:
    day = context.today
    state = states(day)
    area = (
        select(func.sum(state.area))
        .join(ProjectCompound, ProjectCompound.compound_id == state.compound_id)
        .where(ProjectCompound.project_id == Project.id, ProjectCompound.on(day))
        .scalar_subquery()
    )
    columns = _said(
        Project.id,
        project=Project.id,
        name=Project.name,
        kind=Project.kind,
        street=Project.street,
        company=Project.company_id,
        begins_on=Project.begins_on,
        ends_on=Project.ends_on,
        area=cast(func.nullif(area, 0), String),
    )
    return select(*columns)


def _performance(context: Context) -> Select[Any]:
    day = context.today
    row = standing(OnDays([day]), ["filed"]).subquery("row")
    contracts = (
        select(
            row.c.company_id,
            func.count().label("whole"),
            func.count().filter(row.c.filed).label("part"),
        )
        .where(row.c.stands, row.c.with_company)
        .group_by(row.c.company_id)
        .subquery("contracts")
    )
    undisclosed = owing([_BY_KEY["disclosure-board"]], day)
    undrilled = owing([_BY_KEY[key] for key in _DRILLS], day)
    bare = select(undisclosed.c.subject_id).where(undisclosed.c.subject_id == cast(Project.id, String))
    idle = select(undrilled.c.subject_id).where(
        undrilled.c.subject_id == cast(Project.id, String), ~undrilled.c.done
    )
    projects = (
        select(
            Project.company_id,
            func.count().label("whole"),
            func.count().filter(~bare.exists()).label("disclosed"),
            func.count().filter(~idle.exists()).label("drilled"),
        )
        .where(Project.on(day))
        .group_by(Project.company_id)
        .subquery("projects")
    )

    def share(part: Any, whole: Any) -> Any:
        return func.jsonb_build_object("part", func.coalesce(part, 0), "whole", func.coalesce(whole, 0))

    columns = _said(
        Company.id,
        company=Company.id,
        contracts=share(contracts.c.part, contracts.c.whole),
        disclosure=share(projects.c.disclosed, projects.c.whole),
        drills=share(projects.c.drilled, projects.c.whole),
    )
    return (
        select(*columns)
        .outerjoin(contracts, contracts.c.company_id == Company.id)
        .outerjoin(projects, projects.c.company_id == Company.id)
        .where(Company.withdrawn_on.is_(None))
    )


def _overdue(context: Context) -> Select[Any]:
    day = context.today
    rows = owing([_BY_KEY[key] for key in _NEGLECTED], day)
    clauses = func.jsonb_build_object(
        *(part for key in _NEGLECTED for part in (literal(key), literal(_BY_KEY[key].duty.clause)))
    )
    own = select(Project.id).where(cast(Project.id, String) == rows.c.subject_id).scalar_subquery()
    of_compound = (
        select(ProjectCompound.project_id)
        .where(cast(ProjectCompound.compound_id, String) == rows.c.subject_id, ProjectCompound.on(day))
        .scalar_subquery()
    )
    project = func.coalesce(own, of_compound)
    columns = _said(
        func.concat_ws(":", rows.c.duty, rows.c.subject_id, rows.c.due_on),
        duty=rows.c.duty,
        clause=clauses.op("->>")(rows.c.duty),
        subject=rows.c.subject_id,
        name=rows.c.name,
        uscc=rows.c.company,
        project=project,
        due_on=rows.c.due_on,
    )
    # What was due before the register knew of the project is nobody's neglect: it is entered when the system is begun.
    entered_on = (
        select(cast(Project.entered_at, Date))
        .where(cast(Project.id, String) == rows.c.subject_id)
        .scalar_subquery()
    )
    in_time = func.coalesce(rows.c.due_on >= entered_on, literal(True))
    return select(*columns).where(rows.c.overdue, rows.c.company.is_not(None), in_time)


def _findings(_: Context) -> Select[Any]:
    checked = select(Step.id).where(Step.subject_id == Finding.id, Step.action == "check").exists()
    # One that was closed without a look at the place is closed for the unit's reason not to act.
    stands = Finding.state.in_(("sent", "acted")) | checked
    company = _company(Finding.compound_id, Inspection.held_on)
    columns = _said(
        Finding.id,
        finding=Finding.id,
        compound=Finding.compound_id,
        company=company,
        project=_project(Finding.compound_id, Inspection.held_on),
        kind=Finding.kind,
        place=Finding.place,
        found_on=Inspection.held_on,
    )
    return (
        select(*columns)
        .select_from(Finding)
        .join(Inspection, Inspection.id == Finding.inspection_id)
        .where(stands, company.is_not(None))
    )


def _requests(context: Context) -> Select[Any]:
    """Citizens' requests that are overdue and concern a compound; of a merged one, that into which it was merged."""
    compound = func.coalesce(Compound.merged_into_id, Compound.id)
    due_on = cast(DispatchRequest.due_at, Date)
    company = _company(compound, due_on)
    columns = _said(
        DispatchRequest.number,
        request=DispatchRequest.number,
        matter=case(_MATTERS, value=DispatchRequest.matter, else_=DispatchRequest.matter),
        compound=compound,
        company=company,
        project=_project(compound, due_on),
        due_at=DispatchRequest.due_at,
    )
    return (
        select(*columns)
        .select_from(DispatchRequest)
        .join(
            Compound,
            cast(Compound.id, String)
            == func.coalesce(
                cast(DispatchRequest.compound, String), DispatchRequest.details[COMPOUND].astext
            ),  # the details of requests that were taken before requests named it
        )
        .where(overdue_at(context.now), company.is_not(None))
    )


def _company(compound: Any, day: Any) -> Any:
    """The company in charge of a compound on a day; of one that no charge is entered of, the one that its survey named."""
    charged = select(Charge.company_id).where(Charge.compound_id == compound, Charge.on(day))
    seen = known(Observation, None)
    surveyed = (
        select(seen.company_id)
        .where(seen.compound_id == compound, seen.as_of <= day)
        .order_by(seen.as_of.desc())
        .limit(1)
    )
    ever = select(Charge.id).where(Charge.compound_id == compound).exists()
    return case((ever, charged.scalar_subquery()), else_=surveyed.scalar_subquery())


def _project(compound: Any, day: Any) -> Any:
    of_compound = select(ProjectCompound.project_id).where(
        ProjectCompound.compound_id == compound, ProjectCompound.on(day)
    )
    return of_compound.scalar_subquery()


_KINDS: Final[dict[type[Event], Callable[[Context], Select[Any]]]] = {
    ProjectHeld: _projects,
    CompanyPerformed: _performance,
    DutyOverdue: _overdue,
    FindingMade: _findings,
    RequestOverdue: _requests,
}
#: What is told once and never otherwise: a duty stays with who held the project when it was overdue.
_ONCE: Final = (DutyOverdue,)
#: Of what was told, what is told once it is no more. A duty that was done late was overdue all the same.
_TAKEN_BACK: Final[dict[type[Event], type[Event]]] = {
    ProjectHeld: ProjectDropped,
    FindingMade: FindingWithdrawn,
}
