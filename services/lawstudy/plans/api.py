"""Yearly plans: what is studied when, by whom, and how the year is balanced."""

import asyncio
from typing import Annotated, Literal

from fastapi import Path, Query, Response
from pydantic import Field

from kit.context import Context
from kit.district.named_units import UnitId
from kit.district.periods import Month
from kit.web import routes
from kit.web.access import requires
from kit.web.downloads import DOCX, OR_PRINTED, DocumentResponse, download
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import Conflict, problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded
from services.lawstudy.plan import law_study as rules
from services.lawstudy.plan.law_study import Form
from services.lawstudy.plans import work
from services.lawstudy.plans.models import Category, PlanVersion, TopicEntry
from services.lawstudy.plans.shapes import CategoryOut, PlanOut, PlanSummary, TopicOut
from services.lawstudy.plans.workbook import workbook

Reader = Annotated[Context, requires("lawstudy:read", whose=Whose.DISTRICTS)]
AskedVersion = Annotated[
    int | None, Query(ge=1, le=1000, description="第几版；不填为施行中的一版", examples=[1])
]
Year = Annotated[int, Path(ge=2000, le=2100, description="年份", examples=[2024])]


class ShareOut(CategoryOut, title="类别主题数"):
    """How often a plan has a kind of content (类别主题数)."""

    pre_meeting: int = Field(description="会前学法主题数")
    lectures: int = Field(description="专题讲座主题数")
    total: int = Field(description="合计")


class BalanceOut(Grounded, title="内容均衡情况", clauses=("L-5",)):
    """A plan's balance over the seven kinds of content (内容均衡情况, L-5)."""

    year: int = Field(description="年份")
    categories: list[ShareOut] = Field(description="七类内容各有多少主题")
    without: list[int] = Field(description="计划中没有主题的类别序号")


class MonthOut(Answer, title="月份安排"):
    """A month of a plan (月份安排); a month without study has the reason where the plan gives one (L-3a)."""

    month: Month = Field(description="月份")
    topics: list[str] = Field(
        description="计划在该月会前学习的法律法规", examples=[["中华人民共和国安全生产法"]]
    )
    reason: str | None = Field(
        description="计划写明的这个月不安排会前学法的原因；没有写的为空", examples=["春节假期"]
    )


class MonthsOut(Grounded, title="逐月安排", clauses=("N-1.1", "L-3a")):
    """The months of a year and what is planned for them (逐月安排)."""

    year: int = Field(description="年份")
    months: list[MonthOut] = Field(description="一月至十二月")
    without: list[Month] = Field(description="计划中没有会前学法的月份，不论是否另有原因")


router = routes.router("年度学法计划")


@router.get(
    "/plans",
    summary="列出年度学法计划",
    description="各年度学法计划的文号、印发日期和主题数，由近及远分页列出。",
    openapi_extra=clauses("N-1.1", "N-1.2"),
)
async def list_plans(context: Reader, paging: PageRequest) -> Page[PlanSummary]:
    """The plans, the newest first."""
    rows, following = await paging.fetch(context.session, work.plans(), PlanVersion.year, descending=True)
    return Page(items=[PlanSummary.shown(row) for row in rows], next=following)


@router.get(
    "/plans/{year}",
    summary="查看年度学法计划",
    description="施行中的一版，或者 version 所指的一版：文号、审定会议和全部主题。计划只定到月份的，只给月份。"
    "尚未印发的草案只给参与制定的单位看。format=xlsx 返回表格，format=docx 返回可打印的文件。",
    response_model=PlanOut,
    responses=problems(404) | OR_PRINTED,
    openapi_extra=clauses("N-1.1", "N-1.2", "L-6"),
)
async def read_plan(
    year: Year,
    context: Reader,
    version: AskedVersion = None,
    format: Annotated[Literal["json", "xlsx", "docx"], Query(description="返回的格式")] = "json",
) -> PlanOut | Response:
    """A version of a year's plan with its topics, the one in force where none is asked for (N-1.1, N-1.2, L-6)."""
    plan = await _asked(context, year, version)
    if format == "xlsx":
        return download(await asyncio.to_thread(workbook, plan, context.now), f"{plan.title}.xlsx")
    if format == "docx":
        from services.lawstudy.plans import letters  # here, since its library takes its time

        content = await asyncio.to_thread(letters.plan, plan, context.now)
        return download(content, f"{plan.title}.docx", DOCX)
    return PlanOut.shown(plan)


