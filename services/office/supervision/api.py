"""What a unit owes, by anybody who may read it: one list of reports and corrections (P-4.2, T-3, T-5)."""

from datetime import date
from typing import Annotated, Self

from fastapi import Depends, Query, Request
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import Day
from kit.district.named_units import UnitId, UnitShown
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.routes import clauses
from kit.web.shapes import Choice, Grounded, choices
from services.office.plan.standing import Timeliness
from services.office.supervision.owed import belonging, owed

CLAUSES = ("P-4.2", "T-3", "T-5")
Reader = Annotated[Context, requires("office:read", whose=Whose.PLACES)]
On = Annotated[Day | None, Query(description="截至哪一天终了，不填为今天", examples=["2024-06-30"])]


class OwedKind(Choice):
    """What is owed (应报事项的类别)."""

    REPORT = "report", "进展报告"
    CORRECTION = "correction", "整改事项"


async def _days(
    request: Request,
    days: Annotated[
        int | None, Query(ge=0, le=366, description="几天之内到期的算即将到期，不填按系统设置，通常 7 天")
    ] = None,
) -> int:
    return request.app.state.settings.due_soon_days if days is None else days


#: In how many days what is due is due soon: as asked for, else as the service is set.
Soon = Annotated[int, Depends(_days)]


class OwedOut(Grounded, title="应报事项"):
    """A report or correction that a unit owes, or owed (应报事项)."""

    kind: OwedKind = Field(description=f"类别：{choices(OwedKind)}")
    programme_id: str = Field(description="专项工作编号", examples=["traditional-medicine"])
    number: str = Field(description="措施编号；整改事项为创建指标的编号", examples=["5.1"])
    title: str = Field(description="措施或整改事项", examples=["部门创建情况书面报告"])
    place: str = Field(description="在文件中的位置", examples=["五"])
    unit: UnitShown = Field(description="应报送或整改的单位")
    written: str = Field(description="按文件中的哪一写法计入", examples=["各相关部门"])
    occasion: str = Field(description="哪一次报告", examples=["6 月书面报告"])
    due_on: date = Field(description="到期日，到这一天终了")
    by_month: bool = Field(description="是否只定到月：文件只写月份，按该月最后一天计")
    done_on: date | None = Field(description="完成的日期；没有完成的为空")
    standing: Timeliness = Field(description=f"状态：{choices(Timeliness)}")
    days_late: int = Field(description="逾期天数；没有逾期的为 0", examples=[3])

    @classmethod
    def shown(cls, row: object) -> Self:
        """A row of what is owed."""
        return cls.of(row)


router = routes.router("应报事项")


@router.get(
    "/owed",
    summary="列出应报事项",
    description="各单位应报送的进展报告和应完成的整改：何时到期、是否完成、逾期几天，先到期的在前；"
    "可只看一个单位的，可查过去任一天。街道（镇）只能看本街道（镇）和区级单位的。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_owed(
    context: Reader,
    paging: PageRequest,
    soon: Soon,
    on: On = None,
    programme: Annotated[
        str | None, Query(max_length=60, description="专项工作编号", examples=["property-three-year"])
    ] = None,
    unit: Annotated[UnitId | None, Query(description="只看这个单位的，编号或名称")] = None,
    standing: Annotated[Timeliness | None, Query(description=f"状态：{choices(Timeliness)}")] = None,
) -> Page[OwedOut]:
    """What units owe, what falls due first before the rest."""
    rows = owed(on or context.today, soon)

    query = narrowed(select(*rows.c), programme_id=programme, unit=unit, standing=standing)
    found, following = await paging.fetch(
        context.session, context.within(query, belonging(rows)), rows.c.due_on, rows.c.key
    )
    return Page(items=[OwedOut.shown(row) for row in found], next=following)
