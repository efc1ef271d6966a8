"""Major hazard sources with grade and filing, and the companies' monthly risk analyses (E-3.1, E-3.2a)."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import Query
from pydantic import Field, model_validator
from sqlalchemy import CheckConstraint, Date, Dialect, ForeignKey, TypeDecorator, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.clock import Day, end_of_day
from kit.district.named_units import StreetId, UnitId
from kit.district.periods import Month
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import PageRequest
from kit.web.problems import FieldError, Invalid
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, EntryOut, Register, must_exist
from kit.web.routes import clauses
from kit.web.shapes import Body, Choice, Grounded, choices
from services.emergency.base import Base
from services.emergency.companies.companies import BELONGING as OF_COMPANIES
from services.emergency.companies.companies import Company, CompanyBrief, OfWhom, of_company

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]


class HazardSource(Base, Entry):
    """A major hazard source of a company (重大危险源); grade 1 is the gravest."""

    __tablename__ = "hazard_sources"
    __table_args__ = (
        CheckConstraint("grade between 1 and 4", name="grade"),
        CheckConstraint("(filed_on is null) = (filed_with is null)", name="filed"),
        UniqueConstraint("company_id", "name"),
    )
    clauses = ("E-3.1", "E-3.2a")

    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"))
    name: Mapped[str]
    description: Mapped[str | None]
    grade: Mapped[int | None] = mapped_column(index=True)
    street: Mapped[str] = mapped_column(index=True)
    place: Mapped[str]
    monitored_online: Mapped[bool]
    filed_with: Mapped[str | None] = mapped_column(index=True)
    filed_on: Mapped[date | None]
    filing_number: Mapped[str | None]
    assessed_on: Mapped[date | None]

    @property
    def lacks(self) -> list[str]:
        """What the plan asks of a hazard source and this one has not."""
        missing = {
            "分级": self.grade is None,
            "备案": self.filed_on is None,
            "在线监控": not self.monitored_online,
        }
        return [what for what, lacking in missing.items() if lacking]


class MonthStart(TypeDecorator[Month]):
    """A month, held as the date of its first day."""

    impl = Date
    cache_ok = True

    def process_bind_param(self, value: Month | None, _dialect: Dialect) -> date | None:
        return value.first if value is not None else None

    def process_result_value(self, value: date | None, _dialect: Dialect) -> Month | None:
        return Month.of(value) if value is not None else None


class Risk(Choice):
    """What an analysis found (风险等级)."""

    LOW = "low", "低"
    ORDINARY = "ordinary", "一般"
    LARGER = "larger", "较大"
    MAJOR = "major", "重大"


class Analysis(Base, Entry):
    """A company's risk analysis of a month (月度风险分析)."""

    __tablename__ = "risk_analyses"
    __table_args__ = (
        UniqueConstraint("company_id", "month"),
        CheckConstraint("extract(day from month) = 1", name="month"),
        CheckConstraint("risk in ('low','ordinary','larger','major')", name="risk"),
    )
    clauses = ("E-3.2a",)

    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"))
    month: Mapped[Month] = mapped_column(MonthStart, index=True)
    analysed_on: Mapped[date]
    risk: Mapped[str] = mapped_column(index=True)
    findings: Mapped[str]
    measures: Mapped[str | None]


class HazardSourceIn(
    Body,
    title="重大危险源",
    example={
        "company_id": "01990000-0000-7000-8000-000000000000",
        "name": "液氨储罐区",
        "description": "两台 50 立方米液氨球罐",
        "grade": 3,
        "street": "罕台镇",
        "place": "厂区东侧（虚构）",
        "monitored_online": True,
        "filed_with": "区应急管理局",
        "filed_on": "2024-05-20",
        "filing_number": "虚构-001",
        "assessed_on": "2024-04-10",
    },
):
    """A hazard source as entered (重大危险源)."""

    company_id: UUID = Field(description="所属生产经营单位")
    name: str = Field(min_length=2, max_length=100, description="名称")
    description: str | None = Field(default=None, max_length=1000, description="物质、数量等说明")
    grade: int | None = Field(default=None, ge=1, le=4, description="级别，1 为最高级；未分级时为空")
    street: StreetId = Field(description="所在镇街道")
    place: str = Field(min_length=1, max_length=200, description="位置")
    monitored_online: bool = Field(default=False, description="是否在线监控")
    filed_with: UnitId | None = Field(default=None, description="备案部门；未备案时为空")
    filed_on: Day | None = Field(default=None, description="备案日期")
    filing_number: str | None = Field(default=None, max_length=100, description="备案编号")
    assessed_on: Day | None = Field(default=None, description="最近一次检测评估日期")

    @model_validator(mode="after")
    def _filed_whole(self) -> Self:
        if (self.filed_with is None) != (self.filed_on is None):
            raise ValueError("备案部门和备案日期要同时填写，或都不填。")
        return self


