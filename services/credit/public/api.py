"""What everybody may query of companies' credit, without a token and without personal data (P-2.3.2b, P-2.3.4b)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Query, Response
from fastapi.responses import HTMLResponse
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.web import printing, routes
from kit.web.downloads import OR_WORKBOOK, download
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded
from services.credit.companies.api import Code, Name
from services.credit.companies.models import Company
from services.credit.companies.work import matching
from services.credit.evaluations.models import Evaluation
from services.credit.evaluations.shapes import List
from services.credit.lists.api import ListEntryOut, workbook
from services.credit.lists.published import NEWEST, entries, public_reasons
from services.credit.records.shapes import Exact
from services.credit.schemes.work import the_scheme
from services.credit.scoring.statement import ScoreOf
from services.credit.scoring.work import scores_of
from services.credit.window import Public

NO_LIST: Final = "还没有公布红黑榜。"
NOT_THE_NATIONAL: Final = "本榜是东胜区物业服务信用评价的结果，不是严重失信主体名单。"


class PublicListOut(Answer, title="公开的红黑榜记录"):
    """A public list that a company is on (红黑榜)."""

    listed: List = Field(description="red 红榜，black 黑榜")
    begins_on: date = Field(description="评价周期的第一天")
    ends_on: date = Field(description="评价周期的最后一天")
    listed_on: date = Field(description="公布日期")
    reasons: list[str] = Field(
        description="列入的理由；此后修复、撤回的信息不再写明", examples=[["信用等级C（58.00 分）"]]
    )


class PublicCompanyOut(Grounded, title="企业信用公开信息", clauses=("P-2.3.2b",)):
    """What everybody may know of a company's credit (公开信息)."""

    name: str = Field(description="企业名称", examples=["某某物业服务有限公司（虚构）"])
    uscc: str | None = Field(description="统一社会信用代码；尚未录入的为空", examples=["91110000600037341L"])
    score: Exact = Field(description="得分", examples=["82.00"])
    grade: str = Field(description="信用等级", examples=["AA"])
    as_of: date = Field(description="评分日")
    scheme: str = Field(description="所用评价方案", examples=["default-2026-1"])
    lists: list[PublicListOut] = Field(description="公开的红榜、黑榜；已移出的不列")


router = routes.router("公众查询")


@router.get(
    "/public/companies",
    summary="公众查询企业信用",
    description="不需令牌，按名称或统一社会信用代码查询当前信用等级、得分和公开的红黑榜，不含个人信息。"
    "同一地址每分钟最多 60 次，超过的返回 429，并以 Retry-After 说明何时重试。",
    responses=problems(404, 429),
    openapi_extra=clauses("P-2.3.2b"),
)
async def query_companies(
    context: Public,
    paging: PageRequest,
    name: Annotated[Name | None, Query(description="名称中含有的文字", examples=["物业"])] = None,
    uscc: Annotated[
        Code | None, Query(description="统一社会信用代码", examples=["91110000600037341L"])
    ] = None,
) -> Page[PublicCompanyOut]:
    """Companies with their grade today and the public lists that they are on."""
    rows, following = await paging.fetch(context.session, matching(name, uscc), Company.id)
    return Page(items=await _told(context, rows), next=following)


async def _told(context: Context, rows: Sequence[Company]) -> list[PublicCompanyOut]:
    ids = tuple(row.id for row in rows)
    scheme = await the_scheme(context.session, None, context.today)
    scores = await scores_of(context.session, scheme, ScoreOf(context.today, which=ids))
    totals = {score.total["company_id"]: score.total for score in scores}
    on: dict[UUID, list[PublicListOut]] = defaultdict(list)
    whole = entries(public=True).subquery("entries")
    listed = select(*whole.c).where(whole.c.company_id.in_(ids)).order_by(whole.c.ends_on)
    for each in await _public(context, (await context.session.execute(listed)).all()):
        on[each.company_id].append(PublicListOut.of(each))
    return [
        PublicCompanyOut.of(
            row,
            score=totals[row.id]["score"],
            grade=totals[row.id]["grade"],
            as_of=context.today,
            scheme=scheme.code,
            lists=on[row.id],
        )
        for row in rows
    ]


