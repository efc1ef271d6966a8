"""Measures with the figures that the property service computes of them, as they are now (P-4.2)."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Self

from fastapi import Depends, Request
from pydantic import BaseModel, Field
from sqlalchemy import select

from kit.asking import Asking
from kit.context import Context
from kit.district.clock import LocalTime
from kit.web import routes
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded
from services.office.programmes import work
from services.office.programmes.api import MeasureNumber, ProgrammeId, Reader
from services.office.programmes.models import Measure
from services.office.programmes.shapes import MeasureOut

CLAUSES: Final = ("P-4.2",)
SILENT: Final = "物业服务暂时没有答复，这些指标的现状暂缺，请稍后再查。"


# ------------------------------------------------------------------------------------ what the property service tells
class _Standing(BaseModel):
    measure: str
    value: Decimal | None
    target: Decimal
    by: date
    met: bool


class _Division(BaseModel):
    standings: list[_Standing]


class _Coverage(BaseModel):
    items: list[_Division] = Field(min_length=1)


class _Duty(BaseModel):
    duty: str
    owing: int
    done: int
    overdue: int


class _Duties(BaseModel):
    items: list[_Duty]


async def _property(request: Request) -> Asking:
    return Asking.of(request, request.app.state.settings.property_service)


#: The property service, for an endpoint that shows what it computes.
PropertyService = Annotated[Asking, Depends(_property)]


class FigureOut(Answer, title="指标现状"):
    """A figure of a measure as it is now (指标现状)."""

    title: str = Field(description="指标名称", examples=["物业服务覆盖率"])
    value: Decimal | None = Field(
        description="现状：比例（0 到 1）或小区个数；按对象计的、没有小区的和暂缺的为空", examples=["0.8125"]
    )
    target: Decimal | None = Field(description="目标：比例或小区个数；没有目标和暂缺的为空", examples=["1"])
    by: date | None = Field(description="目标期限；没有目标和暂缺的为空")
    met: bool | None = Field(description="是否达到目标；没有目标和暂缺的为空")
    owing: int | None = Field(
        description="应当履行的对象数；应当一直具备的只计尚缺的；按比例计的和暂缺的为空", examples=[120]
    )
    done: int | None = Field(description="本期已经履行的对象数；按比例计的和暂缺的为空", examples=[96])
    overdue: int | None = Field(description="逾期的对象数；按比例计的和暂缺的为空", examples=[3])


class Figures(Answer, title="各项指标现状"):
    """What the property service computes, or that it does not answer (指标现状)."""

    figures: list[FigureOut] = Field(description="物业服务统计的指标；没有的为空列表")
    figures_at: LocalTime = Field(description="指标的查询时间")
    figures_note: str = Field(
        description="指标暂缺时的说明；不缺的为空字符串", examples=["物业服务暂时没有答复"]
    )


class MeasureWithFigures(MeasureOut, Figures, title="专项工作措施及指标现状"):
    """A measure with its figures as they are now (措施)."""

    @classmethod
    def told(cls, row: Measure, now: "Told") -> Self:
        """A measure with what was told of it."""
        own = MeasureOut.shown(row)
        return cls.of(own, now.of(row.figures), basis=own.basis)


class FiguresOut(Grounded, title="专项工作指标现状", clauses=CLAUSES):
    """All measures of a programme that have figures (指标现状)."""

    items: list[MeasureWithFigures] = Field(description="有指标的措施，按文件的次序")


class Told(BaseModel):
    """What the property service told now: standings by measure, duties by key; None of what it did not tell."""

    at: LocalTime
    shares: Mapping[str, _Standing] | None
    duties: Mapping[str, _Duty] | None

    def of(self, asked: Iterable[Mapping[str, Any]]) -> Figures:
        """The figures of a measure, as its data ask for them."""
        made = [self._figure(each) for each in asked]
        missing = [each.title for each in made if each.owing is None and each.target is None]
        note = f"{SILENT.removesuffix('。')}：{'、'.join(missing)}。" if missing else ""
        return Figures(figures=made, figures_at=self.at, figures_note=note)

    def _figure(self, asked: Mapping[str, Any]) -> FigureOut:
        found = (
            (self.shares or {}).get(asked["share"])
            if asked["share"] is not None
            else (self.duties or {}).get(asked["duty"])
        )
        known = {} if found is None else found.model_dump()
        return FigureOut(
            **{name: known.get(name) for name in FigureOut.model_fields} | {"title": asked["title"]}
        )


async def ask(context: Context, service: Asking, rows: Sequence[Measure]) -> Told:
    """What the property service tells of these measures' figures, asked at once and for no more than is wanted."""
    wanted = [each for row in rows for each in row.figures]
    day = str(context.today)
    coverage, duties = await asyncio.gather(
        service.get("/property/v1/coverage", _Coverage, on=day) if _any(wanted, "share") else _nothing(),
        service.get("/property/v1/duties/summary", _Duties, on=day) if _any(wanted, "duty") else _nothing(),
    )
    shares = None if coverage is None else {each.measure: each for each in coverage.items[0].standings}
    tallies = None if duties is None else {each.duty: each for each in duties.items}
    return Told(at=context.now, shares=shares, duties=tallies)


def _any(wanted: Iterable[Mapping[str, Any]], kind: str) -> bool:
    return any(each[kind] is not None for each in wanted)


async def _nothing() -> None:
    return None


router = routes.router("措施和指标")


@router.get(
    "/programmes/{id}/measures/{number}",
    summary="查看一条措施",
    description="措施、文件列出的责任单位，以及物业服务统计的指标现状。物业服务没有答复时写明暂缺，其他照常给出。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_measure(
    id: ProgrammeId, number: MeasureNumber, context: Reader, service: PropertyService
) -> MeasureWithFigures:
    """A measure with its figures as they are now."""
    row = await work.measure(context, id, number)
    return MeasureWithFigures.told(row, await ask(context, service, [row]))


@router.get(
    "/programmes/{id}/figures",
    summary="查看各项指标现状",
    description="一项专项工作中由物业服务统计的指标，例如覆盖率、联合执法检查，都是查询时的现状。"
    "物业服务没有答复时写明暂缺。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_figures(id: ProgrammeId, context: Reader, service: PropertyService) -> FiguresOut:
    """All figures of a programme as they are now."""
    await work.programme(context, id)
    query = select(Measure).where(Measure.programme_id == id).order_by(Measure.position)
    rows = [row for row in await context.session.scalars(query) if row.figures]
    now = await ask(context, service, rows)
    return FiguresOut.of(items=[MeasureWithFigures.told(row, now) for row in rows])
