"""How a year stands with the study system: every demand with its clause, and what is still possible by when."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import Query
from pydantic import Field

from kit.context import Context
from kit.district.clock import LocalTime
from kit.district.named_units import UnitShown
from kit.district.periods import Month
from kit.figures.canvas import USUAL
from kit.web import routes
from kit.web.downloads import OR_REPORTED, FigureWidth, drawn, reported
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded, choices
from services.lawstudy.attendance.api import persons_of
from services.lawstudy.attendance.shapes import PersonAttendance
from services.lawstudy.base import Reader
from services.lawstudy.compliance import figure
from services.lawstudy.compliance.work import Year
from services.lawstudy.plan import compliance as rules
from services.lawstudy.plan.compliance import MonthJudged, MonthStanding
from services.lawstudy.plan.law_study import CATEGORIES
from services.lawstudy.plan.lead_times import Standing
from services.lawstudy.plans.work import categories
from services.lawstudy.sessions.models import Session

CLAUSES = ("L-3a", "L-3b", "L-4b", "L-5", "N-2.1")


class StudyMonthOut(Answer, title="当月学法情况"):
    """How a month stands with pre-meeting study (当月学法情况)."""

    month: Month = Field(description="月份")
    standing: MonthStanding = Field(description=f"情况：{choices(MonthStanding)}")
    standing_zh: str = Field(description="情况", examples=["已学习"])
    held: int = Field(description="当月举行的会前学法次数")
    to_come: int = Field(description="当月已列入、尚未举行的会前学法次数")
    reason: str | None = Field(description="计划中写明的不安排理由", examples=[None])
    until: date | None = Field(description="最迟可在哪一天前安排；不需要或已来不及的为空")

    @classmethod
    def shown(cls, judged: MonthJudged) -> Self:
        """A month as an answer."""
        return cls.of(judged, judged.facts, standing_zh=judged.standing.zh)


class StudyMonthsOut(Grounded, title="会前学法逐月情况", clauses=("L-3a",)):
    """The months of a year against one pre-meeting study a month (会前学法逐月情况, L-3a)."""

    months: list[StudyMonthOut] = Field(description="一月至十二月")
    without: list[Month] = Field(description="应学而没有学习、也没有写明理由的月份")
    open: list[Month] = Field(description="还没有学习、尚可安排的月份")


class StudyLecturesOut(Grounded, title="专题讲座举办情况", clauses=("L-3b",)):
    """The lectures of a year against two (专题讲座举办情况, L-3b)."""

    held: int = Field(description="已举办次数")
    to_come: int = Field(description="已列入、尚未举办的次数")
    wanting: int = Field(description="距每年两次还差的次数")
    enough: bool = Field(description="已举办的是否达到两次")
    until: date | None = Field(description="最迟可在哪一天前举办；已达到或已来不及的为空")
    sentence: str = Field(description="结论", examples=["已举办专题讲座 2 次，符合每年不少于 2 次的要求。"])


class TextOfSessionOut(Answer, title="学法材料时限"):
    """A session whose text was late or is missing (学法材料时限)."""

    session_id: UUID = Field(description="学法安排编号")
    titles: list[str] = Field(description="学习的法律法规", examples=[["煤矿安全生产条例"]])
    unit: UnitShown | None = Field(description="责任部门；未定的为空")
    day: date | None = Field(description="学法日期")
    text_due_at: LocalTime | None = Field(description="应报送的最后时间")
    passed_at: LocalTime | None = Field(description="审核通过并报送的时间；没有的为空")


class StudyTextsOut(Grounded, title="学法材料报送汇总", clauses=("N-2.1", "L-7c")):
    """How the texts of a year were handed in (学法材料报送汇总, N-2.1)."""

    in_time: int = Field(description="按时报送的次数")
    open: int = Field(description="未到期的次数")
    late: list[TextOfSessionOut] = Field(description="迟报的")
    missing: list[TextOfSessionOut] = Field(description="逾期未报的")


class CategoryStudiedOut(Answer, title="类别学习情况"):
    """How often a kind of content was planned and studied (类别学习情况)."""

    number: int = Field(description="类别序号，与学法制度第五条的项号相同", examples=[4])
    name: str = Field(description="类别，按第五条概括", examples=["新颁布、新修订的法律法规"])
    planned: int = Field(description="现行计划中的主题数")
    studied: int = Field(description="已学习的主题数")


class CategoriesStudiedOut(Grounded, title="七类内容覆盖情况", clauses=("L-5",)):
    """The seven kinds of content over a year (七类内容覆盖情况, L-5)."""

    categories: list[CategoryStudiedOut] = Field(description="七类内容")
    not_studied: list[int] = Field(description="还没有学习过的类别序号")
    not_planned: list[int] = Field(description="现行计划中没有主题的类别序号；可以调整计划补充")


class PersonsOut(Grounded, title="年度出席情况", clauses=("L-4b",)):
    """Who was at the sessions that were held (年度出席情况, L-4b)."""

    persons: list[PersonAttendance] = Field(description="按人统计")
    to_make_up: list[str] = Field(description="请假或缺席后还没有全部补学的人员", examples=[["韩涛"]])


class ComplianceOut(Grounded, title="年度学法执行情况", clauses=CLAUSES):
    """How a year stands with the study system (年度学法执行情况)."""

    year: int = Field(description="年份", examples=[2024])
    as_of: date = Field(description="截至日期")
    plan_version: int = Field(description="现行计划的版本", examples=[1])
    pre_meeting: StudyMonthsOut = Field(description="会前学法：原则上每月一次")
    lectures: StudyLecturesOut = Field(description="专题讲座：每年不少于两次")
    texts: StudyTextsOut = Field(description="经审核的材料是否提前报送")
    attendance: PersonsOut = Field(description="参加人员的出席、请假和补学")
    content: CategoriesStudiedOut = Field(description="七类内容")


router = routes.router("学法执行情况")


@router.get(
    "/compliance",
    summary="查看年度学法执行情况",
    description="逐月会前学法、专题讲座次数、材料报送、出席和七类内容，各附依据；年度中间查询时说明哪些尚可补上、最迟何时。"
    "format=svg 返回十二个月的月历图，format=docx 下载可改的报告。",
    responses=problems(404) | OR_REPORTED,
    openapi_extra=clauses(*CLAUSES),
)
async def read_compliance(
    context: Reader,
    year: Annotated[int, Query(ge=2000, le=2100, description="年份", examples=[2024])],
    format: Annotated[Literal["json", "docx", "svg"], Query(description="json、docx 或 svg 图")] = "json",
    width: FigureWidth = USUAL,
) -> ComplianceOut:
    """How a year stands with the study system, today."""
    found = await Year.read(context, year)
    told = ComplianceOut.of(
        year=year,
        as_of=context.today,
        plan_version=found.plan.version,
        pre_meeting=_months(found, context.today),
        lectures=_lectures(found, context.today),
        texts=_texts(found, context.now),
        attendance=await _attendance(context, year),
        content=await _content(context, found),
    )
    if format == "docx":
        return await reported(figure.report(told), context.now)  # type: ignore[return-value]
    return drawn(figure.drawing(told, width)) if format == "svg" else told  # type: ignore[return-value]


def _months(found: Year, today: date) -> StudyMonthsOut:
    judged = found.months(today)
    return StudyMonthsOut.of(
        months=[StudyMonthOut.shown(each) for each in judged],
        without=[each.facts.month for each in judged if each.standing is MonthStanding.MISSING],
        open=[each.facts.month for each in judged if each.standing is MonthStanding.OPEN],
    )


def _lectures(found: Year, today: date) -> StudyLecturesOut:
    judged = found.lectures(today)
    return StudyLecturesOut.of(judged, sentence=rules.sentence_of_lectures(judged))


def _texts(found: Year, now: LocalTime) -> StudyTextsOut:
    texts = found.texts(now)
    return StudyTextsOut.of(
        in_time=len(texts[Standing.IN_TIME]),
        open=len(texts[Standing.OPEN]),
        late=[_of_session(row) for row in texts[Standing.LATE]],
        missing=[_of_session(row) for row in texts[Standing.MISSING]],
    )


def _of_session(row: Session) -> TextOfSessionOut:
    return TextOfSessionOut.of(row, session_id=row.id)


async def _attendance(context: Context, year: int) -> PersonsOut:
    persons = await persons_of(context, year)
    open_ = [each.name for each in persons if each.leave + each.absent > each.made_up]
    return PersonsOut.of(persons=persons, to_make_up=list(dict.fromkeys(open_)))


async def _content(context: Context, found: Year) -> CategoriesStudiedOut:
    planned, studied = found.planned(), found.studied()
    return CategoriesStudiedOut.of(
        categories=[
            CategoryStudiedOut.of(each, planned=planned[each.number], studied=studied[each.number])
            for each in await categories(context.session)
        ],
        not_studied=rules.not_covered(studied, CATEGORIES),
        not_planned=rules.not_covered(planned, CATEGORIES),
    )
