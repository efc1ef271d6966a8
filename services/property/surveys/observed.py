"""What surveys say of compounds, and the telling of what they say no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.events.event import Event
from services.property.compounds.models import Compound, Observation, located
from services.property.divisions import COMMUNITY, STREET


class SurveyWithdrawn(Event, type="property.compound.survey-withdrawn", title="小区摸排情况撤回"):
    """What a survey said of a compound as of a day is no more: dropped by a later file of the day, or withdrawn."""

    compound: UUID = Field(description="小区登记编号")
    street: str = Field(description="街道（镇）名称")
    community: str = Field(description="社区名称")
    name: str = Field(description="小区名称")
    as_of: date = Field(description="摸排情况的日期")
    survey: UUID = Field(description="摸排编号")


@dataclass(frozen=True)
class Observed:
    """What stands of a compound on a day, and by which survey."""

    compound: UUID
    survey: UUID
    as_of: date
    place: tuple[str, str, str]


async def observed_of(session: AsyncSession, condition: ColumnElement[bool]) -> list[Observed]:
    """Of which compounds, on which days, observations stand that a condition is true of."""
    query = (
        located(
            select(
                Compound.id,
                Observation.survey_id,
                Observation.as_of,
                STREET.name,
                COMMUNITY.name,
                Compound.name,
            )
        )
        .join(Observation, Observation.compound_id == Compound.id)
        .where(condition)
        .order_by(STREET.id, COMMUNITY.id, Compound.id, Observation.as_of)
    )
    rows = await session.execute(query)
    return [
        Observed(compound, by, as_of, (street, community, name))
        for compound, by, as_of, street, community, name in rows
    ]


def tell_withdrawn(context: Context, gone: Sequence[Observed]) -> None:
    """Tell of each compound that what a survey said of it is no more."""
    for each in gone:
        street, community, name = each.place
        told = SurveyWithdrawn(
            compound=each.compound,
            street=street,
            community=community,
            name=name,
            as_of=each.as_of,
            survey=each.survey,
        )
        context.tell(told, str(each.compound))
