"""The one list of everything that somebody owes: by duty, by who owes it, due and overdue, on any day.

router = routes.router("履职事项")
add_duties(router, "property", OWED)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from sqlalchemy import Select, Subquery, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.district.citations import cite
from kit.district.clock import Day
from kit.district.cycles import Cycle
from kit.district.named_units import Street
from kit.duties.duty import Duty, Subject
from kit.duties.owing import Owed, owing
from kit.web.access import requires
from kit.web.downloads import OR_WORKBOOK, download
from kit.web.ownership import Belonging, Whose
from kit.web.pages import Page, PageRequest
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded, choices
from kit.workbooks.writing import Column, Layout, table

Format = Annotated[Literal["json", "xlsx"], Query(description="json 分页，xlsx 下载全部")]
On = Annotated[Day | None, Query(description="截至哪一天，不填为今天", examples=["2024-12-31"])]


class DutyOut(Grounded, title="履职事项"):
    """Who owes what until when (履职事项)."""

    duty: str = Field(description="事项编号", examples=["joint-inspection"])
    title: str = Field(description="事项名称", examples=["每季度开展一次联合执法检查"])
    subject: Subject = Field(description=f"履职对象的类别：{choices(Subject)}")
    subject_id: str = Field(
        description="履职对象的登记编号；街道（镇）、单位为其名称或单位编号", examples=["天骄街道"]
    )
    name: str = Field(description="履职对象的名称", examples=["天骄小区"])
    street: str | None = Field(description="所在街道（镇）；全区的为空", examples=["天骄街道"])
    since: date = Field(description="自哪一天起应当履行")
    last_done_on: date | None = Field(description="截至该日最近一次完成的日期；没有完成过的为空")
    due_on: date = Field(description="应当完成的最后一天")
    done: bool = Field(description="周期性事项：本期是否已经完成")
    overdue: bool = Field(description="是否逾期：最后一天已过而没有完成")
    days_overdue: int = Field(description="逾期的天数；没有逾期的为 0", examples=[31])
    lacks: str | None = Field(description="缺少什么；没有细目的为空", examples=["缺少投诉电话、收费项目"])


class DutyTally(Grounded, title="履职事项统计"):
    """How many owe a duty, and how many are overdue (履职事项统计)."""

    duty: str = Field(description="事项编号", examples=["joint-inspection"])
    title: str = Field(description="事项名称", examples=["每季度开展一次联合执法检查"])
    subject: Subject = Field(description=f"履职对象的类别：{choices(Subject)}")
    cycle: Cycle | None = Field(description=f"周期：{choices(Cycle)}；应当一直具备的为空")
    begins: date = Field(description="自哪一天起要求")
    by: date | None = Field(description="最迟到哪一天具备；文件没有规定的为空")
    ours: str = Field(
        description="文件没有规定、由本系统约定的部分；没有的为空字符串",
        examples=["文件只写“定期”，本系统按每季度计"],
    )
    owing: int = Field(description="应当履行的对象数；应当一直具备的，只计尚缺的")
    done: int = Field(description="周期性事项：本期已经完成的对象数")
    overdue: int = Field(description="逾期的对象数")


class DutyTallies(Answer, title="履职事项统计表"):
    """Every duty with its counts (履职事项统计表)."""

    on: date = Field(description="截至日期")
    items: list[DutyTally] = Field(description="各事项")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of duties is asked for."""

    day: date
    duties: Sequence[Owed]
    street: str | None
    overdue: bool | None = None
    subject_id: str | None = None

    def query(self, context: Context) -> tuple[Select[Any], Subquery]:
        """Those who owe one of the duties and whom the caller may read of, and the columns that they come from."""
        rows = owing(self.duties, self.day)
        query = context.within(select(*rows.c), Belonging(rows.c.street, rows.c.company))
        if self.street is not None:
            query = query.where(rows.c.street == self.street)
        if self.overdue is not None:
            query = query.where(rows.c.overdue if self.overdue else ~rows.c.overdue)
        if self.subject_id is not None:
            query = query.where(rows.c.subject_id == self.subject_id)
        return query, rows


