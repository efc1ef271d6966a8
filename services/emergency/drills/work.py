"""What a drill shows is kept, and calls for a better plan where it must (E-7.2); who drilled when."""

from datetime import date
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from kit.context import Context
from kit.events.event import Event
from kit.storage import db
from services.emergency.drills.models import Drill, Problem
from services.emergency.plans.plans import FOUND_IN_PRACTICE, open_trigger


class DrillProblemFound(Event, type="emergency.drill.problem_found", title="演练发现问题"):
    """A drill showed a problem; `revision`: whether it calls for the plan's revision."""

    drill: UUID = Field(description="演练编号")
    problem: UUID = Field(description="问题编号")
    revision: bool = Field(description="是否需要修订预案")


async def enter_problem(
    context: Context, drill_id: UUID, found: str, advice: str | None, *, needs_revision: bool
) -> Problem:
    """Record what a drill showed; where the plan must change, a revision trigger is opened (E-7.2).

    Raises: NotFound.
    """
    drill = await db.locked(context.session, Drill, drill_id, "没有这次演练，请核对编号。")
    problem = Problem(id=db.new_id(), drill_id=drill_id, found=found, advice=advice, entered_at=context.now)
    if needs_revision:
        trigger = await open_trigger(context, drill.plan_id, FOUND_IN_PRACTICE, found, source=str(drill_id))
        problem.trigger_id = trigger.id
    context.session.add(problem)
    drill.changed_at = context.now
    await context.session.flush()
    event = DrillProblemFound(drill=drill_id, problem=problem.id, revision=needs_revision)
    context.record(event, str(drill_id))
    return problem


async def last_drills(context: Context) -> dict[str, date]:
    """The day of each organisation's last drill up to today."""
    organiser = func.unnest(Drill.organisers).label("organiser")
    drills = select(organiser, Drill.held_on).where(Drill.held_on <= context.today).subquery()
    query = select(drills.c.organiser, func.max(drills.c.held_on)).group_by(drills.c.organiser)
    return dict((await context.session.execute(query)).all())
