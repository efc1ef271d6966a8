"""What is asked of the plans."""

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from kit.district.periods import Month
from kit.web.problems import NotFound
from services.lawstudy.plan.law_study import Form
from services.lawstudy.plans.models import Category, Plan, Topic


def plans() -> Select[Plan]:
    """The plans with their topics."""
    return select(Plan).options(selectinload(Plan.topics).selectinload(Topic.category))


async def plan_of(session: AsyncSession, year: int) -> Plan:
    """The plan of a year with its topics in order.

    Raises: NotFound.
    """
    plan = (await session.scalars(plans().where(Plan.year == year))).one_or_none()
    if plan is None:
        raise NotFound("no-such-plan", f"没有 {year} 年的学法计划，已有的计划见 /lawstudy/v1/plans。")
    return plan


def topics(
    year: int, *, month: Month | None, unit: str | None, form: Form | None, category: int | None
) -> Select[Topic]:
    """The topics of a year's plan that fit all that is given."""
    query = select(Topic).where(Topic.plan_year == year).options(selectinload(Topic.category))
    wanted = {
        Topic.month: month,
        Topic.unit: unit,
        Topic.form: form.value if form else None,
        Topic.category_number: category,
    }
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    return query


async def categories(session: AsyncSession) -> list[Category]:
    """The seven kinds of content in their order (L-5)."""
    return list(await session.scalars(select(Category).order_by(Category.number)))
