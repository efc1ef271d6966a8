"""Brings the issued plans in from the service's data."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.district import reference, units
from kit.district.citations import cite
from kit.district.names import name_key
from kit.district.periods import Month
from services.lawstudy.base import Base
from services.lawstudy.plan.law_study import Form, objections
from services.lawstudy.plans.models import Category, PlanVersion, Topic, TopicEntry

DATA = Path(__file__).parents[1] / "plan" / "data"


class PlanRefused(ValueError):
    """A plan in the data breaks the study system; the message is what stands against it, in Chinese."""


class _Topic(BaseModel, extra="forbid"):
    id: str
    form: Form
    title: str
    month: Month | None = None
    department: str | None = None
    category: int
    because: str
    clause: str


class PlanFile(BaseModel, extra="forbid"):
    """A plan as its file in data/ gives it (学法计划); departments are written as the plan writes them."""

    year: int
    number: str
    title: str
    issued_on: date
    drafted_by: str
    approved_by: str
    topics: list[_Topic]


def read_plan(text: str) -> PlanFile:
    """A plan from its file.

    Raises: PlanRefused where it breaks the study system (L-3b), ValidationError where something is missing.
    """
    plan = PlanFile.model_validate(reference.parse(text))
    if found := objections(topic.form for topic in plan.topics):
        raise PlanRefused("；".join(objection.sentence for objection in found))
    return plan


async def load_plans(context: Context) -> None:
    """Bring in the kinds of content and the issued plans (L-5, N-1.1, N-1.2); again changes nothing."""
    await _keep(context.session, Category, reference.read(DATA / "categories.yaml"))
    for path in sorted(DATA.glob("plan_*.yaml")):
        await keep_plan(context, read_plan(path.read_text(encoding="utf-8")))


async def keep_plan(context: Context, plan: PlanFile) -> PlanVersion | None:
    """Write a plan that was issued, as the first version of its year; None where the year has versions already.

    Raises: KeyError for an unknown unit or clause.
    """
    entries = [_entry(topic, position) for position, topic in enumerate(plan.topics, 1)]
    drafted_by = units.unit(plan.drafted_by).id
    if await context.session.scalar(select(PlanVersion.id).where(PlanVersion.year == plan.year).limit(1)):
        return None
    context.session.add_all(Topic(id=topic.id, plan_year=plan.year) for topic in plan.topics)
    issued = plan.model_dump(exclude={"topics", "drafted_by"})
    row = PlanVersion(
        version=1,
        state="in_force",
        settled=True,
        drafted_by=drafted_by,
        topics=entries,
        exceptions=[],
        **issued,
    )
    context.session.add(row)
    await context.session.flush()
    return row


def _entry(topic: _Topic, position: int) -> TopicEntry:
    cite(topic.clause)
    return TopicEntry(
        topic_id=topic.id,
        position=position,
        form=topic.form,
        title=topic.title,
        title_key=name_key(topic.title),
        month=topic.month,
        unit=units.unit(topic.department).id if topic.department else None,
        unit_written=topic.department,
        category_number=topic.category,
        category_reason=topic.because,
        clause=topic.clause,
    )


async def _keep(session: AsyncSession, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    statement = insert(model)
    keys = [column.name for column in model.__table__.primary_key]
    values = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), rows)
