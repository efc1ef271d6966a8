"""What is asked of the plans, in force and in their versions."""

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from kit.district.periods import Month
from kit.web.problems import NotFound
from services.lawstudy.plans.models import Category, PlanVersion, TopicEntry


def versions() -> Select[PlanVersion]:
    """The versions of all plans, with their topics and their months without study."""
    return select(PlanVersion).options(
        selectinload(PlanVersion.topics).selectinload(TopicEntry.category),
        selectinload(PlanVersion.exceptions),
    )


def plans() -> Select[PlanVersion]:
    """The plans in force, one of each year that has one."""
    return versions().where(PlanVersion.state == "in_force")


async def in_force(session: AsyncSession, year: int) -> PlanVersion:
    """The version of a year's plan that is in force, with its topics in order.

    Raises: NotFound.
    """
    plan = (await session.scalars(plans().where(PlanVersion.year == year))).one_or_none()
    if plan is None:
        raise NotFound("no-such-plan", f"没有 {year} 年的学法计划，已有的计划见 /lawstudy/v1/plans。")
    return plan


def topics(plan: PlanVersion, **asked: Month | str | int | None) -> Select[TopicEntry]:
    """The topics of a version whose columns are what is asked, where anything is."""
    wanted = {column: value for column, value in asked.items() if value is not None}
    query = select(TopicEntry).filter_by(version_id=plan.id, **wanted)
    return query.options(selectinload(TopicEntry.category))


async def categories(session: AsyncSession) -> list[Category]:
    """The seven kinds of content in their order (L-5)."""
    return list(await session.scalars(select(Category).order_by(Category.number)))
