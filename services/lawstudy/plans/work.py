"""What is asked of the plans, in force and in their versions."""

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from kit.context import Context
from kit.district.periods import Month
from kit.web.problems import NotFound
from services.lawstudy.plan.changes import Change
from services.lawstudy.plan.changes import changes as compare
from services.lawstudy.plan.planning import ISSUED
from services.lawstudy.plan.roles import GOVERNMENT, JUSTICE, OFFICE
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


def sees_drafts(context: Context) -> bool:
    """Whether the caller takes part in making plans; others read what was issued."""
    return context.caller.may(JUSTICE, GOVERNMENT, OFFICE)


async def version_of(context: Context, year: int, version: int, *, to_change: bool = False) -> PlanVersion:
    """A version of a year's plan that the caller may see, with its topics; locked where it is to be changed.

    Raises: NotFound.
    """
    query = versions().where(PlanVersion.year == year, PlanVersion.version == version)
    if to_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = (await context.session.scalars(query)).one_or_none()
    if row is None or not (row.state in ISSUED or sees_drafts(context)):
        raise NotFound(
            "no-such-version",
            f"没有 {year} 年学法计划的第 {version} 版，已有的见 /lawstudy/v1/plans/{year}/versions。",
        )
    return row


def versions_of(context: Context, year: int) -> Select[PlanVersion]:
    """The versions of a year's plan that the caller may see."""
    query = versions().where(PlanVersion.year == year)
    return query if sees_drafts(context) else query.where(PlanVersion.state.in_(ISSUED))


async def changes(context: Context, plan: PlanVersion) -> list[Change]:
    """What a version changes in the one that it adjusts; of a first one, everything is added (L-6, N-2.2)."""
    former: list[TopicEntry] = []
    if plan.adjusts is not None:
        former = (await version_of(context, plan.year, plan.adjusts)).topics
    names = {each.number: each.name for each in await categories(context.session)}
    return compare(former, plan.topics, names)


def topics(plan: PlanVersion, **asked: Month | str | int | None) -> Select[TopicEntry]:
    """The topics of a version whose columns are what is asked, where anything is."""
    wanted = {column: value for column, value in asked.items() if value is not None}
    query = select(TopicEntry).filter_by(version_id=plan.id, **wanted)
    return query.options(selectinload(TopicEntry.category))


async def categories(session: AsyncSession) -> list[Category]:
    """The seven kinds of content in their order (L-5)."""
    return list(await session.scalars(select(Category).order_by(Category.number)))
