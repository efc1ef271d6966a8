"""Endpoints of compounds: lists by what they have and lack on a day, retirement, red property (P-1.3)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kit.district.citations import Citation, cite
from kit.district.clock import Now
from kit.events.event import Event, record
from kit.storage import db
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.etags import IfMatch, set_etag
from kit.web.pages import Page, PageRequest
from kit.web.problems import Conflict, NotFound, problems
from kit.web.routes import clauses
from kit.web.tokens import Caller, requires
from services.property.companies import Company
from services.property.compounds.models import Compound, Observation, RedProperty, states
from services.property.compounds.work import own_compound
from services.property.coverage.work import has_committee, is_covered, is_filed, is_red, standing_compounds
from services.property.divisions import Division, street_named


class CompoundRetired(Event, type="property.compound.retired"):
    """A compound is none any more from a day on, or again one."""

    compound: UUID
    retired_on: date | None


class RedPropertyChanged(Event, type="property.compound.red_property"):
    """A compound was named red property, or is it no more."""

    compound: UUID
    designated_on: date
    withdrawn_on: date | None


class CompoundOut(BaseModel):
    """A compound and its state on a day."""

    model_config = ConfigDict(title="小区")

    id: UUID
    street: str = Field(description="所在街道")
    community: str = Field(description="所在社区")
    name: str = Field(description="小区名称")
    retired_on: date | None = Field(description="自该日起不再是小区（拆除、合并等）")
    as_of: date = Field(description="状况取自这一天的摸底")
    status: str = Field(description="物业管理现状")
    company: UUID | None = Field(description="物业服务企业编号")
    company_name: str | None = Field(description="物业服务企业名称")
    buildings: int | None = Field(description="楼栋数")
    households: int | None = Field(description="户数")
    area: Decimal | None = Field(description="面积，平方米")
    built: int | None = Field(description="建成年份")
    members: int | None = Field(description="业委会（物管会）委员人数")
    party_members: int | None = Field(description="业委会（物管会）党员人数")
    fee: Decimal | None = Field(description="物业费标准，元/平方米/月")
    collection_rate: Decimal | None = Field(description="收费率，0 到 1")
    added: dict[str, str] = Field(description="自行增加的内容")
    red: bool = Field(description="是否红色物业小区")


class RetireIn(BaseModel):
    """The day from which a compound is none any more."""

    model_config = ConfigDict(
        title="小区注销", extra="forbid", json_schema_extra={"examples": [{"retired_on": "2025-03-01"}]}
    )

    retired_on: date | None = Field(description="自该日起不再是小区；为空表示恢复")


class RedIn(BaseModel):
    """The naming of a compound as red property."""

    model_config = ConfigDict(
        title="红色物业认定",
        extra="forbid",
        json_schema_extra={"examples": [{"designated_on": "2024-09-01"}]},
    )

    designated_on: date = Field(description="认定日期")


class RedEndIn(BaseModel):
    """The end of red property."""

    model_config = ConfigDict(
        title="红色物业撤销", extra="forbid", json_schema_extra={"examples": [{"withdrawn_on": "2025-09-01"}]}
    )

    withdrawn_on: date = Field(description="撤销日期")


class RedOut(BaseModel):
    """A naming as red property."""

    model_config = ConfigDict(title="红色物业", from_attributes=True)

    compound_id: UUID
    designated_on: date
    withdrawn_on: date | None
    basis: list[Citation] = Field(default_factory=lambda: cite("P-1.3"), description="依据的文件条款")


router = routes.router("小区")


@router.get(
    "/compounds",
    summary="列出小区",
    description=(
        "任一日期的小区及其状况，可按街道（镇）、现状、是否红色物业筛选；lacks 列出还缺物业覆盖、"
        "缺业委会（物管会）或合同未备案的小区。"
    ),
    openapi_extra=clauses("P-1.1", "P-1.2", "P-1.3", "P-2.2.5"),
)
async def list_compounds(
    session: Session,
    _caller: Annotated[Caller, requires("property:read")],
    now: Now,
    paging: PageRequest,
    on: Annotated[date | None, Query(description="日期，不填为今天")] = None,
    street: Annotated[str | None, Query(description="街道（镇）", max_length=30)] = None,
    status: Annotated[
        Literal["专业化物业管理", "准物业管理", "无物业"] | None, Query(description="现状")
    ] = None,
    red: Annotated[bool | None, Query(description="是否红色物业")] = None,
    lacks: Annotated[
        Literal["coverage", "committee", "filing"] | None,
        Query(description="coverage 未覆盖，committee 无业委会（物管会），filing 合同未备案"),
    ] = None,
) -> Page[CompoundOut]:
    """Compounds on a day, or those that lack something (P-1.1, P-1.2, P-2.2.5)."""
    day = on or now.date()
    state = states(day)
    query = standing_compounds(state, day).add_columns(Compound)
    if street is not None:
        query = query.where(Compound.community_id.in_(_communities_of(street_named(street, "?street"))))
    if status is not None:
        query = query.where(state.status == status)
    if red is not None:
        query = query.where(is_red(day) if red else ~is_red(day))
    if lacks is not None:
        query = query.where(_lacking(lacks, state, day))
    rows, following = await paging.fetch(session, query, Compound.id)
    return Page(items=await _described(session, [row.id for row in rows], day), next=following)


@router.get(
    "/compounds/{id}",
    summary="查看一个小区",
    description="小区在任一日期的状况。",
    responses=problems(404),
)
async def read_compound(
    id: UUID,
    session: Session,
    _caller: Annotated[Caller, requires("property:read")],
    now: Now,
    response: Response,
    on: Annotated[date | None, Query(description="日期，不填为今天")] = None,
) -> CompoundOut:
    """A compound on a day."""
    compound = await db.found(session, Compound, id, "没有这个小区。")
    set_etag(response, compound)
    return await _one(session, id, on or now.date())


@router.put(
    "/compounds/{id}/retirement",
    summary="注销或恢复小区",
    description="小区拆除、合并后注销，自该日起不再统计。修改前先读取，并带 If-Match。",
    responses=problems(404, 412, 428),
)
async def retire_compound(
    id: UUID,
    body: RetireIn,
    session: Session,
    caller: Annotated[Caller, requires("property:write")],
    now: Now,
    if_match: IfMatch,
    response: Response,
) -> RetireIn:
    """Retire a compound, or take it back."""
    compound = await own_compound(session, id, caller)
    if_match.check(compound)
    compound.retired_on = body.retired_on
    await session.flush()
    record(session, CompoundRetired(compound=id, retired_on=body.retired_on), str(id), caller, now)
    set_etag(response, compound)
    return body


@router.post(
    "/compounds/{id}/red-property",
    status_code=201,
    summary="认定红色物业小区",
    description="把小区认定为红色物业；已在认定中的返回 409。",
    responses=problems(404, 409),
    openapi_extra=clauses("P-1.3"),
)
async def designate_red(
    id: UUID,
    body: RedIn,
    session: Session,
    caller: Annotated[Caller, requires("property:write")],
    now: Now,
) -> RedOut:
    """Name a compound red property (P-1.3)."""
    await own_compound(session, id, caller)
    if await _current_red(session, id) is not None:
        raise Conflict("already-red", "这个小区已认定为红色物业。", clauses=("P-1.3",))
    row = RedProperty(id=db.new_id(), compound_id=id, designated_on=body.designated_on)
    session.add(row)
    await session.flush()
    event = RedPropertyChanged(compound=id, designated_on=row.designated_on, withdrawn_on=None)
    record(session, event, str(id), caller, now)
    return RedOut.model_validate(row)


@router.post(
    "/compounds/{id}/red-property/withdraw",
    summary="撤销红色物业认定",
    description="撤销小区的红色物业认定；没有认定的返回 409。",
    responses=problems(404, 409),
    openapi_extra=clauses("P-1.3"),
)
async def withdraw_red(
    id: UUID,
    body: RedEndIn,
    session: Session,
    caller: Annotated[Caller, requires("property:write")],
    now: Now,
) -> RedOut:
    """End a compound's red property (P-1.3)."""
    await own_compound(session, id, caller)
    row = await _current_red(session, id)
    if row is None or body.withdrawn_on <= row.designated_on:
        raise Conflict(
            "not-red", "这个小区没有认定为红色物业，或撤销日期不晚于认定日期。", clauses=("P-1.3",)
        )
    row.withdrawn_on = body.withdrawn_on
    await session.flush()
    event = RedPropertyChanged(compound=id, designated_on=row.designated_on, withdrawn_on=row.withdrawn_on)
    record(session, event, str(id), caller, now)
    return RedOut.model_validate(row)


