"""A street's hand-ins are versions of its survey: what each changed since the one before (P-3.1)."""

from dataclasses import astuple
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field
from sqlalchemy import Select, Text, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from kit.storage import db
from kit.web import routes
from kit.web.downloads import OR_WORKBOOK, download
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded
from kit.workbooks.writing import Column, Layout, table
from services.property.base import Reader
from services.property.surveys.changes import Change, ChangeKind, Row, changes
from services.property.surveys.models import SurveyRecord
from services.property.surveys.withdrawal import CLAUSES, NO_SUCH_SURVEY, SurveyId, must_own

_KINDS: dict[ChangeKind, str] = {"new": "新报送", "absent": "本次没有", "changed": "改动"}


class ChangeOut(Answer, title="摸底改动"):
    """A compound that is new or absent, or a cell that is another (摸底改动)."""

    kind: ChangeKind = Field(description="new 新报送的小区，absent 本次没有的小区，changed 改动的单元格")
    street: str = Field(description="街道（镇）", examples=["天骄街道"])
    community: str = Field(description="社区", examples=["团结社区"])
    compound: str = Field(description="小区名称", examples=["天骄小区"])
    heading: str = Field(description="列名；不是改动的为空", examples=["户数"])
    before: str = Field(description="上一次的内容", examples=["200"])
    after: str = Field(description="本次的内容", examples=["210"])


class ChangesOut(Grounded, title="与上一次摸底的改动", clauses=CLAUSES):
    """What a hand-in changed since its streets' last ones (与上一次摸底的改动)."""

    survey: UUID = Field(description="摸底记录编号")
    since: list[UUID] = Field(description="各街道（镇）上一次的摸底记录；都是第一次的为空")
    items: list[ChangeOut] = Field(description="逐个小区、逐格的改动")


router = routes.router("摸底统计")


@router.get(
    "/surveys/{id}/changes",
    summary="查看摸底与上一次的改动",
    description="一次摸底与同一街道（镇）上一次报送逐格比较：新报送的、本次没有的小区，和改动的单元格。"
    "撤回的不比较。一个街道的各次报送见 /surveys?street=。format=xlsx 返回工作簿。",
    openapi_extra=clauses(*CLAUSES),
    responses=problems(404) | OR_WORKBOOK,
    response_model=ChangesOut,
)
async def read_survey_changes(
    id: SurveyId,
    context: Reader,
    format: Annotated[Literal["json", "xlsx"], Query(description="json 或 xlsx 工作簿")] = "json",
) -> ChangesOut | Response:
    """What the hand-in changed since the last one of each of its streets."""
    record = await db.found(context.session, SurveyRecord, id, NO_SUCH_SURVEY)
    must_own(context, record)
    session = context.session
    last: dict[str, UUID] = dict((await session.execute(_last(record))).all())
    kept: Select[Any] = select(SurveyRecord.id, SurveyRecord.said).where(
        SurveyRecord.id.in_({id, *last.values()})
    )
    said: dict[UUID, list[Row]] = dict((await session.execute(kept)).all())
    before = [row for street, by in last.items() for row in said[by] if row["street"] == street]
    found = list(changes(before, said[id]))
    if format == "xlsx":
        return download(_workbook(found), f"摸底改动{record.as_of:%Y%m%d}.xlsx")
    return ChangesOut.of(
        survey=id, since=sorted(set(last.values())), items=[ChangeOut.of(each) for each in found]
    )


def _last(record: SurveyRecord) -> Select[Any]:
    """Each of a record's streets with the hand-in before it, withdrawn ones left out."""
    street = func.unnest(SurveyRecord.streets, type_=Text()).label("street")
    earlier = select(street, SurveyRecord.id).where(
        SurveyRecord.id < record.id, SurveyRecord.withdrawn_at.is_(None)
    )
    of = earlier.subquery()
    return (
        select(of.c.street, of.c.id)
        .where(of.c.street.in_(record.streets))
        .ext(distinct_on(of.c.street))
        .order_by(of.c.street, of.c.id.desc())
    )


def _workbook(found: list[Change]) -> bytes:
    columns = [
        Column(name, width=16) for name in ("改动", "街道（镇）", "社区", "小区", "列名", "上一次", "本次")
    ]
    rows = [(_KINDS[each.kind], *astuple(each)[1:]) for each in found]
    return table(columns, rows, Layout(sheet="改动", title="与上一次摸底的改动"))