async def _asked(context: Context, year: int, version: int | None) -> PlanVersion:
    if version is None:
        return await work.in_force(context.session, year)
    return await work.version_of(context, year, version)


@router.get(
    "/plans/{year}/notice",
    summary="起草印发计划的通知",
    description="印发施行中的一版或者 version 所指一版的通知，附计划全文，按公文版面排好，供核改、套红和用印。"
    "审定以后、印发以前也可以起草，文号空着。",
    response_class=DocumentResponse,
    responses=problems(404, 409),
    openapi_extra=clauses("L-6"),
)
async def read_notice(year: Year, context: Reader, version: AskedVersion = None) -> Response:
    """The notice by which a version is issued, as a document to print (L-6)."""
    plan = await _asked(context, year, version)
    if plan.approved_by is None:
        raise Conflict("not-approved", "这一版还没有审定，审定以后才能起草印发通知。", clauses=("L-6",))
    altered = await work.changes(context, plan) if plan.adjusts is not None else []
    from services.lawstudy.plans import letters

    content = await asyncio.to_thread(letters.notice, plan, altered, context.now)
    return download(content, f"关于印发{plan.title}的通知.docx", DOCX)


@router.get(
    "/plans/{year}/topics",
    summary="查询计划中的学法主题",
    description="可按月份、责任部门、学法形式和内容类别筛选，按计划的次序分页列出。",
    responses=problems(404),
    openapi_extra=clauses("N-1.1", "N-1.2"),
)
async def list_topics(
    year: Year,
    context: Reader,
    paging: PageRequest,
    month: Annotated[Month | None, Query(description="计划学习的月份", examples=["2024-06"])] = None,
    department: Annotated[
        UnitId | None, Query(description="责任部门的编号或名称，简称也可", examples=["区应急局"])
    ] = None,
    form: Annotated[
        Form | None,
        Query(description="学法形式：pre_meeting 会前学法，lecture 专题讲座", examples=["pre_meeting"]),
    ] = None,
    category: Annotated[int | None, Query(ge=1, le=7, description="内容类别序号", examples=[4])] = None,
) -> Page[TopicOut]:
    """Topics of a plan in its order (N-1.1, N-1.2)."""
    plan = await work.in_force(context.session, year)
    query = work.topics(plan, month=month, unit=department, form=form, category_number=category)
    return await paging.page(context.session, query, TopicOut.shown, TopicEntry.position)


@router.get(
    "/plans/{year}/balance",
    summary="查看计划的内容均衡情况",
    description="学法制度第五条的七类内容在计划中各有多少主题，哪几类没有。归类由本系统作出。",
    responses=problems(404),
    openapi_extra=clauses("L-5"),
)
async def read_balance(year: Year, context: Reader) -> BalanceOut:
    """A plan's balance over the seven kinds of content (L-5)."""
    plan = await work.in_force(context.session, year)
    counted = rules.balance(
        (topic.category_number, topic.form) for topic in plan.topics if topic.category_number is not None
    )
    shares = [
        _share(category, counted[category.number]) for category in await work.categories(context.session)
    ]
    without = [share.number for share in shares if share.total == 0]
    return BalanceOut.of(year=year, categories=shares, without=without)


def _share(category: Category, forms: rules.Counted) -> ShareOut:
    return ShareOut.of(
        category, pre_meeting=forms["pre_meeting"], lectures=forms["lecture"], total=forms.total()
    )


@router.get(
    "/plans/{year}/months",
    summary="逐月查看会前学法安排",
    description="一月至十二月各计划学习什么，哪几个月计划中没有会前学法。所列为计划安排，不是实际举办情况。",
    responses=problems(404),
    openapi_extra=clauses("N-1.1", "L-3a"),
)
async def read_months(year: Year, context: Reader) -> MonthsOut:
    """What is planned for each month, and the months that no pre-meeting study is planned for."""
    plan = await work.in_force(context.session, year)
    planned = [
        (topic.month, topic.title) for topic in plan.topics if topic.form == "pre_meeting" and topic.month
    ]
    reasons = {each.month: each.reason for each in plan.exceptions}
    return MonthsOut.of(
        year=year,
        months=[
            MonthOut(
                month=month,
                topics=[title for its, title in planned if its == month],
                reason=reasons.get(month),
            )
            for month in rules.months_of(year)
        ],
        without=rules.months_without((month for month, _ in planned), year),
    )
