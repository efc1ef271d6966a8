"""Endpoints of a service's bulletin: a month's figures, and the requests behind each number (P-2.2.2b)."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from kit.context import Context
from kit.dispatch import bulletin
from kit.dispatch.bulletin import BulletinFigure, Grouping
from kit.dispatch.bulletin_facts import Asked, Behind, begins, groups, items
from kit.dispatch.desk import Desk
from kit.dispatch.limits import earliest
from kit.dispatch.moves import CLAUSE, READ
from kit.district import units
from kit.district.clock import LocalTime
from kit.district.periods import Month
from kit.district.units import name_of
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded, choices

Reader = Annotated[Context, requires(READ, whose=Whose.PLACES)]
AskedMonth = Annotated[Month, Query(description="统计月份", examples=["2024-05"])]
AskedGrouping = Annotated[Grouping, Query(description=f"分组：{choices(Grouping)}")]
KnownAt = Annotated[
    LocalTime | None,
    Query(
        description="按此时已知的情况统计；不填为现在",
        examples=["2024-06-10T09:00:00+08:00"],
    ),
]
RATE: Final = "比率，四位小数；分母为零时为空"


class BulletinPreviousOut(Answer, title="上月的指标"):
    """A figure of the month before (上月的指标)."""

    numerator: int = Field(description="分子", examples=[44])
    denominator: int = Field(description="分母", examples=[50])
    rate: Decimal | None = Field(description=RATE, examples=["0.8800"])


class BulletinFigureOut(Answer, title="通报的一项指标"):
    """A figure of a month (指标)."""

    figure: BulletinFigure = Field(description=f"指标：{choices(BulletinFigure)}")
    name: str = Field(description="名称", examples=["按期答复率"])
    version: int = Field(description="所用公式的版本，见 formulas", examples=[1])
    numerator: int = Field(description="分子", examples=[46])
    denominator: int = Field(description="分母", examples=[50])
    rate: Decimal | None = Field(description=RATE, examples=["0.9200"])
    excluded: int = Field(description="因考核申诉得到支持而不计的件数", examples=[1])
    pending: int = Field(description="尚未办理也未到期、因此不计的件数", examples=[3])
    previous: BulletinPreviousOut = Field(description="上月的同一指标")
    change: Decimal | None = Field(description="比率较上月的变化；任一月没有比率时为空", examples=["0.0400"])
    change_count: int = Field(description="分子较上月的变化", examples=[2])
    rank: int | None = Field(
        description="按比率在各组中的名次，比率相同的名次相同；合计、分母不足 minimum 的和不排名的指标为空",
        examples=[2],
    )


class BulletinGroupOut(Answer, title="通报的一组"):
    """A unit, street, matter or company with its figures (通报的一组)."""

    key: str | None = Field(
        description="单位编号、街道（镇）、事项编码或企业；为空表示没有填写", examples=["housing-centre"]
    )
    name: str = Field(description="名称", examples=["区房管服务中心"])
    figures: list[BulletinFigureOut] = Field(description="各项指标")


class BulletinFormulaOut(Answer, title="指标的公式"):
    """How a figure is counted (指标的公式)."""

    id: BulletinFigure = Field(description=f"指标：{choices(BulletinFigure)}")
    name: str = Field(description="名称", examples=["按期答复率"])
    version: int = Field(description="公式的版本", examples=[1])
    counts: Literal["requests", "legs"] = Field(
        description="计件的对象：requests 诉求，legs 承办件（主办、协办各一件）"
    )
    better: Literal["higher", "lower", "neither"] = Field(
        description="higher 越高越好，lower 越低越好，neither 不排名"
    )
    numerator: str = Field(description="分子", examples=["在答复时限内答复的承办件"])
    denominator: str = Field(description="分母", examples=["已答复的承办件，加超过答复时限仍未答复的承办件"])
    text: str = Field(description="口径", examples=["本月受理的诉求，主办、协办各计一件"])
    source: str = Field(description="出处", examples=["默认值"])


class BulletinFiguresOut(Grounded, title="通报的内容", clauses=(CLAUSE,)):
    """A month's figures, in all and by group (通报的内容)."""

    month: Month = Field(description="统计月份")
    by: Grouping = Field(description=f"分组：{choices(Grouping)}")
    total: list[BulletinFigureOut] = Field(description="合计")
    groups: list[BulletinGroupOut] = Field(description="各组")
    formulas: list[BulletinFormulaOut] = Field(description="各项指标的公式、口径和出处")
    minimum: int = Field(description="分母达到此数才排名", examples=[5])
    minimum_source: str = Field(description="此数的出处", examples=["默认值"])


class BulletinOut(BulletinFiguresOut, title="诉求办理通报"):
    """A service's bulletin of a month (诉求办理通报)."""

    known_at: LocalTime = Field(description="本月和上月都按此时已知的情况统计；按它再次统计，结果一样")


class BulletinItemOut(Answer, title="指标背后的一件"):
    """A request, or a unit's part in one, behind a number (指标背后的一件)."""

    number: str = Field(description="诉求编号", examples=["DS-PQ-20240624-0001"])
    unit: str = Field(description="承办单位编号；以诉求计件时为主办单位", examples=["housing-centre"])
    unit_name: str = Field(description="承办单位", examples=["区房管服务中心"])
    matter: str = Field(description="事项编码", examples=["property-service"])
    received_at: LocalTime = Field(description="受理时间")
    due_at: LocalTime | None = Field(description="所计的时限；没有时限的指标为空")
    done_at: LocalTime | None = Field(description="何时做到；没有做到或没有时限的指标为空")
    good: bool = Field(description="是否计入分子")
    counted: bool = Field(description="是否计入分母")
    excluded: bool = Field(description="是否因申诉得到支持而不计")


