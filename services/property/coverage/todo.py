"""What has to happen: of each street and target how many compounds are missing, which, and at what pace (P-1.1 to P-2.2.5)."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, NamedTuple
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy import CTE, Row, Select, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.district.clock import Day
from kit.district.named_units import Street
from kit.web import routes
from kit.web.downloads import OR_WORKBOOK, download
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded
from kit.workbooks.writing import Column, Layout, table
from services.property.base import DistrictReader
from services.property.compounds.models import Compound
from services.property.coverage.kept import StreetDay, of_streets
from services.property.coverage.standing import OnDays, lacks_of, standing
from services.property.coverage.work import Counts, OfDistrict, count, standings, streets
from services.property.divisions import COMMUNITY
from services.property.plan import coverage as rules
from services.property.plan.pace import pace, worst_first

CLAUSES = ("P-1.1", "P-1.2", "P-1.3", "P-2.2.5")
#: So many compounds are named of each item unless another number is asked for.
_EACH: Final = 20
#: What compounds lack that are missing of a measure.
_LACKS: dict[rules.Measure, str] = {
    "coverage_rate": "coverage",
    "committee_rate": "committee",
    "red_compounds": "red",
    "filed_rate": "filing",
}
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
    each: Annotated[int, Query(ge=0, le=1000, description="每项最多列出多少个小区")] = _EACH,
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
    lacking = await _lacking(context, day, await streets(context.session, street), each)
    items = [
        _item(one, lacking.get((name, one.target.measure), _NONE), day, each, street=name)
        for name, one in sorted(owed, key=lambda pair: (worst_first(pair[1]), pair[0] or ""))
    ]
    return ToDoOut.of(on=day, unreported=[row.name for row in counted if not row.reported], items=items)


class Lacking(NamedTuple):
    """Those that lack something: how many, and the first of them, of most households first."""

    whole: int
    compounds: Sequence[Row[Any]]


Measured = dict[rules.Measure, Lacking]
_NONE: Final = Lacking(0, ())


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
        compounds=[LackingCompound.of(row) for row in lacking.compounds[:each]],
    )


async def _lacking(
    context: Context, day: date, of: Sequence[OfDistrict], each: int | None
) -> dict[tuple[str | None, rules.Measure], Lacking]:
    """The compounds that lack something, by street and measure, of the district's own measures by measure alone."""
    most = None if each is None else max(each, _EACH)

    async def look(ids: Collection[UUID], _: Collection[date]) -> dict[StreetDay, Measured]:
        return await _lacking_of_streets(context.session, day, ids, most)

    wanted = {(street.id, day) for street in of}
    if most == _EACH:
        by_street = await of_streets(context.session, wanted, "lacking", look)
    else:  # long lists are not for keeping
        by_street = await look([street.id for street in of], [day])
    found: dict[tuple[str | None, rules.Measure], Lacking] = {}
    for measure in _LACKS:
        parts = {street.name: by_street[street.id, day].get(measure, _NONE) for street in of}
        if rules.target_for(measure, date.max).district_only:
            found[None, measure] = _together(parts.values())
        else:
            found |= {(name, measure): part for name, part in parts.items()}
    return found


def _together(parts: Iterable[Lacking]) -> Lacking:
    """Those of several streets, in the same order."""
    parts = list(parts)
    rows = [row for part in parts for row in part.compounds]
    rows.sort(key=lambda row: (row.households is None, -(row.households or 0), row.id))
    return Lacking(sum(part.whole for part in parts), rows)


async def _lacking_of_streets(
    session: AsyncSession, day: date, ids: Collection[UUID], each: int | None
) -> dict[StreetDay, Measured]:
    """Of each street and measure the compounds that lack it, in one statement; each: so many of them."""
    row = standing(OnDays([day], streets=ids)).cte("row")
    parts = union_all(*(_of_measure(row, measure) for measure in _LACKS)).subquery("lacking")
    query = select(parts).order_by(parts.c.place)
    if each is not None:
        query = query.where(parts.c.place <= each)
    rows: dict[tuple[UUID, rules.Measure], list[Row[Any]]] = defaultdict(list)
    for one in await session.execute(query):
        rows[one.street_id, one.measure].append(one)
    found: dict[StreetDay, Measured] = {(id, day): {} for id in ids}
    for (street, measure), of in rows.items():
        found[street, day][measure] = Lacking(of[0].whole, of)
    return found


def _of_measure(row: CTE, measure: rules.Measure) -> Select[Any]:
    order = (row.c.households.desc().nulls_last(), Compound.id)
    return (
        select(
            literal(measure).label("measure"),
            row.c.street_id,
            Compound.id,
            Compound.name,
            COMMUNITY.name.label("community"),
            row.c.households,
            row.c.status,
            func.row_number().over(partition_by=row.c.street_id, order_by=order).label("place"),
            func.count().over(partition_by=row.c.street_id).label("whole"),
        )
        .select_from(row)
        .join(Compound, Compound.id == row.c.compound_id)
        .join(COMMUNITY, COMMUNITY.id == row.c.community_id)
        .where(lacks_of(row, _LACKS[measure]))
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
        )
        for item in found.items
        for compound in item.compounds
    ]
    notes = [f"还没有报送摸底：{'、'.join(found.unreported)}"] if found.unreported else []
    layout = Layout(sheet="待办清单", title=f"东胜区物业服务待办清单（{found.on:%Y年%m月%d日}）", notes=notes)
    return table(_COLUMNS, rows, layout)
