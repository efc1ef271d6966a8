"""What is late, missing and due soon of a programme, by unit and by leader in charge (P-4.2, T-3, T-5)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import Query
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import Day
from kit.district.named_units import NamedUnit, UnitShown, named
from kit.web import routes
from kit.web.access import requires
from kit.web.downloads import OR_WORKBOOK, download
from kit.web.ownership import Whose
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded
from kit.workbooks.writing import Column, Layout, Part, Value, book
from services.office.in_charge.shapes import PersonInPost
from services.office.plan.standing import Timeliness
from services.office.programmes import work
from services.office.programmes.api import ProgrammeId
from services.office.programmes.models import Measure, Responsibility
from services.office.supervision.api import On, OwedOut, Soon
from services.office.supervision.leading import Leading, leading
from services.office.supervision.owed import owed

CLAUSES: Final = ("P-4.2", "T-3", "T-5", "D-1", "D-3")
#: What somebody has to look after.
LISTED: Final = (Timeliness.LATE, Timeliness.MISSING, Timeliness.DUE_SOON)
NO_DIVISION: Final = "这一天还没有施行的领导工作分工文件，分管领导暂缺。"
Supervisor = Annotated[Context, requires("office:read", whose=Whose.WHOLE)]


class SupervisedOut(OwedOut, title="督查事项"):
    """What a unit owes, with the leaders in charge of the unit (督查事项)."""

    leaders: list[PersonInPost] = Field(description="分管领导；没有施行的分工文件的为空列表")


class Tally(Answer, title="督查计数"):
    """How many are late, missing and due soon (督查计数)."""

    late: int = Field(description="逾期完成的事项数")
    missing: int = Field(description="逾期未完成的事项数")
    due_soon: int = Field(description="即将到期的事项数")
    most_days_late: int = Field(description="逾期最久的天数；没有逾期的为 0", examples=[12])


class UnitTally(Tally, title="单位督查情况"):
    """A unit that something is late, missing or due soon of (单位督查情况)."""

    unit: UnitShown = Field(description="单位")
    leaders: list[PersonInPost] = Field(description="分管领导，没有领导分管的为联系领导")
    acting: list[PersonInPost] = Field(description="当时实际负责的领导：分管领导外出的，为代行的领导")


class LeaderTally(Tally, title="领导督查情况"):
    """A leader in charge of such units (领导督查情况)."""

    leader: PersonInPost | None = Field(description="分管领导；不知道由谁分管的为空")
    units: list[NamedUnit] = Field(description="所分管的、有督查事项的单位")


class OverviewOut(Grounded, title="督查情况", clauses=CLAUSES):
    """What is late, missing and due soon of a programme (督查情况)."""

    programme_id: str = Field(description="专项工作编号", examples=["property-three-year"])
    title: str = Field(description="专项工作名称", examples=["东胜区物业服务全覆盖提品质三年行动"])
    on: date = Field(description="截至哪一天终了")
    days: int = Field(description="几天之内到期的算即将到期", examples=[7])
    whole: Tally = Field(description="合计")
    units: list[UnitTally] = Field(description="按单位，逾期未完成多的在前")
    leaders: list[LeaderTally] = Field(
        description="按分管领导，逾期未完成多的在前；一个单位由两位领导分管的各计一次"
    )
    items: list[SupervisedOut] = Field(description="各事项，先到期的在前")
    notes: list[str] = Field(
        description="需要说明的，例如文件没有列名因而没有计入的单位", examples=[["文件没有列名的部门未计入"]]
    )


router = routes.router("督查")


@router.get(
    "/programmes/{id}/overview",
    summary="查看督查情况",
    description="一项专项工作的进展报告和整改：逾期完成、逾期未完成、即将到期，按单位、按分管领导（以当天施行的分工文件为准）"
    "汇总并逐项列出条款、措施、到期日、逾期天数和单位。可查过去任一天。format=xlsx 下载表格。",
    responses=OR_WORKBOOK | problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_overview(
    id: ProgrammeId,
    context: Supervisor,
    soon: Soon,
    on: On = None,
    since: Annotated[
        Day | None, Query(description="只看这一天及以后到期的；不填为全部", examples=["2024-06-01"])
    ] = None,
    format: Annotated[Literal["json", "xlsx"], Query(description="json 或 xlsx")] = "json",
) -> OverviewOut:
    """What is late, missing and due soon, by unit and by leader."""
    programme, day = await work.programme(context, id), on or context.today
    found = owed(day, soon)
    query = select(*found.c).where(found.c.programme_id == id, found.c.standing.in_(LISTED))
    if since is not None:
        query = query.where(found.c.due_on >= since)
    rows = (await context.session.execute(query.order_by(found.c.due_on, found.c.key))).all()
    led = await leading(context, day)
    notes = [*([NO_DIVISION] if led.moment is None else []), *await _uncounted(context, id)]
    made = _overview(rows, led)
    overview = OverviewOut.of(made, programme_id=id, title=programme.title, on=day, days=soon, notes=notes)
    if format == "xlsx":
        name = f"督查情况{day:%Y%m%d}.xlsx"
        return download(_workbook(overview), name)  # type: ignore[return-value]
    return overview


class _Made(Answer):
    whole: Tally
    units: list[UnitTally]
    leaders: list[LeaderTally]
    items: list[SupervisedOut]


def _overview(rows: Sequence[Any], led: Leading) -> _Made:
    """The rows by unit and by leader."""
    of_unit: dict[str, list[Any]] = {}
    for row in rows:
        of_unit.setdefault(row.unit, []).append(row)
    people = {unit: led.of(unit) for unit in of_unit}
    units = [
        UnitTally(unit=named(unit), leaders=people[unit][0], acting=people[unit][1], **_counted(own))
        for unit, own in of_unit.items()
    ]
    return _Made(
        whole=Tally(**_counted(rows)),
        units=sorted(units, key=lambda each: _first(each, each.unit.id)),
        leaders=_by_leader(of_unit, people),
        items=[SupervisedOut.of(row, leaders=people[row.unit][0]) for row in rows],
    )


_People = Mapping[str, tuple[list[PersonInPost], list[PersonInPost]]]


def _by_leader(of_unit: Mapping[str, Sequence[Any]], people: _People) -> list[LeaderTally]:
    known: dict[str, PersonInPost] = {}
    led: dict[str, list[str]] = {}
    for unit in of_unit:
        for leader in people[unit][0]:
            known[leader.leader] = leader
            led.setdefault(leader.leader, []).append(unit)
        if not people[unit][0]:
            led.setdefault("", []).append(unit)
    found = [
        LeaderTally(
            leader=known.get(leader),
            units=[named(unit) for unit in sorted(units)],
            **_counted([row for unit in units for row in of_unit[unit]]),
        )
        for leader, units in led.items()
    ]
    return sorted(found, key=lambda each: _first(each, each.leader.leader if each.leader else ""))


def _counted(rows: Iterable[Any]) -> dict[str, int]:
    rows = list(rows)
    counted = Counter(row.standing for row in rows)
    latest = max((row.days_late for row in rows), default=0)
    return {each.value: counted[each.value] for each in LISTED} | {"most_days_late": latest}


def _first(tally: Tally, id: str) -> tuple[int, int, int, str]:
    return (-tally.missing, -tally.late, -tally.due_soon, id)


async def _uncounted(context: Context, programme: str) -> list[str]:
    """Words for several units by which nobody is counted, and why: none is left out in silence."""
    measures = select(Measure).where(Measure.programme_id == programme).order_by(Measure.position)
    counted = select(Responsibility.measure, Responsibility.written).where(
        Responsibility.programme_id == programme
    )
    words = {tuple(row) for row in await context.session.execute(counted.distinct())}
    found: dict[tuple[str, str], list[str]] = {}
    for measure in await context.session.scalars(measures):
        for each in measure.printed:
            if each["because"] and (measure.number, each["written"]) not in words:
                found.setdefault((each["written"], each["because"]), []).append(measure.number)
    return [
        f"“{written}”（措施 {'、'.join(numbers)}）没有计入：{because}。"
        for (written, because), numbers in found.items()
    ]


# ------------------------------------------------------------------------------------ the workbook
_TALLY: Final = tuple(
    Column(heading, width=12, total=heading != "最久逾期天数")
    for heading in ("逾期未完成", "逾期完成", "即将到期", "最久逾期天数")
)
_OF_UNITS: Final = (
    Column("单位", width=30),
    Column("分管领导", width=30),
    Column("当时负责", width=20),
    *_TALLY,
)
_OF_LEADERS: Final = (Column("分管领导", width=30), Column("单位", width=60), *_TALLY)
_OF_ITEMS: Final = (
    Column("条款", width=8),
    Column("编号", width=8),
    Column("措施或整改", width=34),
    Column("单位", width=26),
    Column("分管领导", width=24),
    Column("哪一次", width=20),
    Column("到期日", width=14),
    Column("完成日期", width=12),
    Column("状态", width=12),
    Column("逾期天数", width=10),
)


def _workbook(made: OverviewOut) -> bytes:
    """By unit, by leader, and item by item, on a worksheet each."""
    title, until = made.title, f"截至{made.on:%Y年%m月%d日}，{made.days}天内到期的为即将到期"

    def layout(sheet: str, total: str = "") -> Layout:
        return Layout(sheet=sheet, title=f"{title}督查情况", above=[until], notes=made.notes, total=total)

    units = [
        (each.unit.name, _names(each.leaders), _names(each.acting), *_cells(each)) for each in made.units
    ]
    leaders = [
        (
            _names([each.leader]) if each.leader else "不明",
            "、".join(unit.name for unit in each.units),
            *_cells(each),
        )
        for each in made.leaders
    ]
    return book(
        [
            Part(_OF_UNITS, units, layout("按单位", "合计")),
            # A unit of two leaders counts with each, so that a sum would count it twice.
            Part(_OF_LEADERS, leaders, layout("按分管领导")),
            Part(_OF_ITEMS, [_line(each) for each in made.items], layout("逐项")),
        ]
    )


def _names(people: Iterable[PersonInPost]) -> str:
    return "、".join(f"{each.post}{each.name}" for each in people)


def _cells(tally: Tally) -> tuple[Value, ...]:
    return (tally.missing, tally.late, tally.due_soon, tally.most_days_late)


def _line(item: SupervisedOut) -> tuple[Value, ...]:
    month = f"{item.due_on:%Y-%m-%d}（{item.due_on.month}月）" if item.by_month else f"{item.due_on:%Y-%m-%d}"
    return (
        item.basis[0].clause,
        item.number,
        item.title,
        item.unit.name,
        _names(item.leaders),
        item.occasion,
        month,
        item.done_on,
        item.standing.zh,
        item.days_late,
    )
