"""What is asked of the plans."""

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from kit.district.periods import Month
from kit.web.problems import NotFound
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


def topics(year: int, **asked: Month | str | int | None) -> Select[Topic]:
    """The topics of a year's plan whose columns are what is asked, where anything is."""
    wanted = {column: value for column, value in asked.items() if value is not None}
    return select(Topic).filter_by(plan_year=year, **wanted).options(selectinload(Topic.category))


async def categories(session: AsyncSession) -> list[Category]:
    """The seven kinds of content in their order (L-5)."""
    return list(await session.scalars(select(Category).order_by(Category.number)))
