"""Endpoints of compounds: lists by what they have and lack on a day, retirement, red property (P-1.3)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field
from sqlalchemy import exists, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kit.district.clock import Day
from kit.district.named_units import Street
from kit.events.event import Event
from kit.storage import db
from kit.web import routes
from kit.web.etags import IfMatch, set_etag
from kit.web.ownership import Belonging
from kit.web.pages import Page, PageRequest
from kit.web.problems import MERGED, Conflict, NotFound, problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Body, Grounded
from services.property.base import Reader, Writer
from services.property.companies import Company
from services.property.compounds.models import Compound, RedProperty, is_named, located, state_of_each
from services.property.compounds.work import BELONGING as OF_COMPOUNDS
from services.property.compounds.work import NO_SUCH_COMPOUND, own_compound
from services.property.coverage.standing import Fact, OnDays, lacks_of, standing
from services.property.coverage.work import standing_compounds
from services.property.divisions import COMMUNITY, STREET

CompoundId = Annotated[UUID, Path(description="小区编号")]
OnDay = Annotated[Day | None, Query(description="日期，不填为今天")]
RED = ("P-1.3",)


class CompoundRetired(Event, type="property.compound.retired", title="小区停用或恢复"):
    """A compound is none any more from a day on, or again one."""

    compound: UUID = Field(description="小区登记编号")
    retired_on: date | None = Field(description="自哪一天起停用；恢复时为空")


class RedPropertyChanged(Event, type="property.compound.red_property", title="红色物业命名或撤销"):
    """A compound was named red property, or is it no more."""

    compound: UUID = Field(description="小区登记编号")
    designated_on: date = Field(description="命名日期")
    withdrawn_on: date | None = Field(description="撤销日期；没有撤销时为空")


class CompoundOut(Answer, title="小区"):
    """A compound and its state on a day (小区)."""

    id: UUID = Field(description="小区编号")
    street: str = Field(description="所在街道", examples=["天骄街道"])
    community: str = Field(description="所在社区", examples=["天骄社区"])
    name: str = Field(description="小区名称", examples=["天骄小区"])
    retired_on: date | None = Field(description="自该日起不再是小区（拆除、合并等）")
    as_of: date = Field(description="状况取自这一天的摸底")
    status: str = Field(description="物业管理现状", examples=["专业化物业管理"])
    company: UUID | None = Field(description="物业服务企业编号")
    company_name: str | None = Field(
        description="物业服务企业名称", examples=["鄂尔多斯市天骄物业服务有限公司"]
    )
    buildings: int | None = Field(description="楼栋数", examples=[12])
    households: int | None = Field(description="户数", examples=[860])
    area: Decimal | None = Field(description="面积，平方米", examples=["86000.50"])
    built: int | None = Field(description="建成年份", examples=[2012])
    members: int | None = Field(description="业委会（物管会）委员人数", examples=[7])
    party_members: int | None = Field(description="业委会（物管会）党员人数", examples=[3])
    fee: Decimal | None = Field(description="物业费标准，元/平方米/月", examples=["1.20"])
    collection_rate: Decimal | None = Field(description="收费率，0 到 1", examples=["0.92"])
    added: dict[str, str] = Field(description="自行增加的内容", examples=[{"车位数": "320"}])
    red: bool = Field(description="是否红色物业小区")


class RetireIn(Body, title="小区注销", example={"retired_on": "2025-03-01"}):
    """The day from which a compound is none any more (小区注销)."""

    retired_on: Day | None = Field(description="自该日起不再是小区；为空表示恢复")


class RedIn(Body, title="红色物业认定", example={"designated_on": "2024-09-01"}):
    """The naming of a compound as red property (红色物业认定)."""

    designated_on: Day = Field(description="认定日期")


class RedEndIn(Body, title="红色物业撤销", example={"withdrawn_on": "2025-09-01"}):
    """The end of red property (红色物业撤销)."""

    withdrawn_on: Day = Field(description="撤销日期")


class RedOut(Grounded, title="红色物业", clauses=RED):
    """A naming as red property (红色物业)."""

    compound_id: UUID = Field(description="小区编号")
    designated_on: date = Field(description="认定日期")
    withdrawn_on: date | None = Field(description="撤销日期；仍在认定中的为空")


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
    context: Reader,
    paging: PageRequest,
    on: OnDay = None,
    street: Annotated[Street | None, Query(description="街道（镇）")] = None,
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
    day = on or context.today
    state = state_of_each(day)
    query = located(standing_compounds(state, day)).add_columns(Compound)
    query = context.within(query, Belonging(division=STREET.name))
    if street is not None:
        query = query.where(STREET.name == street)
    if status is not None:
        query = query.where(state.status == status)
    if red is not None or lacks is not None:
        asked: dict[Fact, bool] = {
            "red": red is not None,
            "committee": lacks == "committee",
            "filed": lacks == "filing",
        }
        row = standing(OnDays([day]), [fact for fact in asked if asked[fact]]).subquery("standing")
        query = query.join(row, row.c.compound_id == Compound.id)
        query = query.where(
            *([] if red is None else [row.c.red == red]), *([] if lacks is None else [lacks_of(row, lacks)])
        )
    rows, following = await paging.fetch(context.session, query, Compound.id)
    return Page(items=await _described(context.session, [row.id for row in rows], day), next=following)


@router.get(
    "/compounds/{id}",
    summary="查看一个小区",
    description="小区在任一日期的状况，取自截至该日最近一次摸底；该日还没有摸底记录的返回 404，以后的日期按现在已知的回答。"
    "已并入另一小区的，转到该小区。",
    responses=problems(404) | MERGED,
)
async def read_compound(
    id: CompoundId, context: Reader, response: Response, as_of: OnDay = None
) -> CompoundOut:
    """A compound on a day."""
    compound = await db.found(context.session, Compound, id, NO_SUCH_COMPOUND)
    await context.must_hold(OF_COMPOUNDS, Compound.id == id, NO_SUCH_COMPOUND)
    day = as_of or context.today
    found = await _described(context.session, [id], day)
    if not found:
        raise NotFound("not-yet-surveyed", f"这个小区在 {day} 还没有摸底记录。")
    set_etag(response, compound)
    return found[0]


@router.put(
    "/compounds/{id}/retirement",
    summary="注销或恢复小区",
    description="小区拆除、合并后注销，自该日起不再统计。修改前先读取，并带 If-Match。",
    responses=problems(404, 412, 428),
)
async def retire_compound(
    id: CompoundId, body: RetireIn, context: Writer, if_match: IfMatch, response: Response
) -> RetireIn:
    """Retire a compound, or take it back."""
    compound = await own_compound(context, id)
    if_match.check(compound)
    compound.retired_on = body.retired_on
    await context.session.flush()
    context.record(CompoundRetired(compound=id, retired_on=body.retired_on), str(id))
    set_etag(response, compound)
    return body


@router.post(
    "/compounds/{id}/red-property",
    status_code=201,
    summary="认定红色物业小区",
    description="把小区认定为红色物业；已在认定中的返回 409。",
    responses=problems(404, 409),
    openapi_extra=clauses(*RED),
)
async def designate_red(id: CompoundId, body: RedIn, context: Writer) -> RedOut:
    """Name a compound red property (P-1.3)."""
    await own_compound(context, id)
    row = RedProperty(compound_id=id, designated_on=body.designated_on)
    context.session.add(row)
    try:
        await context.session.flush()
    except IntegrityError:  # the key of a compound's current naming
        raise Conflict("already-red", "这个小区已认定为红色物业。", clauses=RED) from None
    event = RedPropertyChanged(compound=id, designated_on=body.designated_on, withdrawn_on=None)
    context.record(event, str(id))
    return RedOut.of(row)


@router.post(
    "/compounds/{id}/red-property/withdraw",
    summary="撤销红色物业认定",
    description="撤销小区的红色物业认定；没有认定的返回 409。",
    responses=problems(404, 409),
    openapi_extra=clauses(*RED),
)
async def withdraw_red(id: CompoundId, body: RedEndIn, context: Writer) -> RedOut:
    """End a compound's red property (P-1.3)."""
    await own_compound(context, id)
    current = select(RedProperty).where(RedProperty.compound_id == id, RedProperty.withdrawn_on.is_(None))
    row = (await context.session.scalars(current)).one_or_none()
    if row is None or body.withdrawn_on <= row.designated_on:
        raise Conflict("not-red", "这个小区没有认定为红色物业，或撤销日期不晚于认定日期。", clauses=RED)
    row.withdrawn_on = body.withdrawn_on
    event = RedPropertyChanged(compound=id, designated_on=row.designated_on, withdrawn_on=row.withdrawn_on)
    context.record(event, str(id))
    return RedOut.of(row)


async def _described(session: AsyncSession, ids: list[UUID], day: date) -> list[CompoundOut]:
    state = state_of_each(day)
    red = exists().where(RedProperty.compound_id == Compound.id, is_named(RedProperty, day))
    query = (
        located(select(STREET.name, COMMUNITY.name, Compound, state, Company.name, red))
        .join(state, true())
        .outerjoin(Company, Company.id == state.company_id)
        .where(Compound.id.in_(ids))
        .order_by(Compound.id)
    )
    return [
        CompoundOut.of(
            compound,
            seen,
            street=street,
            community=community,
            company=seen.company_id,
            company_name=company,
            red=red,
        )
        for street, community, compound, seen, company, red in await session.execute(query)
    ]
