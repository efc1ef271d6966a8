"""Endpoints of the red and black list, of key rectification, and of what a company's credit gives it access to."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import Day
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.downloads import OR_WORKBOOK, download
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.routes import clauses, move
from kit.web.shapes import Answer, Grounded
from kit.workbooks.writing import Column, Layout, table
from services.credit.base import Anybody
from services.credit.evaluations.api import NO_SUCH_EVALUATION, EvaluationId, shown
from services.credit.evaluations.models import EVALUATIONS, Evaluation
from services.credit.evaluations.shapes import EvaluationOut, List
from services.credit.lists import work
from services.credit.lists.models import ListEntry
from services.credit.lists.published import NEWEST, entries
from services.credit.plan.evaluation import EVALUATION
from services.credit.records.shapes import Exact

CLAUSES = ("P-2.3.4b",)


class ListEntryOut(Grounded, title="红黑榜企业", clauses=CLAUSES):
    """A company on a list, with the reasons (红黑榜)."""

    evaluation_id: UUID = Field(description="信用评价编号")
    begins_on: date = Field(description="评价周期的第一天")
    ends_on: date = Field(description="评价周期的最后一天")
    listed_on: date = Field(description="公布日期")
    listed: List = Field(description="red 红榜，black 黑榜")
    company_id: UUID = Field(description="企业编号")
    name: str = Field(description="企业名称", examples=["某某物业服务有限公司（虚构）"])
    uscc: str | None = Field(description="统一社会信用代码；当时没有的为空", examples=["91110000600037341L"])
    score: Exact = Field(description="得分", examples=["58.00"])
    grade: str = Field(description="信用等级", examples=["C"])
    reasons: list[str] = Field(description="列入的理由", examples=[["信用等级C（58.00 分）"]])
    left_on: date | None = Field(description="移出黑榜的日期，自这一天起不再公开；没有移出的为空")
    exit_reason: str | None = Field(description="移出的原因；没有移出的为空", examples=["信用修复"])


class YearOut(Answer, title="列入黑榜的周期"):
    """A period for which a company was on the black list (周期)."""

    begins_on: date = Field(description="评价周期的第一天")
    ends_on: date = Field(description="评价周期的最后一天")


class RectificationOut(Grounded, title="重点整改企业", clauses=("P-2.3.5b",)):
    """A company under key rectification, on the black list two periods running (重点整改)."""

    company_id: UUID = Field(description="企业编号")
    name: str = Field(description="企业名称", examples=["某某物业服务有限公司（虚构）"])
    uscc: str | None = Field(description="统一社会信用代码；当时没有的为空", examples=["91110000600037341L"])
    periods: list[YearOut] = Field(description="连续列入黑榜的两个周期")
    barred_from_awards: bool = Field(description="取消行业各类奖励评比资格")
    exposed: bool = Field(description="通过媒体向社会曝光")


router = routes.router("红黑榜")


@move(
    router,
    "/evaluations/{id}",
    EVALUATION,
    "list",
    "公示期满后公布红榜和黑榜，写明每家企业列入的理由。",
    summary="公布红黑榜",
)
async def list_evaluation(
    id: EvaluationId, context: Annotated[Context, requires(whose=Whose.DISTRICTS)]
) -> EvaluationOut:
    """Publish the lists of an evaluation."""
    row = await db.locked(context.session, Evaluation, id, NO_SUCH_EVALUATION)
    EVALUATION.check(row.state, "list", context.caller)
    count = await work.publish_lists(context, row)
    EVALUATIONS.step(context, row, "list", None, results=count)
    return shown(row, context)


@router.get(
    "/lists",
    summary="查询红黑榜",
    description="已公布的红榜、黑榜和列入的理由，按周期和统一社会信用代码先后分页列出；已移出的注明。"
    "本榜是本区物业服务信用评价的结果，不是严重失信主体名单。format=xlsx 返回符合条件的全部企业。",
    response_model=Page[ListEntryOut],
    responses=OR_WORKBOOK,
    openapi_extra=clauses(*CLAUSES),
)
async def list_lists(
    context: Anybody,
    paging: PageRequest,
    listed: Annotated[List | None, Query(description="red 红榜，black 黑榜")] = None,
    evaluation: Annotated[UUID | None, Query(description="信用评价编号")] = None,
    newest: Annotated[bool, Query(description="true 只列最近一次公布的")] = False,
    format: Annotated[Literal["json", "xlsx"], Query(description="返回的格式")] = "json",
) -> Page[ListEntryOut] | Response:
    """Who is on the lists."""
    whole = entries(public=False).subquery("entries")
    query = narrowed(select(*whole.c), listed=listed, evaluation_id=evaluation)
    if newest:
        query = query.where(whole.c.evaluation_id == NEWEST)
    if format == "xlsx":
        found = await context.session.execute(query.order_by(whole.c.ends_on, whole.c.listed, whole.c.name))
        return download(
            workbook([ListEntryOut.of(row) for row in found]), f"物业服务红黑榜{context.now:%Y%m%d}.xlsx"
        )
    rows, following = await paging.fetch(context.session, query, whole.c.ends_on, whole.c.company_id)
    return Page(items=[ListEntryOut.of(row) for row in rows], next=following)


_COLUMNS = (
    Column("序号", width=6),
    Column("榜单", width=8),
    Column("企业名称", width=44),
    Column("统一社会信用代码", width=24),
    Column("评价周期", width=26),
    Column("得分", width=8),
    Column("信用等级", width=10),
    Column("列入理由", width=60),
    Column("公布日期", width=14),
    Column("移出日期", width=14),
)


def workbook(rows: Sequence[ListEntryOut]) -> bytes:
    """The lists as a workbook."""
    told = [
        (
            number,
            "红榜" if row.listed == "red" else "黑榜",
            row.name,
            row.uscc,
            f"{row.begins_on} 至 {row.ends_on}",
            row.score,
            row.grade,
            "；".join(row.reasons),
            row.listed_on,
            row.left_on,
        )
        for number, row in enumerate(rows, 1)
    ]
    return table(_COLUMNS, told, Layout(sheet="红黑榜", title="东胜区物业服务红黑榜"))


@router.get(
    "/rectifications",
    summary="列出重点整改企业",
    description="连续两个评价周期列入黑榜的企业，由已公布的榜单算出；取消奖励评比资格，并通过媒体曝光，直到以后的评价不再列入黑榜。",
    openapi_extra=clauses("P-2.3.5b"),
)
async def list_rectifications(
    context: Anybody, on: Annotated[Day | None, Query(description="哪一天；不填为今天")] = None
) -> list[RectificationOut]:
    """The companies under key rectification."""
    black = select(ListEntry.company_id, ListEntry.name, ListEntry.uscc).where(ListEntry.listed == "black")
    named = {row.company_id: row for row in await context.session.execute(black)}
    found = await work.rectification(context.session, named, on or context.today)
    return [
        RectificationOut.of(
            named[company],
            periods=[YearOut.of(each) for each in pair],
            barred_from_awards=True,
            exposed=True,
        )
        for company, pair in found.items()
    ]
