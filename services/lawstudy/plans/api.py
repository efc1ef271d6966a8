"""Yearly plans: what is studied when, by whom, and how the year is balanced."""

import asyncio
from datetime import date
from typing import Annotated, Literal, Self

from fastapi import Path, Query, Response
from pydantic import Field

from kit.context import Context
from kit.district.citations import cite
from kit.district.named_units import NamedUnit, UnitId, UnitShown, named
from kit.district.periods import Month
from kit.web import routes
from kit.web.access import requires
from kit.web.downloads import OR_WORKBOOK, download
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded
from services.lawstudy.plan import law_study as rules
from services.lawstudy.plan.law_study import Form
from services.lawstudy.plans import work
from services.lawstudy.plans.models import Category, PlanVersion, TopicEntry
from services.lawstudy.plans.workbook import workbook

Reader = Annotated[Context, requires("lawstudy:read", whose=Whose.DISTRICTS)]
Year = Annotated[int, Path(ge=2000, le=2100, description="年份", examples=[2024])]


class DepartmentOut(NamedUnit, title="责任部门"):
    """The unit that answers for a topic (责任部门)."""

    written: str = Field(description="计划中的写法", examples=["区司法局"])


class CategoryOut(Answer, title="学法内容类别"):
    """A kind of content (学法内容类别, L-5)."""

    number: int = Field(description="类别序号，与学法制度第五条的项号相同", examples=[4])
    name: str = Field(description="类别，按第五条概括", examples=["新颁布、新修订的法律法规"])
    at: str = Field(description="在学法制度中的位置", examples=["第五条(四)"])


class TopicOut(Grounded, title="学法主题"):
    """A topic of a plan (学法主题); it rests on its own clause."""

    id: str = Field(description="主题编号，调整时间后不变", examples=["2024-P1"])
    position: int = Field(description="在计划中的次序")
    form: Form = Field(description="学法形式：pre_meeting 会前学法，lecture 专题讲座")
    form_zh: str = Field(description="学法形式", examples=["会前学法"])
    title: str = Field(description="学习的法律法规", examples=["中华人民共和国行政复议法"])
    month: Month | None = Field(description="计划学习的月份；计划未定时间的为空")
    department: DepartmentOut | None = Field(description="责任部门；计划未定的为空")
    category: CategoryOut = Field(description="内容类别。计划未作分类，由本系统归入")
    category_reason: str = Field(description="归入这一类的理由", examples=["2023年修订，2024年1月1日起施行"])

    @classmethod
    def shown(cls, row: TopicEntry) -> Self:
        """The row as an answer."""
        department = row.unit and DepartmentOut.of(named(row.unit), written=row.unit_written)
        return cls.of(row, id=row.topic_id, department=department)


class PlanSummary(Grounded, title="学法计划概要"):
    """A year's plan in a list (学法计划概要); it rests on L-6 and the clauses of its topics."""

    year: int = Field(description="年份", examples=[2024])
    number: str = Field(description="发文字号", examples=["东政办发〔2024〕26号"])
    title: str = Field(description="文件名称", examples=["东胜区人民政府常务会议2024年度学法计划"])
    issued_on: date = Field(description="印发日期")
    drafted_by: UnitShown = Field(description="拟定单位")
    approved_by: str = Field(description="审定会议", examples=["区人民政府2024年第7次常务会议"])
    pre_meeting: int = Field(description="会前学法主题数")
    lectures: int = Field(description="专题讲座主题数")

    @classmethod
    def shown(cls, plan: PlanVersion) -> Self:
        """The plan as an answer."""
        return cls.of(plan, basis=cite("L-6", *(topic.clause for topic in plan.topics)))


class PlanOut(PlanSummary, title="学法计划"):
    """A year's plan with its topics (学法计划)."""

    topics: list[TopicOut] = Field(description="主题，按计划的次序")

    @classmethod
    def shown(cls, plan: PlanVersion) -> Self:
        """The plan as an answer."""
        topics = [TopicOut.shown(topic) for topic in plan.topics]
        return cls.of(PlanSummary.shown(plan), topics=topics)


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
    """A month of a plan (月份安排)."""

    month: Month = Field(description="月份")
    topics: list[str] = Field(
        description="计划在该月会前学习的法律法规", examples=[["中华人民共和国安全生产法"]]
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
    description="文号、审定会议和全部主题。计划只定到月份的，只给月份。format=xlsx 返回可打印的表格。",
    response_model=PlanOut,
    responses=problems(404) | OR_WORKBOOK,
    openapi_extra=clauses("N-1.1", "N-1.2"),
)
async def read_plan(
    year: Year,
    context: Reader,
    format: Annotated[Literal["json", "xlsx"], Query(description="返回的格式")] = "json",
) -> PlanOut | Response:
    """A year's plan with its topics (N-1.1, N-1.2)."""
    plan = await work.in_force(context.session, year)
    if format == "xlsx":
        return download(await asyncio.to_thread(workbook, plan, context.now), f"{plan.title}.xlsx")
    return PlanOut.shown(plan)


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
    openapi_extra=clauses("N-1.1"),
)
async def read_months(year: Year, context: Reader) -> MonthsOut:
    """What is planned for each month, and the months that no pre-meeting study is planned for."""
    plan = await work.in_force(context.session, year)
    planned = [
        (topic.month, topic.title) for topic in plan.topics if topic.form == "pre_meeting" and topic.month
    ]
    return MonthsOut.of(
        year=year,
        months=[
            MonthOut(month=month, topics=[title for its, title in planned if its == month])
            for month in rules.months_of(year)
        ],
        without=rules.months_without((month for month, _ in planned), year),
    )