class HazardSourceOut(EntryOut, title="重大危险源信息"):
    """What a hazard source shows besides (重大危险源)."""

    lacks: list[str] = Field(description="还缺少：分级、备案、在线监控", examples=[["备案", "在线监控"]])


class AnalysisIn(
    Body,
    title="月度风险分析",
    example={
        "company_id": "01990000-0000-7000-8000-000000000000",
        "month": "2024-06",
        "analysed_on": "2024-06-20",
        "risk": "ordinary",
        "findings": "储罐区一处法兰渗漏，已更换。",
        "measures": "增加巡检一次。",
    },
):
    """An analysis as entered (月度风险分析)."""

    company_id: UUID = Field(description="生产经营单位")
    month: Month = Field(description="分析哪个月")
    analysed_on: Day = Field(description="分析日期")
    risk: Risk = Field(description=choices(Risk))
    findings: str = Field(min_length=2, max_length=4000, description="分析结果")
    measures: str | None = Field(default=None, max_length=4000, description="采取的措施")


class MissingAnalyses(Grounded, title="缺少月度分析的清单", clauses=("E-3.2a",)):
    """Who has not analysed a month (缺少月度风险分析的单位)."""

    month: Month = Field(description="分析哪个月")
    due_on: date = Field(description="最后一天")
    overdue: bool = Field(description="是否已过期")
    items: list[CompanyBrief] = Field(description="缺少分析的单位")
    next: str | None = Field(description="下一页的游标", examples=["WyIyMDI0LTA2LTI0Il0"])


async def _company_exists(context: Context, company_id: UUID) -> None:
    await must_exist(context.session, Company, company_id, "/company_id", "生产经营单位")


async def _source_is_known(context: Context, body: HazardSourceIn, _row: HazardSource | None) -> None:
    await _company_exists(context, body.company_id)
    context.refuse_future(filed_on=body.filed_on, assessed_on=body.assessed_on)


async def _analysis_is_of_its_month(context: Context, body: AnalysisIn, _row: Analysis | None) -> None:
    await _company_exists(context, body.company_id)
    context.refuse_future(analysed_on=body.analysed_on)
    if body.analysed_on < body.month.first:
        raise Invalid(
            "analysed-too-early",
            f"{body.month} 的分析不能早于 {body.month.first}。",
            errors=[FieldError(pointer="/analysed_on", reason="早于所分析的月份")],
            clauses=Analysis.clauses,
        )


SOURCES = Register(
    "hazard-sources",
    "重大危险源",
    HazardSource,
    HazardSourceIn,
    about="重大危险源的级别、备案和在线监控情况。",
    shown=HazardSourceOut,
    filters=("company_id", "grade", "street", "filed_with"),
    lacking=(
        "未分级、未备案或未在线监控的重大危险源",
        HazardSource.grade.is_(None) | HazardSource.filed_on.is_(None) | ~HazardSource.monitored_online,
    ),
    check=_source_is_known,
    belongs=of_company(HazardSource.company_id, HazardSource.street),
)
ANALYSES = Register(
    "risk-analyses",
    "月度风险分析",
    Analysis,
    AnalysisIn,
    about="生产经营单位每月的安全生产风险分析。",
    filters=("company_id", "risk", "month"),
    search="findings",
    check=_analysis_is_of_its_month,
    belongs=of_company(Analysis.company_id),
)

router = routes.router("危险源与风险分析")


@router.get(
    "/risk-analyses/lacking",
    summary="列出缺少月度风险分析的单位",
    description="某月没有做安全生产风险分析的生产经营单位；不填月份时看上个月。当月以前登记的单位才计入。",
    openapi_extra=clauses("E-3.2a"),
)
async def list_analyses_lacking(
    context: Reader,
    paging: PageRequest,
    of_whom: OfWhom,
    month: Annotated[Month | None, Query(description="哪个月", examples=["2024-05"])] = None,
) -> MissingAnalyses:
    """Companies on the register by the end of a month that have not analysed it (E-3.2a)."""
    asked = month or Month.of(context.today) + -1
    analysed = select(Analysis.id).where(Analysis.company_id == Company.id, Analysis.month == asked)
    lacking = of_whom.companies((Company.entered_at <= end_of_day(asked.last)) & ~analysed.exists())
    query = context.within(lacking, OF_COMPANIES)
    rows, following = await paging.fetch(context.session, query, Company.id)
    return MissingAnalyses.of(
        month=asked,
        due_on=asked.last,
        overdue=context.today > asked.last,
        items=[CompanyBrief.of(row) for row in rows],
        next=following,
    )


for register in (SOURCES, ANALYSES):
    add_register(router, "emergency", register)
