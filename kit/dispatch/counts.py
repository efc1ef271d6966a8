"""What a screen shows of a service's requests, in one statement each (P-2.2.2b)."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Boolean, Select, and_, func, literal_column, select, union

from kit.context import Context
from kit.dispatch.moves import CLAUSE, READ
from kit.dispatch.requests import BELONGING, overdue_at
from kit.dispatch.tables import IS_OPEN, DispatchRequest
from kit.district.clock import LocalTime
from kit.district.units import name_of
from kit.district.workdays import SHANGHAI, end_of_day
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded

#: The same as that somebody must act next.
_OPEN = literal_column(f"({IS_OPEN})", Boolean)


class CountsOut(Answer, title="诉求数"):
    """How many requests there are of a kind (诉求数)."""

    open: int = Field(description="尚未结束，或结束后还须有人处理（回访、重办、解释、申诉）", examples=[12])
    received: int = Field(description="已派单、未签收", examples=[3])
    accepted: int = Field(description="正在办理", examples=[7])
    answered: int = Field(description="已答复、未办结", examples=[2])
    overdue: int = Field(description="尚未结束且已超时", examples=[1])
    due_today: int = Field(description="今天到期、尚未答复", examples=[2])
    urgent: int = Field(description="尚未结束的紧急和特急", examples=[1])
    raised: int = Field(description="尚未结束且被督办", examples=[1])
    received_today: int = Field(description="今天受理", examples=[4])
    closed_today: int = Field(description="今天办结", examples=[5])


class CountsOfOut(CountsOut, title="分项诉求数"):
    """How many requests a unit, matter or street has (分项诉求数)."""

    key: str | None = Field(
        description="单位编号、事项编码或街道（镇）；为空表示没有填写", examples=["housing-centre"]
    )
    name: str = Field(description="名称", examples=["区房管服务中心"])


class ScreenOut(Grounded, title="诉求概况", clauses=(CLAUSE,)):
    """A service's requests at a moment (诉求概况)."""

    at: LocalTime = Field(description="统计时间")
    total: CountsOut = Field(description="合计")
    by_unit: list[CountsOfOut] = Field(description="按主办单位")
    by_matter: list[CountsOfOut] = Field(description="按事项")
    by_division: list[CountsOfOut] = Field(description="按街道（镇）")


def add(router: APIRouter) -> None:
    """The endpoint of the counts."""

    @router.get(
        "/dispatch/counts",
        summary="统计诉求",
        description="目前各状态、超时、督办的诉求数，合计并按单位、事项、街道（镇）分列；限定街道的令牌只统计本街道的。",
        openapi_extra=clauses(CLAUSE),
    )
    async def count_requests(context: Annotated[Context, requires(READ, whose=Whose.PLACES)]) -> ScreenOut:
        """Count requests for a screen."""
        by = {
            "by_unit": DispatchRequest.unit,
            "by_matter": DispatchRequest.matter,
            "by_division": DispatchRequest.division,
        }
        total = (await context.session.execute(context.within(_counting(context), BELONGING))).one()
        return ScreenOut(
            at=context.now,
            total=CountsOut(**total._mapping),
            **{name: await _by(context, column) for name, column in by.items()},
        )


def _counting(context: Context, *columns: Any) -> Select[Any]:
    request, now = DispatchRequest, context.now
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    today = end_of_day(context.today)
    kinds = {
        "open": _OPEN,
        "received": request.state == "received",
        "accepted": request.state == "accepted",
        "answered": request.state == "answered",
        "overdue": and_(_OPEN, overdue_at(now)),
        "due_today": and_(_OPEN, request.answered_at.is_(None), request.due_at.between(now, today)),
        "urgent": and_(_OPEN, request.urgency != "normal"),
        "raised": and_(_OPEN, request.raised.is_not(None)),
        # What another service has by now is counted there.
        "received_today": and_(request.received_at >= midnight, request.state != "transferred"),
        "closed_today": request.closed_at >= midnight,
    }
    counted = [func.count().filter(condition).label(name) for name, condition in kinds.items()]
    # What ended before today counts nowhere: the rows that are left do not grow with the years, each kind by its index.
    ids = (
        select(request.id).where(condition)
        for condition in (_OPEN, request.received_at >= midnight, request.closed_at >= midnight)
    )
    return select(*columns, *counted).where(request.id.in_(union(*ids)))


async def _by(context: Context, column: Any) -> list[CountsOfOut]:
    query = (
        context.within(_counting(context, column.label("key")), BELONGING).group_by(column).order_by(column)
    )
    rows = await context.session.execute(query)
    return [CountsOfOut(**row._mapping, name=name_of(row.key) if row.key else "未填写") for row in rows]
