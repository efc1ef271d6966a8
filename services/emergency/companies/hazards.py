"""Major hazard sources with grade and filing, and the companies' monthly risk analyses (E-3.1, E-3.2a)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import (
    CheckConstraint,
    Date,
    Dialect,
    ForeignKey,
    Select,
    TypeDecorator,
    UniqueConstraint,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kit.district.citations import Basis, cite
from kit.district.clock import Now
from kit.district.named_units import StreetId, UnitId, UnitShown
from kit.district.natural_time import Day, end_of_day
from kit.district.periods import Month
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid
from kit.web.routes import clauses
from services.emergency.base import Base
from services.emergency.companies.companies import Company
from services.emergency.register import (
    Entry,
    EntryOut,
    Reader,
    Register,
    keep,
    must_be_past,
    must_exist,
    page_of,
)


class HazardSource(Base, Entry):
    """A major hazard source of a company; grade 1 is the gravest."""

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


class Risk(StrEnum):
    """What an analysis found."""

    LOW = "low"
    ORDINARY = "ordinary"
    LARGER = "larger"
    MAJOR = "major"


class Analysis(Base, Entry):
    """A company's risk analysis of a month."""

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


class HazardSourceIn(BaseModel):
    """A hazard source as entered."""

    model_config = ConfigDict(
        title="重大危险源",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
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
                }
            ]
        },
    )

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
    def _filed_whole(self) -> "HazardSourceIn":
        if (self.filed_with is None) != (self.filed_on is None):
            raise ValueError("备案部门和备案日期要同时填写，或都不填。")
        return self


class HazardSourceOut(EntryOut):
    """A hazard source."""

    model_config = ConfigDict(title="重大危险源信息", from_attributes=True)

    company_id: UUID
    name: str
    description: str | None
    grade: int | None
    street: UnitShown
    place: str
    monitored_online: bool
    filed_with: UnitShown | None
    filed_on: date | None
    filing_number: str | None
    assessed_on: date | None
    lacks: list[str] = Field(description="还缺少：分级、备案、在线监控")


class AnalysisIn(BaseModel):
    """An analysis as entered."""

    model_config = ConfigDict(
        title="月度风险分析",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "company_id": "01990000-0000-7000-8000-000000000000",
                    "month": "2024-06",
                    "analysed_on": "2024-06-20",
                    "risk": "ordinary",
                    "findings": "储罐区一处法兰渗漏，已更换。",
                    "measures": "增加巡检一次。",
                }
            ]
        },
    )

    company_id: UUID = Field(description="生产经营单位")
    month: Month = Field(description="分析哪个月")
    analysed_on: Day = Field(description="分析日期")
    risk: Risk = Field(description="low 低，ordinary 一般，larger 较大，major 重大")
    findings: str = Field(min_length=2, max_length=4000, description="分析结果")
    measures: str | None = Field(default=None, max_length=4000, description="采取的措施")


class AnalysisOut(EntryOut):
    """An analysis."""

    model_config = ConfigDict(title="月度风险分析信息", from_attributes=True)

    company_id: UUID
    month: Month
    analysed_on: date
    risk: Risk
    findings: str
    measures: str | None


class Absent(BaseModel):
    """A company without an analysis of the month."""

    model_config = ConfigDict(title="缺少月度分析的单位", from_attributes=True)

    id: UUID
    name: str
    supervisor: UnitShown
    street: UnitShown


class MissingAnalyses(BaseModel):
    """Who has not analysed a month."""

    model_config = ConfigDict(title="缺少月度分析的清单")

    month: Month
    due_on: date = Field(description="最后一天")
    overdue: bool = Field(description="是否已过期")
    items: list[Absent]
    next: str | None = Field(description="下一页的游标")
    basis: Basis


@dataclass
class HazardFilter:
    company_id: Annotated[UUID | None, Query(description="所属生产经营单位")] = None
    grade: Annotated[int | None, Query(ge=1, le=4, description="级别")] = None
    street: Annotated[StreetId | None, Query(description="所在镇街道")] = None
    filed_with: Annotated[UnitId | None, Query(description="备案部门")] = None


@dataclass
class AnalysisFilter:
    company_id: Annotated[UUID | None, Query(description="生产经营单位")] = None
    risk: Annotated[Risk | None, Query(description="风险")] = None
    month: Annotated[Month | None, Query(description="哪个月")] = None