class _Behind:
    """Which number the requests are asked for of."""

    def __init__(
        self,
        figure: Annotated[
            BulletinFigure, Query(description=f"指标：{choices(BulletinFigure)}", examples=["answer"])
        ],
        part: Annotated[
            Literal["numerator", "denominator", "excluded"],
            Query(description="numerator 分子，denominator 分母，excluded 因申诉不计的"),
        ] = "denominator",
        by: AskedGrouping = Grouping.UNIT,
        key: Annotated[
            str | None, Query(description="哪一组", max_length=100, examples=["housing-centre"])
        ] = None,
    ) -> None:
        self.by, self.asked = by, Behind(figure, part, key)


def add(router: APIRouter, desk: Desk, company: str | None) -> None:
    """The endpoints of the bulletin. company: SQL of the company that a request is about, where the service knows it."""

    @router.get(
        "/dispatch/bulletin",
        summary="统计某月的诉求办理通报",
        description="受理、签收、联系、答复、退单、重办、三率和满意度，合计并按单位、街道（镇）、事项或企业分列，"
        "各带分子、分母、公式和较上月的变化，并按比率排名。每件在每项指标中只计入一个月：时限类按时限届满的月份，见各公式的口径；"
        "移交其他服务的只在承接的服务计件。由只增不改的办理过程推算，known_at 按当时已知的情况统计，何时统计结果都一样。"
        "申诉得到支持的不计，何时决定都列在 excluded 中。限定街道的令牌只统计本街道的。",
        openapi_extra=clauses(CLAUSE),
    )
    async def read_bulletin(
        context: Reader, month: AskedMonth, by: AskedGrouping = Grouping.UNIT, known_at: KnownAt = None
    ) -> BulletinOut:
        """A month's figures."""
        asked = _asked(context, Asked(month, context.now, by, company), known_at)
        former = replace(asked, month=month + -1)
        found = await groups(context, asked, former, _names(desk, by))
        return BulletinOut(
            month=month,
            by=by,
            known_at=asked.known_at,
            **bulletin.shown(month, found),
        )

    @router.get(
        "/dispatch/bulletin/requests",
        summary="列出通报某项数字背后的诉求",
        description="某月某项指标的分子、分母或因申诉不计的，逐件分页列出；key 为通报中一组的 key，空字符串为没有填写的一组，"
        "不填为合计。件数与通报的数字一致。",
        openapi_extra=clauses(CLAUSE),
    )
    async def list_bulletin_requests(
        context: Reader,
        paging: PageRequest,
        month: AskedMonth,
        behind: Annotated[_Behind, Depends()],
        known_at: KnownAt = None,
    ) -> Page[BulletinItemOut]:
        """The requests behind a number."""
        asked = _asked(context, Asked(month, context.now, behind.by, company), known_at)
        query, rows = items(context, asked, behind.asked)
        found, following = await paging.fetch(context.session, query, rows.c.item)
        return Page(
            items=[BulletinItemOut.of(row, unit_name=name_of(row.unit)) for row in found], next=following
        )


def _asked(context: Context, asked: Asked, known_at: datetime | None) -> Asked:
    """What is asked for, known at a moment that can be. Raises: Invalid."""
    month, by = asked.month, asked.by
    if by is Grouping.COMPANY and asked.company is None:
        able = [each for each in Grouping if each is not Grouping.COMPANY]
        raise Invalid(
            "no-such-grouping",
            f"本服务的诉求不涉及企业，不能按企业统计。可以按{'、'.join(each.zh for each in able)}统计。",
            errors=[FieldError(pointer="?by", reason=f"应为 {'、'.join(able)} 之一")],
            clauses=(CLAUSE,),
            allowed=[*able],
        )
    for name, time in (("month", begins(month)), ("known_at", known_at)):
        if time is not None and context.is_ahead(time):
            raise Invalid(
                "in-the-future",
                "时间不能晚于现在，请核对月份和时刻。",
                errors=[FieldError(pointer=f"?{name}", reason="晚于现在")],
            )
    if month.last < earliest():
        raise Invalid(
            "too-long-ago",
            f"{earliest()} 以前没有办理时限，不作统计，请核对月份。",
            errors=[FieldError(pointer="?month", reason=f"应在 {Month.of(earliest())} 以后")],
            clauses=(CLAUSE,),
        )
    if known_at is not None and known_at < begins(month):
        raise Invalid(
            "known-before-month",
            f"按其统计的时刻不能早于 {month} 月初，那时还没有这个月的诉求。",
            errors=[FieldError(pointer="?known_at", reason=f"应在 {begins(month).isoformat()} 以后")],
            clauses=(CLAUSE,),
        )
    return Asked(month, min(known_at or context.now, context.now), by, asked.company)


def _names(desk: Desk, by: Grouping) -> dict[str, str]:
    """What the keys of a grouping are called, where that is not the key itself."""
    if by is Grouping.UNIT:
        return {unit.id: unit.name for unit in units.units()}
    return {code: matter.name for code, matter in desk.matters.items()} if by is Grouping.MATTER else {}
