"""Endpoints of the leaders' division of work (D-1, D-3)."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import Day, LocalTime
from kit.district.named_units import NamedUnit, named
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Body, Grounded, Text, choices
from services.office.leaders import work
from services.office.leaders.models import DivisionDocument, DivisionEntry, Leader
from services.office.plan.division import DivisionIn, Relation
from services.office.plan.roles import MANAGER

Reader = Annotated[Context, requires("office:read", whose=Whose.EVERYBODYS)]
Manager = Annotated[Context, requires("office:write", one_of=(MANAGER,), whose=Whose.DISTRICTS)]
DocumentId = Annotated[UUID, Path(description="分工文件编号")]


class LeaderOut(Answer, title="领导"):
    """A leader, the same across documents (领导)."""

    slug: str = Field(description="领导代号，跨文件不变", examples=["gao-ming"])
    name: str = Field(description="姓名", examples=["高明"])


class AssistOut(Answer, title="协助领导信息"):
    """Whom besides the head a leader assists (协助对象)."""

    leader: str = Field(description="协助的领导的代号", examples=["gao-ming"])
    name: str = Field(description="协助的领导的姓名", examples=["高明"])
    fields: list[str] = Field(description="协助的工作；没有列出的为其全部工作", examples=[["口岸"]])


class UnitInDivisionOut(Answer, title="分工文件中的单位信息"):
    """A unit as a document gives it to a leader (分工单位)."""

    relation: Relation = Field(description=choices(Relation))
    unit: NamedUnit = Field(description="单位")
    written: str = Field(description="文件中的写法", examples=["区市场监督管理局（医药）"])
    scope: str | None = Field(description="文件限定的范围；没有限定时为空", examples=["医药"])
    helps: str | None = Field(
        description="协助哪位领导分管，领导代号；不是协助分管时为空", examples=["han-tao"]
    )


class LeaderInDivisionOut(Answer, title="领导分工信息"):
    """What a document says of a leader (领导分工)."""

    leader: str = Field(description="领导代号", examples=["gao-ming"])
    name: str = Field(description="姓名", examples=["高明"])
    post: str = Field(description="职务，按文件写法", examples=["区委常委、副区长"])
    directs_all: bool = Field(description="是否主持区人民政府全面工作")
    fields: list[str] = Field(description="负责的工作，按文件次序", examples=[["应急管理", "统计"]])
    assists: list[AssistOut] = Field(description="另外协助的领导")
    units: list[UnitInDivisionOut] = Field(description="分管、协助分管、联系和主持工作的单位，按文件次序")


class PairOut(Answer, title="AB角信息"):
    """Two leaders who act for one another (AB角)."""

    one: LeaderOut = Field(description="一方")
    other: LeaderOut = Field(description="另一方")


class DivisionOut(Grounded, title="领导工作分工文件信息", clauses=("D-3",)):
    """A division document as it is listed (领导工作分工文件)."""

    id: UUID = Field(description="编号")
    number: str = Field(description="发文字号", examples=["东政办发〔2024〕29号"])
    title: str = Field(description="文件名称", examples=["关于区政府领导工作分工的通知"])
    effective_on: date = Field(description="自这一天起施行，到下一份文件施行前一日为止")
    source: str = Field(description="文本出处", examples=["区政府公报"])
    loaded_at: LocalTime = Field(description="录入时间")
    withdrawn_at: LocalTime | None = Field(description="撤回时间；没有撤回的为空")
    withdrawn_because: str | None = Field(description="撤回的理由", examples=["录入有误"])


class DivisionWithLeaders(DivisionOut, title="领导工作分工文件全文", clauses=work.CLAUSES):
    """A division document with all that it says (领导工作分工文件)."""

    leaders: list[LeaderInDivisionOut] = Field(description="各位领导，按文件次序")
    pairs: list[PairOut] = Field(description="AB角，按文件次序")


class WithdrawDivisionIn(Body, title="撤回分工文件", example={"reason": "录入有误，另行录入"}):
    """Why a document is withdrawn (撤回理由)."""

    reason: Text = Field(description="撤回的理由", examples=["录入有误，另行录入"])


def _whole(row: DivisionDocument) -> DivisionWithLeaders:
    known = {each.leader: LeaderOut(slug=each.leader, name=each.name) for each in row.leaders}
    return DivisionWithLeaders.of(
        row,
        leaders=[_leader(each, known) for each in row.leaders],
        pairs=[PairOut(one=known[each.one], other=known[each.other]) for each in row.pairs],
    )


def _leader(row: DivisionEntry, known: dict[str, LeaderOut]) -> LeaderInDivisionOut:
    return LeaderInDivisionOut.of(
        row,
        assists=[AssistOut.of(each, name=known[each.leader].name) for each in row.assists],
        units=[UnitInDivisionOut.of(each, unit=named(each.unit)) for each in row.units],
    )


router = routes.router("领导工作分工")


@router.get(
    "/leaders",
    summary="列出领导",
    description="各份分工文件中的领导，按代号分页列出；登记外出时填代号。",
    openapi_extra=clauses("D-1"),
)
async def list_leaders(context: Reader, paging: PageRequest) -> Page[LeaderOut]:
    """The leaders by slug (D-1)."""
    return await paging.page(context.session, select(Leader), LeaderOut.of, Leader.slug)


@router.post(
    "/division-documents",
    status_code=201,
    summary="录入领导工作分工文件",
    description="整份录入、整体校验，列出全部不一致之处。自施行之日起代替以前的文件，更早的日期仍按以前的文件回答。录入后不能修改，"
    "录错的撤回后重录。",
    responses=problems(409),
    openapi_extra=clauses(*work.CLAUSES),
)
async def enter_division(body: DivisionIn, context: Manager, response: Response) -> DivisionWithLeaders:
    """A new division document as a whole (D-3)."""
    row = await work.enter(context, body)
    response.headers["Location"] = f"/office/v1/division-documents/{row.id}"
    return _whole(row)


@router.get(
    "/division-documents",
    summary="列出领导工作分工文件",
    description="按施行日期先后分页列出，撤回的也列出。",
    openapi_extra=clauses("D-3"),
)
async def list_divisions(context: Reader, paging: PageRequest) -> Page[DivisionOut]:
    """The documents by their day (D-3)."""
    keys = (DivisionDocument.effective_on, DivisionDocument.id)
    return await paging.page(context.session, select(DivisionDocument), DivisionOut.of, *keys)


@router.get(
    "/division-documents/in-force",
    summary="查看某日施行的领导工作分工文件",
    description="到那一天为止施行日期最晚的一份，全文；不填日期为今天。那一天还没有文件施行时返回 404。",
    responses=problems(404),
    openapi_extra=clauses(*work.CLAUSES),
)
async def read_division_in_force(
    context: Reader, as_of: Annotated[Day | None, Query(description="哪一天，不填为今天")] = None
) -> DivisionWithLeaders:
    """The document in force on a day (D-3)."""
    return _whole(await work.in_force(context, as_of or context.today))


@router.get(
    "/division-documents/{id}",
    summary="查看领导工作分工文件",
    description="全文：各位领导的职务、负责和协助的工作、分管和联系的单位，以及AB角。",
    responses=problems(404),
    openapi_extra=clauses(*work.CLAUSES),
)
async def read_division(id: DocumentId, context: Reader) -> DivisionWithLeaders:
    """A document with all that it says (D-1, D-2)."""
    return _whole(await work.one(context, id))


@router.post(
    "/division-documents/{id}/withdraw",
    summary="撤回录错的领导工作分工文件",
    description="撤回后不再作为依据，由以前的文件回答；文件和撤回的理由都保留。",
    responses=problems(404, 409),
    openapi_extra=clauses("D-3"),
)
async def withdraw_division(
    id: DocumentId, body: WithdrawDivisionIn, context: Manager
) -> DivisionWithLeaders:
    """A document that was entered wrongly counts no more (D-3)."""
    return _whole(await work.withdraw(context, id, body.reason))