def add_duties(router: APIRouter, service: str, owed: Iterable[Owed]) -> None:
    """Give the router the lists of who owes a service's duties, over all of them and of each."""
    owed = tuple(owed)
    by_key = {each.duty.key: each for each in owed}
    ids = tuple(dict.fromkeys(each.duty.clause for each in owed))
    Reader = Annotated[Context, requires(f"{service}:read", whose=Whose.PLACES)]  # noqa: N806 - a type
    Counter = Annotated[Context, requires(f"{service}:read", whose=Whose.DISTRICTS)]  # noqa: N806 - a type
    Key: Any = Literal[tuple(by_key)]  # noqa: N806 - a type
    ClauseId: Any = Literal[ids]  # noqa: N806 - a type

    async def asked(
        context: Reader,
        on: On = None,
        street: Annotated[Street | None, Query(description="只看这个街道（镇）的")] = None,
        overdue: Annotated[bool | None, Query(description="true 只看逾期的，false 只看没有逾期的")] = None,
        subject_id: Annotated[
            str | None,
            Query(max_length=100, description="只看这个履职对象的，填其登记编号；街道（镇）填名称"),
        ] = None,
    ) -> Asked:
        return Asked(on or context.today, owed, street, overdue, subject_id)

    Narrowed = Annotated[Asked, Depends(asked)]  # noqa: N806 - a type

    @router.get(
        "/duties",
        name="list_duties",
        response_model=Page[DutyOut],
        summary="列出应当履行的事项",
        description="谁应当做什么、最近一次何时完成、最迟何时完成、是否逾期，先到期的在前；可查过去任一天。"
        "应当一直具备而没有具备的只列尚缺的。format=xlsx 下载全部。",
        responses=OR_WORKBOOK,
        openapi_extra=clauses(*ids),
    )
    async def list_duties(
        context: Reader,
        paging: PageRequest,
        narrowed: Narrowed,
        clause: Annotated[ClauseId | None, Query(description="只看这一条款的")] = None,
        format: Format = "json",
    ) -> Any:
        """Who owes what on a day, what falls due first before the rest."""
        chosen = [each for each in owed if clause in (None, each.duty.clause)]
        return await _listed(context, paging, replace(narrowed, duties=chosen), format)

    @router.get(
        "/duties/summary",
        name="summarise_duties",
        summary="统计应当履行的事项",
        description="每一事项有多少对象应当履行、本期已完成多少、逾期多少；可查过去任一天。",
        openapi_extra=clauses(*ids),
    )
    async def summarise_duties(
        context: Counter,
        on: On = None,
        street: Annotated[Street | None, Query(description="只统计这个街道（镇）的")] = None,
    ) -> DutyTallies:
        """Every duty with how many owe it and are overdue."""
        day = on or context.today
        query, rows = Asked(day, owed, street).query(context)
        return DutyTallies.of(on=day, items=await tallies(context.session, owed, query, rows))

    @router.get(
        "/duties/{duty}",
        name="list_one_duty",
        response_model=Page[DutyOut],
        summary="列出应当履行某一事项的对象",
        description="一个事项的全部对象：最近一次何时完成、最迟何时完成、是否逾期，先到期的在前；可查过去任一天。",
        responses=OR_WORKBOOK,
        openapi_extra=clauses(*ids),
    )
    async def list_one_duty(
        duty: Annotated[Key, Path(description="事项编号")],
        context: Reader,
        paging: PageRequest,
        narrowed: Narrowed,
        format: Format = "json",
    ) -> Any:
        """Who owes one duty on a day."""
        return await _listed(context, paging, replace(narrowed, duties=[by_key[duty]]), format)


async def tallies(
    session: AsyncSession, owed: Iterable[Owed], query: Select[Any], rows: Subquery
) -> list[DutyTally]:
    """Each duty with how many of a query's rows owe it, have done it and are overdue."""
    counts = (func.count(), func.count().filter(rows.c.done), func.count().filter(rows.c.overdue))
    found = await session.execute(query.with_only_columns(rows.c.duty, *counts).group_by(rows.c.duty))
    counted = {duty: numbers for duty, *numbers in found}
    tallied = []
    for each in owed:
        owing, done, overdue = counted.get(each.duty.key, (0, 0, 0))
        tallied.append(
            DutyTally.of(
                each.duty, duty=each.duty.key, by=each.duty.by, owing=owing, done=done, overdue=overdue
            )
        )
    return tallied


async def _listed(context: Context, paging: PageRequest, asked: Asked, format: str) -> Any:
    duties = {each.duty.key: each.duty for each in asked.duties}
    query, rows = asked.query(context)
    order = (rows.c.due_on, rows.c.duty, rows.c.subject_id)
    if format == "xlsx":
        found = await context.session.execute(query.order_by(*order))
        made = _workbook(((duties[row.duty], row) for row in found), asked.day)
        return download(made, f"履职事项{asked.day:%Y%m%d}.xlsx")
    page, following = await paging.fetch(context.session, query, *order)
    return Page(items=[_shown(duties[row.duty], row, asked.day) for row in page], next=following)


def _shown(duty: Duty, row: Any, day: date) -> DutyOut:
    return DutyOut.of(
        row,
        title=duty.title,
        subject=duty.subject,
        days_overdue=(day - row.due_on).days if row.overdue else 0,
        basis=cite(duty.clause),
    )


def _workbook(owing: Iterable[tuple[Duty, Any]], day: date) -> bytes:
    columns = [
        Column("条款", width=10),
        Column("事项", width=34),
        Column("对象", width=30),
        Column("街道（镇）", width=16),
        Column("最近完成", width=12),
        Column("最迟完成", width=12),
        Column("是否逾期", width=10),
        Column("逾期天数", width=10),
        Column("缺少", width=40),
    ]
    rows = (
        (
            duty.clause,
            duty.title,
            row.name,
            row.street,
            row.last_done_on,
            row.due_on,
            row.overdue,
            (day - row.due_on).days if row.overdue else None,
            row.lacks,
        )
        for duty, row in owing
    )
    return table(columns, rows, Layout(sheet="履职事项", title=f"履职事项（截至{day:%Y年%m月%d日}）"))
