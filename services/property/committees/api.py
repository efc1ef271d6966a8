"""Owners' committees (业委会) and property management committees (物管会) with their terms (P-2.1.2b)."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field, model_validator
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kit.context import Context
from kit.district.clock import Day
from kit.events.event import Event
from kit.storage import db
from kit.web import routes
from kit.web.etags import IfMatch, set_etag
from kit.web.pages import Page, PageRequest
from kit.web.problems import Conflict, problems
from kit.web.routes import clauses
from kit.web.shapes import Body, Grounded, Shape
from services.property.base import Reader, Writer
from services.property.committees.models import BELONGING, Committee
from services.property.compounds.models import Compound
from services.property.compounds.work import own_compound

Kind = Literal["owners_committee", "management_committee"]
CommitteeId = Annotated[UUID, Path(description="业委会（物管会）编号")]
CLAUSES = ("P-2.1.2b",)
NO_SUCH_COMMITTEE = "没有这个业委会（物管会）。"


class CommitteeFormed(Event, type="property.committee.formed", title="成立业委会或物管会"):
    """A compound got a committee."""

    committee: UUID = Field(description="业委会或物管会登记编号")
    compound: UUID = Field(description="小区登记编号")
    kind: str = Field(description="owners_committee 业委会，management_committee 物管会")
    formed_on: date = Field(description="成立日期")


class CommitteeChanged(Event, type="property.committee.changed", title="业委会或物管会变更"):
    """A committee's members, term or end were changed."""

    committee: UUID = Field(description="业委会或物管会登记编号")
    compound: UUID = Field(description="小区登记编号")
    dissolved_on: date | None = Field(description="终止日期；没有终止时为空")


class CommitteeFacts(Shape):
    """What is known of a committee (业委会、物管会)."""

    kind: Kind = Field(description="owners_committee 业委会，management_committee 物管会")
    formed_on: Day = Field(description="成立日期")
    term_ends_on: Day = Field(description="任期届满日期")
    dissolved_on: Day | None = Field(default=None, description="解散或换届日期；在任时为空")
    members: int = Field(ge=1, le=999, description="委员人数")
    party_members: int = Field(ge=0, le=999, description="党员人数")
    has_party_organisation: bool = Field(description="是否同步建立党组织")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.party_members > self.members:
            raise ValueError("党员人数不能多于委员人数。")
        if self.term_ends_on <= self.formed_on:
            raise ValueError("任期届满日期应晚于成立日期。")
        if self.dissolved_on is not None and self.dissolved_on < self.formed_on:
            raise ValueError("解散日期不能早于成立日期。")
        return self


_EXAMPLE = {
    "kind": "owners_committee",
    "formed_on": "2024-05-20",
    "term_ends_on": "2029-05-20",
    "members": 7,
    "party_members": 4,
    "has_party_organisation": True,
}


class CommitteeUpdate(
    CommitteeFacts, Body, title="业委会（物管会）更正", example=_EXAMPLE | {"dissolved_on": "2027-03-01"}
):
    """A committee as it is corrected (业委会、物管会)."""


class CommitteeIn(
    CommitteeFacts,
    Body,
    title="业委会（物管会）",
    example=_EXAMPLE | {"compound_id": "01990000-0000-7000-8000-000000000000"},
):
    """A committee as it is entered (业委会、物管会)."""

    compound_id: UUID = Field(description="小区编号")


class CommitteeOut(CommitteeFacts, Grounded, title="业委会（物管会）信息", clauses=CLAUSES):
    """A committee (业委会、物管会)."""

    id: UUID = Field(description="业委会（物管会）编号")
    compound_id: UUID = Field(description="小区编号")
    set_up_by: UUID | None = Field(description="组建物管会的社区（区划编号）；业委会为空")
    lapsed: bool = Field(description="任期已满而未换届，读取时计算")


def _shown(row: Committee, today: date) -> CommitteeOut:
    return CommitteeOut.of(row, lapsed=row.dissolved_on is None and row.term_ends_on < today)