async def _current_red(session: AsyncSession, compound: UUID) -> RedProperty | None:
    query = select(RedProperty).where(RedProperty.compound_id == compound, RedProperty.withdrawn_on.is_(None))
    return (await session.scalars(query)).one_or_none()


def _communities_of(street: str) -> Select[UUID]:
    community, parent = aliased(Division), aliased(Division)
    return select(community.id).join(parent, parent.id == community.parent_id).where(parent.name == street)


def _lacking(what: str, state: type[Observation], day: date) -> ColumnElement[bool]:
    if what == "coverage":
        return ~is_covered(state)
    if what == "committee":
        return ~has_committee(state, day)
    return state.company_id.is_not(None) & ~is_filed(state, day)


async def _one(session: AsyncSession, id: UUID, day: date) -> CompoundOut:
    found = await _described(session, [id], day)
    if not found:
        raise NotFound("not-yet-surveyed", f"这个小区在 {day} 还没有摸底记录。")
    return found[0]


async def _described(session: AsyncSession, ids: list[UUID], day: date) -> list[CompoundOut]:
    state = states(day)
    community, street = aliased(Division), aliased(Division)
    query = (
        select(street.name, community.name, Compound, state, Company.name, is_red(day))
        .join(state, state.compound_id == Compound.id)
        .join(community, community.id == Compound.community_id)
        .join(street, street.id == community.parent_id)
        .outerjoin(Company, Company.id == state.company_id)
        .where(Compound.id.in_(ids))
        .order_by(Compound.id)
    )
    own = ("as_of", "status", "buildings", "households", "area", "built", "members", "party_members", "fee")
    return [
        CompoundOut(
            id=compound.id,
            street=street_name,
            community=community_name,
            name=compound.name,
            retired_on=compound.retired_on,
            company=seen.company_id,
            company_name=company,
            collection_rate=seen.collection_rate,
            added=seen.added,
            red=red,
            **{name: getattr(seen, name) for name in own},
        )
        for street_name, community_name, compound, seen, company, red in await session.execute(query)
    ]