async def _company_exists(session: AsyncSession, body: Any, _row: Any, _now: datetime) -> None:
    await must_exist(session, Company, body.company_id, "/company_id", "生产经营单位")


async def _source_is_known(session: AsyncSession, body: HazardSourceIn, row: Any, now: datetime) -> None:
    await _company_exists(session, body, row, now)
    for field in ("filed_on", "assessed_on"):
        if (day := getattr(body, field)) is not None:
            must_be_past(day, now, f"/{field}")


async def _analysis_is_of_its_month(session: AsyncSession, body: AnalysisIn, row: Any, now: datetime) -> None:
    await _company_exists(session, body, row, now)
    must_be_past(body.analysed_on, now, "/analysed_on")
    if body.analysed_on < body.month.first:
        raise Invalid(
            "analysed-too-early",
            f"{body.month} 的分析不能早于 {body.month.first}。",
            errors=[FieldError(pointer="/analysed_on", reason="早于所分析的月份")],
            clauses=Analysis.clauses,
        )


SOURCES = Register(
    path="hazard-sources",
    noun="重大危险源",
    about="重大危险源的级别、备案和在线监控情况。",
    model=HazardSource,
    entry=HazardSourceIn,
    shown=HazardSourceOut,
    filters=HazardFilter,
    check=_source_is_known,
)
ANALYSES = Register(
    path="risk-analyses",
    noun="月度风险分析",
    about="生产经营单位每月的安全生产风险分析。",
    model=Analysis,
    entry=AnalysisIn,
    shown=AnalysisOut,
    filters=AnalysisFilter,
    search="findings",
    check=_analysis_is_of_its_month,
)

router = routes.router("危险源与风险分析")


@router.get(
    "/hazard-sources/lacking",
    summary="列出未分级、未备案或未监控的危险源",
    description="没有分级、没有向监管部门备案，或没有在线监控的重大危险源，逐项说明缺什么。",
    openapi_extra=clauses("E-3.1", "E-3.2a"),
)
async def list_sources_lacking(
    session: Session, _caller: Reader, paging: PageRequest
) -> Page[HazardSourceOut]:
    """Hazard sources without grade, filing or monitoring (E-3.1, E-3.2a)."""
    complete = (
        HazardSource.grade.is_not(None) & HazardSource.filed_on.is_not(None) & HazardSource.monitored_online
    )
    return await page_of(session, paging, select(HazardSource).where(~complete), SOURCES)


def without_analysis(month: Month) -> Select[Company]:
    """The companies on the register by the end of the month that have no analysis of it (E-3.2a)."""
    analysed = select(Analysis.id).where(Analysis.company_id == Company.id, Analysis.month == month)
    known = Company.entered_at <= end_of_day(month.last)
    return select(Company).where(known, ~analysed.exists())


@router.get(
    "/risk-analyses/lacking",
    summary="列出缺少月度风险分析的单位",
    description="某月没有做安全生产风险分析的生产经营单位；不填月份时看上个月。当月以前登记的单位才计入。",
    openapi_extra=clauses("E-3.2a"),
)
async def list_analyses_lacking(
    session: Session,
    _caller: Reader,
    now: Now,
    paging: PageRequest,
    month: Annotated[Month | None, Query(description="哪个月", examples=["2024-05"])] = None,
    supervisor: Annotated[UnitId | None, Query(description="负有监管职责的部门")] = None,
    street: Annotated[StreetId | None, Query(description="所在镇街道")] = None,
) -> MissingAnalyses:
    """Companies that have not analysed a month (E-3.2a)."""
    asked = month or Month.of(now.date()) + -1
    query = without_analysis(asked)
    if supervisor is not None:
        query = query.where(Company.supervisor == supervisor)
    if street is not None:
        query = query.where(Company.street == street)
    rows, following = await paging.fetch(session, query, Company.id)
    return MissingAnalyses(
        month=asked,
        due_on=asked.last,
        overdue=now.date() > asked.last,
        items=[Absent.model_validate(row) for row in rows],
        next=following,
        basis=cite("E-3.2a"),
    )


for register in (SOURCES, ANALYSES):
    keep(router, register)