router = routes.router("业委会（物管会）")


@router.post(
    "/committees",
    status_code=201,
    summary="登记业委会（物管会）",
    description="登记一个小区成立的业委会；尚不具备条件的，登记社区组建的物管会，由小区所在社区组建。同一小区同时只有一个。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def form_committee(body: CommitteeIn, context: Writer, response: Response) -> CommitteeOut:
    """Enter a committee (P-2.1.2b)."""
    compound = await own_compound(context, body.compound_id)
    committee = Committee(id=db.new_id(), **body.model_dump(), set_up_by=_community(compound, body))
    context.session.add(committee)
    await _keep(context)
    event = CommitteeFormed(
        committee=committee.id, compound=body.compound_id, kind=body.kind, formed_on=body.formed_on
    )
    context.record(event, str(body.compound_id))
    response.headers["Location"] = f"/property/v1/committees/{committee.id}"
    set_etag(response, committee)
    return _shown(committee, context.today)


@router.get(
    "/committees",
    summary="列出业委会（物管会）",
    description="按登记先后分页列出，可只看任期已满而未换届的。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_committees(
    context: Reader,
    paging: PageRequest,
    compound: Annotated[UUID | None, Query(description="小区编号")] = None,
    lapsed: Annotated[bool, Query(description="只看任期已满而未换届的")] = False,
) -> Page[CommitteeOut]:
    """The committees; with `lapsed` those whose term is over (P-2.1.2b)."""
    query, today = context.within(select(Committee), BELONGING), context.today
    if compound is not None:
        query = query.where(Committee.compound_id == compound)
    if lapsed:
        query = query.where(Committee.dissolved_on.is_(None), Committee.term_ends_on < today)
    return await paging.page(context.session, query, lambda row: _shown(row, today), Committee.id)


@router.get(
    "/committees/{id}",
    summary="查看业委会（物管会）",
    description="任期、委员和党员人数，任期是否已满。",
    responses=problems(404),
)
async def read_committee(id: CommitteeId, context: Reader, response: Response) -> CommitteeOut:
    """A committee."""
    committee = await db.found(context.session, Committee, id, NO_SUCH_COMMITTEE)
    await context.must_hold(BELONGING, Committee.id == id, NO_SUCH_COMMITTEE)
    set_etag(response, committee)
    return _shown(committee, context.today)


@router.put(
    "/committees/{id}",
    summary="更正业委会（物管会）",
    description="更正人数、任期，或登记解散、换届。修改前先读取，并带 If-Match。",
    responses=problems(404, 409, 412, 428),
    openapi_extra=clauses(*CLAUSES),
)
async def change_committee(
    id: CommitteeId, body: CommitteeUpdate, context: Writer, if_match: IfMatch, response: Response
) -> CommitteeOut:
    """Change a committee, or enter its end."""
    committee = await db.locked(context.session, Committee, id, NO_SUCH_COMMITTEE)
    await context.must_hold(BELONGING, Committee.id == id, NO_SUCH_COMMITTEE)
    if_match.check(committee)
    if body.kind != committee.kind:
        compound = await own_compound(context, committee.compound_id)
        committee.set_up_by = _community(compound, body)
    for name, value in body.model_dump().items():
        setattr(committee, name, value)
    await _keep(context)
    event = CommitteeChanged(
        committee=id, compound=committee.compound_id, dissolved_on=committee.dissolved_on
    )
    context.record(event, str(committee.compound_id))
    set_etag(response, committee)
    return _shown(committee, context.today)


def _community(compound: Compound, told: CommitteeFacts) -> UUID | None:
    """Who sets a committee up: of a property management committee the compound's community."""
    return compound.community_id if told.kind == "management_committee" else None


async def _keep(context: Context) -> None:
    """Write a committee; the key of a compound's current one decides."""
    try:
        await context.session.flush()
    except IntegrityError:
        raise Conflict(
            "committee-exists", "这个小区已有在任的业委会（物管会），请先登记其解散或换届。", clauses=CLAUSES
        ) from None