async def _public(context: Context, rows: Sequence[Any]) -> list[ListEntryOut]:
    """Entries as the public is told of them."""
    reasons = await public_reasons(context.session, rows)
    return [ListEntryOut.of(row, reasons=reasons[row.evaluation_id, row.company_id]) for row in rows]


@router.get(
    "/public/lists",
    summary="公众查询红黑榜",
    description="不需令牌，公布的红榜、黑榜和列入的理由，按周期分页列出；已移出的不列，此后修复、撤回的信息不再写明。"
    f"{NOT_THE_NATIONAL}format=xlsx 返回符合条件的全部企业。同一地址每分钟最多 60 次。",
    response_model=Page[ListEntryOut],
    responses=OR_WORKBOOK | problems(429),
    openapi_extra=clauses("P-2.3.4b"),
)
async def query_lists(
    context: Public,
    paging: PageRequest,
    listed: Annotated[List | None, Query(description="red 红榜，black 黑榜")] = None,
    evaluation: Annotated[UUID | None, Query(description="信用评价编号；不填为全部")] = None,
    newest: Annotated[bool, Query(description="true 只列最近一次公布的")] = False,
    format: Annotated[Literal["json", "xlsx"], Query(description="返回的格式")] = "json",
) -> Page[ListEntryOut] | Response:
    """The published red and black lists, for everybody."""
    whole = entries(public=True).subquery("entries")
    query = narrowed(select(*whole.c), listed=listed, evaluation_id=evaluation)
    if newest:
        query = query.where(whole.c.evaluation_id == NEWEST)
    if format == "xlsx":
        ordered = query.order_by(whole.c.ends_on, whole.c.listed, whole.c.name)
        found = await _public(context, (await context.session.execute(ordered)).all())
        return download(workbook(found), f"物业服务红黑榜{context.now:%Y%m%d}.xlsx")
    rows, following = await paging.fetch(context.session, query, whole.c.ends_on, whole.c.company_id)
    return Page(items=await _public(context, rows), next=following)


@router.get(
    "/public/lists/page",
    summary="公开的红黑榜页面",
    description="最近一次或指定的评价公布的红榜和黑榜，供公众阅读和打印；已移出的不列。" + NOT_THE_NATIONAL,
    response_class=HTMLResponse,
    responses=problems(429),
    openapi_extra=clauses("P-2.3.4b"),
)
async def show_lists(
    context: Public,
    evaluation: Annotated[UUID | None, Query(description="信用评价编号；不填为最近一次")] = None,
) -> Any:
    """The published red and black list as a page that prints."""
    query = select(Evaluation).where(Evaluation.listed_on.is_not(None))
    if evaluation is not None:
        query = query.where(Evaluation.id == evaluation)
    row = await context.session.scalar(query.order_by(Evaluation.ends_on.desc()).limit(1))
    if row is None:
        return printing.answer("物业服务红黑榜", printing.paragraph(NO_LIST))
    whole = entries(public=True).subquery("entries")
    on = select(*whole.c).where(whole.c.evaluation_id == row.id).order_by(whole.c.name, whole.c.company_id)
    found = await _public(context, (await context.session.execute(on)).all())
    period = f"评价周期：{row.begins_on} 至 {row.ends_on}；公布日期：{row.listed_on}"
    return printing.answer(
        "东胜区物业服务红黑榜",
        printing.paragraph(period),
        printing.heading("红榜"),
        _table([each for each in found if each.listed == "red"]),
        printing.heading("黑榜"),
        _table([each for each in found if each.listed == "black"]),
        printing.paragraph(NOT_THE_NATIONAL),
    )


def _table(rows: Sequence[Any]) -> str:
    told = (
        (number, row.name, row.uscc, row.score, row.grade, "；".join(row.reasons))
        for number, row in enumerate(rows, 1)
    )
    return printing.table(("序号", "企业名称", "统一社会信用代码", "得分", "信用等级", "列入理由"), told)
