"""What has to happen: of each street and target how many compounds are missing, which, and at what pace (P-1.1 to P-2.2.5)."""

import asyncio
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from kit.context import Context
from kit.district.clock import Day
from kit.district.named_units import Street
from kit.web import routes
from kit.web.downloads import OR_WORKBOOK, download
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded
from kit.workbooks.writing import Column, Layout, table
from services.property.base import DistrictReader
from services.property.coverage.lacking import EACH, NOTHING, Lacking, lacking_of
from services.property.coverage.standing import OnDays
from services.property.coverage.work import Counts, count, standings, streets
from services.property.plan import coverage as rules
from services.property.plan.pace import pace, worst_first

CLAUSES = ("P-1.1", "P-1.2", "P-1.3", "P-2.2.5")
_SAYS: dict[rules.Measure, str] = {
    "coverage_rate": "物业服务覆盖",
    "committee_rate": "组建业委会（物管会）",
    "red_compounds": "创建红色物业",
    "filed_rate": "合同备案",
}


class LackingCompound(Answer, title="待办小区"):
    """A compound that is missing of a target (小区)."""

    id: UUID = Field(description="小区编号")
    name: str = Field(description="小区名称", examples=["天骄小区"])
    community: str = Field(description="所在社区", examples=["团结社区"])
    households: int | None = Field(description="户数；摸底没有填写的为空", examples=[860])
    status: str = Field(description="物业管理现状", examples=["无物业"])
    since: date | None = Field(
        description="自哪一天起不符合，按摸底和登记；从未符合的为首次列入摸底的日期，red_compounds 为空",
        examples=["2024-06-20"],
    )


class ToDoItem(Answer, title="一项待办"):
    """What a street, or the district, has to do for a target (待办)."""

    street: str | None = Field(description="街道（镇）；只对全区提出的目标为空", examples=["天骄街道"])
    measure: rules.Measure = Field(
        description="指标：coverage_rate 覆盖率，committee_rate 业委会（物管会）组建率，"
        "red_compounds 红色物业小区数，filed_rate 合同备案率"
    )
    wording: str = Field(description="目标说明", examples=["组建率 80% 以上"])
    clause: str = Field(description="条款编号", examples=["P-1.2"])
    by: date = Field(description="目标期限")
    due: bool = Field(description="期限是否已到")
    value: Decimal | None = Field(description="现状：比例（0 到 1）或小区个数", examples=["0.7500"])
    target: Decimal = Field(description="目标：比例或小区个数", examples=["0.80"])
    gap: Decimal | None = Field(description="还差多少个百分点；以个数计的为空", examples=["5.00"])
    missing: int = Field(description="还差多少个小区")
    per_month: int | None = Field(description="按期完成每月至少需要的个数；期限已过的为空", examples=[3])
    pace: str = Field(description="进度要求", examples=["到 2024-12-31 还有 7 个月，每月至少 3 个"])
    lacking: int = Field(description="尚不符合的小区数，可从中选择")
    compounds: list[LackingCompound] = Field(description="尚不符合的小区，户数多的在前，最多列 each 个")


class ToDoOut(Grounded, title="待办清单", clauses=CLAUSES):
    """What has to happen, worst first (待办清单)."""

    on: date = Field(description="统计日期")
    unreported: list[str] = Field(
        description="还没有报送摸底、无法统计的街道（镇）", examples=[["泊尔江海子镇"]]
    )
    items: list[ToDoItem] = Field(description="待办，最紧要的在前：期限已到的、差得多的")


router = routes.router("覆盖统计")


@router.get(
    "/coverage/to-do",
    summary="列出待办清单",
    description="各街道（镇）和全区各项目标还差多少个小区、是哪些小区，最紧要的在前，并算出按期完成每月至少需要的个数；期限已过的没有"
    "可以达到的进度，予以说明。已达到的不列。format=xlsx 列出全部小区。",
    responses=OR_WORKBOOK,
    openapi_extra=clauses(*CLAUSES),
)
async def read_to_do(
    context: DistrictReader,
    on: Annotated[Day | None, Query(description="统计日期，不填为今天", examples=["2024-06-24"])] = None,
    target: Annotated[rules.Measure | None, Query(description="只列这个指标")] = None,
    street: Annotated[Street | None, Query(description="只列这个街道（镇）")] = None,
    each: Annotated[int, Query(ge=0, le=1000, description="每项最多列出多少个小区")] = EACH,
    format: Annotated[Literal["json", "xlsx"], Query(description="json 或 xlsx")] = "json",
) -> ToDoOut:
    """What has to happen for each street and target (P-1.1, P-1.2, P-1.3, P-2.2.5)."""
    day = on or context.today
    found = await to_do(context, day, street, None if format == "xlsx" else each)
    if target is not None:
        found.items = [item for item in found.items if item.measure == target]
    if format == "xlsx":
        made = await asyncio.to_thread(_workbook, found)
        return download(made, f"物业服务待办清单{day:%Y%m%d}.xlsx")  # type: ignore[return-value]
    return found


async def to_do(context: Context, day: date, street: str | None, each: int | None) -> ToDoOut:
    """What has to happen as of a day; each: how many compounds of an item are named, None for all."""
    asked = OnDays([day])
    [counted] = (await count(context.session, "street", asked, street)).values()
    divisions: list[tuple[str | None, Counts]] = [(row.name, row) for row in counted if row.reported]
    if street is None:
        divisions.append((None, sum(counted, start=Counts("全区", reported=False))))
    owed = [
        (name, one)
        for name, row in divisions
        for one in standings(row, day)
        if one.missing and one.target.district_only == (name is None)
    ]
    lacking = await lacking_of(context.session, day, await streets(context.session, street), each)
    items = [
        _item(one, lacking.get((name, one.target.measure), NOTHING), day, each, street=name)
        for name, one in sorted(owed, key=lambda pair: (worst_first(pair[1]), pair[0] or ""))
    ]
    return ToDoOut.of(on=day, unreported=[row.name for row in counted if not row.reported], items=items)


def _item(
    one: rules.Standing, lacking: Lacking, day: date, each: int | None, *, street: str | None
) -> ToDoItem:
    needed = pace(one, day)
    return ToDoItem.of(
        one,
        one.target,
        street=street,
        target=one.target.value,
        per_month=needed.per_month,
        pace=needed.wording,
        lacking=lacking.whole,
        compounds=[
            LackingCompound.of(row, since=lacking.since.get(row.id)) for row in lacking.compounds[:each]
        ],
    )


_COLUMNS = (
    Column("街道（镇）", width=16),
    Column("指标", width=20),
    Column("目标", width=28),
    Column("期限", width=12),
    Column("还差（个）", width=10),
    Column("进度要求", width=40),
    Column("小区", width=24),
    Column("社区", width=16),
    Column("户数", width=10),
    Column("物业管理现状", width=16),
    Column("自何时起", width=12),
)


def _workbook(found: ToDoOut) -> bytes:
    rows = [
        (
            item.street or "全区",
            _SAYS[item.measure],
            item.wording,
            item.by,
            item.missing,
            item.pace,
            compound.name,
            compound.community,
            compound.households,
            compound.status,
            compound.since,
        )
        for item in found.items
        for compound in item.compounds
    ]
    notes = [f"还没有报送摸底：{'、'.join(found.unreported)}"] if found.unreported else []
    layout = Layout(sheet="待办清单", title=f"东胜区物业服务待办清单（{found.on:%Y年%m月%d日}）", notes=notes)
    return table(_COLUMNS, rows, layout)
