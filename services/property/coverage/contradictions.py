"""Where the register of committees and the surveys contradict each other, for a person to look at."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from kit.district.clock import Day
from kit.district.named_units import Street
from kit.web import routes
from kit.web.ownership import Belonging
from kit.web.pages import Page, PageRequest
from kit.web.routes import clauses
from kit.web.shapes import Grounded
from services.property.base import Reader
from services.property.committees.models import Committee
from services.property.compounds.models import Compound, Observation, located, state_of_each
from services.property.coverage.standing import OnDays, standing
from services.property.coverage.work import standing_compounds
from services.property.divisions import COMMUNITY, STREET

CLAUSES = ("P-1.2", "P-2.1.2b")


class ContradictionOut(Grounded, title="业委会登记与摸底不一致", clauses=CLAUSES):
    """A compound of whose committee the register says something else than the survey (登记与摸底不一致)."""

    id: UUID = Field(description="小区编号")
    street: str = Field(description="所在街道（镇）", examples=["天骄街道"])
    community: str = Field(description="所在社区", examples=["天骄社区"])
    name: str = Field(description="小区名称", examples=["天骄小区"])
    registered_since: date = Field(description="登记中最近一次成立、解散或换届的日期")
    committee: UUID | None = Field(description="登记中在任的业委会（物管会）编号；没有在任的为空")
    registered_members: int | None = Field(description="登记的委员人数；没有在任的为空")
    registered_party_members: int | None = Field(description="登记的党员人数；没有在任的为空")
    surveyed_on: date = Field(description="最近一次填写委员人数的摸底日期")
    surveyed_members: int = Field(description="该次摸底的委员人数；0 为没有业委会（物管会）")
    surveyed_party_members: int | None = Field(description="该次摸底的党员人数；没有填写的为空")
    counted: bool = Field(description="统计是否计入组建：两者以日期较近的为准，同一天的以登记为准")


router = routes.router("覆盖统计")


@router.get(
    "/coverage/contradictions",
    summary="列出业委会登记与摸底不一致的小区",
    description="任一日期登记过业委会（物管会）的小区中，有无在任的业委会、委员或党员人数与最近一次填写了委员人数的摸底"
    "不一致的，请核实后更正登记或重新报送摸底。从未登记的小区不在其中。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_contradictions(
    context: Reader,
    paging: PageRequest,
    on: Annotated[Day | None, Query(description="日期，不填为今天")] = None,
    street: Annotated[Street | None, Query(description="街道（镇）")] = None,
) -> Page[ContradictionOut]:
    """Compounds of whose committee register and survey say different things (P-1.2, P-2.1.2b)."""
    query = context.within(_contradictory(on or context.today), Belonging(division=STREET.name))
    if street is not None:
        query = query.where(STREET.name == street)
    return await paging.page(context.session, query, ContradictionOut.of, Compound.id)


def _contradictory(day: date) -> Select[Any]:
    state, said, office = state_of_each(day), _last_said(day), _in_office(day)
    since, standings = _registered_since(day), standing(OnDays([day]), ["committee"]).subquery("standing")
    return (
        located(standing_compounds(state, day))
        .join(standings, standings.c.compound_id == Compound.id)
        .join(said, said.compound_id == Compound.id)
        .outerjoin(office, office.compound_id == Compound.id)
        .add_columns(
            Compound.id,
            STREET.name.label("street"),
            COMMUNITY.name.label("community"),
            Compound.name,
            since.label("registered_since"),
            office.id.label("committee"),
            office.members.label("registered_members"),
            office.party_members.label("registered_party_members"),
            said.as_of.label("surveyed_on"),
            said.members.label("surveyed_members"),
            said.party_members.label("surveyed_party_members"),
            standings.c.with_committee.label("counted"),
        )
        .where(
            since.is_not(None),
            or_(
                func.coalesce(office.members, 0) != said.members,
                and_(office.id.is_not(None), office.party_members != said.party_members),
            ),
        )
    )


def _registered_since(day: date) -> ColumnElement[date | None]:
    """The day of what the register says last of a compound's committee, up to a day."""
    told = case((Committee.dissolved_on <= day, Committee.dissolved_on), else_=Committee.formed_on)
    return (
        select(func.max(told))
        .where(Committee.compound_id == Compound.id, Committee.formed_on <= day)
        .scalar_subquery()
    )


def _last_said(day: date) -> type[Observation]:
    """Of each compound what the last survey up to a day says that says anything of members."""
    newest = (
        select(Observation)
        .where(Observation.as_of <= day, Observation.members.is_not(None))
        .ext(distinct_on(Observation.compound_id))
        .order_by(Observation.compound_id, Observation.as_of.desc())
    )
    return aliased(Observation, newest.subquery("said"))


def _in_office(day: date) -> type[Committee]:
    """Of each compound the committee that the register has in office on a day."""
    newest = (
        select(Committee)
        .where(
            Committee.formed_on <= day, or_(Committee.dissolved_on.is_(None), Committee.dissolved_on > day)
        )
        .ext(distinct_on(Committee.compound_id))
        .order_by(Committee.compound_id, Committee.formed_on.desc(), Committee.id.desc())
    )
    return aliased(Committee, newest.subquery("office"))
